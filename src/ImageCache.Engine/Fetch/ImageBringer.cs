using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Fetch;

/// <summary>Brings an image's bytes into a private file, once through digests, inspector and writer.</summary>
internal sealed class ImageBringer(FormatPolicy formats, MethodAttempts methods, ImageTransfer transfer, RoomCheck room)
{
    /// <summary>Brings the bytes. Nothing is verified yet but what the beginning of the data shows.</summary>
    /// <param name="image">The image.</param>
    /// <param name="hashMethod">The hash that its signature is about; <see langword="null"/> when none will be judged.</param>
    /// <param name="temporary">Where the private file is made.</param>
    /// <param name="step">The request, and where progress and warnings go.</param>
    /// <param name="cancellationToken">Stops it.</param>
    public Task<FetchedFile> BringAsync(
        ResolvedImage image, SignatureHashMethod? hashMethod, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        room.Require(image.Descriptor.Size ?? 0, image.Id);
        return methods.RunAsync(
            image, (bytes, method) => TransferAsync(image, hashMethod, bytes, method, temporary, step, cancellationToken), step, cancellationToken);
    }

    private async Task<FetchedFile> TransferAsync(
        ResolvedImage image, SignatureHashMethod? hashMethod, IByteSource bytes, BaseImageMethod method, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        string path = temporary.PathOf("data");
        DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
        using SafeFileHandle file = temporary.CreateFile("data");
        using SourceHashes hashes = new(expectation.Algorithms(), hashMethod);
        InspectStage inspector = new(report => formats.CheckEarly(report, image.Claim));
        TransferResult result = await transfer.RunAsync(
            new TransferRequest
            {
                ImageId = image.Id,
                Source = bytes,
                ExpectedSize = image.Descriptor.Size ?? bytes.Length,
                Lanes = [.. hashes.Lanes, [inspector, new SparseFileWriter(file)]],
            },
            step.Progress,
            step.Monitor,
            cancellationToken).ConfigureAwait(false);
        return new FetchedFile
        {
            Path = path,
            Content = FileFingerprint.Of(FileStatus.OfHandle(file, path)),
            Method = method,
            BytesTransferred = result.BytesRead,
            Expectation = expectation,
            SourceDigests = hashes.Digests,
            SignatureHash = hashes.ForSignature(),
            Report = inspector.Report!,
        };
    }
}
