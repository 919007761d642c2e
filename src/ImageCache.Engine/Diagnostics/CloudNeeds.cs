using ImageCache.Engine.Configuration;
using ImageCache.Engine.Fetch;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Sources;

namespace ImageCache.Engine.Diagnostics;

/// <summary>What every method needs of the cloud, and of an image whatever the method.</summary>
internal sealed class CloudNeeds(ImageCacheConfiguration configuration, CloudConnection cloud, AccessPolicy policy, RoomCheck room)
{
    /// <summary>The name of the need that Keystone answers.</summary>
    public const string Keystone = "keystone";

    /// <summary>The name of the need that Glance answers.</summary>
    public const string Glance = "glance";

    private const string Credentials = "credentials";

    public IReadOnlyList<Need> All =>
    [
        new NodeNeed(Credentials, "A cloud is configured, with credentials.", Configured),
        new NodeProbe(Keystone, "Keystone answers, and takes the credentials.", AskKeystoneAsync) { After = [Credentials] },
        new NodeProbe(Glance, "Glance answers.", AskGlanceAsync) { After = [Keystone] },
        new NodeProbe("barbican", "Barbican answers, which keeps the certificates of signers.", AskBarbicanAsync)
        {
            After = [Keystone],
            IsRequired = configuration.RequireSignature && configuration.CertificateDirectory is null,
        },
        new ImageProbe("policy", "The policy in force allows the image.", AllowAsync) { IsOnline = false },
        new ImageNeed("image-room", "There is room for the image.", Room),
    ];

    private NeedAnswer Configured()
    {
        CloudConfiguration found = cloud.Cloud;
        return NeedAnswer.Pass($"'{found.Name}' of {found.Origin}");
    }

    private async Task<NeedAnswer> AskKeystoneAsync(CancellationToken cancellationToken)
    {
        await cloud.Session.GetOwnTokenAsync(cancellationToken).ConfigureAwait(false);
        return NeedAnswer.Pass();
    }

    private async Task<NeedAnswer> AskGlanceAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<string> versions = await cloud.Glance.GetVersionsAsync(cancellationToken).ConfigureAwait(false);
        return NeedAnswer.Pass($"versions {string.Join(", ", versions)}");
    }

    // Asked for a secret that nobody has: that there is none is an answer.
    private async Task<NeedAnswer> AskBarbicanAsync(CancellationToken cancellationToken)
    {
        if (configuration.Signature == SignaturePolicy.Ignore)
        {
            return NeedAnswer.Skipped("signatures are ignored");
        }

        await cloud.KeyManager.ShowAsync(Guid.NewGuid().ToString("D"), cancellationToken).ConfigureAwait(false);
        return NeedAnswer.Pass();
    }

    private async Task<NeedAnswer> AllowAsync(ImageDescriptor image, CancellationToken cancellationToken)
    {
        await policy.RequireAsync(new ResolvedImage(image, ImageOrigin.Glance), new FetchRequest { Image = image.Id }, cancellationToken).ConfigureAwait(false);
        return NeedAnswer.Pass();
    }

    private NeedAnswer Room(ImageDescriptor image)
    {
        if (!Directory.Exists(configuration.CachePath))
        {
            return NeedAnswer.Unknown("the cache directory is not there");
        }

        room.Require(image.Size ?? 0, image.Id);
        return NeedAnswer.Pass(image.Size is { } size ? DisplayText.Size(size) : "Glance does not tell its size");
    }
}
