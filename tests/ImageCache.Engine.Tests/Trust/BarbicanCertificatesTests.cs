using System.Text;
using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Trust;
using Xunit;

namespace ImageCache.Engine.Tests.Trust;

/// <summary>What a key manager may answer, in memory.</summary>
public sealed class BarbicanCertificatesTests : IAsyncDisposable
{
    private readonly TestCloud _cloud = new(
        static variables => variables["OS_KEY_MANAGER_ENDPOINT_OVERRIDE"] = variables["OS_AUTH_URL"].Replace("identity", "keys/v1", StringComparison.Ordinal),
        static configuration => configuration with { IdleTimeout = TimeSpan.FromSeconds(1), Retries = 1 });

    private readonly TestSigner _signer = TestSigner.Plain("Signer");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private FaultServer Server => _cloud.Fake.Server;

    private string Secret => $"/keys/v1/secrets/{_signer.Id}";

    private string Payload => Secret + "/payload";

    public async ValueTask DisposeAsync()
    {
        _signer.Dispose();
        await _cloud.DisposeAsync();
    }

    [Theory]
    [InlineData("application/octet-stream", false)]
    [InlineData("application/octet-stream", true)]
    [InlineData("application/pkix-cert", true)]
    [InlineData("text/plain; charset=utf-8", false)]
    [InlineData("no media type", false)]
    [InlineData(null, false)]
    public async Task Payloads_of_every_type_are_read(string? type, bool isDer)
    {
        Tell("certificate", type);
        Server.On("GET", Payload, FaultAnswer.Bytes(isDer ? _signer.Der : Encoding.ASCII.GetBytes(_signer.Pem)));
        CertificateFinding finding = await FindAsync();
        Assert.Equal(("CN=Signer", _signer.Id), (finding.Certificate!.Facts.Subject, finding.Certificate.Id));
        FaultRequest asked = Server.Requests.Single(request => request.Path == Payload);
        Assert.StartsWith("planted-token", asked.Header("X-Auth-Token"), StringComparison.Ordinal);
        Assert.Equal(type is null or "no media type" ? "application/octet-stream" : type.Split(';')[0], asked.Header("Accept"));
    }

    [Fact]
    public async Task A_type_that_does_not_fit_after_all_is_met_with_bytes()
    {
        Tell("certificate", "application/pkix-cert");
        Server.On("GET", Payload, request => request.Header("Accept") == "application/octet-stream" ? FaultAnswer.Bytes(_signer.Der) : Refuse(406, "Not Acceptable"));
        Assert.NotNull((await FindAsync()).Certificate);
    }

    [Theory]
    [InlineData("opaque")]
    [InlineData("private")]
    [InlineData("passphrase")]
    public async Task The_payload_of_another_kind_of_secret_is_never_asked_for(string kind)
    {
        Tell(kind, "text/plain");
        Server.On("GET", Payload, FaultAnswer.Text(_signer.Pem));
        CertificateFinding finding = await FindAsync();
        Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
        Assert.DoesNotContain(Server.Requests, request => request.Path == Payload);
    }

    [Fact]
    public async Task What_is_not_there_is_missing_for_good()
    {
        Server.On("GET", Secret, Refuse(404, "Not Found. Sorry but your secret is in another castle."));
        CertificateFinding finding = await FindAsync();
        Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
        Assert.Contains(_signer.Id, finding.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(403, "attempt not allowed")]
    [InlineData(404, "404")]
    [InlineData(406, "Not Acceptable")]
    [InlineData(500, "twice broken")]
    [InlineData(503, "busy")]
    public async Task What_the_key_manager_does_not_tell_is_unknown(int status, string words)
    {
        // A web server that is not Barbican has pages of its own.
        FaultAnswer answer = status == 404 ? FaultAnswer.Text("<html>nothing here</html>", 404) : Refuse(status, words);
        Server.On("GET", Secret, answer);
        CertificateFinding finding = await FindAsync();
        Assert.Equal((null, false), (finding.Certificate, finding.IsFinal));
        Assert.Contains(words, finding.Reason, StringComparison.Ordinal);
        Assert.Contains(_signer.Id, finding.Reason, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", finding.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_silent_key_manager_is_unknown_and_the_next_certificate_does_not_wait_again()
    {
        Server.Always("GET", Secret, static answer => answer with { StallBeforeHeaders = true });
        BarbicanCertificates store = new(_cloud.Connection, _cloud.Time);
        Assert.False((await store.FindAsync(_signer.Id, Token)).IsFinal);
        int asked = Server.Requests.Count;
        Assert.False((await store.FindAsync(Guid.NewGuid().ToString(), Token)).IsFinal);
        Assert.Equal(asked, Server.Requests.Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"secret_type\": 7}")]
    [InlineData("not JSON")]
    public async Task An_answer_without_sense_is_unknown(string body)
    {
        Server.On("GET", Secret, FaultAnswer.Json(body));
        CertificateFinding finding = await FindAsync();
        Assert.Equal((null, false), (finding.Certificate, finding.IsFinal));
    }

    [Theory]
    [InlineData(0, true)]
    [InlineData(100, true)]
    [InlineData(1 << 20, false)]
    public async Task A_payload_that_is_no_certificate_is_none(int length, bool isFinal)
    {
        Tell("certificate", "application/octet-stream");
        Server.On("GET", Payload, FaultAnswer.Bytes(new byte[length]));
        CertificateFinding finding = await FindAsync();
        Assert.Equal((null, isFinal), (finding.Certificate, finding.IsFinal));
    }

    [Theory]
    [InlineData("../../identity/v3/users")]
    [InlineData("")]
    [InlineData("{27fa2256-9880-48cf-a95e-f1434d8c2d55}")]
    public async Task Nothing_but_a_UUID_is_ever_asked_for(string id)
    {
        CertificateFinding finding = await new BarbicanCertificates(_cloud.Connection, _cloud.Time).FindAsync(id, Token);
        Assert.Equal((null, true), (finding.Certificate, finding.IsFinal));
        Assert.Empty(Server.Requests);
    }

    [Fact]
    public async Task A_cloud_without_a_key_manager_is_a_reason()
    {
        await using TestCloud cloud = new();
        CertificateFinding finding = await new BarbicanCertificates(cloud.Connection, cloud.Time).FindAsync(_signer.Id, Token);
        Assert.Equal((null, false), (finding.Certificate, finding.IsFinal));
        Assert.Contains("key-manager", finding.Reason, StringComparison.Ordinal);
    }

    private static FaultAnswer Refuse(int status, string description)
        => FaultAnswer.Json(JsonSerializer.Serialize(new { code = status, title = "No", description }), status);

    private void Tell(string type, string? contentType)
        => Server.On("GET", Secret, FaultAnswer.Json(JsonSerializer.Serialize(new
        {
            secret_type = type,
            status = "ACTIVE",
            content_types = contentType is null ? null : new Dictionary<string, string> { ["default"] = contentType },
        })));

    private Task<CertificateFinding> FindAsync() => new BarbicanCertificates(_cloud.Connection, _cloud.Time).FindAsync(_signer.Id, Token);
}
