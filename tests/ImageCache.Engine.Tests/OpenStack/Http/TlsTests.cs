using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using ImageCache.Engine.OpenStack.Http;
using ImageCache.Engine.Tests.Faults;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Http;

public sealed class TlsTests : IDisposable
{
    private static readonly ServiceCall Call = new("Keystone", "log in");
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task TrustsTheAuthorityThatItIsGivenAndNoOther()
    {
        using X509Certificate2 authority = MakeAuthority("good");
        using X509Certificate2 stranger = MakeAuthority("other");
        await File.WriteAllTextAsync(_directory["good.pem"], authority.ExportCertificatePem(), TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(_directory["other.pem"], stranger.ExportCertificatePem(), TestContext.Current.CancellationToken);
        using X509Certificate2 certificate = MakeServer(authority);
        await using FaultServer server = FaultServer.Start(certificate);
        server.On("GET", "/", FaultAnswer.Text("well"));

        Assert.Equal("well", await GetAsync(server, new ServiceHttpOptions { AuthorityPath = _directory["good.pem"] }));
        Assert.Equal("well", await GetAsync(server, new ServiceHttpOptions { VerifyCertificate = false }));
        foreach (ServiceHttpOptions options in new[] { new ServiceHttpOptions(), new ServiceHttpOptions { AuthorityPath = _directory["other.pem"] } })
        {
            UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => GetAsync(server, options));
            Assert.Equal(ErrorIds.ServiceUnavailable, error.ErrorId);
            Assert.Contains("cacert", error.NextStep, StringComparison.Ordinal);
            Assert.False(TransientFailure.Is(error));
        }
    }

    [Theory]
    [InlineData(null)]
    [InlineData("")]
    [InlineData("this is no certificate")]
    public void AnAuthorityFileThatCannotBeUsedIsNamed(string? content)
    {
        string path = _directory["ca.pem"];
        if (content is not null)
        {
            File.WriteAllText(path, content);
        }

        InvalidInputException error = Assert.Throws<InvalidInputException>(
            () => new ServiceHttp(new ServiceHttpOptions { AuthorityPath = path }, null, NullLoggerFactory.Instance));
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        Assert.Contains(path, error.Message, StringComparison.Ordinal);
    }

    private static async Task<string> GetAsync(FaultServer server, ServiceHttpOptions options)
    {
        using ServiceHttp http = new(options, new RetrySchedule(2, new InstantTime()), NullLoggerFactory.Instance);
        using HttpRequestMessage request = new(HttpMethod.Get, server.Address);
        using HttpResponseMessage answer = await http.SendAsync(request, Call, TestContext.Current.CancellationToken);
        return await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
    }

    private static X509Certificate2 MakeAuthority(string name)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new($"CN={name}", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        return request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
    }

    private static X509Certificate2 MakeServer(X509Certificate2 authority)
    {
        using ECDsa key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        CertificateRequest request = new("CN=127.0.0.1", key, HashAlgorithmName.SHA256);
        SubjectAlternativeNameBuilder names = new();
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        using X509Certificate2 bare = request.Create(authority, DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow.AddHours(12), [1, 2, 3, 4]);
        using X509Certificate2 whole = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(whole.Export(X509ContentType.Pkcs12), null);
    }
}
