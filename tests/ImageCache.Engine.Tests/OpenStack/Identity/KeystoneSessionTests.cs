using System.Text.Json;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

public sealed class KeystoneSessionTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task ManyCallersShareOneLogin()
    {
        await using TestCloud cloud = new();
        TaskCompletionSource gate = new();
        cloud.Fake.Server.Always("POST", FakeCloud.TokensPath, answer => answer with { Gate = gate.Task });
        Task<KeystoneToken>[] callers = [.. Enumerable.Range(0, 20).Select(_ => Task.Run(() => cloud.Connection.Session.GetTokenAsync(Token)))];
        await cloud.Fake.Server.WaitForAsync(static requests => requests.Count > 0, Token);
        gate.SetResult();
        KeystoneToken[] tokens = await Task.WhenAll(callers);
        Assert.Single(tokens.Distinct());
        Assert.Equal(1, cloud.Fake.TokenCount);
    }

    [Fact]
    public async Task ACallerThatLeavesTakesNobodyWithHim()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Next("POST", FakeCloud.TokensPath, static answer => answer with { StallBeforeHeaders = true });
        using CancellationTokenSource stop = new();
        Task<KeystoneToken> first = cloud.Connection.Session.GetTokenAsync(stop.Token);
        await cloud.Fake.Server.WaitForAsync(static requests => requests.Count > 0, Token);
        Task<KeystoneToken> second = cloud.Connection.Session.GetTokenAsync(Token);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(FakeCloud.ProjectId, (await second).ProjectId);
    }

    [Theory]
    [InlineData(121, 1)]
    [InlineData(119, 2)]
    public async Task ATokenIsRenewedBeforeItEnds(int secondsLeft, int logins)
    {
        await using TestCloud cloud = new();
        cloud.Fake.Now = () => DateTimeOffset.FromUnixTimeSeconds(cloud.Time.Now.ToUnixTimeSeconds());
        cloud.Time.Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        await cloud.Connection.Session.GetTokenAsync(Token);
        cloud.Time.Now += cloud.Fake.TokenLifetime - TimeSpan.FromSeconds(secondsLeft);
        await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Equal(logins, cloud.Fake.TokenCount);
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public async Task TheServersClockMayGoDifferently(int hours)
    {
        await using TestCloud cloud = new();
        cloud.Fake.Now = () => cloud.Time.Now.AddHours(hours);
        KeystoneToken token = await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.InRange(token.ExpiresAt - cloud.Time.Now, TimeSpan.FromMinutes(59), TimeSpan.FromMinutes(61));
        await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Equal(1, cloud.Fake.TokenCount);
    }

    [Fact]
    public async Task ARefusedTokenIsReplacedOnceAndTheRequestRepeatedOnce()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage());
        await cloud.Connection.Glance.ShowAsync(image.Id, Token);
        cloud.Fake.RevokeTokens();
        Assert.Equal(image.Id, (await cloud.Connection.Glance.ShowAsync(image.Id, Token)).Id);
        Assert.Equal(2, cloud.Fake.TokenCount);
        cloud.Fake.Server.Always("GET", FakeCloud.ImagePath(image.Id), static _ => FaultAnswer.Of(401));
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => cloud.Connection.Glance.ShowAsync(image.Id, Token));
        Assert.Equal((ErrorIds.AuthenticationFailed, image.Id), (error.ErrorId, error.ImageId));
        Assert.Equal(3, cloud.Fake.TokenCount);
    }

    [Fact]
    public async Task ManyRefusalsOfOneTokenAreOneLogin()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage());
        KeystoneToken token = await cloud.Connection.Session.GetTokenAsync(Token);
        cloud.Fake.RevokeTokens();
        await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => cloud.Connection.Glance.ShowAsync(image.Id, Token)));
        Assert.Equal(2, cloud.Fake.TokenCount);
        cloud.Connection.Session.Invalidate(token);
        await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Equal(2, cloud.Fake.TokenCount);
    }

    [Fact]
    public async Task AWrongPasswordIsRefusedOnceAndNotNamed()
    {
        await using TestCloud cloud = new(static variables => variables["OS_PASSWORD"] = "planted-wrong");
        cloud.Fake.Server.Always("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Json("""{"error":{"message":"no: planted-wrong"}}""", 401));
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => cloud.Connection.Session.GetTokenAsync(Token));
        Assert.Equal((ErrorIds.AuthenticationFailed, FailureCategory.PermissionDenied), (error.ErrorId, error.Category));
        Assert.Single(cloud.Fake.Server.Requests);
        Assert.DoesNotContain("planted", error + cloud.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ASecondFactorIsNamed()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Of(401, ("Openstack-Auth-Receipt", "planted")));
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => cloud.Connection.Session.GetTokenAsync(Token));
        Assert.Contains("second factor", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ALoginIsRepeatedWhenKeystoneIsBusy()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Next("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Of(503), static answer => answer with { CutBeforeHeaders = true });
        await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Equal(3, cloud.Fake.Server.Requests.Count);
        Assert.All(cloud.Fake.Server.Requests, static request => Assert.Contains("\"password\"", request.Text, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"token":{"expires_at":"never"}}""")]
    [InlineData("""{"token":{"expires_at":17}}""")]
    public async Task AnAnswerThatIsNoTokenIsAnError(string body)
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("POST", FakeCloud.TokensPath, _ => FaultAnswer.Json(body, 201).WithHeader("X-Subject-Token", "planted-token"));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => cloud.Connection.Session.GetTokenAsync(Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ATokenWithoutItsHeaderIsAnError()
    {
        await using TestCloud cloud = new();
        cloud.Fake.Server.Always("POST", FakeCloud.TokensPath, static _ => FaultAnswer.Json("""{"token":{"expires_at":"2099-01-01T00:00:00Z"}}""", 201));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => cloud.Connection.Session.GetTokenAsync(Token));
        Assert.Equal(ErrorIds.ServiceAnswerInvalid, error.ErrorId);
    }

    [Fact]
    public async Task AWrongAuthUrlIsAMatterOfTheEntry()
    {
        await using TestCloud cloud = new(static variables => variables["OS_AUTH_URL"] += "/wrong");
        InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => cloud.Connection.Session.GetTokenAsync(Token));
        Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
        Assert.Contains("auth_url", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("/")]
    [InlineData("/v3")]
    [InlineData("/v3/")]
    [InlineData("/v2.0")]
    public async Task TheAuthUrlMayHaveAVersionOrNot(string ending)
    {
        await using TestCloud cloud = new(variables => variables["OS_AUTH_URL"] += ending);
        await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Equal(FakeCloud.TokensPath, Assert.Single(cloud.Fake.Server.Requests).Path);
    }

    [Fact]
    public async Task NoSecretIsInMessagesOrLogs()
    {
        await using TestCloud cloud = new();
        FakeImage image = cloud.Fake.Add(new FakeImage { Data = [1] });
        await cloud.Connection.Glance.ShowAsync(image.Id, Token);
        string token = (await cloud.Connection.Session.GetTokenAsync(Token)).Value.Reveal();
        cloud.Fake.Server.Always("GET", FakeCloud.ImagePath(image.Id), _ => FaultAnswer.Text($"your token {token} with {FakeCloud.Password} failed", 500));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => cloud.Connection.Glance.ShowAsync(image.Id, Token));
        string everything = error + error.NextStep + cloud.Log.All + await cloud.Connection.Session.GetTokenAsync(Token);
        Assert.Contains("your token *** with *** failed", error.Message, StringComparison.Ordinal);
        Assert.Contains("/image/v2/images/" + image.Id, cloud.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", everything, StringComparison.Ordinal);
    }

    [Fact]
    public void WritesEachMethodAndScopeAsKeystoneWantsIt()
    {
        CloudCredentials password = new()
        {
            AuthUrl = new Uri("http://x"),
            Method = AuthenticationMethod.Password,
            UserName = "u",
            UserDomainName = "D",
            Password = new Secret("p\"w"),
        };
        CloudCredentials application = password with
        {
            Method = AuthenticationMethod.ApplicationCredential,
            ApplicationCredentialSecret = new Secret("s"),
            ApplicationCredentialName = "n",
            ProjectId = "ignored",
        };
        const string Identity = """{"auth":{"identity":{"methods":["password"],"password":{"user":{"name":"u","domain":{"name":"D"},"password":"p\"w"}}}""";
        AssertBody(password, Identity + ""","scope":"unscoped"}}""");
        AssertBody(password with { ProjectId = "i" }, Identity + ""","scope":{"project":{"id":"i"}}""" + "}}");
        AssertBody(password with { ProjectName = "n", ProjectDomainId = "d" }, Identity + ""","scope":{"project":{"name":"n","domain":{"id":"d"}}}""" + "}}");
        AssertBody(password with { DomainName = "d" }, Identity + ""","scope":{"domain":{"name":"d"}}""" + "}}");
        AssertBody(password with { SystemScope = "all" }, Identity + ""","scope":{"system":{"all":true}}""" + "}}");
        AssertBody(password with { TrustId = "t" }, Identity + ""","scope":{"OS-TRUST:trust":{"id":"t"}}""" + "}}");
        AssertBody(
            password with { UserId = "i", ProjectId = "p" },
            """{"auth":{"identity":{"methods":["password"],"password":{"user":{"id":"i","password":"p\"w"}}},"scope":{"project":{"id":"p"}}}}""");
        AssertBody(
            password with { Method = AuthenticationMethod.Token, Token = new Secret("t"), ProjectId = "p" },
            """{"auth":{"identity":{"methods":["token"],"token":{"id":"t"}},"scope":{"project":{"id":"p"}}}}""");
        AssertBody(
            application,
            """{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"secret":"s","name":"n","user":{"name":"u","domain":{"name":"D"}}}}}}""");
        AssertBody(
            application with { ApplicationCredentialId = "i" },
            """{"auth":{"identity":{"methods":["application_credential"],"application_credential":{"secret":"s","id":"i"}}}}""");
    }

    private static void AssertBody(CloudCredentials credentials, string expected)
    {
        using JsonDocument written = JsonDocument.Parse(KeystoneRequest.Write(credentials));
        using JsonDocument wanted = JsonDocument.Parse(expected);
        Assert.True(JsonElement.DeepEquals(wanted.RootElement, written.RootElement), written.RootElement.ToString());
    }
}
