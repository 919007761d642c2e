using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>Every key type with every hash, signed by the real openssl.</summary>
public sealed class KeyTypeTests(OpenSslSigners signers) : IClassFixture<OpenSslSigners>
{
    private static readonly byte[] s_data = TestData.Noise(10_000);

    public static TheoryData<string, string> Combinations => new(
        SignatureKeyType.Known.SelectMany(static type => SignatureHashMethod.Known, static (type, method) => (type.Name, method.Name)));

    [Theory]
    [MemberData(nameof(Combinations))]
    public async Task A_right_signature_is_valid_and_other_data_are_not(string keyType, string hashMethod)
    {
        await signers.MakeAsync(keyType);
        Dictionary<string, string> properties = await signers.SignAsync(keyType, keyType, hashMethod, s_data);
        Assert.Equal(SignatureStatus.Valid, (await JudgeAsync(keyType, properties, s_data)).Status);
        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync(keyType, properties, [.. s_data, 0])).Status);
        properties[SignatureClaim.HashMethodProperty] = hashMethod == "SHA-224" ? "SHA-256" : "SHA-224";
        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync(keyType, properties, s_data)).Status);
    }

    [Theory]
    [InlineData("0")]
    [InlineData("1")]
    [InlineData("digest")]
    [InlineData("100")]
    [InlineData("max")]
    public async Task A_salt_may_have_any_length(string salt)
    {
        await signers.MakeAsync("RSA-PSS");
        Dictionary<string, string> properties = await signers.SignAsync("RSA-PSS", "RSA-PSS", "SHA-256", s_data, salt);
        Assert.Equal(SignatureStatus.Valid, (await JudgeAsync("RSA-PSS", properties, s_data)).Status);
        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync("RSA-PSS", properties, [.. s_data, 0])).Status);
    }

    [Fact]
    public async Task A_signature_with_the_older_padding_is_invalid()
    {
        await signers.MakeAsync("RSA-PSS");
        Dictionary<string, string> properties = await signers.SignAsync("RSA-PSS", "PKCS1", "SHA-256", s_data);
        properties[SignatureClaim.KeyTypeProperty] = "RSA-PSS";
        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync("RSA-PSS", properties, s_data)).Status);
    }

    [Fact]
    public async Task A_key_that_says_that_it_is_for_PSS_is_an_RSA_key()
    {
        await signers.MakeAsync("pss", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048");
        Dictionary<string, string> properties = await signers.SignAsync("pss", "RSA-PSS", "SHA-384", s_data);
        Assert.Equal(SignatureStatus.Valid, (await JudgeAsync("pss", properties, s_data)).Status);
    }

    [Fact]
    public async Task A_key_of_PSS_with_one_hash_only_verifies_no_other()
    {
        await signers.MakeAsync(
            "pss-sha512", "-algorithm", "RSA-PSS", "-pkeyopt", "rsa_keygen_bits:2048",
            "-pkeyopt", "rsa_pss_keygen_md:sha512", "-pkeyopt", "rsa_pss_keygen_mgf1_md:sha512", "-pkeyopt", "rsa_pss_keygen_saltlen:32");
        Dictionary<string, string> properties = [];
        foreach (string salt in new[] { "digest", "max" })
        {
            properties = await signers.SignAsync("pss-sha512", "RSA-PSS", "SHA-512", s_data, salt);
            Assert.Equal(SignatureStatus.Valid, (await JudgeAsync("pss-sha512", properties, s_data)).Status);
            Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync("pss-sha512", properties, [.. s_data, 0])).Status);
        }

        properties[SignatureClaim.HashMethodProperty] = "SHA-256";
        SignatureVerdict verdict = await JudgeAsync("pss-sha512", properties, s_data);
        Assert.Equal(SignatureStatus.Unverifiable, verdict.Status);
        Assert.Contains("SHA-256", verdict.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("prime256v1")]
    [InlineData("secp256k1")]
    [InlineData("brainpoolP384r1")]
    public async Task Other_curves_with_a_name_are_taken_as_nova_takes_them(string curve)
    {
        await signers.MakeAsync(curve, "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + curve, "-pkeyopt", "ec_param_enc:named_curve");
        Dictionary<string, string> properties = await signers.SignAsync(curve, "ECC_SECP384R1", "SHA-256", s_data);
        Assert.Equal(SignatureStatus.Valid, (await JudgeAsync(curve, properties, s_data)).Status);
    }

    [Fact]
    public async Task A_curve_that_is_spelled_out_is_not_taken()
    {
        await signers.MakeAsync("explicit", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:secp384r1", "-pkeyopt", "ec_param_enc:explicit");
        Dictionary<string, string> properties = await signers.SignAsync("explicit", "ECC_SECP384R1", "SHA-256", s_data);
        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync("explicit", properties, s_data)).Status);
    }

    [Theory]
    [InlineData("ED25519")]
    [InlineData("ED448")]
    public async Task A_key_that_signs_no_images_fits_no_type(string algorithm)
    {
        string id = await signers.MakeAsync(algorithm, "-algorithm", algorithm);
        foreach (SignatureKeyType type in SignatureKeyType.Known)
        {
            Dictionary<string, string> properties = new()
            {
                [SignatureClaim.SignatureProperty] = "AQID",
                [SignatureClaim.HashMethodProperty] = "SHA-512",
                [SignatureClaim.KeyTypeProperty] = type.Name,
                [SignatureClaim.CertificateProperty] = id,
            };
            Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync(algorithm, properties, s_data)).Status);
        }
    }

    private Task<SignatureVerdict> JudgeAsync(string name, Dictionary<string, string> properties, byte[] data)
    {
        SignatureClaim claim = SignatureClaim.Read(properties);
        RecordedCertificates store = new(new Dictionary<string, string> { [claim.CertificateId!] = signers.Pem(name) });
        return new SignatureJudge(store, TimeProvider.System).JudgeAsync(claim, SignatureHashTests.Hash(claim.HashMethod!, data), null, TestContext.Current.CancellationToken);
    }
}
