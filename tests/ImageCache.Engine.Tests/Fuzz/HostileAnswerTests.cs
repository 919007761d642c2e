using System.Net;
using System.Text;
using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Formats;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.OpenStack.Images;
using ImageCache.Engine.OpenStack.Local;
using ImageCache.Engine.Sources;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Answers and files in JSON that were made to hurt: read, or refused with an error of ours, and with no more memory than they are worth.</summary>
public sealed class HostileAnswerTests : IDisposable
{
    private const string Id = "6f2d3f4e-0f53-4d29-a5a4-33c2fbb9c9d6";

    private const string Token = """
        {"token": {"expires_at": "2026-01-02T03:04:05.000000Z", "issued_at": "2026-01-02T02:04:05Z", "project": {"id": "p", "name": "demo"}, "user": {"id": "u"},
         "roles": [{"name": "member"}], "catalog": [{"type": "image", "endpoints": [{"interface": "public", "region_id": "R", "url": "http://127.0.0.1:9292"}]}]}}
        """;

    private const string Image = $$"""
        {"id": "{{Id}}", "name": "cirros", "status": "active", "visibility": "public", "owner": "p", "disk_format": "raw", "container_format": "bare", "size": 12,
         "virtual_size": null, "min_disk": 0, "checksum": "0123456789abcdef0123456789abcdef", "os_hash_algo": "sha512", "os_hash_value": "00", "created_at": "2026-01-02T03:04:05Z",
         "tags": ["a", "b"], "locations": [{"url": "rbd://f/images/x/snap", "metadata": {} } ], "img_signature": "x", "hw_disk_bus": "scsi", "direct_url": "rbd://a/b/c/d"}
        """;

    private static readonly string Record = Encoding.UTF8.GetString(StoredJson.Write(new ImageRecord
    {
        Id = Id,
        Descriptor = new ImageDescriptor { Id = Id, Name = "cirros", Tags = ["a"], Properties = new Dictionary<string, string> { ["os_distro"] = "cirros" } },
        Method = BaseImageMethod.Download,
        SourceDigest = "sha256:" + new string('a', 64),
        DigestStatus = DigestStatus.Verified,
        DiskFormat = "raw",
        Size = 10,
        VirtualSize = 10,
        FetchedAt = DateTimeOffset.UnixEpoch,
    }));

    private static readonly ServiceCall Call = new("the service", "read 'x'", "x");

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void ImageRecordsOfGlanceAreReadOrRefusedWithAReason()
        => Check(Image, static text => WithJson(text, static json =>
        {
            if (GlanceImage.TryParse(json, out ImageDescriptor? image, out string? reason))
            {
                Assert.True(image.Id.Length is > 0 and <= 255 && image.Size is null or >= 0);
                Assert.DoesNotContain("u:p@", string.Concat(image.Locations), StringComparison.Ordinal);
            }
            else
            {
                Assert.NotEmpty(reason);
            }
        }));

    [Fact]
    public void TokensOfKeystoneAreReadOrRefusedAsUnavailable()
        => Check(Token, static text =>
        {
            using HttpResponseMessage answer = new(HttpStatusCode.Created) { RequestMessage = new(HttpMethod.Post, "http://k/v3/auth/tokens") };
            answer.Headers.Add("X-Subject-Token", "abc");
            try
            {
                Assert.Equal("abc", KeystoneAnswer.Read(answer, text, Call, DateTimeOffset.UnixEpoch).Value.Reveal());
            }
            catch (UnavailableException refusal)
            {
                Assert.Equal(ErrorIds.ServiceAnswerInvalid, refusal.ErrorId);
            }
        });

    [Theory]
    [InlineData("""{"error": {"code": 401, "message": "The request you have made requires authentication.", "title": "Unauthorized"}}""")]
    [InlineData("""{"message": "no", "description": "never"}""")]
    [InlineData("<html><head><title>403</title></head><body class='x'><h1>403 Forbidden</h1>Access was denied.<br /></body></html>")]
    public void ErrorPagesGiveAReasonOrNone(string page)
        => Check(page, static text =>
        {
            string? reason = ServiceReason.Read(text);
            Assert.True((reason?.Length ?? 0) <= 64 << 10);
            Assert.DoesNotContain(new Redactor().Text(reason ?? string.Empty), char.IsControl);
        });

    [Fact]
    public void RecordsAreReadOrFoundDamagedAndCanBeWrittenAgain()
        => Check(Record, static text =>
        {
            ImageRecord record;
            try
            {
                record = StoredJson.Parse<ImageRecord>(text);
            }
            catch (JsonException)
            {
                _ = StoredJson.SchemaOf(text);
                return;
            }

            Assert.Equal(record.Id, StoredJson.Parse<ImageRecord>(StoredJson.Write(record)).Id);
        });

    [Theory]
    [InlineData("""{"schema": 1, "savedAt": "2026-01-02T03:04:05Z", "images": [{"id": "a", "name": "b", "status": "active", "size": 1}]}""")]
    [InlineData("""{"projectId": "p", "userId": "u"}""")]
    public void FilesOfTheUserAreReadOrNotThere(string content)
    {
        UserCacheDirectory files = new(new EngineOptions
        {
            Environment = new Dictionary<string, string> { ["XDG_CACHE_HOME"] = _directory.FullPath },
            WorkingDirectory = _directory.FullPath,
        });
        Directory.CreateDirectory(_directory["imagecache"]);
        Check(content, text =>
        {
            File.WriteAllBytes(_directory["imagecache/catalogue-k.json"], text);
            File.WriteAllBytes(_directory["imagecache/identity-k.json"], text);
            Assert.All(new ImageCatalogue(files, "k").Read(), static entry => Assert.NotNull(entry.Id));
            _ = new CloudIdentityFile(files, "k").Read();
        });
    }

    [Fact]
    public void WhatQemuSaysIsReadOrNoAnswer()
        => Check("""{"virtual-size": 1048576, "filename": "/x", "format": "qcow2", "actual-size": 200704, "format-specific": {"type": "qcow2", "data": {"corrupt": false, "data-file": "x"}}}""", static text =>
        {
            QemuImageInfo? info = QemuImageInfoReader.TryRead(Encoding.UTF8.GetString(text));
            Assert.True(info is null or { VirtualSize: >= 0, Format: not null });
        });

    [Fact]
    public void ChecksumFilesHaveADigestOrNone()
        => Check(
            "SHA256 (x) = 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef\n0123456789abcdef0123456789abcdef *y\n# z\n",
            static text => Assert.True(ChecksumFile.Find(Encoding.UTF8.GetString(text), "x") is null or { Hex.Length: > 0 }));

    // What is told of JSON elements must be told of any: they come from JsonRead only.
    private static void WithJson(byte[] text, Action<JsonElement> read)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text);
        }
        catch (JsonException)
        {
            return;
        }

        using (document)
        {
            read(document.RootElement);
            Assert.NotNull(ServiceCatalog.Parse(JsonRead.Member(JsonRead.Member(document.RootElement, "token"), "catalog")));
        }
    }

    private static void Check(string sound, Action<byte[]> read)
        => Prop.ForAll(HostileText.Like(HostileText.Json, sound), hostile =>
        {
            byte[] text = hostile.Make();
            long before = GC.GetAllocatedBytesForCurrentThread();
            read(text);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (2 << 20) + (100L * text.Length), $"{allocated} bytes for {text.Length}");
        }).Check(FuzzRuns.Config(1000));
}
