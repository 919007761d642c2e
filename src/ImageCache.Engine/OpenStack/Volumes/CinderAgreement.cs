namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>What was found out about a Cinder.</summary>
/// <param name="Endpoint">Where it is.</param>
/// <param name="Version">What we speak to it.</param>
internal sealed record CinderAgreement(CinderEndpoint Endpoint, Microversion Version)
{
    /// <summary>Whether an attachment can be asked for as read-only; else the connector says so.</summary>
    public bool HasAttachMode => Version >= Microversion.AttachMode;
}
