using System.Diagnostics;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.Tests.Trust;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>Signatures with certificates in a real Barbican, of images in a real Glance.</summary>
[Collection(LabTests.Name)]
public sealed class SignatureLabTests(LabCloud lab, OpenSslSigners signers) : IClassFixture<OpenSslSigners>, IDisposable
{
    private static readonly byte[] s_data = TestData.Noise(200_000);

    private readonly TestDirectory _home = new();
    private readonly List<CloudConnection> _connections = [];
    private readonly Dictionary<string, string> _stored = [];
    private CloudConnection? _cloud;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private static TestSigner.Dates Present => new(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));

    public void Dispose()
    {
        _connections.ForEach(static connection => connection.Dispose());
        _home.Dispose();
    }

    [Theory]
    [InlineData("text/plain", false)]
    [InlineData("text/plain;charset=utf-8", false)]
    [InlineData("application/octet-stream", false)]
    [InlineData("application/octet-stream", true)]
    [InlineData("application/pkcs8", true)]
    public async Task CertificatesOfEveryPayloadTypeAreRead(string mediaType, bool isDer)
    {
        using TestSigner signer = TestSigner.Plain("Lab signer", dates: Present);
        string id = await lab.StoreSecretAsync(isDer ? signer.Der : Encoding.ASCII.GetBytes(signer.Pem), mediaType);
        CertificateFinding finding = await Store().FindAsync(id, Token);
        Assert.True(finding.Certificate is not null, finding.Reason);
        Assert.Equal(signer.Pem.Trim(), finding.Certificate.Pem.Trim());
    }

    [Fact]
    public async Task ASecretThatIsNoCertificateIsNotRead()
    {
        using TestSigner signer = TestSigner.Plain("Lab signer", dates: Present);
        string id = await lab.StoreSecretAsync(Encoding.ASCII.GetBytes(signer.Pem), "text/plain", "opaque");
        CertificateFinding finding = await Store().FindAsync(id, Token);
        Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
        id = await lab.StoreSecretAsync("no certificate"u8.ToArray());
        Assert.Null((await Store().FindAsync(id, Token)).Certificate);
    }

    [Fact]
    public async Task EveryKeyTypeWithEveryHashIsJudged()
    {
        lab.RequireKeyManager();
        foreach (SignatureKeyType type in SignatureKeyType.Known)
        {
            await signers.MakeAsync(type.Name);
            string id = await lab.StoreSecretAsync(Encoding.ASCII.GetBytes(signers.Pem(type.Name)));
            foreach (SignatureHashMethod method in SignatureHashMethod.Known)
            {
                Dictionary<string, string> properties = await signers.SignAsync(type.Name, type.Name, method.Name, s_data);
                properties[SignatureClaim.CertificateProperty] = id;
                SignatureClaim claim = await InGlanceAsync(properties);
                Assert.Equal(SignatureStatus.Valid, (await JudgeAsync(claim, s_data)).Status);
                Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync(claim, [.. s_data[1..], 0])).Status);
            }
        }
    }

    [Fact]
    public async Task ChainsAreJudgedByTheIdsOfTheirCertificates()
    {
        lab.RequireKeyManager();
        using TestSigner root = TestSigner.Authority("Lab root", pathLength: 1, dates: Present);
        using TestSigner middle = TestSigner.Authority("Lab middle", root, 0, Present);
        using TestSigner foreign = TestSigner.Authority("Lab foreign", pathLength: 1, dates: Present);
        using TestSigner signer = TestSigner.Plain("Lab signer", middle, Present);
        string rootId = await StoreAsync(root);
        string middleId = await StoreAsync(middle);
        string foreignId = await StoreAsync(foreign);
        Dictionary<string, string> properties = await SignAsync(signer);
        SignatureVerdict verdict = await JudgeAsync(properties, rootId, middleId, foreignId);
        Assert.Equal((SignatureStatus.Valid, true), (verdict.Status, verdict.TrustChecked));
        Assert.Equal(["CN=Lab signer", "CN=Lab middle", "CN=Lab root"], verdict.Chain.Select(static certificate => certificate.Subject));
        Assert.Equal(SignatureStatus.Untrusted, (await JudgeAsync(properties, foreignId)).Status);
        Assert.Equal(SignatureStatus.Untrusted, (await JudgeAsync(properties, rootId)).Status);
        Assert.Equal(SignatureStatus.Untrusted, (await JudgeAsync(properties, middleId)).Status);
        Assert.Equal(SignatureStatus.Untrusted, (await JudgeAsync(properties, Guid.NewGuid().ToString())).Status);
    }

    [Fact]
    public async Task DatesAndUsageAreJudged()
    {
        lab.RequireKeyManager();
        DateTimeOffset now = DateTimeOffset.UtcNow;
        using TestSigner expired = TestSigner.Plain("Expired", dates: new(now.AddDays(-2), now.AddDays(-1)));
        using TestSigner early = TestSigner.Plain("Early", dates: new(now.AddDays(1), now.AddDays(2)));
        using TestSigner usage = TestSigner.Create("Usage", null, Present, new X509KeyUsageExtension(X509KeyUsageFlags.KeyEncipherment, critical: true));
        foreach ((TestSigner signer, string words) in new[] { (expired, "has expired"), (early, "not valid before"), (usage, "key usage") })
        {
            string id = await StoreAsync(signer);
            SignatureVerdict verdict = await JudgeAsync(await SignAsync(signer), id);
            Assert.Equal(SignatureStatus.Untrusted, verdict.Status);
            Assert.Contains(words, verdict.Reason, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task ACertificateThatIsNotThereOrNotForThisUserIsAReason()
    {
        lab.RequireKeyManager();
        using TestSigner signer = TestSigner.Plain("Lab signer", dates: Present);
        Dictionary<string, string> properties = signer.Sign(s_data);
        SignatureVerdict missing = await JudgeAsync(SignatureClaim.Read(properties), s_data);
        Assert.Equal(SignatureStatus.Unverifiable, missing.Status);
        Assert.Contains(signer.Id, missing.Reason, StringComparison.Ordinal);
        await StoreAsync(signer);
        Assert.SkipUnless(lab.Environment.GetValueOrDefault("OS_USERNAME") == "admin", "needs the lab's own users");
        BarbicanCertificates others = Store(static variables => (variables["OS_USERNAME"], variables["OS_PROJECT_NAME"]) = ("demo", "demo"));
        CertificateFinding finding = await others.FindAsync((await SignAsync(signer))[SignatureClaim.CertificateProperty], Token);
        Assert.Equal((null, false), (finding.Certificate, finding.IsFinal));
        Assert.Contains("403", finding.Reason, StringComparison.Ordinal);
        Assert.Contains("not allowed", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AKeyManagerThatIsDownIsAReasonAndADirectoryReplacesIt()
    {
        lab.RequireKeyManager();
        using TestSigner signer = TestSigner.Plain("Lab signer", dates: Present);
        BarbicanCertificates down = Store(static variables => variables["OS_KEY_MANAGER_ENDPOINT_OVERRIDE"] = "http://127.0.0.1:9");
        SignatureVerdict open = await JudgeAsync(SignatureClaim.Read(signer.Sign(s_data)), s_data, down);
        Assert.Equal(SignatureStatus.Unverifiable, open.Status);
        Assert.Contains("no answer", open.Reason, StringComparison.Ordinal);
        await File.WriteAllTextAsync(_home[signer.Id + ".pem"], signer.Pem, Token);
        CertificateSearch search = new([new DirectoryCertificates(_home.FullPath), down]);
        Assert.Equal(SignatureStatus.Valid, (await JudgeAsync(SignatureClaim.Read(signer.Sign(s_data)), s_data, search)).Status);
    }

    [Fact]
    public async Task NovasVerifierAgreesOnAnImage()
    {
        lab.RequireKeyManager();
        await Cursive.RequireAsync();
        using TestSigner root = TestSigner.Authority("Lab root", pathLength: 0, dates: Present);
        using TestSigner foreign = TestSigner.Authority("Lab foreign", pathLength: 0, dates: Present);
        using TestSigner signer = TestSigner.Plain("Lab signer", root, Present);
        string rootId = await StoreAsync(root);
        string foreignId = await StoreAsync(foreign);
        string image = await lab.UploadAsync(new LabImage { Data = s_data, Properties = await SignAsync(signer) });
        SignatureClaim claim = SignatureClaim.Read(await Connect().Glance.ShowAsync(image, Token));
        foreach (string trusted in new[] { rootId, foreignId })
        {
            SignatureVerdict ours = await JudgeAsync(claim, s_data, null, trusted);
            Assert.Equal(trusted == rootId ? SignatureStatus.Valid : SignatureStatus.Untrusted, ours.Status);
            Assert.Equal(ours.Status == SignatureStatus.Valid, await VerifyImageAsync(image, s_data, trusted));
        }

        Assert.Equal(SignatureStatus.Invalid, (await JudgeAsync(claim, s_data[1..])).Status);
        Assert.False(await VerifyImageAsync(image, s_data[1..], rootId));
    }

    // Where nova's own verifier reads certificate and image by itself.
    private async Task<bool> VerifyImageAsync(string image, byte[] data, string trusted)
    {
        string file = _home[Guid.NewGuid().ToString()];
        await File.WriteAllBytesAsync(file, data, Token);
        ProcessStartInfo start = new(Repository.Find("tests/lab/verify-image")!, ["--trust", trusted, image, file]) { RedirectStandardOutput = true, RedirectStandardError = true };
        foreach ((string name, string value) in lab.Environment)
        {
            start.Environment[name] = value;
        }

        using Process process = Process.Start(start)!;
        Task<string> errors = process.StandardError.ReadToEndAsync(Token);
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await errors;
        await process.WaitForExitAsync(Token);
        return process.ExitCode == 0 && output.TrimEnd().EndsWith("OK", StringComparison.Ordinal);
    }

    private async Task<SignatureClaim> InGlanceAsync(Dictionary<string, string> properties)
    {
        string image = await lab.UploadAsync(new LabImage { Properties = properties });
        return SignatureClaim.Read(await Connect().Glance.ShowAsync(image, Token));
    }

    private async Task<string> StoreAsync(TestSigner signer)
        => _stored[signer.Id] = await lab.StoreSecretAsync(Encoding.ASCII.GetBytes(signer.Pem));

    private async Task<Dictionary<string, string>> SignAsync(TestSigner signer)
    {
        string id = _stored.GetValueOrDefault(signer.Id) ?? await StoreAsync(signer);
        return new Dictionary<string, string>(signer.Sign(s_data)) { [SignatureClaim.CertificateProperty] = id };
    }

    private Task<SignatureVerdict> JudgeAsync(Dictionary<string, string> properties, params string[] trusted)
        => JudgeAsync(SignatureClaim.Read(properties), s_data, null, trusted);

    private Task<SignatureVerdict> JudgeAsync(SignatureClaim claim, byte[] data, ICertificateStore? store = null, params string[] trusted)
        => new SignatureJudge(store ?? Store(), TimeProvider.System)
            .JudgeAsync(claim, SignatureHashTests.Hash(claim.HashMethod!, data), trusted.Length > 0 ? trusted : null, Token);

    private BarbicanCertificates Store(Action<Dictionary<string, string>>? change = null) => new(Connect(change), TimeProvider.System);

    // One login serves all that wants nothing else.
    private CloudConnection Connect(Action<Dictionary<string, string>>? change = null)
        => change is null ? _cloud ??= Open(null) : Open(change);

    private CloudConnection Open(Action<Dictionary<string, string>>? change)
    {
        Dictionary<string, string> variables = new(lab.Environment) { ["HOME"] = _home.FullPath };
        change?.Invoke(variables);
        EngineOptions options = new() { Environment = variables, WorkingDirectory = _home.FullPath };
        CloudConnection connection = new(options, new ImageCacheConfiguration { CachePath = _home.NewCache(), Retries = 1, TokenCacheTime = TimeSpan.Zero }, TimeProvider.System)
        {
            Files = new CloudFiles(options) { Directories = [_home.FullPath] },
        };
        _connections.Add(connection);
        return connection;
    }
}
