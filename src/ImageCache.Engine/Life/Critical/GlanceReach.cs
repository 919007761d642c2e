using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Images;

namespace ImageCache.Engine.Life.Critical;

/// <summary>
/// Asks Glance for one operation. Whether anybody answers is found out once, with little patience: a failure decides for all that is
/// asked later, so that a cloud which is away costs one wait, and not one for each image.
/// </summary>
/// <param name="hasty">The cloud with short limits, for questions.</param>
/// <param name="cloud">The cloud that the rest of the operation uses.</param>
internal sealed class GlanceReach(CloudConnection hasty, CloudConnection cloud)
{
    /// <summary>Why Glance cannot be asked; <see langword="null"/> as long as it could.</summary>
    public ImageCacheException? Failure { get; private set; }

    /// <summary>Whether Keystone let us in: other services may answer though Glance does not.</summary>
    public bool HasToken => Failure?.ErrorId != ErrorIds.CloudNotConfigured && hasty.Session.HasToken;

    /// <summary>Asks.</summary>
    /// <returns>The answer; <see langword="null"/> when Glance cannot be asked.</returns>
    public async Task<T?> AskAsync<T>(Func<GlanceClient, Task<T>> ask)
        where T : class
    {
        if (Failure is not null)
        {
            return null;
        }

        try
        {
            return await ask(hasty.Glance).ConfigureAwait(false);
        }
        catch (ImageCacheException e) when (e is UnavailableException
            or { ErrorId: ErrorIds.CloudNotConfigured or ErrorIds.AuthenticationFailed or ErrorIds.AccessDenied })
        {
            Failure = e;
            return null;
        }
    }

    /// <summary>The error of an image for which Glance would have to be asked: each has one of its own.</summary>
    public ImageCacheException Error(string image) => Failure switch
    {
        InvalidInputException e => new InvalidInputException(e.ErrorId, e.Message, image, e.NextStep, e, e.Category),
        PolicyException e => new PolicyException(e.ErrorId, e.Message, image, e.NextStep, e, e.Category),
        _ => new UnavailableException(Failure!.ErrorId, Failure.Message, image, Failure.NextStep, Failure, Failure.Category),
    };

    /// <summary>As long as what comes back is held, nobody waits again for a Keystone that gave no answer.</summary>
    public IDisposable? SilenceKeystone() => Failure is { } failure && !HasToken ? cloud.GiveUp(failure) : null;
}
