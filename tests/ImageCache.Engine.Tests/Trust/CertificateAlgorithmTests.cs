using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>How certificates themselves are signed, by authorities that the real openssl makes.</summary>
public sealed class CertificateAlgorithmTests(OpenSslSigners signers) : IClassFixture<OpenSslSigners>
{
    private static readonly byte[] s_data = TestData.Noise(1000);

    [Theory]
    [InlineData("RSA-PSS", "-sha256", SignatureStatus.Valid, "right")]
    [InlineData("RSA-PSS", "-sha512", SignatureStatus.Valid, "right")]
    [InlineData("RSA-PSS", "-sha1", SignatureStatus.Valid, "right")]
    [InlineData("RSA-PSS", "-sha3-256", SignatureStatus.Valid, null)]
    [InlineData("DSA", "-sha256", SignatureStatus.Valid, "right")]
    [InlineData("DSA", "-sha1", SignatureStatus.Valid, "right")]
    [InlineData("ECC_SECP384R1", "-sha384", SignatureStatus.Valid, "right")]
    [InlineData("ECC_SECP384R1", "-sha224", SignatureStatus.Valid, "right")]
    [InlineData("ECC_SECT571K1", "-sha512", SignatureStatus.Valid, "right")]

    // Where nova is the more lenient one, and where its verifier fails.
    [InlineData("RSA-PSS", "-md5", SignatureStatus.Untrusted, "right")]
    [InlineData("RSA-PSS", "-sha256 -sigopt rsa_padding_mode:pss", SignatureStatus.Untrusted, "error")]
    public async Task A_certificate_must_be_signed_by_an_algorithm_that_counts(string authority, string options, SignatureStatus status, string? cursive)
    {
        string root = "root-" + authority;
        string end = $"end-{authority}{options}".Replace(' ', '-');
        string rootId = await signers.MakeAuthorityAsync(root, authority);
        string endId = await signers.IssueAsync(end, root, options.Split(' '));
        Dictionary<string, string> pems = new() { [rootId] = signers.Pem(root), [endId] = signers.Pem(end) };
        Dictionary<string, string> properties = await signers.SignAsync(end, "ECC_SECP384R1", "SHA-256", s_data);
        SignatureClaim claim = SignatureClaim.Read(properties);
        SignatureVerdict verdict = await new SignatureJudge(new RecordedCertificates(pems), TimeProvider.System)
            .JudgeAsync(claim, SignatureHashTests.Hash(claim.HashMethod!, s_data), [rootId], TestContext.Current.CancellationToken);
        Assert.Equal(status, verdict.Status);
        Assert.Equal(status == SignatureStatus.Untrusted, verdict.Reason?.Contains("algorithm", StringComparison.Ordinal) == true);
        if (cursive is not null && await Cursive.WhyNotAsync() is null)
        {
            CursiveCase one = new() { Properties = properties, Data = s_data, Certificates = pems, Trusted = [rootId] };
            Assert.Equal(cursive, Assert.Single(await Cursive.JudgeAsync([one])).Outcome);
        }
    }

    [Fact]
    public async Task An_authority_with_an_Edwards_key_does_not_count()
    {
        string rootId = await signers.MakeAuthorityAsync("root-ED25519", "ED25519", "-algorithm", "ED25519");
        string endId = await signers.IssueAsync("end-ED25519", "root-ED25519");
        Dictionary<string, string> pems = new() { [rootId] = signers.Pem("root-ED25519"), [endId] = signers.Pem("end-ED25519") };
        SignatureClaim claim = SignatureClaim.Read(await signers.SignAsync("end-ED25519", "ECC_SECP384R1", "SHA-256", s_data));
        SignatureVerdict verdict = await new SignatureJudge(new RecordedCertificates(pems), TimeProvider.System)
            .JudgeAsync(claim, SignatureHashTests.Hash(claim.HashMethod!, s_data), [rootId], TestContext.Current.CancellationToken);
        Assert.Equal(SignatureStatus.Untrusted, verdict.Status);
    }
}
