using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests;

public sealed class SignatureTests : IAsyncDisposable
{
    private readonly byte[] _data = RandomNumberGenerator.GetBytes(100_000);
    private readonly CommandSandbox _sandbox = new();
    private readonly FakeCloud _cloud = FakeCloud.Start();
    private readonly RSA _key = RSA.Create(2048);
    private readonly string _current;
    private readonly string _expired;

    public SignatureTests()
    {
        _sandbox.AddEnvironment(_cloud.Environment());
        _sandbox.Environment["IMAGECACHE_RETRIES"] = "0";
        _sandbox.Environment["IMAGECACHE_CERTIFICATE_DIRECTORY"] = _sandbox.PathOf("certificates");
        Directory.CreateDirectory(_sandbox.PathOf("certificates"));
        _current = Certify(DateTimeOffset.UtcNow.AddYears(1));
        _expired = Certify(DateTimeOffset.UtcNow.AddDays(-1));
    }

    public async ValueTask DisposeAsync()
    {
        _key.Dispose();
        await _cloud.DisposeAsync();
        _sandbox.Dispose();
    }

    [Theory]
    [InlineData("valid", 0, "Valid")]
    [InlineData("tampered", 3, "Invalid")]
    [InlineData("unsigned", 3, "Unsigned")]
    [InlineData("expired", 3, "Untrusted")]
    [InlineData("missing", 3, "Unverifiable")]
    public async Task EachStatusHasItsExitCode(string image, int exitCode, string status)
    {
        Add(image);

        CommandResult result = (await _sandbox.RunAsync("signature", image, "--json")).Ends(exitCode);

        JsonElement told = Assert.Single(result.Results);
        Assert.Equal(status, told.GetProperty("status").GetString());
        Assert.Equal(status == "Unsigned", told.GetProperty("reason").ValueKind == JsonValueKind.Null);
        Assert.Empty(result.Error);
        Assert.Empty(_sandbox.BaseFiles);
    }

    [Fact]
    public async Task AllMustBeValid()
    {
        Add("valid");
        Add("expired");

        CommandResult result = (await _sandbox.RunAsync("signature", "valid", "expired")).Ends(3);

        Assert.Matches("Valid +RSA-PSS +SHA-256 +CN=Signer", result.Output);
        Assert.Contains("has expired", result.Output, StringComparison.Ordinal);
        (await _sandbox.RunAsync("signature", "valid", "unknown")).Ends(4);
        (await _sandbox.RunAsync("signature", "expired", "unknown")).Ends(3);
    }

    [Fact]
    public async Task TrustIsAskedForByCertificate()
    {
        Add("valid");
        (await _sandbox.RunAsync("signature", "valid", "--trusted-certificate", _current)).Ends(3);
        JsonElement told = Assert.Single((await _sandbox.RunAsync("signature", "valid", "--json")).Ends(0).Results);
        Assert.False(told.GetProperty("trustChecked").GetBoolean());
        Assert.Equal("CN=Signer", told.GetProperty("certificate").GetProperty("subject").GetString());
    }

    [Fact]
    public async Task AFileIsJudgedByItsPropertiesOrByThoseOfAnImage()
    {
        File.WriteAllBytes(_sandbox.PathOf("disk.raw"), _data);
        string[] properties = [.. Properties(_current, _data).SelectMany(static pair => new[] { "--property", $"{pair.Key}={pair.Value}" })];
        Add("valid");

        (await _sandbox.RunAsync(["signature", "--path", "disk.raw", .. properties])).Ends(0);
        JsonElement told = Assert.Single((await _sandbox.RunAsync("signature", "valid", "--path", "disk.raw", "--json")).Ends(0).Results);
        Assert.Equal(_sandbox.PathOf("disk.raw"), told.GetProperty("path").GetString());
        File.AppendAllText(_sandbox.PathOf("disk.raw"), "x");
        (await _sandbox.RunAsync("signature", "valid", "--path", "disk.raw")).Ends(3);
        (await _sandbox.RunAsync("signature", "valid", "--path", "nothing.raw")).Ends(4);
    }

    [Theory]
    [InlineData]
    [InlineData("--path", "x")]
    [InlineData("a", "--property", "k=v")]
    [InlineData("a", "b", "--path", "x")]
    [InlineData("a", "--path", "x", "--property", "k=v")]
    [InlineData("--path", "x", "--property", "k")]
    public async Task WhatDoesNotFitTogetherIsAMistake(params string[] line) => (await _sandbox.RunAsync(["signature", .. line])).Ends(2);

    [Theory]
    [InlineData("tampered", "SignatureInvalid")]
    [InlineData("unsigned", "VerificationRequired")]
    [InlineData("expired", "SignatureUntrusted")]
    [InlineData("missing", "SignatureUnverifiable")]
    public async Task AFetchThatRequiresASignatureIsRefused(string image, string errorId)
    {
        Add(image);
        CommandResult result = (await _sandbox.RunAsync("fetch", image, "--signature-policy", "require", "--json")).Ends(3);
        Assert.Equal(errorId, Assert.Single(result.Messages).GetProperty("errorId").GetString());
        Assert.Empty(_sandbox.BaseFiles);
    }

    [Fact]
    public async Task AFetchTakesThePolicyAndTheTrust()
    {
        Add("valid");
        (await _sandbox.RunAsync("fetch", "valid", "--require-signature", "--trusted-certificate", _expired)).Ends(3);
        (await _sandbox.RunAsync("fetch", "valid", "--signature-policy", "verify-if-present", "--trusted-certificate", _expired)).Ends(0);
        (await _sandbox.RunAsync("fetch", "valid", "--require-signature")).Ends(0);
        (await _sandbox.RunAsync("fetch", "valid", "--signature-policy", "perhaps")).Ends(2);
    }

    [Fact]
    public async Task ACachedImageIsJudgedWithoutACloud()
    {
        Add("valid");
        (await _sandbox.RunAsync("fetch", "valid")).Ends(0);
        _sandbox.Environment["OS_AUTH_URL"] = "http://127.0.0.1:9";
        Directory.Delete(_sandbox.PathOf("certificates"), recursive: true);
        (await _sandbox.RunAsync("signature", "valid")).Ends(0);
        (await _sandbox.RunAsync("fetch", "valid", "--require-signature")).Ends(0);
    }

    private void Add(string name)
    {
        FakeImage image = new() { Name = name, Data = _data };
        _cloud.Add(name switch
        {
            "unsigned" => image,
            "tampered" => image with { Extra = Properties(_current, [1]) },
            "expired" => image with { Extra = Properties(_expired, _data) },
            "missing" => image with { Extra = Properties(Guid.NewGuid().ToString(), _data) },
            _ => image with { Extra = Properties(_current, _data) },
        });
    }

    private Dictionary<string, object?> Properties(string certificate, byte[] data) => new()
    {
        ["img_signature"] = Convert.ToBase64String(_key.SignData(data, HashAlgorithmName.SHA256, RSASignaturePadding.Pss)),
        ["img_signature_hash_method"] = "SHA-256",
        ["img_signature_key_type"] = "RSA-PSS",
        ["img_signature_certificate_uuid"] = certificate,
    };

    private string Certify(DateTimeOffset notAfter)
    {
        CertificateRequest request = new("CN=Signer", _key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        using X509Certificate2 certificate = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddYears(-1), notAfter);
        string id = Guid.NewGuid().ToString();
        File.WriteAllText(_sandbox.PathOf($"certificates/{id}.pem"), certificate.ExportCertificatePem());
        return id;
    }
}
