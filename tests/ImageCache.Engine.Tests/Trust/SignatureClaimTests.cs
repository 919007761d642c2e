using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

public sealed class SignatureClaimTests
{
    private static readonly string[] s_names =
        [SignatureClaim.SignatureProperty, SignatureClaim.HashMethodProperty, SignatureClaim.KeyTypeProperty, SignatureClaim.CertificateProperty];

    [Fact]
    public void Without_the_properties_an_image_is_unsigned()
    {
        Assert.Equal(SignatureStatus.Unsigned, SignatureClaim.Read(new Dictionary<string, string>()).Settled!.Status);
        Assert.Equal(SignatureStatus.Unsigned, SignatureClaim.Read(new Dictionary<string, string> { ["signature"] = "AAAA", ["IMG_SIGNATURE"] = "AAAA" }).Settled!.Status);
    }

    [Fact]
    public void A_whole_claim_is_read()
    {
        SignatureClaim claim = SignatureClaim.Read(Whole());
        Assert.Null(claim.Settled);
        Assert.Equal(("SHA-256", "RSA-PSS", "27fa2256-9880-48cf-a95e-f1434d8c2d55"), (claim.HashMethod!.Name, claim.KeyType!.Name, claim.CertificateId));
        Assert.Equal([1, 2, 3], claim.Signature.ToArray());
        Assert.Equal(s_names.Order(), claim.Properties.Keys.Order());
    }

    [Fact]
    public void Any_part_of_the_set_is_unverifiable_and_says_what_is_missing()
    {
        for (int mask = 1; mask < 15; mask++)
        {
            string[] kept = [.. s_names.Where((_, index) => (mask & (1 << index)) != 0)];
            SignatureVerdict verdict = SignatureClaim.Read(Whole().Where(pair => kept.Contains(pair.Key)).ToDictionary()).Settled!;
            Assert.Equal(SignatureStatus.Unverifiable, verdict.Status);
            Assert.All(s_names.Except(kept), missing => Assert.Matches($@"\b{missing}\b", verdict.Reason));
        }
    }

    [Theory]
    [InlineData(SignatureClaim.HashMethodProperty, "sha-256", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.HashMethodProperty, "SHA256", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.HashMethodProperty, "MD5", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.HashMethodProperty, "", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.KeyTypeProperty, "rsa-pss", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.KeyTypeProperty, "ECC_SECP256R1", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.CertificateProperty, "../../etc/passwd", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.CertificateProperty, "{27fa2256-9880-48cf-a95e-f1434d8c2d55}", SignatureStatus.Unverifiable)]
    [InlineData(SignatureClaim.SignatureProperty, "AQI*", SignatureStatus.Invalid)]
    [InlineData(SignatureClaim.SignatureProperty, "AQI", SignatureStatus.Invalid)]
    [InlineData(SignatureClaim.SignatureProperty, " ", SignatureStatus.Invalid)]
    public void A_value_that_is_not_known_settles_it(string name, string value, SignatureStatus status)
    {
        Dictionary<string, string> properties = Whole();
        properties[name] = value;
        SignatureVerdict verdict = SignatureClaim.Read(properties).Settled!;
        Assert.Equal(status, verdict.Status);
        Assert.Contains(name, verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Lines_in_the_base64_do_not_matter()
    {
        Dictionary<string, string> properties = Whole();
        properties[SignatureClaim.SignatureProperty] = "AQ\nID\r\n";
        Assert.Equal([1, 2, 3], SignatureClaim.Read(properties).Signature.ToArray());
    }

    [Fact]
    public void A_signature_without_end_is_none()
    {
        Dictionary<string, string> properties = Whole();
        properties[SignatureClaim.SignatureProperty] = new string('A', 1 << 20);
        Assert.Equal(SignatureStatus.Invalid, SignatureClaim.Read(properties).Settled!.Status);
    }

    [Fact]
    public void Whatever_the_values_are_something_is_read()
        => Prop.ForAll<string[], byte>(static (values, good) =>
        {
            Dictionary<string, string> properties = Whole();
            for (int index = 0; index < values.Length; index++)
            {
                properties[s_names[(index + good) % s_names.Length]] = values[index] ?? string.Empty;
            }

            if (values.Length == 0)
            {
                return true;
            }

            SignatureClaim claim = SignatureClaim.Read(properties);
            return claim.Settled is { Status: SignatureStatus.Unverifiable or SignatureStatus.Invalid, Reason.Length: > 0 };
        }).QuickCheckThrowOnFailure();

    private static Dictionary<string, string> Whole() => new()
    {
        [SignatureClaim.SignatureProperty] = "AQID",
        [SignatureClaim.HashMethodProperty] = "SHA-256",
        [SignatureClaim.KeyTypeProperty] = "RSA-PSS",
        [SignatureClaim.CertificateProperty] = "27fa2256-9880-48cf-a95e-f1434d8c2d55",
        ["hw_disk_bus"] = "virtio",
    };
}
