using System.Net.Http.Headers;
using System.Runtime.CompilerServices;
using System.Text;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Transfer;
using ImageCache.Engine.Trust;

namespace ImageCache.Engine.Sources;

/// <summary>
/// Images by file:, http: and https: URI, for people without a Glance. Such an image is known by its digest: the same data from
/// another place are the same image.
/// </summary>
internal sealed class UriSource(ImageCacheConfiguration configuration, Func<ServiceHttp> http)
{
    private const int LargestChecksumFile = 1 << 20;

    /// <summary>Makes the image that a URI and a checksum stand for.</summary>
    /// <exception cref="InvalidInputException">One of them cannot be read.</exception>
    public async Task<ResolvedImage> ResolveAsync(FetchRequest request, CancellationToken cancellationToken)
    {
        Uri uri = Parse(request.Uri!, "image");
        string name = Uri.UnescapeDataString(uri.Segments[^1].TrimEnd('/'));
        ImageDigest digest = await DigestAsync(request, name, cancellationToken).ConfigureAwait(false);
        bool isMd5 = digest.Algorithm == DigestAlgorithm.Md5.Name;
        ImageDescriptor image = new()
        {
            Id = digest.ToString(),
            Name = name,
            Checksum = isMd5 ? digest.Hex : null,
            HashAlgorithm = isMd5 ? null : digest.Algorithm,
            HashValue = isMd5 ? null : digest.Hex,
        };
        return new ResolvedImage(image, ImageOrigin.Uri, uri);
    }

    /// <summary>Opens the bytes behind a URI.</summary>
    public IByteSource Open(Uri uri)
    {
        if (uri.IsFile)
        {
            return FileByteSource.Open(uri.LocalPath);
        }

        string shown = Redactor.Url(uri);
        ServiceCall call = new("the server", $"read '{shown}'", shown, ErrorIds.ImageDataNotFound);
        RangeValidator validator = new();
        return new HttpByteSource(shown, expectedSize: null, configuration, async (offset, length, cancellationToken) =>
        {
            DataResponse answer = await http()
                .OpenPublicAsync(uri, message => validator.Prepare(message, offset, length), call, cancellationToken)
                .ConfigureAwait(false);
            validator.Note(answer);
            return answer;
        });
    }

    private async Task<ImageDigest> DigestAsync(FetchRequest request, string name, CancellationToken cancellationToken)
    {
        if (string.IsNullOrWhiteSpace(request.Checksum))
        {
            throw Invalid(request.Uri!, "An image by URI needs a checksum: nothing else could tell whether the data are the right ones.");
        }

        if (ImageDigest.TryParse(request.Checksum, out ImageDigest? digest))
        {
            return digest.Value;
        }

        if (!request.Checksum.Contains("://", StringComparison.Ordinal) && !request.Checksum.StartsWith("file:", StringComparison.OrdinalIgnoreCase))
        {
            throw Invalid(request.Uri!, $"'{Redactor.Url(request.Checksum)}' is no checksum that can be used.");
        }

        Uri list = Parse(request.Checksum, "checksum file");
        string text = await ReadTextAsync(list, cancellationToken).ConfigureAwait(false);
        return ChecksumFile.Find(text, name) ?? throw new NotFoundException(
            ErrorIds.InvalidReference,
            $"The checksum file '{Redactor.Url(list)}' has no line for '{name}'.",
            Redactor.Url(Parse(request.Uri!, "image")),
            "Give the checksum itself as algorithm:hex.");
    }

    private async Task<string> ReadTextAsync(Uri uri, CancellationToken cancellationToken)
    {
        IByteSource source = Open(uri);
        await using ConfiguredAsyncDisposable ended = source.ConfigureAwait(false);
        try
        {
            IByteReader reader = await source.OpenAsync(0, cancellationToken).ConfigureAwait(false);
            await using ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
            byte[] content = new byte[LargestChecksumFile];
            int filled = 0;
            while (await reader.ReadAsync(content.AsMemory(filled), cancellationToken).ConfigureAwait(false) is { Count: > 0 } run)
            {
                filled += run.Count;
                if (filled == content.Length)
                {
                    throw Invalid(Redactor.Url(uri), $"The checksum file is larger than {LargestChecksumFile} bytes.");
                }
            }

            return Encoding.UTF8.GetString(content, 0, filled);
        }
        catch (TransferInterruptedException e)
        {
            throw e.InnerException as ImageCacheException ?? new UnavailableException(
                ErrorIds.TransferFailed, $"The checksum file '{Redactor.Url(uri)}' could not be read: {e.Message}.", cause: e);
        }
    }

    private static Uri Parse(string text, string what)
    {
        // RFC 8089 allows file:/path beside file:///path.
        const string ShortFile = "file:/";
        string full = text.StartsWith(ShortFile, StringComparison.OrdinalIgnoreCase) && !text.StartsWith("file://", StringComparison.OrdinalIgnoreCase)
            ? "file:///" + text[ShortFile.Length..]
            : text;
        return Uri.TryCreate(full, UriKind.Absolute, out Uri? uri)
            && uri.Scheme is "file" or "http" or "https"
            && full.StartsWith(uri.Scheme, StringComparison.OrdinalIgnoreCase)
            && !(uri.IsFile && uri.Host.Length > 0)
            ? uri
            : throw Invalid(text, $"The {what} '{Redactor.Url(text)}' is no file:, http: or https: URI.");
    }

    private static InvalidInputException Invalid(string subject, string message) => new(
        ErrorIds.InvalidReference,
        message,
        Redactor.Url(subject),
        "Give -Uri (--uri) file:///path, http:// or https://, and -Checksum (--checksum) sha256:…, sha512:…, md5:…, or the URI of a SHA256SUMS file.");

    /// <summary>Asks for ranges only of the very data that the first answer was about (RFC 9110, If-Range).</summary>
    private sealed class RangeValidator
    {
        private EntityTagHeaderValue? _tag;
        private DateTimeOffset? _modified;

        public void Prepare(HttpRequestMessage message, long offset, long? length)
        {
            if (offset == 0 && length is null)
            {
                return;
            }

            message.Headers.Range = new RangeHeaderValue(offset, length is { } count ? offset + count - 1 : null);
            if (_tag is not null)
            {
                message.Headers.IfRange = new RangeConditionHeaderValue(_tag);
            }
            else if (_modified is { } modified)
            {
                message.Headers.IfRange = new RangeConditionHeaderValue(modified);
            }
        }

        public void Note(DataResponse answer)
        {
            _tag ??= answer.EntityTag is { IsWeak: false } tag ? tag : null;
            _modified ??= answer.LastModified;
        }
    }
}
