using ImageCache.Engine.OpenStack.Http;
using System.Globalization;

namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>Turns an entry of clouds.yaml, or the OS_* variables, into a <see cref="CloudConfiguration"/>.</summary>
internal sealed class CloudReader(string name, string origin, ConfigNode entry, EngineOptions options)
{
    private readonly Dictionary<string, ConfigNode> _auth = ReadAuthentication(entry);
    private readonly Dictionary<string, ConfigNode> _settings = ReadSettings(entry);

    /// <summary>Reads and checks.</summary>
    /// <exception cref="InvalidInputException">Something is missing or cannot be used.</exception>
    public CloudConfiguration Read()
    {
        RefuseOldIdentity();
        return new CloudConfiguration
        {
            Name = name,
            Origin = origin,
            Credentials = ReadCredentials(),
            Region = Setting("region_name"),
            Interface = EndpointInterface.Parse(Setting("interface") ?? Setting("endpoint_type")),
            VerifyCertificate = !Flag("insecure", false) && Flag("verify", true),
            AuthorityPath = FilePath("cacert"),
            CertificatePath = FilePath("cert"),
            KeyPath = FilePath("key"),
            ApiTimeout = Seconds("api_timeout"),
            Settings = _settings,
        };
    }

    private static Dictionary<string, ConfigNode> ReadAuthentication(ConfigNode entry)
    {
        Dictionary<string, ConfigNode> auth = new(StringComparer.Ordinal);
        IEnumerable<KeyValuePair<string, ConfigNode>> inside = entry["auth"]?.Map ?? new Dictionary<string, ConfigNode>();
        foreach ((string key, ConfigNode value) in inside.Concat(entry.Map!.Where(static pair => CloudKeys.IsAuthentication(pair.Key))))
        {
            auth.TryAdd(CloudKeys.Canonical(key), value);
        }

        return auth;
    }

    private static Dictionary<string, ConfigNode> ReadSettings(ConfigNode entry)
    {
        Dictionary<string, ConfigNode> settings = new(StringComparer.Ordinal);
        foreach ((string key, ConfigNode value) in entry.Map!.Where(static pair => pair.Value.Text is not null && !CloudKeys.IsAuthentication(pair.Key)))
        {
            settings.TryAdd(CloudKeys.Canonical(key), value);
        }

        return settings;
    }

    private CloudCredentials ReadCredentials()
    {
        AuthenticationMethod method = ReadMethod();
        bool isProjectScoped = Auth("project_id") is not null || Auth("project_name") is not null;

        // A domain beside a project is a short way to write the domains of both user and project.
        string? sharedId = isProjectScoped ? Auth("domain_id") : null;
        string? sharedName = isProjectScoped ? Auth("domain_name") : null;
        (string? userDomainId, string? userDomainName) = Domain("user", sharedId, sharedName);
        (string? projectDomainId, string? projectDomainName) = Domain("project", sharedId, sharedName);
        return Check(new CloudCredentials
        {
            AuthUrl = ReadAuthUrl(),
            Method = method,
            UserId = Auth("user_id"),
            UserName = Auth("username"),
            UserDomainId = userDomainId,
            UserDomainName = userDomainName,
            Password = SecretOf("password"),
            Token = SecretOf("token"),
            ApplicationCredentialId = Auth("application_credential_id"),
            ApplicationCredentialName = Auth("application_credential_name"),
            ApplicationCredentialSecret = SecretOf("application_credential_secret"),
            ProjectId = Auth("project_id"),
            ProjectName = Auth("project_name"),
            ProjectDomainId = projectDomainId,
            ProjectDomainName = projectDomainName,
            DomainId = isProjectScoped ? null : Auth("domain_id"),
            DomainName = isProjectScoped ? null : Auth("domain_name"),
            SystemScope = Auth("system_scope"),
            TrustId = Auth("trust_id"),
        });
    }

    private (string? Id, string? Name) Domain(string kind, string? sharedId, string? sharedName)
    {
        string? id = Auth(kind + "_domain_id");
        string? domainName = Auth(kind + "_domain_name");
        if (id is not null || domainName is not null)
        {
            return (id, id is null ? domainName : null);
        }

        if (sharedId is not null || sharedName is not null)
        {
            return (sharedId, sharedId is null ? sharedName : null);
        }

        // Keystone's first domain has the id "default"; OpenStack's command line falls back on it, too.
        string? fallbackName = Auth("default_domain_name");
        return (fallbackName is null ? Auth("default_domain_id") ?? Auth("default_domain") ?? "default" : null, fallbackName);
    }

    private AuthenticationMethod ReadMethod()
    {
        ConfigNode? node = _settings.GetValueOrDefault("auth_type");
        switch (node?.Text)
        {
            case null or "":
                return SecretOf("password") is not null ? AuthenticationMethod.Password
                    : SecretOf("application_credential_secret") is not null ? AuthenticationMethod.ApplicationCredential
                    : SecretOf("token") is not null ? AuthenticationMethod.Token
                    : AuthenticationMethod.Password;
            case "password" or "v3password":
                return AuthenticationMethod.Password;
            case "token" or "v3token":
                return AuthenticationMethod.Token;
            case "v3applicationcredential" or "applicationcredential" or "application_credential":
                return AuthenticationMethod.ApplicationCredential;
            default:
                throw Invalid(
                    $"auth_type '{node.Text}' ({node.Position}) is not supported",
                    "Use password, token or v3applicationcredential; an application credential suits a node best.");
        }
    }

    private CloudCredentials Check(CloudCredentials credentials)
    {
        string? missing = credentials.Method switch
        {
            AuthenticationMethod.Password when credentials.UserId is null && credentials.UserName is null => "username",
            AuthenticationMethod.Password when credentials.Password is null => "password",
            AuthenticationMethod.Token when credentials.Token is null => "token",
            AuthenticationMethod.ApplicationCredential when credentials.ApplicationCredentialSecret is null => "application_credential_secret",
            AuthenticationMethod.ApplicationCredential when credentials.ApplicationCredentialId is null
                && credentials.ApplicationCredentialName is null => "application_credential_id",
            AuthenticationMethod.ApplicationCredential when credentials.ApplicationCredentialId is null
                && credentials.UserId is null && credentials.UserName is null => "username",
            _ => null,
        };
        return missing is null ? credentials : throw Invalid($"'{missing}' is missing", $"Add it under 'auth', or to secure.yaml, or set OS_{missing.ToUpperInvariant()}.");
    }

    private Uri ReadAuthUrl()
    {
        ConfigNode? node = _auth.GetValueOrDefault("auth_url");
        if (node?.Text is not { Length: > 0 } text)
        {
            throw Invalid("'auth_url' is missing", "Add Keystone's URL as auth_url under 'auth', or set OS_AUTH_URL.");
        }

        return ServiceUrl.TryParse(text) ?? throw Invalid($"auth_url ({node.Position}) is no http or https URL, or holds a user name or a query", "Write Keystone's URL, such as https://cloud.example/identity/v3.");
    }

    private void RefuseOldIdentity()
    {
        if (_settings.GetValueOrDefault("identity_api_version") is { Text: { } version } node && !version.StartsWith('3'))
        {
            throw Invalid($"identity_api_version {version} ({node.Position}) is not supported", "Keystone's version 3 is the only one that still exists; remove the key.");
        }
    }

    private string? Auth(string key)
    {
        if (_auth.GetValueOrDefault(key) is not { } node)
        {
            return null;
        }

        return node.Map is null && node.Items is null
            ? node.Text is { Length: > 0 } text ? text : null
            : throw Invalid($"'{key}' ({node.Position}) is not text", "Write one value.");
    }

    private Secret? SecretOf(string key) => Auth(key) is { } value ? new Secret(value) : null;

    private string? Setting(string key) => _settings.GetValueOrDefault(key)?.Text is { Length: > 0 } value ? value : null;

    private string? FilePath(string key) => Setting(key) is { } path ? UserPath.Full(path, options) : null;

    private bool Flag(string key, bool missing) => Setting(key)?.ToLowerInvariant() switch
    {
        null => missing,
        "true" or "yes" or "on" or "1" => true,
        "false" or "no" or "off" or "0" => false,
        _ => throw Invalid($"'{key}' ({_settings[key].Position}) is neither true nor false", "Write true or false; a file of authorities goes into cacert."),
    };

    private TimeSpan? Seconds(string key)
    {
        if (Setting(key) is not { } text)
        {
            return null;
        }

        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double seconds) && seconds is > 0 and < 86_400
            ? TimeSpan.FromSeconds(seconds)
            : throw Invalid($"'{key}' ({_settings[key].Position}) is no number of seconds", "Write a number above 0.");
    }

    private InvalidInputException Invalid(string what, string nextStep) => new(
        ErrorIds.ConfigurationInvalid, Redactor.Printable($"The cloud '{name}' ({origin}) cannot be used: {what}."), nextStep: nextStep);
}
