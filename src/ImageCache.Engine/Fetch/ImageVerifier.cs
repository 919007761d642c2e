using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>
/// Compares what came with what was promised: digest first, then the signature, then the format by our own inspector, and only then by
/// qemu-img, which must agree.
/// </summary>
internal sealed class ImageVerifier(ImageCacheConfiguration configuration, ImageSignatures signatures, FormatPolicy formats, QemuImg qemuImg)
{
    /// <summary>Gets what the signature will be judged by, and refuses what cannot end well before any byte moves.</summary>
    /// <returns><see langword="null"/> when signatures are not looked at.</returns>
    /// <exception cref="ImageCacheException">It is refused, and why.</exception>
    public async Task<SignatureEvidence?> PrepareAsync(ResolvedImage image, FetchStep step, CancellationToken cancellationToken)
    {
        SignaturePolicy policy = SignatureRules.PolicyFor(step.Request, configuration);
        if (policy == SignaturePolicy.Ignore)
        {
            return null;
        }

        SignatureClaim claim = SignatureClaim.Read(image.Descriptor);
        SignatureEvidence evidence = await signatures.GatherAsync(claim, kept: null, cancellationToken).ConfigureAwait(false);
        if (signatures.Foresee(evidence) is { } verdict)
        {
            SignatureRules.Require(verdict, policy, image.Id);
        }

        return evidence;
    }

    /// <summary>Verifies.</summary>
    /// <returns>The file with its proven format.</returns>
    /// <exception cref="VerificationException">The bytes are not the image's, or must not be opened.</exception>
    public async Task<FetchedFile> VerifyAsync(
        ResolvedImage image, FetchedFile file, SignatureEvidence? signature, FetchStep step, CancellationToken cancellationToken)
    {
        step.Progress.Enter(WorkStage.Verifying);
        file.Expectation.Require(file.SourceDigests, image.Id);
        if (file.Expectation.Status == DigestStatus.Unverifiable)
        {
            step.Monitor.Warn($"The image '{image.Id}' has no digest to compare with: that its data are the right ones could not be verified.");
        }

        SignatureVerdict? verdict = signature is null ? null : Judge(signature, file, step, image.Id);
        FormatDecision decision = formats.Decide(file.Report, image.Claim);
        QemuImageInfo seen = await qemuImg.InfoAsync(file.Path, image.Id, cancellationToken).ConfigureAwait(false);
        QemuImg.RequireAgreement(seen, decision, image.Id);
        return file with { Format = decision, VirtualSize = seen.VirtualSize, Digest = file.TransferDigest, Signature = verdict };
    }

    private SignatureVerdict Judge(SignatureEvidence evidence, FetchedFile file, FetchStep step, string imageId)
    {
        SignatureVerdict verdict = signatures.Judge(evidence, file.SignatureHash);
        SignatureRules.Require(verdict, SignatureRules.PolicyFor(step.Request, configuration), imageId);
        SignatureRules.Warn(verdict, imageId, step.Monitor);
        return verdict;
    }
}
