using ImageCache.Engine.OpenStack;

namespace ImageCache.Engine.Fetch;

/// <summary>Which project asks. Known from the last login without a network, else from a new one.</summary>
internal sealed class CallerProject(CloudConnection cloud)
{
    /// <summary>The id of the project; <see langword="null"/> where no cloud is configured, so that there is no project to refuse.</summary>
    public async Task<string?> GetIdAsync(CancellationToken cancellationToken)
    {
        try
        {
            return (await cloud.GetIdentityAsync(cancellationToken).ConfigureAwait(false)).ProjectId;
        }
        catch (InvalidInputException e) when (e.ErrorId == ErrorIds.CloudNotConfigured)
        {
            return null;
        }
    }
}
