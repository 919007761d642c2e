using System.Text.Json.Nodes;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.OpenStack;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Cached images under the signature policy of now.</summary>
public sealed class SignatureHitTests : IAsyncDisposable
{
    private static readonly byte[] s_data = TestData.Noise(300_000);

    private readonly SignatureBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_was_judged_is_judged_again_without_any_service(bool withTrust)
    {
        if (withTrust)
        {
            _bed.Node.Settings["trusted_certificates"] = _bed.Authority;
        }

        FakeImage image = _bed.AddSigned(s_data);
        await _bed.Node.FetchAsync(image.Id);
        _bed.GoOffline();

        BaseImage hit = await _bed.RequireAsync(image.Id);

        Assert.Equal((true, SignatureStatus.Valid), (hit.Hit, hit.SignatureStatus));
        Assert.Empty(_bed.Node.Warnings);
    }

    [Fact]
    public async Task A_file_that_nobody_judged_is_judged_now_by_its_own_bytes()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddSigned(s_data));

        BaseImage hit = await _bed.RequireAsync(image.Id);

        Assert.Equal((true, SignatureStatus.Valid, 1), (hit.Hit, hit.SignatureStatus, _bed.Node.DataRequests(image.Id)));
        _bed.GoOffline();
        Assert.Equal(SignatureStatus.Valid, (await _bed.RequireAsync(image.Id)).SignatureStatus);
    }

    [Fact]
    public async Task A_wrong_signature_that_nobody_looked_at_sets_the_file_aside()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddTampered(s_data));

        FetchOutcome outcome = await _bed.Node.TryFetchAsync(image.Id);

        Assert.Equal(ErrorIds.SignatureInvalid, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.SignatureInvalid);
        Assert.Contains(_bed.Node.Events(), static told => told.GetProperty("event").GetString() == "quarantined");
    }

    [Fact]
    public async Task A_wrong_signature_of_a_file_in_use_is_refused_and_the_file_left_alone()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddTampered(s_data));
        await Qemu.OverlayAsync(Path.Join(_bed.Node.Layout.InstancesPath, "one", "disk"), _bed.Node.BasePath(image.Id));
        Assert.Equal(ErrorIds.SignatureInvalid, (await _bed.Node.TryFetchAsync(image.Id)).Error?.ErrorId);
        Assert.True(File.Exists(_bed.Node.BasePath(image.Id)));
    }

    [Theory]
    [InlineData("SHA-256", 2)]
    [InlineData("SHA-512", 1)]
    public async Task A_converted_file_is_judged_by_what_it_came_from(string method, int dataRequests)
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddSigned(await Qcow2Async(), method, "qcow2"));

        BaseImage hit = await _bed.RequireAsync(image.Id);

        Assert.Equal((true, SignatureStatus.Valid), (hit.Hit, hit.SignatureStatus));
        Assert.Equal(dataRequests, _bed.Node.DataRequests(image.Id));
        _bed.GoOffline();
        Assert.True((await _bed.RequireAsync(image.Id)).Hit);
        Assert.Equal(dataRequests, _bed.Node.DataRequests(image.Id));
    }

    [Fact]
    public async Task A_converted_file_whose_source_is_away_is_refused_and_kept()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddSigned(await Qcow2Async(), format: "qcow2"));
        _bed.Node.Server.Always("GET", FakeCloud.DataPath(image.Id), static _ => FaultAnswer.Text("down", 503));

        FetchOutcome outcome = await _bed.TryRequireAsync(image.Id);

        Assert.Equal(ErrorIds.SignatureUnverifiable, outcome.Error?.ErrorId);
        Assert.Contains("could not be read again", outcome.Error!.Message, StringComparison.Ordinal);
        Assert.True(File.Exists(_bed.Node.BasePath(image.Id)));
        Assert.Equal(SignatureStatus.Unverifiable, (await _bed.Node.FetchAsync(image.Id)).SignatureStatus);
    }

    [Fact]
    public async Task A_source_with_other_data_proves_nothing()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddSigned(await Qcow2Async(), format: "qcow2"));
        _bed.Node.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { WrongBytes = [1000] });
        Assert.Equal(ErrorIds.DigestMismatch, (await _bed.TryRequireAsync(image.Id)).Error?.ErrorId);
        Assert.True(File.Exists(_bed.Node.BasePath(image.Id)));
    }

    [Fact]
    public async Task A_flipped_bit_is_found_where_the_bytes_are_judged()
    {
        FakeImage image = await FetchUnjudgedAsync(_bed.AddSigned(s_data));
        DateTime time = File.GetLastWriteTimeUtc(_bed.Node.BasePath(image.Id));
        using (FileStream file = File.OpenWrite(_bed.Node.BasePath(image.Id)))
        {
            file.WriteByte((byte)~s_data[0]);
        }

        File.SetLastWriteTimeUtc(_bed.Node.BasePath(image.Id), time);
        FetchOutcome outcome = await _bed.TryRequireAsync(image.Id);
        Assert.True(outcome.Error?.ErrorId == ErrorIds.DigestMismatch || outcome.Image is { Hit: false }, "the damaged file was accepted");
    }

    [Fact]
    public async Task An_image_that_was_signed_after_its_fetch_is_judged_by_the_file_that_is_here()
    {
        FakeImage image = _bed.Node.Cloud.Add(new FakeImage { Data = s_data });
        await _bed.Node.FetchAsync(image.Id);
        Assert.Equal(ErrorIds.VerificationRequired, (await _bed.TryRequireAsync(image.Id)).Error?.ErrorId);
        _bed.Node.Cloud.Add(image with { Extra = _bed.Sign(s_data) });

        BaseImage hit = await _bed.RequireAsync(image.Id);

        Assert.Equal((true, SignatureStatus.Valid, 1), (hit.Hit, hit.SignatureStatus, _bed.Node.DataRequests(image.Id)));
        _bed.GoOffline();
        Assert.True((await _bed.RequireAsync(image.Id)).Hit);
    }

    [Fact]
    public async Task Another_trust_is_asked_for_now()
    {
        FakeImage image = _bed.AddSigned(s_data);
        await _bed.RequireAsync(image.Id);
        _bed.Node.Settings["trusted_certificates"] = _bed.Stranger;
        Assert.Equal(ErrorIds.SignatureUntrusted, (await _bed.TryRequireAsync(image.Id)).Error?.ErrorId);
        Assert.Equal(SignatureStatus.Untrusted, (await _bed.Node.FetchAsync(image.Id)).SignatureStatus);
        _bed.Node.Settings["trusted_certificates"] = $"{_bed.Stranger},{_bed.Authority}";
        Assert.Equal(SignatureStatus.Valid, (await _bed.RequireAsync(image.Id)).SignatureStatus);
        Assert.Equal(1, _bed.Node.DataRequests(image.Id));
    }

    [Fact]
    public async Task A_certificate_that_expired_since_counts_no_more()
    {
        FakeImage image = _bed.AddSigned(s_data);
        await _bed.RequireAsync(image.Id);
        InstantTime later = new() { Now = DateTimeOffset.UtcNow.AddYears(6) };
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(new FetchRequest { Image = image.Id, RequireSignature = true }, _bed.Node.Open(later));
        Assert.Equal(ErrorIds.SignatureUntrusted, outcome.Error?.ErrorId);
    }

    [Fact]
    public async Task A_record_that_merely_says_valid_is_no_proof()
    {
        FakeImage image = _bed.AddTampered(s_data);
        await FetchUnjudgedAsync(image);
        string path = _bed.Node.Layout.RecordPath(CacheLayout.BaseName(image.Id));
        JsonObject record = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        record["signatureStatus"] = "valid";
        File.WriteAllText(path, record.ToJsonString());
        Assert.Equal(ErrorIds.SignatureInvalid, (await _bed.TryRequireAsync(image.Id)).Error?.ErrorId);
    }

    [Theory]
    [InlineData("\"hash\"", "\"SHA-256:zz\"")]
    [InlineData("\"hash\"", "\"SHA-512:00\"")]
    [InlineData("\"certificates\"", "{\"x\":\"-----BEGIN\"}")]
    public async Task What_a_record_kept_is_made_anew_where_it_is_useless(string field, string value)
    {
        FakeImage image = _bed.AddSigned(s_data);
        await _bed.RequireAsync(image.Id);
        string path = _bed.Node.Layout.RecordPath(CacheLayout.BaseName(image.Id));
        JsonObject record = (JsonObject)JsonNode.Parse(File.ReadAllText(path))!;
        record["signature"]![field.Trim('"')] = JsonNode.Parse(value);
        File.WriteAllText(path, record.ToJsonString());
        Assert.Equal(SignatureStatus.Valid, (await _bed.RequireAsync(image.Id)).SignatureStatus);
    }

    private async Task<FakeImage> FetchUnjudgedAsync(FakeImage image)
    {
        _bed.Node.Settings["signature"] = "ignore";
        Assert.Null((await _bed.Node.FetchAsync(image.Id)).SignatureStatus);
        _bed.Node.Settings.Remove("signature");
        return image;
    }

    private async Task<byte[]> Qcow2Async()
    {
        byte[] disk = new byte[4 << 20];
        s_data.CopyTo(disk, 100_000);
        return await Qemu.ToQcow2Async(_bed.Node.Directory, disk);
    }
}
