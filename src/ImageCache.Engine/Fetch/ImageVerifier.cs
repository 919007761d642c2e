using ImageCache.Engine.Formats;
using ImageCache.Engine.Sources;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Compares what came with what was promised: digest first, then the format by our own inspector, and only then by qemu-img,
/// which must agree.
/// </summary>
internal sealed class ImageVerifier(FormatPolicy formats, QemuImg qemuImg)
{
    /// <summary>Verifies.</summary>
    /// <returns>The file with its proven format.</returns>
    /// <exception cref="VerificationException">The bytes are not the image's, or must not be opened.</exception>
    public async Task<FetchedFile> VerifyAsync(ResolvedImage image, FetchedFile file, FetchStep step, CancellationToken cancellationToken)
    {
        step.Progress.Enter(WorkStage.Verifying);
        file.Expectation.Require(file.SourceDigests, image.Id);
        Warn(image, file, step.Monitor);
        FormatDecision decision = formats.Decide(file.Report, image.Claim);
        QemuImageInfo seen = await qemuImg.InfoAsync(file.Path, image.Id, cancellationToken).ConfigureAwait(false);
        QemuImg.RequireAgreement(seen, decision, image.Id);
        return file with { Format = decision, VirtualSize = seen.VirtualSize, Digest = file.TransferDigest };
    }

    private static void Warn(ResolvedImage image, FetchedFile file, OperationMonitor monitor)
    {
        if (file.Expectation.Status == DigestStatus.Unverifiable)
        {
            monitor.Warn($"The image '{image.Id}' has no digest to compare with: that its data are the right ones could not be verified.");
        }

        if (image.Descriptor.IsSigned)
        {
            monitor.Warn($"The image '{image.Id}' is signed, but its signature was not checked.");
        }
    }
}
