using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Fetch;

/// <summary>Turns a verified file into raw when the cache keeps raw (nova's force_raw_images).</summary>
internal sealed class RawConverter(ImageCacheConfiguration configuration, QemuImg qemuImg)
{
    public async Task<FetchedFile> ConvertAsync(
        ResolvedImage image, FetchedFile file, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        FormatDecision format = file.Format!;
        if (!configuration.ForceRawImages || DiskFormatNames.IsRawData(format.Format))
        {
            return file;
        }

        if (format.IsEncrypted)
        {
            throw new PolicyException(
                ErrorIds.FormatNotAllowed,
                $"The image '{image.Id}' is encrypted and cannot be turned into raw, which is what this cache keeps.",
                image.Id,
                "Set force_raw_images to false, in nova too, to keep such images as they are.");
        }

        string target = temporary.PathOf("raw");
        step.Progress.Enter(WorkStage.Converting, file.VirtualSize);
        await qemuImg
            .ConvertToRawAsync(new RawConversion(image.Id, file.Path, format.Format, target, file.VirtualSize), step.Progress.Set, cancellationToken)
            .ConfigureAwait(false);
        File.Delete(file.Path);
        step.Progress.Enter(WorkStage.Verifying, file.VirtualSize);
        HashedFile raw = await FileDigester.HashAsync(target, [DigestAlgorithm.Sha256], step.Progress, cancellationToken).ConfigureAwait(false);
        return file with { Path = target, Content = raw.After, Digest = raw.Digests[0], IsConverted = true };
    }
}
