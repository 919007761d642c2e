using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Fetch;
using Xunit;

namespace ImageCache.Engine.Tests.Life;

/// <summary>Signatures judged by request: of images in Glance, of cached ones, and of files.</summary>
public sealed class SignatureTesterTests : IAsyncDisposable
{
    private static readonly byte[] s_data = TestData.Noise(300_000);

    private readonly SignatureBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("valid", SignatureStatus.Valid)]
    [InlineData("tampered", SignatureStatus.Invalid)]
    [InlineData("expired", SignatureStatus.Untrusted)]
    [InlineData("unsigned", SignatureStatus.Unsigned)]
    [InlineData("missing", SignatureStatus.Unverifiable)]
    [InlineData("damaged", SignatureStatus.Invalid)]
    public async Task An_image_in_Glance_is_streamed_and_nothing_kept(string what, SignatureStatus status)
    {
        FakeImage image = Add(what);

        SignatureResult result = await _bed.TestAsync(image.Id);

        Assert.Equal((status, image.Id, null), (result.Status, result.ImageId, result.Path));
        Assert.Equal(status == SignatureStatus.Unsigned, result.Reason is null);
        Assert.Equal(what is "unsigned" or "missing" ? 0 : 1, _bed.Node.DataRequests(image.Id));
        Assert.Equal(what is "valid" or "tampered" or "expired" ? s_data.Length : null, result.HashedBytes);
        Assert.False(Path.Exists(_bed.Node.BasePath(image.Id)));
        Assert.Empty(_bed.Node.Leftovers());
    }

    [Fact]
    public async Task The_result_tells_by_whom_and_how()
    {
        _bed.Node.Settings["trusted_certificates"] = _bed.Authority;
        SignatureResult result = await _bed.TestAsync(_bed.AddSigned(s_data, "SHA-384").Id);
        Assert.Equal(("RSA-PSS", "SHA-384", true), (result.KeyType, result.HashMethod, result.TrustChecked));
        Assert.Equal(("CN=Signer", "CN=Authority"), (result.Certificate!.Subject, result.Certificate.Issuer));
        Assert.Equal(["CN=Signer", "CN=Authority"], result.Chain.Select(static certificate => certificate.Subject));
        Assert.NotNull(result.HashedWhat);
    }

    [Fact]
    public async Task A_cached_image_is_judged_by_its_file_without_any_service()
    {
        FakeImage image = _bed.AddSigned(s_data);
        await _bed.Node.FetchAsync(image.Id);
        _bed.GoOffline();

        SignatureResult result = await _bed.TestAsync(image.Id);

        Assert.Equal((SignatureStatus.Valid, _bed.Node.BasePath(image.Id), s_data.Length), (result.Status, result.Path, result.HashedBytes));
        Assert.Equal(result.Status, (await _bed.TestAsync(Path.GetFileName(result.Path!))).Status);
    }

    [Fact]
    public async Task A_converted_image_is_judged_by_its_file_and_its_record_without_any_service()
    {
        FakeImage image = _bed.AddSigned(await Qcow2Async(), format: "qcow2");
        await _bed.Node.FetchAsync(image.Id);
        _bed.GoOffline();
        SignatureResult result = await _bed.TestAsync(image.Id);
        Assert.Equal((SignatureStatus.Valid, 4L << 20), (result.Status, result.HashedBytes));
        Assert.Contains("record", result.HashedWhat, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raw")]
    [InlineData("qcow2")]
    public async Task A_cached_file_that_was_changed_is_wrong(string format)
    {
        FakeImage image = _bed.AddSigned(format == "raw" ? s_data : await Qcow2Async(), format: format);
        await _bed.Node.FetchAsync(image.Id);
        using (FileStream file = File.OpenWrite(_bed.Node.BasePath(image.Id)))
        {
            file.Position = 200_000;
            file.WriteByte(99);
            file.WriteByte(98);
        }

        SignatureResult result = await _bed.TestAsync(image.Id);

        Assert.Equal(SignatureStatus.Invalid, result.Status);
        Assert.Contains("not what its record says", result.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("raw", 1)]
    [InlineData("qcow2", 2)]
    public async Task What_nobody_judged_at_the_fetch_is_judged_with_the_cloud_there(string format, int dataRequests)
    {
        FakeImage image = _bed.AddSigned(format == "raw" ? s_data : await Qcow2Async(), format: format);
        _bed.Node.Settings["signature"] = "ignore";
        await _bed.Node.FetchAsync(image.Id);
        Assert.Equal(SignatureStatus.Valid, (await _bed.TestAsync(image.Id)).Status);
        Assert.Equal(dataRequests, _bed.Node.DataRequests(image.Id));
        Assert.Null(_bed.Node.RecordOf(image.Id).Record!.SignatureStatus);
    }

    [Fact]
    public async Task An_image_that_was_signed_after_its_fetch_is_judged()
    {
        FakeImage image = _bed.Node.Cloud.Add(new FakeImage { Data = s_data });
        await _bed.Node.FetchAsync(image.Id);
        Assert.Equal(SignatureStatus.Unsigned, (await _bed.TestAsync(image.Id)).Status);
        _bed.Node.Cloud.Add(image with { Extra = _bed.Sign(s_data) });
        Assert.Equal(SignatureStatus.Valid, (await _bed.TestAsync(image.Id)).Status);
        _bed.GoOffline();
        Assert.Equal(SignatureStatus.Unsigned, (await _bed.TestAsync(image.Id)).Status);
    }

    [Fact]
    public async Task Without_certificates_a_cached_image_that_nobody_judged_cannot_be()
    {
        FakeImage image = _bed.AddSigned(s_data);
        _bed.Node.Settings["signature"] = "ignore";
        await _bed.Node.FetchAsync(image.Id);
        _bed.GoOffline();
        Assert.Equal(SignatureStatus.Unverifiable, (await _bed.TestAsync(image.Id)).Status);
    }

    [Fact]
    public async Task A_file_is_judged_by_properties_and_by_those_of_an_image()
    {
        string path = _bed.Node.Directory["disk"];
        File.WriteAllBytes(path, s_data);
        Dictionary<string, string> properties = _bed.Sign(s_data).ToDictionary(static pair => pair.Key, static pair => (string)pair.Value!);
        FakeImage image = _bed.AddSigned(s_data);

        SignatureResult given = await _bed.TestAsync(new SignatureRequest { Path = path, Properties = properties });
        SignatureResult byImage = await _bed.TestAsync(new SignatureRequest { Path = path, Image = image.Id });
        File.AppendAllText(path, "x");
        SignatureResult changed = await _bed.TestAsync(new SignatureRequest { Path = path, Image = image.Id });

        Assert.Equal((SignatureStatus.Valid, null, path, s_data.Length), (given.Status, given.ImageId, given.Path, given.HashedBytes));
        Assert.Equal((SignatureStatus.Valid, image.Id), (byImage.Status, byImage.ImageId));
        Assert.Equal(SignatureStatus.Invalid, changed.Status);
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
        Assert.Equal(SignatureStatus.Unsigned, (await _bed.TestAsync(new SignatureRequest { Path = path, Properties = new Dictionary<string, string>() })).Status);
    }

    [Fact]
    public async Task What_is_not_there_is_an_error()
    {
        NotFoundException image = await Assert.ThrowsAsync<NotFoundException>(() => _bed.TestAsync(Guid.NewGuid().ToString()));
        Assert.Equal(ErrorIds.ImageNotFound, image.ErrorId);
        Dictionary<string, string> properties = _bed.Sign(s_data).ToDictionary(static pair => pair.Key, static pair => (string)pair.Value!);
        await Assert.ThrowsAsync<NotFoundException>(() => _bed.TestAsync(new SignatureRequest { Path = "/nowhere/disk", Properties = properties }));
        await Assert.ThrowsAsync<InvalidInputException>(() => _bed.TestAsync(new SignatureRequest { Path = "/nowhere/disk" }));
    }

    private FakeImage Add(string what)
    {
        switch (what)
        {
            case "tampered":
                return _bed.AddTampered(s_data);
            case "expired":
                return _bed.AddExpired(s_data);
            case "unsigned":
                return _bed.Node.Cloud.Add(new FakeImage { Data = s_data });
        }

        FakeImage image = _bed.AddSigned(s_data);
        if (what == "missing")
        {
            image.Extra["img_signature_certificate_uuid"] = Guid.NewGuid().ToString();
        }
        else if (what == "damaged")
        {
            _bed.Node.Server.Always("GET", FakeCloud.DataPath(image.Id), static answer => answer with { WrongBytes = [1000] });
        }

        return image;
    }

    private async Task<byte[]> Qcow2Async()
    {
        byte[] disk = new byte[4 << 20];
        s_data.CopyTo(disk, 100_000);
        return await Qemu.ToQcow2Async(_bed.Node.Directory, disk);
    }
}
