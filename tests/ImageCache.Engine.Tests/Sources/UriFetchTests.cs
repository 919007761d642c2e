using System.Diagnostics;
using System.Security.Cryptography;
using System.Text;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Sources;

/// <summary>Images by URI and checksum, without a Glance.</summary>
public sealed class UriFetchTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly byte[] _data = TestData.Noise(900_000);

    public UriFetchTests()
    {
        foreach (string name in _bed.Cloud.Environment().Keys)
        {
            _bed.Variables[name] = "";
        }

        _bed.Server.On("GET", "/public/image.img", FaultAnswer.Bytes(_data) with { Ranges = FaultRanges.Honour });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Checksum => "sha256:" + Convert.ToHexStringLower(SHA256.HashData(_data));

    private string Http => new Uri(_bed.Server.Address, "public/image.img").ToString();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task An_image_comes_over_http_and_is_a_hit_the_next_time()
    {
        BaseImage fetched = await FetchAsync(Http, Checksum);
        Assert.Equal((BaseImageMethod.Uri, "image.img", DigestStatus.Verified), (fetched.Method, fetched.Name, fetched.DigestStatus));
        _bed.AssertWhole(Checksum, _data);
        int before = _bed.Server.ConnectionCount;
        Assert.True((await FetchAsync("https://elsewhere.example/same.img", Checksum.ToUpperInvariant())).Hit);
        Assert.Equal(before, _bed.Server.ConnectionCount);
    }

    [Fact]
    public async Task An_image_comes_from_a_file_with_its_holes()
    {
        byte[] sparse = new byte[8 << 20];
        _data.CopyTo(sparse, 5 << 20);
        await using (FileStream file = new(_bed.Directory["local.img"], FileMode.Create))
        {
            file.SetLength(sparse.Length);
            file.Position = 5 << 20;
            await file.WriteAsync(_data, Token);
        }

        string checksum = "sha512:" + Convert.ToHexStringLower(SHA512.HashData(sparse));
        BaseImage fetched = await FetchAsync("file://" + _bed.Directory["local.img"], checksum);
        _bed.AssertWhole(checksum, sparse);
        Assert.True(fetched.AllocatedSize < 2 << 20, $"{fetched.AllocatedSize} bytes are allocated");
    }

    [Theory]
    [InlineData("SHA256SUMS", "{0}  image.img\n{1}  other.img\n")]
    [InlineData("CHECKSUM", "# image\nSHA256 (image.img) = {0}\n")]
    public async Task A_checksum_file_names_the_digest(string name, string content)
    {
        string text = string.Format(System.Globalization.CultureInfo.InvariantCulture, content, Checksum[7..], new string('0', 64));
        _bed.Server.On("GET", "/public/" + name, FaultAnswer.Text(text));
        await FetchAsync(Http, new Uri(_bed.Server.Address, "public/" + name).ToString());
        _bed.AssertWhole(Checksum, _data);
    }

    [Fact]
    public async Task A_cut_transfer_goes_on_with_the_same_data_only()
    {
        _bed.Server.On("GET", "/public/image.img", FaultAnswer.Bytes(_data).WithHeader("ETag", "\"one\"") with { Ranges = FaultRanges.Honour });
        _bed.Server.Next("GET", "/public/image.img", static answer => answer with { CutAfter = 300_000 });
        await FetchAsync(Http, Checksum);
        _bed.AssertWhole(Checksum, _data);
        FaultRequest second = _bed.Server.Requests[1];
        Assert.Equal(("bytes=300000-", "\"one\""), (second.Header("Range"), second.Header("If-Range")));
    }

    [Fact]
    public async Task An_MD5_counts_as_weak()
    {
        BaseImage fetched = await FetchAsync(Http, "md5:" + Convert.ToHexStringLower(MD5.HashData(_data)));
        Assert.Equal(DigestStatus.Weak, fetched.DigestStatus);
    }

    [Fact]
    public async Task Neither_a_password_nor_a_query_is_kept()
    {
        string secret = $"http://planted-user:planted-password@127.0.0.1:{_bed.Server.Port}/public/image.img?sig=planted-signature";
        await FetchAsync(secret, Checksum);
        FetchOutcome failed = await _bed.TryFetchAsync(new FetchRequest { Uri = secret + "&again", Checksum = "sha256:" + new string('0', 64) });
        string told = failed.Error + string.Concat(_bed.Warnings)
            + string.Concat(Directory.EnumerateFiles(_bed.Layout.PrivatePath, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.Contains("/public/image.img", told, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", told, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_digest_is_refused()
    {
        string wrong = "sha256:" + new string('0', 64);
        await FailsAsync(Http, wrong, ErrorIds.DigestMismatch);
        _bed.AssertNothingLeft(wrong, ErrorIds.DigestMismatch);
    }

    [Theory]
    [InlineData("ftp://127.0.0.1/image.img", null)]
    [InlineData("/etc/passwd", null)]
    [InlineData("file://host/etc/passwd", null)]
    [InlineData("not a uri", null)]
    [InlineData(null, "sha256:abc")]
    [InlineData(null, "crc32:00000000")]
    [InlineData(null, "")]
    public async Task What_cannot_be_read_is_refused(string? uri, string? checksum)
        => await FailsAsync(uri ?? Http, checksum ?? Checksum, ErrorIds.InvalidReference);

    [Fact]
    public async Task A_checksum_file_without_the_image_is_refused()
    {
        _bed.Server.On("GET", "/public/SHA256SUMS", FaultAnswer.Text($"{Checksum[7..]}  other.img\n"));
        await FailsAsync(Http, new Uri(_bed.Server.Address, "public/SHA256SUMS").ToString(), ErrorIds.InvalidReference);
    }

    [Fact]
    public async Task A_checksum_file_without_end_is_refused()
    {
        _bed.Server.On("GET", "/public/SHA256SUMS", FaultAnswer.Bytes(Encoding.ASCII.GetBytes(new string('x', 3 << 20))));
        await FailsAsync(Http, new Uri(_bed.Server.Address, "public/SHA256SUMS").ToString(), ErrorIds.InvalidReference);
    }

    [Theory]
    [InlineData(404, ErrorIds.ImageDataNotFound)]
    [InlineData(410, ErrorIds.ImageDataNotFound)]
    [InlineData(403, ErrorIds.AccessDenied)]
    [InlineData(500, ErrorIds.ServiceUnavailable)]
    public async Task An_error_of_the_server_is_told(int status, string errorId)
    {
        _bed.Server.Always("GET", "/public/image.img", _ => FaultAnswer.Of(status));
        await FailsAsync(Http, Checksum, errorId);
        _bed.AssertNothingLeft(Checksum, errorId);
    }

    [Fact]
    public async Task A_redirect_is_followed_but_not_without_end()
    {
        _bed.Server.On("GET", "/moved", FaultAnswer.Of(302, ("Location", "/public/image.img")));
        _bed.Server.On("GET", "/loop", FaultAnswer.Of(302, ("Location", "/loop")));
        await FetchAsync(new Uri(_bed.Server.Address, "moved").ToString(), Checksum);
        FetchOutcome looped = await _bed.TryFetchAsync(new FetchRequest { Uri = new Uri(_bed.Server.Address, "loop").ToString(), Checksum = "sha256:" + new string('1', 64) });
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, looped.Error?.ErrorId);
    }

    [Theory]
    [InlineData("missing.img", ErrorIds.ImageDataNotFound)]
    [InlineData("", ErrorIds.ServiceUnavailable)]
    [InlineData("pipe", ErrorIds.ServiceUnavailable)]
    public async Task What_is_no_file_is_refused(string name, string errorId)
    {
        using (Process make = Process.Start("mkfifo", [_bed.Directory["pipe"]]))
        {
            await make.WaitForExitAsync(Token);
        }

        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Uri = "file://" + _bed.Directory[name], Checksum = Checksum })
            .WaitAsync(TimeSpan.FromSeconds(60), Token);
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        _bed.AssertNothingLeft(Checksum, errorId);
    }

    [Theory]
    [InlineData(FetchMethod.RbdExport)]
    [InlineData(FetchMethod.VolumeLink)]
    public async Task A_method_that_knows_no_URI_is_refused(FetchMethod method)
    {
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Uri = Http, Checksum = Checksum, Method = method });
        Assert.Equal(ErrorIds.MethodUnavailable, outcome.Error?.ErrorId);
    }

    [Fact]
    public async Task A_file_that_shrinks_while_it_is_read_is_refused()
    {
        string path = _bed.Directory["shrinking.img"];
        await File.WriteAllBytesAsync(path, TestData.Noise(24 << 20), Token);
        _bed.Settings["rate_limit"] = "16MiB";
        OperationMonitor monitor = new();
        Task<FetchOutcome> fetch = Task.Run(
            async () =>
            {
                await foreach (FetchOutcome outcome in _bed.Open(TimeProvider.System).FetchAsync([new FetchRequest { Uri = "file://" + path, Checksum = Checksum }], 1, monitor, Token))
                {
                    return outcome;
                }

                throw new InvalidOperationException("no outcome");
            },
            Token);
        while (!monitor.Sample().Any(static item => item.Stage == WorkStage.Transferring && item.Done > 0))
        {
            await Task.Delay(1, Token);
        }

        using (FileStream file = new(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite))
        {
            file.SetLength(1000);
        }

        Assert.Equal(ErrorIds.SizeMismatch, (await fetch).Error?.ErrorId);
        Assert.Equal(RecordState.Missing, _bed.RecordOf(Checksum).State);
        Assert.Empty(_bed.Leftovers());
    }

    private Task<BaseImage> FetchAsync(string uri, string checksum) => _bed.FetchAsync(new FetchRequest { Uri = uri, Checksum = checksum });

    private async Task FailsAsync(string uri, string checksum, string errorId)
    {
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Uri = uri, Checksum = checksum });
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        Assert.Empty(_bed.Leftovers());
    }
}
