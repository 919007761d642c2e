using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Sources;

namespace ImageCache.Engine.Fetch;

/// <summary>Applies <see cref="FetchPolicy"/>, and finds out which project asks when that matters.</summary>
internal sealed class AccessPolicy(ImageCacheConfiguration configuration, FormatPolicy formats, CallerProject caller)
{
    public async Task RequireAsync(ResolvedImage image, FetchRequest request, CancellationToken cancellationToken)
    {
        string? project = FetchPolicy.NeedsProject(image.Descriptor, configuration)
            ? await caller.GetIdAsync(cancellationToken).ConfigureAwait(false)
            : null;
        FetchPolicy.Require(image.Descriptor, configuration, project, request.RequireSignature);
        formats.CheckClaim(image.Claim);
    }
}
