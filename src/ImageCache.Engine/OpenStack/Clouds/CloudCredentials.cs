namespace ImageCache.Engine.OpenStack.Clouds;

/// <summary>The <c>auth</c> part of a cloud. Names and ids go in pairs; an id wins.</summary>
internal sealed record CloudCredentials
{
    public required Uri AuthUrl { get; init; }

    public required AuthenticationMethod Method { get; init; }

    public string? UserId { get; init; }

    public string? UserName { get; init; }

    public string? UserDomainId { get; init; }

    public string? UserDomainName { get; init; }

    public Secret? Password { get; init; }

    public Secret? Token { get; init; }

    public string? ApplicationCredentialId { get; init; }

    public string? ApplicationCredentialName { get; init; }

    public Secret? ApplicationCredentialSecret { get; init; }

    public string? ProjectId { get; init; }

    public string? ProjectName { get; init; }

    public string? ProjectDomainId { get; init; }

    public string? ProjectDomainName { get; init; }

    public string? DomainId { get; init; }

    public string? DomainName { get; init; }

    /// <summary>"all" asks for the system scope.</summary>
    public string? SystemScope { get; init; }

    public string? TrustId { get; init; }

    /// <summary>Who logs in and with which scope, always in the same order: what tells logins at one Keystone apart, and no secret.</summary>
    public IReadOnlyList<string?> Names =>
    [
        UserId, UserName, UserDomainId, UserDomainName, ApplicationCredentialId, ApplicationCredentialName, ProjectId, ProjectName, ProjectDomainId,
        ProjectDomainName, DomainId, DomainName, SystemScope, TrustId,
    ];

    /// <summary>The secret that convinces Keystone.</summary>
    public Secret? ProvenBy => Method switch
    {
        AuthenticationMethod.ApplicationCredential => ApplicationCredentialSecret,
        AuthenticationMethod.Token => Token,
        _ => Password,
    };
}
