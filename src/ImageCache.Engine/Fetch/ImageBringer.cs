using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;
using ImageCache.Engine.Volumes;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Fetch;

/// <summary>Brings an image's bytes into a private file, once through digests, inspector and writer; or past digests and inspector only, for a link.</summary>
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
        => methods.RunAsync(
            image,
            (bytes, method) => bytes is PreparedLink link
                ? ReadAsync(image, hashMethod, link, method, step, cancellationToken)
                : TransferAsync(image, hashMethod, bytes, method, temporary, step, cancellationToken),
            step,
            cancellationToken);

    // Read once where there is something to compare with; else only the beginning, which shows the format.
    private async Task<FetchedFile> ReadAsync(
        ResolvedImage image, SignatureHashMethod? hashMethod, PreparedLink link, BaseImageMethod method, FetchStep step, CancellationToken cancellationToken)
    {
        DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
        bool isComparable = expectation.Expected is not null || hashMethod is not null;
        using SourceHashes hashes = new(isComparable ? expectation.Algorithms() : [], hashMethod);
        InspectStage inspector = new(report => formats.CheckEarly(report, image.Claim));
        long read = isComparable
            ? await RunAsync(image, link, [.. hashes.Lanes, [inspector]], step, cancellationToken).ConfigureAwait(false)
            : link.Show(inspector);
        return new FetchedFile
        {
            Path = link.Link.Target,
            Content = FileFingerprint.Of(FileStatus.OfPath(link.Link.Target) ?? throw new IOException($"'{link.Link.Target}' vanished")),
            Method = method,
            BytesTransferred = read,
            Expectation = expectation,
            SourceDigests = hashes.Digests,
            SignatureHash = hashes.ForSignature(),
            Report = inspector.Report!,
            Link = link.HandOn(),
        };
    }

    private async Task<FetchedFile> TransferAsync(
        ResolvedImage image, SignatureHashMethod? hashMethod, IByteSource bytes, BaseImageMethod method, TemporaryDirectory temporary, FetchStep step, CancellationToken cancellationToken)
    {
        room.Require(image.Descriptor.Size ?? 0, image.Id);
        string path = temporary.PathOf("data");
        DigestExpectation expectation = DigestExpectation.Of(image.Descriptor);
        using SafeFileHandle file = temporary.CreateFile("data");
        using SourceHashes hashes = new(expectation.Algorithms(), hashMethod);
        using SparseFileWriter writer = new(file);
        InspectStage inspector = new(report => formats.CheckEarly(report, image.Claim));
        long read = await RunAsync(image, bytes, [.. hashes.Lanes, [inspector, writer]], step, cancellationToken).ConfigureAwait(false);
        return new FetchedFile
        {
            Path = path,
            Content = FileFingerprint.Of(FileStatus.OfHandle(file, path)),
            Method = method,
            BytesTransferred = read,
            Expectation = expectation,
            SourceDigests = hashes.Digests,
            SignatureHash = hashes.ForSignature(),
            Report = inspector.Report!,
        };
    }

    private async Task<long> RunAsync(
        ResolvedImage image, IByteSource bytes, IReadOnlyList<IReadOnlyList<ITransferStage>> lanes, FetchStep step, CancellationToken cancellationToken)
    {
        TransferRequest request = new() { ImageId = image.Id, Source = bytes, ExpectedSize = image.Descriptor.Size ?? bytes.Length, Lanes = lanes };
        TransferResult result = await transfer.RunAsync(request, step.Progress, step.Monitor, cancellationToken).ConfigureAwait(false);
        return result.BytesRead;
    }
}
