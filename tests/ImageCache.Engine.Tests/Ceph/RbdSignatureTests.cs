using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Fetch;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>Signatures of images that come straight from Ceph: the same rules as on every other path.</summary>
[Collection(LabTests.Name)]
public sealed class RbdSignatureTests : IAsyncDisposable
{
    private readonly RbdBed _bed;
    private readonly SignatureBed _signing;

    public RbdSignatureTests(LabCloud lab)
    {
        _bed = new RbdBed(lab);
        _signing = new SignatureBed(_bed.Node);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public async ValueTask DisposeAsync()
    {
        await _signing.DisposeAsync();
        await _bed.DisposeAsync();
    }

    [Theory]
    [InlineData("SHA-256")]
    [InlineData("SHA-512")]
    public async Task Holes_are_signed_as_zeros(string method)
    {
        byte[] disk = Disk();
        FakeImage image = await AddAsync(disk, _signing.Sign(disk, method));
        _bed.Node.Settings["signature"] = "require";
        _bed.Node.Settings["trusted_certificates"] = _signing.Authority;
        BaseImage fetched = await _bed.FetchAsync(image);
        Assert.Equal(SignatureStatus.Valid, fetched.SignatureStatus);
        Assert.True(fetched.BytesTransferred < disk.Length / 2, "holes were read");
    }

    [Theory]
    [InlineData(FetchMethod.RbdExport)]
    [InlineData(FetchMethod.Auto)]
    public async Task A_wrong_signature_is_refused_and_no_other_method_tried(FetchMethod method)
    {
        byte[] disk = Disk();
        FakeImage image = await AddAsync(disk, _signing.Sign([1, 2, 3]));
        Assert.Equal(ErrorIds.SignatureInvalid, (await _bed.FailsAsync<VerificationException>(image, method)).ErrorId);
    }

    [Fact]
    public async Task A_doubtful_signature_is_told_or_refused_as_the_policy_says()
    {
        byte[] disk = Disk();
        FakeImage image = await AddAsync(disk, SignatureBed.Sign(disk, _signing.Expired, _signing.ExpiredKey));
        _bed.Node.Settings["signature"] = "require";
        Assert.Equal(ErrorIds.SignatureUntrusted, (await _bed.FailsAsync<VerificationException>(image)).ErrorId);
        _bed.Node.Settings.Remove("signature");
        Assert.Equal(SignatureStatus.Untrusted, (await _bed.FetchAsync(image)).SignatureStatus);
    }

    [Fact]
    public async Task What_nobody_judged_is_read_from_Ceph_once_more_where_the_file_is_another_form()
    {
        byte[] qcow2 = await Qemu.ToQcow2Async(_bed.Node.Directory, Disk());
        FakeImage image = await AddAsync(qcow2, _signing.Sign(qcow2), "qcow2");
        _bed.Node.Settings["signature"] = "ignore";
        Assert.Null((await _bed.FetchAsync(image)).SignatureStatus);

        SignatureResult tested = await _signing.TestAsync(image.Id);
        BaseImage hit = await _signing.RequireAsync(image.Id);

        Assert.Equal((SignatureStatus.Valid, SignatureStatus.Valid, true), (tested.Status, hit.SignatureStatus, hit.Hit));
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
    }

    [Fact]
    public async Task An_image_in_Ceph_is_judged_without_Glance_giving_its_data()
    {
        byte[] disk = Disk();
        FakeImage image = await AddAsync(disk, _signing.Sign(disk, "SHA-384"));
        SignatureResult tested = await _bed.Node.Open().TestSignatureAsync(new SignatureRequest { Image = image.Id }, _bed.Node.Monitor, Token);
        Assert.Equal((SignatureStatus.Valid, disk.Length), (tested.Status, tested.HashedBytes));
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
    }

    private Task<FakeImage> AddAsync(byte[] data, Dictionary<string, object?> signature, string format = "raw")
        => _bed.AddAsync(data, image => image with { DiskFormat = format, Extra = new([.. image.Extra, .. signature]) });

    // Data at both ends, holes between.
    private static byte[] Disk()
    {
        byte[] disk = new byte[24 << 20];
        TestData.Noise(1 << 20).CopyTo(disk, 0);
        TestData.Noise(1 << 20, seed: 2).CopyTo(disk, disk.Length - (1 << 20));
        return disk;
    }
}
