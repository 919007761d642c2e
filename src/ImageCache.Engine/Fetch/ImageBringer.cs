using ImageCache.Engine.Formats;
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
    public Task<FetchedFile> BringAsync(ResolvedImage image, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        room.Require(image.Descriptor.Size ?? 0, image.Id);
        string path = temporary.PathOf("data");
        return methods.RunAsync(image, (bytes, method) => TransferAsync(image, bytes, method, path, step, cancellationToken), step, cancellationToken);
    }

    private async Task<FetchedFile> TransferAsync(
        ResolvedImage image, IByteSource bytes, BaseImageMethod method, string path, FetchStep step, CancellationToken cancellationToken)
    {
        DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
        using SafeFileHandle file = File.OpenHandle(path, FileMode.Create, FileAccess.ReadWrite, FileShare.ReadWrite);
        using DigestStage digests = new(expectation.Algorithms());
        InspectStage inspector = new(report => formats.CheckEarly(report, image.Claim));
        TransferResult result = await transfer.RunAsync(
            new TransferRequest
            {
                ImageId = image.Id,
                Source = bytes,
                ExpectedSize = image.Descriptor.Size ?? bytes.Length,
                Lanes = [[digests], [inspector, new SparseFileWriter(file)]],
            },
            step.Progress,
            step.Monitor,
            cancellationToken).ConfigureAwait(false);
        return new FetchedFile
        {
            Path = path,
            Method = method,
            BytesTransferred = result.BytesRead,
            Expectation = expectation,
            SourceDigests = digests.Digests,
            Report = inspector.Report!,
        };
    }
}
