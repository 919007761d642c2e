namespace ImageCache.Engine.Trust;

/// <summary>Where certificates are by id. Members may be used at the same time.</summary>
internal interface ICertificateStore
{
    /// <summary>Looks for one. Whatever is in the way is the finding's reason, never an exception but for a cancellation.</summary>
    Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken);
}
