using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

public sealed class SignatureJudgeTests
{
    private static readonly byte[] s_data = TestData.Noise(100_000);
    private static readonly byte[] s_changed = [.. s_data[..50_000], (byte)~s_data[50_000], .. s_data[50_001..]];

    [Fact]
    public async Task A_right_signature_is_valid_and_tells_that_nobody_was_trusted()
    {
        using TestSigner signer = TestSigner.Plain("Someone");
        SignatureVerdict verdict = await Judgement.OfAsync(signer.Sign(s_data), s_data, [signer]);
        Assert.Equal((SignatureStatus.Valid, false), (verdict.Status, verdict.TrustChecked));
        Assert.Contains("No trusted certificates were given", verdict.Reason, StringComparison.Ordinal);
        Assert.Equal(("CN=Someone", "CN=Someone", signer.Id), (verdict.Certificate!.Subject, verdict.Certificate.Issuer, verdict.Certificate.Id));
        Assert.Equal(TestSigner.Now.AddYears(-1), verdict.Certificate.NotBefore);
        Assert.Equal(("ECC_SECP384R1", "SHA-256"), (verdict.KeyType, verdict.HashMethod));
        Assert.Empty(verdict.Chain);
    }

    [Fact]
    public async Task Changed_data_or_another_ones_signature_are_invalid()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        using TestSigner other = TestSigner.Plain("Other");
        Dictionary<string, string> properties = signer.Sign(s_data);
        Assert.Equal(SignatureStatus.Invalid, (await Judgement.OfAsync(properties, s_changed, [signer])).Status);
        properties[SignatureClaim.SignatureProperty] = other.Sign(s_data)[SignatureClaim.SignatureProperty];
        SignatureVerdict verdict = await Judgement.OfAsync(properties, s_data, [signer, other]);
        Assert.Equal(SignatureStatus.Invalid, verdict.Status);
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public async Task Unsigned_needs_no_certificate()
    {
        SignatureVerdict verdict = await Judgement.OfAsync(new Dictionary<string, string>(), s_data, [], ["junk"]);
        Assert.Equal((SignatureStatus.Unsigned, true), (verdict.Status, verdict.TrustChecked));
    }

    [Fact]
    public async Task A_certificate_that_is_not_to_be_had_makes_it_unverifiable()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        SignatureVerdict verdict = await Judgement.OfAsync(signer.Sign(s_data), s_data, [], [signer.Id]);
        Assert.Equal(SignatureStatus.Unverifiable, verdict.Status);
        Assert.Contains(signer.Id, verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_key_of_another_kind_than_claimed_is_invalid()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        Dictionary<string, string> properties = signer.Sign(s_data);
        foreach (string type in new[] { "RSA-PSS", "DSA" })
        {
            properties[SignatureClaim.KeyTypeProperty] = type;
            SignatureVerdict verdict = await Judgement.OfAsync(properties, s_data, [signer]);
            Assert.Equal(SignatureStatus.Invalid, verdict.Status);
            Assert.Contains(type, verdict.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_curve_in_the_name_is_not_compared()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        Dictionary<string, string> properties = signer.Sign(s_data);
        properties[SignatureClaim.KeyTypeProperty] = "ECC_SECT571K1";
        Assert.Equal(SignatureStatus.Valid, (await Judgement.OfAsync(properties, s_data, [signer])).Status);
    }

    [Theory]
    [InlineData(-1, SignatureStatus.Untrusted)]
    [InlineData(0, SignatureStatus.Valid)]
    [InlineData(3600, SignatureStatus.Valid)]
    [InlineData(3601, SignatureStatus.Untrusted)]
    public async Task Dates_count_when_it_is_judged_and_both_belong_to_the_span(int seconds, SignatureStatus status)
    {
        using TestSigner signer = TestSigner.Plain("Signer", dates: new(TestSigner.Now, TestSigner.Now.AddHours(1)));
        SignatureVerdict verdict = await Judgement.OfAsync(signer.Sign(s_data), s_data, [signer], now: TestSigner.Now.AddSeconds(seconds));
        Assert.Equal(status, verdict.Status);
        Assert.NotNull(verdict.Reason);
    }

    [Fact]
    public async Task A_wrong_signature_by_an_expired_certificate_is_invalid()
    {
        using TestSigner expired = TestSigner.Plain("Expired", dates: new(TestSigner.Now.AddYears(-2), TestSigner.Now.AddYears(-1)));
        Assert.Equal(SignatureStatus.Invalid, (await Judgement.OfAsync(expired.Sign(s_data), s_changed, [expired], [expired.Id])).Status);
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.OfAsync(expired.Sign(s_data), s_data, [expired], [expired.Id])).Status);
    }

    [Theory]
    [InlineData(X509KeyUsageFlags.DigitalSignature, SignatureStatus.Valid)]
    [InlineData(X509KeyUsageFlags.NonRepudiation, SignatureStatus.Valid)]
    [InlineData(X509KeyUsageFlags.KeyEncipherment | X509KeyUsageFlags.KeyAgreement, SignatureStatus.Untrusted)]
    [InlineData(X509KeyUsageFlags.KeyCertSign, SignatureStatus.Untrusted)]
    public async Task A_certificate_for_another_usage_is_untrusted(X509KeyUsageFlags usage, SignatureStatus status)
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.With(usage, root);
        Assert.Equal(status, (await Judgement.OfAsync(signer.Sign(s_data), s_data, [signer, root], [root.Id])).Status);
    }

    [Fact]
    public async Task A_usage_is_told_of_where_trust_is_not_asked_for()
    {
        using TestSigner signer = TestSigner.With(X509KeyUsageFlags.KeyEncipherment);
        SignatureVerdict verdict = await Judgement.OfAsync(signer.Sign(s_data), s_data, [signer]);
        Assert.Equal((SignatureStatus.Valid, false), (verdict.Status, verdict.TrustChecked));
        Assert.Contains("may not sign images", verdict.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_usage_that_cannot_be_read_is_untrusted()
    {
        X509Extension usage = new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature, critical: false);
        using TestSigner bad = TestSigner.Create("Bad", null, null, new X509Extension(usage.Oid!, [0x30, 0x00], critical: false));
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.OfAsync(bad.Sign(s_data), s_data, [bad], [bad.Id])).Status);
    }

    [Fact]
    public async Task What_is_foreseen_is_what_the_bytes_cannot_better()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        using TestSigner foreign = TestSigner.Authority("Foreign");
        SignatureJudge judge = new(Judgement.Store(root, signer, foreign), new InstantTime { Now = TestSigner.Now });
        SignatureClaim claim = SignatureClaim.Read(signer.Sign(s_data));
        Assert.Null(judge.Foresee(await judge.GatherAsync(claim, null, Token)));
        Assert.Null(judge.Foresee(await judge.GatherAsync(claim, [root.Id], Token)));
        Assert.Equal(SignatureStatus.Untrusted, judge.Foresee(await judge.GatherAsync(claim, [foreign.Id], Token))!.Status);
        Assert.Equal(SignatureStatus.Untrusted, judge.Foresee(await judge.GatherAsync(claim, [], Token))!.Status);
        SignatureEvidence nothing = await new SignatureJudge(Judgement.Store(), TimeProvider.System).GatherAsync(claim, [root.Id], Token);
        Assert.Equal(SignatureStatus.Unverifiable, judge.Foresee(nothing)!.Status);
    }

    [Fact]
    public async Task The_certificates_that_a_verdict_keeps_are_enough_to_judge_again()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner unused = TestSigner.Authority("Unused");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        string[] trusted = [unused.Id, root.Id];
        SignatureVerdict first = await Judgement.OfAsync(signer.Sign(s_data), s_data, [root, unused, signer], trusted);
        SignatureJudge offline = new(new RecordedCertificates(first.Certificates), new InstantTime { Now = TestSigner.Now });
        SignatureVerdict again = await offline.JudgeAsync(SignatureClaim.Read(signer.Sign(s_data)), SHA256.HashData(s_data), trusted, Token);
        Assert.Equal((SignatureStatus.Valid, SignatureStatus.Valid), (first.Status, again.Status));
        Assert.Equal(["CN=Signer", "CN=Root"], again.Chain.Select(static certificate => certificate.Subject));
        Assert.Equal(first.Certificates.Keys.Order(), again.Certificates.Keys.Order());
    }

    [Fact]
    public async Task A_trusted_certificate_that_nobody_could_ask_for_leaves_it_open()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        string asked = Guid.NewGuid().ToString();
        CertificateSearch store = new([Judgement.Store(root, signer), new Unreachable()]);
        SignatureJudge judge = new(store, new InstantTime { Now = TestSigner.Now });
        SignatureClaim claim = SignatureClaim.Read(signer.Sign(s_data));
        SignatureVerdict open = await judge.JudgeAsync(claim, SHA256.HashData(s_data), [asked], Token);
        Assert.Equal(SignatureStatus.Unverifiable, open.Status);
        Assert.Contains("does not answer", open.Reason, StringComparison.Ordinal);
        Assert.Equal(SignatureStatus.Valid, (await judge.JudgeAsync(claim, SHA256.HashData(s_data), [asked, root.Id], Token)).Status);
    }

    [Fact]
    public async Task A_hash_of_another_length_is_a_mistake_of_the_caller()
    {
        using TestSigner signer = TestSigner.Plain("Signer");
        SignatureJudge judge = new(Judgement.Store(signer), new InstantTime { Now = TestSigner.Now });
        await Assert.ThrowsAsync<ArgumentException>(() => judge.JudgeAsync(SignatureClaim.Read(signer.Sign(s_data)), new byte[20], null, Token));
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private sealed class Unreachable : ICertificateStore
    {
        public Task<CertificateFinding> FindAsync(string id, CancellationToken cancellationToken) => Task.FromResult(CertificateFinding.Unknown("It does not answer."));
    }
}
