using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>We and nova's verifier judge alike wherever it can judge.</summary>
public sealed class CursiveAgreementTests(OpenSslSigners signers) : IClassFixture<OpenSslSigners>
{
    private static readonly byte[] s_data = TestData.Noise(10_000);

    [Fact]
    public async Task On_every_key_type_and_hash()
    {
        await Cursive.RequireAsync();
        List<CursiveCase> cases = [];
        foreach (string type in OpenSslSigners.KeyTypes.Keys)
        {
            string id = await signers.MakeAsync(type);
            Dictionary<string, string> certificates = new() { [id] = signers.Pem(type) };
            foreach (SignatureHashMethod method in SignatureHashMethod.Known)
            {
                Dictionary<string, string> properties = await signers.SignAsync(type, type, method.Name, s_data);
                cases.Add(new CursiveCase { Properties = properties, Data = s_data, Certificates = certificates });
                cases.Add(new CursiveCase { Properties = properties, Data = [.. s_data, 0], Certificates = certificates });
                cases.AddRange(Spoiled(properties).Select(spoiled => new CursiveCase { Properties = spoiled, Data = s_data, Certificates = certificates }));
            }
        }

        Assert.Equal(SignatureKeyType.Known.Count * SignatureHashMethod.Known.Count, await AgreeAsync(cases));
    }

    // This version passes a chain only when each authority has an explicit path length.
    [Fact]
    public async Task On_chains()
    {
        await Cursive.RequireAsync();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        TestSigner.Dates past = new(now.AddYears(-2), now.AddYears(-1));
        TestSigner.Dates future = new(now.AddYears(1), now.AddYears(2));
        TestSigner.Dates present = new(now.AddYears(-1), now.AddYears(1));
        using TestSigner root = TestSigner.Authority("Root", pathLength: 1, dates: present);
        using TestSigner shortRoot = TestSigner.Authority("Short", pathLength: 0, dates: present);
        using TestSigner middle = TestSigner.Authority("Middle", root, 0, present);
        using TestSigner shortMiddle = TestSigner.Authority("ShortMiddle", shortRoot, 0, present);
        using TestSigner twin = TestSigner.Authority("Root", pathLength: 1, dates: present);
        using TestSigner expiredRoot = TestSigner.Authority("ExpiredRoot", pathLength: 1, dates: past);
        using TestSigner plainRoot = TestSigner.Plain("PlainRoot", dates: present);
        using TestSigner noUsage = TestSigner.Create("NoUsage", null, present, new X509BasicConstraintsExtension(true, true, 1, critical: true));
        TestSigner[] authorities = [root, shortRoot, middle, shortMiddle, twin, expiredRoot, plainRoot, noUsage];
        using TestSigner self = TestSigner.Create(
            "Self", null, present, new X509BasicConstraintsExtension(true, true, 0, critical: true),
            new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.DigitalSignature, critical: true));
        List<TestSigner> ends = [self, TestSigner.Plain("Past", root, past), TestSigner.Plain("Future", root, future)];
        ends.AddRange(authorities.Select(static authority => TestSigner.Plain("Signer", authority)));
        List<CursiveCase> cases = [];
        foreach (TestSigner end in ends)
        {
            foreach (TestSigner[] trusted in new TestSigner[][] { authorities, [.. authorities, self], [root], [middle], [root, middle], [twin], [shortMiddle, shortRoot], [] })
            {
                cases.Add(Case(end, trusted));
            }
        }

        // An odd one: nova passes over ids that it cannot have.
        cases.Add(Case(ends[3], [root]) with { Trusted = [Guid.NewGuid().ToString(), root.Id] });
        int agreed = await AgreeAsync(cases);
        ends.ForEach(static end => end.Dispose());
        Assert.InRange(agreed, 10, cases.Count - 10);
    }

    [Fact]
    public async Task On_bad_claims()
    {
        await Cursive.RequireAsync();
        string id = await signers.MakeAsync("RSA-PSS");
        string other = await signers.MakeAsync("ECC_SECP384R1");
        Dictionary<string, string> properties = await signers.SignAsync("RSA-PSS", "RSA-PSS", "SHA-256", s_data);
        Dictionary<string, string> certificates = new() { [id] = signers.Pem("RSA-PSS"), [other] = signers.Pem("ECC_SECP384R1") };
        IEnumerable<Dictionary<string, string>> bad =
        [
            .. properties.Keys.Select(key => new Dictionary<string, string>(properties.Where(pair => pair.Key != key))),
            new(properties) { [SignatureClaim.HashMethodProperty] = "sha-256" },
            new(properties) { [SignatureClaim.HashMethodProperty] = "MD5" },
            new(properties) { [SignatureClaim.KeyTypeProperty] = "rsa-pss" },
            new(properties) { [SignatureClaim.KeyTypeProperty] = "ECC_SECP256R1" },
            new(properties) { [SignatureClaim.KeyTypeProperty] = "DSA" },
            new(properties) { [SignatureClaim.CertificateProperty] = other },
            new(properties) { [SignatureClaim.CertificateProperty] = Guid.NewGuid().ToString() },
            new(properties) { [SignatureClaim.SignatureProperty] = "AAA" },
            new(properties) { [SignatureClaim.SignatureProperty] = " " },
        ];
        List<CursiveCase> cases = [.. bad.Select(claim => new CursiveCase { Properties = claim, Data = s_data, Certificates = certificates })];
        Assert.Equal(0, await AgreeAsync(cases));
    }

    private static CursiveCase Case(TestSigner end, TestSigner[] trusted) => new()
    {
        Properties = end.Sign(s_data),
        Data = s_data,
        Certificates = trusted.Append(end).DistinctBy(static signer => signer.Id).ToDictionary(static signer => signer.Id, static signer => signer.Pem),
        Trusted = [.. trusted.Select(static signer => signer.Id)],
    };

    private static IEnumerable<Dictionary<string, string>> Spoiled(Dictionary<string, string> properties)
    {
        byte[] signature = Convert.FromBase64String(properties[SignatureClaim.SignatureProperty]);
        signature[^1] ^= 1;
        yield return new(properties) { [SignatureClaim.SignatureProperty] = Convert.ToBase64String(signature) };
        yield return new(properties) { [SignatureClaim.SignatureProperty] = Convert.ToBase64String(signature.AsSpan(1)) };
        yield return new(properties) { [SignatureClaim.HashMethodProperty] = properties[SignatureClaim.HashMethodProperty] == "SHA-512" ? "SHA-384" : "SHA-512" };
    }

    // How many were right.
    private static async Task<int> AgreeAsync(List<CursiveCase> cases)
    {
        IReadOnlyList<(string Outcome, string Reason)> theirs = await Cursive.JudgeAsync(cases);
        Assert.Equal(cases.Count, theirs.Count);
        for (int index = 0; index < cases.Count; index++)
        {
            CursiveCase one = cases[index];
            SignatureClaim claim = SignatureClaim.Read(one.Properties);
            byte[] hash = claim.HashMethod is { } method ? SignatureHashTests.Hash(method, one.Data) : [];
            SignatureVerdict ours = await new SignatureJudge(new RecordedCertificates(one.Certificates), TimeProvider.System)
                .JudgeAsync(claim, hash, one.Trusted, TestContext.Current.CancellationToken);
            SignatureStatus[] expected = theirs[index].Outcome switch
            {
                "right" => [SignatureStatus.Valid],
                "wrong" => [SignatureStatus.Invalid],
                "untrusted" => [SignatureStatus.Untrusted],
                _ => [SignatureStatus.Invalid, SignatureStatus.Unverifiable],
            };
            Assert.True(expected.Contains(ours.Status), $"case {index}: {ours.Status} ({ours.Reason}), but cursive says {theirs[index]}");
        }

        return theirs.Count(static answer => answer.Outcome == "right");
    }
}
