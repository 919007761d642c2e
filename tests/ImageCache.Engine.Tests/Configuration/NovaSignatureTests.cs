using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

/// <summary>What nova.conf says about signatures.</summary>
public sealed class NovaSignatureTests
{
    private const string Trust = "[glance]\nenable_certificate_validation = true\ndefault_trusted_certificate_ids = a, b\n";

    [Theory]
    [InlineData("[glance]\nverify_glance_signatures = true\n", SignaturePolicy.Require)]
    [InlineData("[glance]\nverify_glance_signatures = false\n", SignaturePolicy.VerifyIfPresent)]
    [InlineData("[glance]\n", SignaturePolicy.VerifyIfPresent)]
    [InlineData(Trust, SignaturePolicy.Require)]
    [InlineData("[glance]\nenable_certificate_validation = true\n", SignaturePolicy.VerifyIfPresent)]
    [InlineData("[glance]\ndefault_trusted_certificate_ids = a\n", SignaturePolicy.VerifyIfPresent)]
    public void ASignatureIsRequiredWhereNovaRequiresOne(string text, SignaturePolicy policy) => Assert.Equal(policy, Apply(text).Signature);

    [Fact]
    public void CertificatesAreTrustedWhereNovaValidatesThem()
    {
        ImageCacheConfiguration validating = Apply(Trust);
        Assert.Equal(["a", "b"], validating.TrustedCertificates);
        Assert.True(validating.CertificateValidation);
        ImageCacheConfiguration other = Apply("[glance]\nenable_certificate_validation = false\ndefault_trusted_certificate_ids = a\n");
        Assert.Empty(other.TrustedCertificates);
        Assert.False(other.CertificateValidation);
    }

    [Fact]
    public void OurOwnSettingWinsOverNovas()
    {
        Dictionary<string, RawSetting> ours = new() { ["signature"] = new RawSetting(["ignore"], false, SettingSource.ConfigurationFile, "here", "/") };
        Assert.Equal(SignaturePolicy.Ignore, Apply(Trust, ours).Signature);
    }

    private static ImageCacheConfiguration Apply(string text, params IReadOnlyList<IReadOnlyDictionary<string, RawSetting>> levels)
    {
        SettingLayers layers = new(levels, NovaConf.Parse(("nova.conf", text)));
        return SettingTable.All.Aggregate(SettingTable.Defaults, (configuration, definition) => definition.Apply(configuration, layers));
    }
}
