using System.Text.Json;
using ImageCache.Engine.OpenStack.Clouds;

namespace ImageCache.Engine.OpenStack.Identity;

/// <summary>Writes the body that asks for a token. Source: Identity API v3, "Authentication and token management".</summary>
internal static class KeystoneRequest
{
    public static byte[] Write(CloudCredentials credentials)
    {
        using MemoryStream bytes = new();
        using (Utf8JsonWriter json = new(bytes))
        {
            json.WriteStartObject();
            json.WriteStartObject("auth");
            WriteIdentity(json, credentials);
            WriteScope(json, credentials);
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return bytes.ToArray();
    }

    private static void WriteIdentity(Utf8JsonWriter json, CloudCredentials credentials)
    {
        string method = credentials.Method switch
        {
            AuthenticationMethod.ApplicationCredential => "application_credential",
            AuthenticationMethod.Token => "token",
            _ => "password",
        };
        json.WriteStartObject("identity");
        json.WriteStartArray("methods");
        json.WriteStringValue(method);
        json.WriteEndArray();
        json.WriteStartObject(method);
        switch (credentials.Method)
        {
            case AuthenticationMethod.ApplicationCredential:
                WriteApplicationCredential(json, credentials);
                break;
            case AuthenticationMethod.Token:
                json.WriteString("id", credentials.Token!.Reveal());
                break;
            default:
                WriteUser(json, credentials, credentials.Password);
                break;
        }

        json.WriteEndObject();
        json.WriteEndObject();
    }

    private static void WriteApplicationCredential(Utf8JsonWriter json, CloudCredentials credentials)
    {
        json.WriteString("secret", credentials.ApplicationCredentialSecret!.Reveal());
        if (credentials.ApplicationCredentialId is { } id)
        {
            json.WriteString("id", id);
            return;
        }

        json.WriteString("name", credentials.ApplicationCredentialName);
        WriteUser(json, credentials, null);
    }

    private static void WriteUser(Utf8JsonWriter json, CloudCredentials credentials, Secret? password)
    {
        json.WriteStartObject("user");
        if (credentials.UserId is { } id)
        {
            json.WriteString("id", id);
        }
        else
        {
            json.WriteString("name", credentials.UserName);
            WriteReference(json, "domain", credentials.UserDomainId, credentials.UserDomainName);
        }

        if (password is not null)
        {
            json.WriteString("password", password.Reveal());
        }

        json.WriteEndObject();
    }

    private static void WriteScope(Utf8JsonWriter json, CloudCredentials credentials)
    {
        if (credentials.Method == AuthenticationMethod.ApplicationCredential)
        {
            // It is bound to its project, and Keystone refuses any scope beside it.
            return;
        }

        if (credentials is { TrustId: null, SystemScope: null, ProjectId: null, ProjectName: null, DomainId: null, DomainName: null })
        {
            json.WriteString("scope", "unscoped");
            return;
        }

        json.WriteStartObject("scope");
        if (credentials.TrustId is { } trust)
        {
            WriteReference(json, "OS-TRUST:trust", trust, null);
        }
        else if (credentials.SystemScope is not null)
        {
            json.WriteStartObject("system");
            json.WriteBoolean("all", true);
            json.WriteEndObject();
        }
        else if ((credentials.ProjectId ?? credentials.ProjectName) is not null)
        {
            WriteProject(json, credentials);
        }
        else
        {
            WriteReference(json, "domain", credentials.DomainId, credentials.DomainName);
        }

        json.WriteEndObject();
    }

    private static void WriteProject(Utf8JsonWriter json, CloudCredentials credentials)
    {
        if (credentials.ProjectId is { } id)
        {
            WriteReference(json, "project", id, null);
            return;
        }

        json.WriteStartObject("project");
        json.WriteString("name", credentials.ProjectName);
        WriteReference(json, "domain", credentials.ProjectDomainId, credentials.ProjectDomainName);
        json.WriteEndObject();
    }

    private static void WriteReference(Utf8JsonWriter json, string what, string? id, string? name)
    {
        json.WriteStartObject(what);
        json.WriteString(id is null ? "name" : "id", id ?? name);
        json.WriteEndObject();
    }
}
