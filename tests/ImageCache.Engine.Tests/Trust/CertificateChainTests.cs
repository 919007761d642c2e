using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>nova's rules of a chain.</summary>
public sealed class CertificateChainTests
{
    [Fact]
    public async Task Every_intermediate_and_the_root_must_be_trusted()
    {
        using TestSigner root = TestSigner.Authority("Root", pathLength: 2);
        using TestSigner upper = TestSigner.Authority("Upper", root, pathLength: 1);
        using TestSigner lower = TestSigner.Authority("Lower", upper, pathLength: 0);
        using TestSigner signer = TestSigner.Plain("Signer", lower);
        SignatureVerdict verdict = await Judgement.ChainAsync(signer, lower, root, upper);
        Assert.Equal(SignatureStatus.Valid, verdict.Status);
        Assert.Equal(["CN=Signer", "CN=Lower", "CN=Upper", "CN=Root"], verdict.Chain.Select(static certificate => certificate.Subject));
        foreach (TestSigner missing in new[] { root, upper, lower })
        {
            SignatureVerdict broken = await Judgement.ChainAsync(signer, [.. new[] { root, upper, lower }.Where(trusted => trusted != missing)]);
            Assert.Equal(SignatureStatus.Untrusted, broken.Status);
            Assert.Contains("CN=", broken.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_trusted_certificate_at_all_trusts_nobody()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        SignatureVerdict verdict = await Judgement.ChainAsync(signer);
        Assert.Equal((SignatureStatus.Untrusted, true), (verdict.Status, verdict.TrustChecked));
    }

    [Fact]
    public async Task An_authority_of_the_same_name_with_another_key_is_foreign()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner foreign = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.ChainAsync(signer, foreign)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, foreign, root)).Status);
    }

    [Fact]
    public async Task An_authority_of_another_name_with_the_same_key_is_foreign()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        using TestSigner issuer = TestSigner.Authority("Other");
        using TestSigner named = TestSigner.Create("Renamed", issuer, null);
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.ChainAsync(signer, named, issuer)).Status);
    }

    [Theory]
    [InlineData(0, 0, SignatureStatus.Untrusted)]
    [InlineData(1, 0, SignatureStatus.Valid)]
    [InlineData(null, null, SignatureStatus.Valid)]
    [InlineData(0, null, SignatureStatus.Untrusted)]
    [InlineData(null, 0, SignatureStatus.Valid)]
    public async Task A_path_length_counts_the_authorities_below(int? rootLength, int? middleLength, SignatureStatus status)
    {
        using TestSigner root = TestSigner.Authority("Root", pathLength: rootLength);
        using TestSigner middle = TestSigner.Authority("Middle", root, middleLength);
        using TestSigner signer = TestSigner.Plain("Signer", middle);
        SignatureVerdict verdict = await Judgement.ChainAsync(signer, root, middle);
        Assert.Equal(status, verdict.Status);
        Assert.Equal(status == SignatureStatus.Untrusted, verdict.Reason?.Contains("path length", StringComparison.Ordinal) == true);
    }

    [Fact]
    public async Task An_authority_must_say_that_it_is_one()
    {
        X509Extension isAuthority = new X509BasicConstraintsExtension(true, false, 0, critical: true);
        X509Extension isNone = new X509BasicConstraintsExtension(false, false, 0, critical: true);
        X509Extension signs = new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, critical: true);
        X509Extension encrypts = new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true);
        X509Extension unreadable = new(isAuthority.Oid!, [0x04, 0x01], critical: true);
        foreach (X509Extension[] extensions in new X509Extension[][] { [], [isAuthority], [signs], [isNone, signs], [isAuthority, encrypts], [unreadable, signs] })
        {
            using TestSigner root = TestSigner.Create("Root", null, null, extensions);
            using TestSigner signer = TestSigner.Plain("Signer", root);
            SignatureVerdict verdict = await Judgement.ChainAsync(signer, root);
            Assert.Equal(SignatureStatus.Untrusted, verdict.Status);
            Assert.Contains(root.Id, verdict.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task An_authority_outside_its_dates_does_not_count()
    {
        foreach (int years in new[] { -5, 5 })
        {
            DateTimeOffset middle = TestSigner.Now.AddYears(years);
            using TestSigner root = TestSigner.Authority("Root", dates: new(middle.AddYears(-1), middle.AddYears(1)));
            using TestSigner signer = TestSigner.Plain("Signer", root);
            SignatureVerdict verdict = await Judgement.ChainAsync(signer, root);
            Assert.Equal(SignatureStatus.Untrusted, verdict.Status);
            Assert.Contains("outside its dates", verdict.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task The_signer_itself_is_trusted_only_as_an_authority_that_may_also_sign()
    {
        X509Extension isAuthority = new X509BasicConstraintsExtension(true, false, 0, critical: true);
        using TestSigner plain = TestSigner.Plain("Plain");
        using TestSigner authority = TestSigner.Authority("Authority");
        using TestSigner both = TestSigner.Create(
            "Both", null, null, isAuthority, new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.ChainAsync(plain, plain)).Status);
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.ChainAsync(authority, authority)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(both, both)).Status);
    }

    [Fact]
    public async Task Circles_end()
    {
        using TestSigner one = TestSigner.Authority("One");
        using TestSigner two = TestSigner.Authority("Two");
        using TestSigner oneByTwo = one.Again(two);
        using TestSigner twoByOne = two.Again(one);
        using TestSigner signer = TestSigner.Plain("Signer", one);
        Assert.Equal(SignatureStatus.Untrusted, (await Judgement.ChainAsync(signer, oneByTwo, twoByOne)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, oneByTwo, twoByOne, two)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, oneByTwo, one)).Status);
    }

    [Fact]
    public async Task The_order_of_the_list_and_twins_in_it_do_not_matter()
    {
        using TestSigner root = TestSigner.Authority("Root", pathLength: 1);
        using TestSigner elsewhere = TestSigner.Authority("Elsewhere");
        using TestSigner crossed = root.Again(elsewhere);
        using TestSigner signer = TestSigner.Plain("Signer", root);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, crossed, root)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, root, crossed)).Status);
        Assert.Equal(SignatureStatus.Valid, (await Judgement.ChainAsync(signer, root, root)).Status);
    }

    [Fact]
    public async Task Junk_among_the_trusted_ids_is_named_and_does_no_harm()
    {
        using TestSigner root = TestSigner.Authority("Root");
        using TestSigner foreign = TestSigner.Authority("Foreign");
        using TestSigner signer = TestSigner.Plain("Signer", root);
        string missing = Guid.NewGuid().ToString();
        byte[] data = [1];
        TestSigner[] known = [root, foreign, signer];
        Assert.Equal(SignatureStatus.Valid, (await Judgement.OfAsync(signer.Sign(data), data, known, ["../junk", missing, root.Id])).Status);
        SignatureVerdict verdict = await Judgement.OfAsync(signer.Sign(data), data, known, ["../junk", missing, foreign.Id]);
        Assert.Equal(SignatureStatus.Untrusted, verdict.Status);
        Assert.Contains(missing, verdict.Reason, StringComparison.Ordinal);
    }
}
