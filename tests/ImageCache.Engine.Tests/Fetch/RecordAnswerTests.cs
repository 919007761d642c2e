using System.Net;
using System.Net.Sockets;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>What a fetch makes of what Glance and Keystone say before any byte moves.</summary>
public sealed class RecordAnswerTests : IAsyncDisposable
{
    private const string AnotherProject = "ffffffffffffffffffffffffffffffff";

    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("queued")]
    [InlineData("saving")]
    [InlineData("importing")]
    [InlineData("deactivated")]
    [InlineData("killed")]
    [InlineData("deleted")]
    [InlineData("pending_delete")]
    [InlineData("something new")]
    public async Task An_image_that_is_not_active_is_refused(string status)
    {
        FakeImage image = Add(new FakeImage { Status = status });
        PolicyException error = Assert.IsType<PolicyException>(await RefusedAsync(image, ErrorIds.ImageNotActive));
        Assert.Contains(status, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Another_projects_private_image_is_refused()
    {
        FakeImage image = Add(new FakeImage { Visibility = "private", Owner = AnotherProject });
        Assert.IsType<PolicyException>(await RefusedAsync(image, ErrorIds.ImageNotAllowed));
    }

    [Theory]
    [InlineData("public", AnotherProject)]
    [InlineData("community", AnotherProject)]
    [InlineData("shared", AnotherProject)]
    [InlineData("private", FakeCloud.ProjectId)]
    public async Task An_image_that_this_project_may_use_is_fetched(string visibility, string owner)
    {
        FakeImage image = Add(new FakeImage { Visibility = visibility, Owner = owner });
        await _bed.FetchAsync(image.Id);
        _bed.AssertWhole(image.Id, image.Data);
    }

    [Theory]
    [InlineData("*")]
    [InlineData(AnotherProject)]
    public async Task A_private_image_of_an_allowed_owner_is_fetched(string allowed)
    {
        _bed.Settings["allowed_owners"] = allowed;
        FakeImage image = Add(new FakeImage { Visibility = "private", Owner = AnotherProject });
        await _bed.FetchAsync(image.Id);
    }

    [Fact]
    public async Task An_image_without_a_digest_is_fetched_with_a_warning_and_counts_as_unverifiable()
    {
        FakeImage image = Add(new FakeImage { HasDigests = false });
        BaseImage fetched = await _bed.FetchAsync(image.Id);
        Assert.Equal(DigestStatus.Unverifiable, fetched.DigestStatus);
        Assert.StartsWith("sha256:", fetched.SourceDigest, StringComparison.Ordinal);
        Assert.Contains(_bed.Warnings, static warning => warning.Contains("no digest", StringComparison.Ordinal));
    }

    [Fact]
    public async Task An_image_without_a_digest_is_refused_where_one_is_required()
    {
        _bed.Settings["checksum"] = "require";
        await RefusedAsync(Add(new FakeImage { HasDigests = false }), ErrorIds.VerificationRequired);
    }

    [Fact]
    public async Task An_image_with_an_MD5_only_counts_as_weakly_verified()
    {
        FakeImage image = Add(new FakeImage { Extra = { ["os_hash_algo"] = null, ["os_hash_value"] = null } });
        BaseImage fetched = await _bed.FetchAsync(image.Id);
        Assert.Equal(DigestStatus.Weak, fetched.DigestStatus);
        Assert.StartsWith("md5:", fetched.SourceDigest, StringComparison.Ordinal);
        Assert.StartsWith("sha256:", fetched.Digest, StringComparison.Ordinal);
    }

    [Fact]
    public async Task An_MD5_that_differs_is_refused()
        => await RefusedAsync(
            Add(new FakeImage { Extra = { ["os_hash_algo"] = null, ["os_hash_value"] = null, ["checksum"] = new string('0', 32) } }),
            ErrorIds.DigestMismatch,
            bytesMayMove: true);

    [Fact]
    public async Task An_MD5_only_is_refused_where_weak_digests_are()
    {
        _bed.Settings["allow_weak_digest"] = "false";
        await RefusedAsync(Add(new FakeImage { Extra = { ["os_hash_algo"] = null, ["os_hash_value"] = null } }), ErrorIds.VerificationRequired);
    }

    [Fact]
    public async Task A_digest_by_an_unknown_algorithm_leaves_the_MD5()
    {
        FakeImage image = Add(new FakeImage { Extra = { ["os_hash_algo"] = "blake9" } });
        Assert.Equal(DigestStatus.Weak, (await _bed.FetchAsync(image.Id)).DigestStatus);
    }

    [Theory]
    [InlineData("xyz", ErrorIds.ServiceAnswerInvalid)]
    [InlineData("00", ErrorIds.DigestMismatch)]
    public async Task A_digest_that_is_none_is_refused(string value, string errorId)
        => await RefusedAsync(Add(new FakeImage { Extra = { ["os_hash_value"] = value } }), errorId);

    [Theory]
    [InlineData("public", "allowed_visibilities", "private shared", ErrorIds.ImageNotAllowed)]
    [InlineData("public", "allowed_formats", "qcow2", ErrorIds.FormatNotAllowed)]
    [InlineData("public", "signature", "require", ErrorIds.VerificationRequired)]
    [InlineData("public", "maximum_size", "1000", ErrorIds.DiskFull)]
    [InlineData("public", "minimum_free", "1000PiB", ErrorIds.DiskFull)]
    public async Task Settings_refuse_before_any_byte_moves(string visibility, string setting, string value, string errorId)
    {
        _bed.Settings[setting] = value.Replace(' ', ',');
        await RefusedAsync(Add(new FakeImage { Visibility = visibility }), errorId);
    }

    [Fact]
    public async Task An_image_that_must_be_signed_and_is_not_is_refused()
    {
        FakeImage image = Add(new FakeImage());
        FetchOutcome outcome = await _bed.TryFetchAsync(new FetchRequest { Image = image.Id, RequireSignature = true });
        Assert.Equal(ErrorIds.VerificationRequired, Assert.IsType<PolicyException>(outcome.Error).ErrorId);
        Assert.Equal(0, _bed.DataRequests(image.Id));
    }

    [Fact]
    public async Task An_image_larger_than_any_disk_is_refused_before_any_byte_moves()
        => await RefusedAsync(Add(new FakeImage { Size = long.MaxValue }), ErrorIds.DiskFull);

    [Fact]
    public async Task An_unknown_image_is_not_found()
    {
        string id = Guid.NewGuid().ToString();
        FetchOutcome outcome = await _bed.TryFetchAsync(id);
        Assert.Equal(ErrorIds.ImageNotFound, Assert.IsType<NotFoundException>(outcome.Error).ErrorId);
        _bed.AssertNothingLeft(id, ErrorIds.ImageNotFound);
    }

    [Fact]
    public async Task A_name_that_two_images_have_is_refused()
    {
        Add(new FakeImage { Name = "twice" });
        Add(new FakeImage { Name = "twice" });
        FetchOutcome outcome = await _bed.TryFetchAsync("twice");
        Assert.Equal(ErrorIds.AmbiguousImage, Assert.IsType<InvalidInputException>(outcome.Error).ErrorId);
    }

    [Fact]
    public async Task Keystone_that_refuses_the_password_ends_it()
    {
        _bed.Variables["OS_PASSWORD"] = "planted-wrong";
        FakeImage image = Add(new FakeImage());
        ImageCacheException error = await RefusedAsync(image, ErrorIds.AuthenticationFailed);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("planted", File.ReadAllText(_bed.Layout.EventsPath), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_refused_connection_ends_after_the_attempts()
    {
        _bed.Variables["OS_IMAGE_ENDPOINT_OVERRIDE"] = $"http://127.0.0.1:{FreePort()}";
        FakeImage image = Add(new FakeImage());
        ImageCacheException error = await RefusedAsync(image, ErrorIds.ServiceUnavailable);
        Assert.Contains("4 times", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_record_that_is_no_JSON_is_refused()
    {
        FakeImage image = Add(new FakeImage());
        _bed.Server.Always("GET", FakeCloud.ImagePath(image.Id), static _ => FaultAnswer.Text("<html>"));
        await RefusedAsync(image, ErrorIds.ServiceAnswerInvalid);
    }

    [Fact]
    public async Task The_record_of_another_image_is_refused()
    {
        FakeImage image = Add(new FakeImage());
        FakeImage other = Add(new FakeImage());
        _bed.Server.Always("GET", FakeCloud.ImagePath(image.Id), _ => FaultAnswer.Json(System.Text.Json.JsonSerializer.Serialize(other.ToRecord())));
        await RefusedAsync(image, ErrorIds.ServiceAnswerInvalid);
    }

    [Fact]
    public async Task An_image_deleted_between_record_and_data_is_not_found()
    {
        FakeImage image = Add(new FakeImage());
        _bed.Server.Next("GET", FakeCloud.ImagePath(image.Id), answer =>
        {
            _bed.Cloud.Remove(image.Id);
            return answer;
        });
        await RefusedAsync(image, ErrorIds.ImageDataNotFound, bytesMayMove: true);
    }

    [Fact]
    public async Task No_secret_reaches_an_error_an_event_or_a_record()
    {
        FakeImage image = Add(new FakeImage());
        _bed.Server.Always("GET", FakeCloud.DataPath(image.Id), static _ => FaultAnswer.Text($"token planted-token-1 and {FakeCloud.Password} refused", 403));
        ImageCacheException error = await RefusedAsync(image, ErrorIds.AccessDenied, bytesMayMove: true);
        string told = error + string.Concat(_bed.Warnings)
            + string.Concat(Directory.EnumerateFiles(_bed.CachePath, "*", SearchOption.AllDirectories).Select(File.ReadAllText));
        Assert.DoesNotContain("planted", told, StringComparison.Ordinal);
    }

    private static int FreePort()
    {
        using TcpListener listener = new(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private FakeImage Add(FakeImage image) => _bed.Cloud.Add(image with { Data = TestData.Noise(100_000) });

    private async Task<ImageCacheException> RefusedAsync(FakeImage image, string errorId, bool bytesMayMove = false)
    {
        FetchOutcome outcome = await _bed.TryFetchAsync(image.Id);
        Assert.Equal(errorId, outcome.Error?.ErrorId);
        _bed.AssertNothingLeft(image.Id, errorId);
        Assert.True(bytesMayMove || _bed.DataRequests(image.Id) == 0, "data were asked for");
        return outcome.Error!;
    }
}
