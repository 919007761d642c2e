using System.Runtime.CompilerServices;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Fetch;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>On which base files disks are made, and that nobody is asked.</summary>
public sealed class DiskTrustTests : IAsyncDisposable
{
    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task No_service_is_asked()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        int before = _bed.Node.Server.Requests.Count;
        await _bed.MakeAsync(_bed.Request() with { Image = "disk-image" });
        await _bed.MakeAsync(_bed.Request(_bed.NewPath("two")) with { UseTarget = true, Size = 8 << 20 });
        await _bed.MakeAsync(_bed.Request(_bed.NewPath("three")) with { Format = InstanceDiskFormat.Raw });
        Assert.Equal(before, _bed.Node.Server.Requests.Count);
    }

    [Fact]
    public async Task A_damaged_file_is_no_base_and_is_left_alone()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        await using (FileStream file = new(_bed.BasePath, FileMode.Open))
        {
            file.SetLength(DiskBed.Size - 512);
        }

        VerificationException error = await Assert.ThrowsAnyAsync<ImageCacheException>(() => _bed.MakeAsync()) as VerificationException ?? throw new InvalidOperationException();
        Assert.Contains(error.ErrorId, new[] { ErrorIds.SizeMismatch, ErrorIds.DigestMismatch });
        Assert.True(File.Exists(_bed.BasePath), "it was moved");
        Assert.False(File.Exists(_bed.NewPath()), "a disk was made");
    }

    [Fact]
    public async Task A_file_changed_behind_our_back_is_no_base_where_proofs_are_required()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        await using (FileStream file = new(_bed.BasePath, FileMode.Open))
        {
            file.WriteByte(1);
        }

        _bed.Node.Settings["checksum"] = "require";
        await _bed.RefusedAsync<VerificationException>(ErrorIds.DigestMismatch);
    }

    [Fact]
    public async Task A_file_without_a_record_is_a_base_by_its_proven_format()
    {
        await File.WriteAllBytesAsync(_bed.BasePath, DiskBed.WithHole(), Token);
        InstanceDisk disk = await _bed.MakeAsync();
        await _bed.AssertHoldsImageAsync(disk, DiskBed.Size);
        Assert.Contains(_bed.Node.Warnings, static warning => warning.Contains("by its format alone", StringComparison.Ordinal));
        await _bed.RefusedAsync<PolicyException>(ErrorIds.VerificationRequired, _bed.Request(_bed.NewPath("two")) with { RequireSignature = true });
        await _bed.RefusedAsync<PolicyException>(ErrorIds.VerificationRequired, _bed.Request(_bed.NewPath("two")) with { UseTarget = true });
        _bed.Node.Settings["checksum"] = "require";
        await _bed.RefusedAsync<PolicyException>(ErrorIds.VerificationRequired, _bed.Request(_bed.NewPath("two")));
    }

    [Theory]
    [InlineData("backing")]
    [InlineData("data")]
    [InlineData("garbage")]
    [InlineData("empty")]
    public async Task What_cannot_be_proven_to_stand_alone_is_no_base(string kind)
    {
        string secret = _bed.Node.Directory["secret"];
        await File.WriteAllBytesAsync(secret, DiskBed.WithHole(), Token);
        switch (kind)
        {
            case "backing":
                await Qemu.OverlayAsync(_bed.BasePath, secret);
                break;
            case "data":
                await Qemu.RunAsync("create", "-q", "-f", "qcow2", "-o", $"data_file={secret}2,data_file_raw=on", _bed.BasePath, "4M");
                break;
            case "garbage":
                await File.WriteAllBytesAsync(_bed.BasePath, [.. "QFI\u00fb"u8[..3], 0xfb, .. TestData.Noise(8000)], Token);
                break;
            default:
                await File.WriteAllBytesAsync(_bed.BasePath, [], Token);
                break;
        }

        await Assert.ThrowsAsync<VerificationException>(() => _bed.MakeAsync());
        Assert.False(File.Exists(_bed.NewPath()), "a disk was made");
    }

    [Fact]
    public async Task A_link_without_a_record_is_no_base()
    {
        string elsewhere = _bed.Node.Directory["elsewhere"];
        await File.WriteAllBytesAsync(elsewhere, DiskBed.WithHole(), Token);
        File.CreateSymbolicLink(_bed.BasePath, elsewhere);
        await Assert.ThrowsAnyAsync<ImageCacheException>(() => _bed.MakeAsync());
        Assert.False(File.Exists(_bed.NewPath()), "a disk was made");
    }

    [Fact]
    public async Task A_raw_image_that_holds_a_qcow2_header_now_is_no_base()
    {
        await _bed.Node.FetchAsync(_bed.Image.Id);
        byte[] inner = await Qemu.ToQcow2Async(_bed.Node.Directory, DiskBed.WithHole());
        await using (FileStream file = new(_bed.BasePath, FileMode.Open))
        {
            file.Write(inner.AsSpan(0, 65536));
        }

        await _bed.RefusedAsync<VerificationException>(ErrorIds.FormatMismatch);
    }

    [Fact]
    public async Task A_signature_that_the_record_knows_satisfies_a_policy_that_requires_one_without_asking_anybody()
    {
        SignatureBed signatures = new(_bed.Node);
        await using ConfiguredAsyncDisposable signed = signatures.ConfigureAwait(true);
        FakeImage image = signatures.AddSigned(DiskBed.WithHole());
        FakeImage unsigned = _bed.Image;
        await _bed.Node.FetchAsync(image.Id);
        await _bed.Node.FetchAsync(unsigned.Id);
        signatures.GoOffline();
        await _bed.RefusedAsync<PolicyException>(ErrorIds.VerificationRequired, _bed.Request() with { RequireSignature = true });
        _bed.Image = image;
        await _bed.AssertHoldsImageAsync(await _bed.MakeAsync(_bed.Request() with { RequireSignature = true }), DiskBed.Size);
    }

    [Fact]
    public async Task A_signature_that_cannot_be_judged_offline_is_refused_only_where_one_is_required()
    {
        SignatureBed signatures = new(_bed.Node);
        await using ConfiguredAsyncDisposable signed = signatures.ConfigureAwait(true);
        _bed.Image = signatures.AddSigned(DiskBed.WithHole(), "SHA-512");
        _bed.Node.Settings["signature"] = "ignore";
        await _bed.Node.FetchAsync(_bed.Image.Id);
        _bed.Node.Settings["signature"] = "verify-if-present";
        signatures.GoOffline();
        int before = _bed.Node.Server.Requests.Count;
        await _bed.RefusedAsync<VerificationException>(ErrorIds.SignatureUnverifiable, _bed.Request() with { RequireSignature = true });
        await _bed.MakeAsync();
        Assert.Equal(before, _bed.Node.Server.Requests.Count);
        Assert.Null(_bed.Node.RecordOf(_bed.Image.Id).Record!.SignatureStatus);
    }
}
