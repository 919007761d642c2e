using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Fetches of signed images under each policy.</summary>
public sealed class SignatureFetchTests : IAsyncDisposable
{
    private static readonly byte[] s_data = TestData.Noise(300_000);

    private readonly SignatureBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("SHA-256")]
    [InlineData("SHA-384")]
    [InlineData("SHA-512")]
    public async Task A_valid_signature_is_recorded_with_all_that_it_was_judged_by(string method)
    {
        _bed.Node.Settings["trusted_certificates"] = _bed.Authority;
        FakeImage image = _bed.AddSigned(s_data, method);

        BaseImage fetched = await _bed.RequireAsync(image.Id);

        Assert.Equal(SignatureStatus.Valid, fetched.SignatureStatus);
        RecordedSignature kept = _bed.Node.RecordOf(image.Id).Record!.Signature!;
        Assert.StartsWith(method + ":", kept.Hash, StringComparison.Ordinal);
        Assert.Equal(new[] { _bed.Authority, _bed.Signer }.Order(), kept.Certificates.Keys.Order());
        Assert.Equal([_bed.Authority], kept.TrustedCertificates);
        Assert.Empty(_bed.Node.Warnings);
    }

    [Theory]
    [InlineData("verify_if_present")]
    [InlineData("require")]
    public async Task A_wrong_signature_is_refused_whatever_else_is_wrong(string policy)
    {
        _bed.Node.Settings["signature"] = policy;
        FakeImage image = _bed.AddTampered(s_data);
        FetchOutcome outcome = await _bed.Node.TryFetchAsync(image.Id);
        Assert.Equal(ErrorIds.SignatureInvalid, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.SignatureInvalid);
    }

    [Fact]
    public async Task A_wrong_signature_that_would_not_be_trusted_is_wrong()
    {
        FakeImage image = _bed.Node.Cloud.Add(new FakeImage { Data = s_data, Extra = SignatureBed.Sign([1], _bed.Expired, _bed.ExpiredKey) });
        Assert.Equal(ErrorIds.SignatureInvalid, (await _bed.Node.TryFetchAsync(image.Id)).Error?.ErrorId);
        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.SignatureInvalid);
    }

    [Fact]
    public async Task Signatures_that_are_ignored_are_not_looked_at()
    {
        _bed.Node.Settings["signature"] = "ignore";
        FakeImage image = _bed.AddTampered(s_data);
        BaseImage fetched = await _bed.Node.FetchAsync(image.Id);
        Assert.Null(fetched.SignatureStatus);
        Assert.Empty(_bed.Node.Warnings);
        _bed.Node.AssertWhole(image.Id, s_data);
    }

    [Fact]
    public async Task A_request_that_requires_a_signature_wins_over_a_setting_that_ignores_it()
    {
        _bed.Node.Settings["signature"] = "ignore";
        Assert.Equal(ErrorIds.SignatureInvalid, (await _bed.TryRequireAsync(_bed.AddTampered(s_data).Id)).Error?.ErrorId);
    }

    /// <summary>What is wrong, the status recorded where it is accepted, the error where a signature is required.</summary>
    public static TheoryData<string, SignatureStatus, string> Doubtful => new()
    {
        { "expired", SignatureStatus.Untrusted, ErrorIds.SignatureUntrusted },
        { "foreign", SignatureStatus.Untrusted, ErrorIds.SignatureUntrusted },
        { "missing certificate", SignatureStatus.Unverifiable, ErrorIds.SignatureUnverifiable },
        { "incomplete", SignatureStatus.Unverifiable, ErrorIds.SignatureUnverifiable },
        { "unknown method", SignatureStatus.Unverifiable, ErrorIds.SignatureUnverifiable },
    };

    [Theory]
    [MemberData(nameof(Doubtful))]
    public async Task A_doubtful_signature_is_told_and_recorded(string what, SignatureStatus status, string errorId)
    {
        FakeImage image = Doubt(what);

        BaseImage fetched = await _bed.Node.FetchAsync(image.Id);

        Assert.Equal(status, fetched.SignatureStatus);
        Assert.Contains(_bed.Node.Warnings, warning => warning.Contains(image.Id, StringComparison.Ordinal) && warning.Contains("signature", StringComparison.Ordinal));
        Assert.NotEmpty(_bed.Node.RecordOf(image.Id).Record!.Signature!.Reason!);
        Assert.NotNull(errorId);
        Assert.Equal(status, (await _bed.Node.FetchAsync(image.Id)).SignatureStatus);
    }

    [Theory]
    [MemberData(nameof(Doubtful))]
    public async Task A_doubtful_signature_is_refused_before_any_byte_moves_where_one_is_required(string what, SignatureStatus status, string errorId)
    {
        FakeImage image = Doubt(what);

        FetchOutcome outcome = await _bed.TryRequireAsync(image.Id);

        Assert.Equal(errorId, Assert.IsType<VerificationException>(outcome.Error).ErrorId);
        Assert.NotEqual(SignatureStatus.Valid, status);
        Assert.Equal(0, _bed.Node.DataRequests(image.Id));
        _bed.Node.AssertNothingLeft(image.Id, errorId);
    }

    [Fact]
    public async Task Where_nobody_is_trusted_no_signer_is()
    {
        _bed.Node.Settings["certificate_validation"] = "true";
        Assert.Equal(ErrorIds.SignatureUntrusted, (await _bed.TryRequireAsync(_bed.AddSigned(s_data).Id)).Error?.ErrorId);
    }

    [Fact]
    public async Task A_broken_transfer_that_begins_again_is_hashed_anew()
    {
        _bed.Node.Cloud.Ranges = FaultRanges.Ignore;
        FakeImage image = _bed.AddSigned(TestData.Noise(3 << 20), "SHA-384");
        _bed.Node.Server.Next("GET", FakeCloud.DataPath(image.Id), static answer => answer with { CutAfter = 2 << 20 });
        Assert.Equal(SignatureStatus.Valid, (await _bed.RequireAsync(image.Id)).SignatureStatus);
        Assert.Equal(2, _bed.Node.DataRequests(image.Id));
    }

    [Fact]
    public async Task What_was_signed_are_the_bytes_before_conversion()
    {
        byte[] disk = new byte[4 << 20];
        s_data.CopyTo(disk, 100_000);
        FakeImage image = _bed.AddSigned(await Qemu.ToQcow2Async(_bed.Node.Directory, disk), format: "qcow2");
        Assert.Equal(SignatureStatus.Valid, (await _bed.RequireAsync(image.Id)).SignatureStatus);
        _bed.Node.AssertWhole(image.Id, disk);
    }

    private FakeImage Doubt(string what)
    {
        switch (what)
        {
            case "expired":
                return _bed.AddExpired(s_data);
            case "foreign":
                _bed.Node.Settings["trusted_certificates"] = _bed.Stranger;
                return _bed.AddSigned(s_data);
        }

        FakeImage image = _bed.AddSigned(s_data);
        (string property, object? value) = what switch
        {
            "missing certificate" => ("img_signature_certificate_uuid", Guid.NewGuid().ToString()),
            "incomplete" => ("img_signature_key_type", ""),
            _ => ("img_signature_hash_method", "SHA-1"),
        };
        image.Extra[property] = value;
        return image;
    }
}
