using System.Text;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Native.Keyutils;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Identity;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

public sealed class TokenCacheTests
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheNextProcessDoesNotLogIn()
    {
        await using KeyringBed bed = new();
        FakeImage image = bed.Cloud.Fake.Add(new FakeImage());
        KeystoneToken own = await bed.LogInAsync();

        CloudConnection next = bed.Connect();
        Assert.Equal(image.Id, (await next.Glance.ShowAsync(image.Id, Token)).Id);

        KeystoneToken kept = await next.Session.GetTokenAsync(Token);
        Assert.Equal((1, false, true), (bed.Logins, own.IsKept, kept.IsKept));
        Assert.Equal((own.Value.Reveal(), own.ProjectId, own.UserId), (kept.Value.Reveal(), kept.ProjectId, kept.UserId));
        Assert.Equal(own.Roles, kept.Roles);
        Assert.InRange(own.ExpiresAt - kept.ExpiresAt, TimeSpan.Zero, TimeSpan.FromMilliseconds(1));
        Assert.Contains("is from the keyring", bed.Cloud.Log.All, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", bed.Cloud.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task TheNextEngineDoesNotLogIn()
    {
        KeyringBed.Require();
        await using EngineBed bed = new();
        bed.Settings["token_cache_time"] = "60";
        FakeImage[] images = [bed.Cloud.Add(new FakeImage { Data = [1] }), bed.Cloud.Add(new FakeImage { Data = [2] })];
        await bed.FetchAsync(images[0].Id);
        await bed.FetchAsync(images[1].Id);
        Assert.Equal(1, bed.Cloud.TokenCount);
        using CloudConnection connection = new(bed.Options, new ImageCacheConfiguration { CachePath = bed.CachePath }, TimeProvider.System);
        new UserKeyring().Remove(LoginFacts.Description(LoginFacts.Write(connection.Cloud)));
    }

    [Fact]
    public async Task WithoutATimeNothingIsKept()
    {
        await using KeyringBed bed = new(TimeSpan.Zero);
        await bed.LogInAsync();
        Assert.Null(bed.Payload());
        await bed.LogInAsync();
        Assert.Equal(2, bed.Logins);
    }

    [Theory]
    [InlineData(300, 1)]
    [InlineData(301, 2)]
    [InlineData(-1, 2)]
    public async Task ATokenIsUsedForItsTimeAndNotBeforeItWasIssued(int secondsLater, int logins)
    {
        await using KeyringBed bed = new();
        bed.Cloud.Time.Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        await bed.LogInAsync();
        bed.Cloud.Time.Now += TimeSpan.FromSeconds(secondsLater);
        await bed.LogInAsync();
        Assert.Equal(logins, bed.Logins);
    }

    [Theory]
    [InlineData(120, 1)]
    [InlineData(119, 2)]
    public async Task ATokenIsNotUsedWhenLittleIsLeftOfIt(int secondsLeft, int logins)
    {
        await using KeyringBed bed = new(TimeSpan.FromHours(2));
        bed.Cloud.Time.Now = DateTimeOffset.FromUnixTimeSeconds(1_800_000_000);
        bed.Cloud.Fake.Now = () => bed.Cloud.Time.Now;
        await bed.LogInAsync();
        bed.Cloud.Time.Now += bed.Cloud.Fake.TokenLifetime - TimeSpan.FromSeconds(secondsLeft);
        await bed.LogInAsync();
        Assert.Equal(logins, bed.Logins);
    }

    [Fact]
    public async Task ATokenThatEndsSoonIsNotKept()
    {
        await using KeyringBed bed = new();
        bed.Cloud.Fake.TokenLifetime = KeystoneSession.LeastLife - TimeSpan.FromSeconds(10);
        await bed.LogInAsync();
        Assert.Null(bed.Payload());
    }

    [Fact]
    public async Task AWrongPasswordIsRefusedThoughATokenIsKept()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => bed.LogInAsync(static variables => variables["OS_PASSWORD"] = "planted-wrong"));
        Assert.Equal(ErrorIds.AuthenticationFailed, error.ErrorId);
        await bed.LogInAsync();
        Assert.Equal(1, bed.Logins);
    }

    [Theory]
    [InlineData("OS_PROJECT_NAME", "other")]
    [InlineData("OS_USERNAME", "other")]
    [InlineData("OS_USER_DOMAIN_ID", "other")]
    [InlineData("OS_PROJECT_DOMAIN_ID", "other")]
    [InlineData("OS_REGION_NAME", "")]
    [InlineData("OS_INTERFACE", "internal")]
    [InlineData("OS_IMAGE_INTERFACE", "internal")]
    [InlineData("OS_VOLUMEV3_REGION_NAME", "RegionTwo")]
    [InlineData("OS_SYSTEM_SCOPE", "all")]
    [InlineData("OS_INSECURE", "true")]
    public async Task AnotherLoginIsAnotherToken(string variable, string value)
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        await bed.LogInAsync(variables => variables[variable] = value);
        await bed.LogInAsync();
        await bed.LogInAsync(variables => variables[variable] = value);
        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task ATokenOfTheUsersIsExchangedOnce()
    {
        await using KeyringBed bed = new(environment: static variables =>
        {
            variables["OS_AUTH_TYPE"] = "v3token";
            variables["OS_TOKEN"] = "planted-given";
            variables.Remove("OS_PASSWORD");
            variables.Remove("OS_USERNAME");
            variables.Remove("OS_USER_DOMAIN_ID");
        });
        await bed.LogInAsync();
        await bed.LogInAsync();
        Assert.Equal(1, bed.Logins);
        await bed.LogInAsync(static variables => variables["OS_TOKEN"] = "planted-another");
        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task ARevokedTokenCostsOneRefusal()
    {
        await using KeyringBed bed = new();
        FakeImage image = bed.Cloud.Fake.Add(new FakeImage());
        await bed.LogInAsync();
        bed.Cloud.Fake.RevokeTokens();

        Assert.Equal(image.Id, (await bed.Connect().Glance.ShowAsync(image.Id, Token)).Id);

        Assert.Equal((2, 2), (bed.Logins, bed.Cloud.Fake.Server.CountOf("GET", FakeCloud.ImagePath(image.Id))));
        Assert.True((await bed.LogInAsync()).IsKept);
        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task ARefusedTokenIsGoneForOthersAndANewerOneStays()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        CloudConnection late = bed.Connect();
        KeystoneToken old = await late.Session.GetTokenAsync(Token);
        CloudConnection early = bed.Connect();
        early.Session.Invalidate(await early.Session.GetTokenAsync(Token));
        Assert.Null(bed.Payload());

        KeystoneToken newer = await early.Session.GetTokenAsync(Token);
        late.Session.Invalidate(old);

        Assert.Equal(newer.Value.Reveal(), (await bed.LogInAsync()).Value.Reveal());
    }

    [Fact]
    public async Task WhatSomebodyChangedIsNotUsed()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        byte[] payload = bed.Payload()!;
        byte[][] changed =
        [
            [1],
            payload[..^1],
            [.. payload, 0],
            [.. payload.Select(static (value, index) => index == 0 ? (byte)2 : value)],
            [.. payload.Select((value, index) => index == payload.Length / 2 ? (byte)(value ^ 1) : value)],
            [.. payload.Select((value, index) => index == payload.Length - 1 ? (byte)(value ^ 0x80) : value)],
            new byte[10_000],
        ];
        foreach (byte[] bytes in changed)
        {
            int before = bed.Logins;
            bed.Keyring.Write(bed.Description(), bytes, TimeSpan.FromMinutes(1));
            Assert.False((await bed.LogInAsync()).IsKept);
            Assert.Equal(before + 1, bed.Logins);
        }

        Assert.True((await bed.LogInAsync()).IsKept);
    }

    [Fact]
    public async Task WhatIsTooLargeIsNotKept()
    {
        await using KeyringBed bed = new();
        bed.Cloud.Fake.ImageEndpoint += "/" + new string('x', KeyringTokenCache.LargestPayload);
        await bed.LogInAsync();
        Assert.Null(bed.Payload());
        Assert.Contains("is not kept", bed.Cloud.Log.All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AServiceThatWasRegisteredSinceIsFound()
    {
        await using KeyringBed bed = new();
        FakeImage image = bed.Cloud.Fake.Add(new FakeImage());
        string endpoint = bed.Cloud.Fake.ImageEndpoint;
        bed.Cloud.Fake.ImageEndpoint = "none";
        await bed.LogInAsync();
        bed.Cloud.Fake.ImageEndpoint = endpoint;

        Assert.Equal(image.Id, (await bed.Connect().Glance.ShowAsync(image.Id, Token)).Id);
        Assert.Equal(2, bed.Logins);
        Assert.Equal(image.Id, (await bed.Connect().Glance.ShowAsync(image.Id, Token)).Id);
        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task AServiceThatIsNotThereCostsOneLoginAndSaysWhatThereIs()
    {
        await using KeyringBed bed = new(environment: static variables => variables["OS_IMAGE_REGION_NAME"] = "Nowhere");
        await bed.LogInAsync();
        CloudConnection next = bed.Connect();
        for (int attempt = 0; attempt < 2; attempt++)
        {
            InvalidInputException error = await Assert.ThrowsAsync<InvalidInputException>(() => next.Service(ServiceType.Image).GetEndpointAsync(Token));
            Assert.Equal(ErrorIds.CloudNotConfigured, error.ErrorId);
            Assert.Contains("it has public in RegionOne", error.Message, StringComparison.Ordinal);
        }

        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task WhoAsksForALoginGetsOne()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        CloudConnection next = bed.Connect();
        Assert.True((await next.Session.GetTokenAsync(Token)).IsKept);
        Assert.False((await next.Session.GetOwnTokenAsync(Token)).IsKept);
        Assert.False((await next.Session.GetTokenAsync(Token)).IsKept);
        Assert.Equal(2, bed.Logins);
    }

    [Fact]
    public async Task WhoWasToldThatTheCloudIsSilentAsksNobody()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        CloudConnection next = bed.Connect();
        using (next.GiveUp(new UnavailableException(ErrorIds.ServiceUnavailable, "silent")))
        {
            await Assert.ThrowsAsync<UnavailableException>(() => next.Session.GetTokenAsync(Token));
        }

        Assert.True((await next.Session.GetTokenAsync(Token)).IsKept);
    }

    [Fact]
    public async Task WhoWeAreIsKnownFromAKeptTokenToo()
    {
        await using KeyringBed bed = new();
        await bed.LogInAsync();
        CloudConnection next = bed.Connect(variables => variables["HOME"] = Path.Combine(bed.Cloud.Home, "other"));
        Assert.Null(next.KeptIdentity());
        await next.Session.GetTokenAsync(Token);
        Assert.Equal(FakeCloud.ProjectId, next.KeptIdentity()!.ProjectId);
        Assert.Equal(1, bed.Logins);
    }

    [Fact]
    public async Task NoSecretIsInWhatIsKeptNorInItsName()
    {
        await using KeyringBed bed = new();
        KeystoneToken token = await bed.LogInAsync();
        string payload = Encoding.Latin1.GetString(bed.Payload()!);
        Assert.DoesNotContain(token.Value.Reveal(), payload, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeCloud.Password, payload, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", payload, StringComparison.Ordinal);
        Assert.DoesNotContain(FakeCloud.ProjectId, payload, StringComparison.Ordinal);
        Assert.Matches("^imagecache:[0-9a-f]{64}$", bed.Description());
        Assert.Equal(bed.Description(), bed.Description(bed.Connect(static variables => variables["OS_PASSWORD"] = "another")));
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task AKeyringThatFailsIsLeftAloneAndDisturbsNobody(bool readable, int calls)
    {
        await using TestCloud cloud = new(configure: static configuration => configuration with { TokenCacheTime = TimeSpan.FromMinutes(5) });
        FakeImage image = cloud.Fake.Add(new FakeImage());
        BrokenKeyring keyring = new(readable);
        using CloudConnection connection = cloud.Connect(keyring: keyring);
        await connection.Glance.ShowAsync(image.Id, Token);
        cloud.Fake.RevokeTokens();
        await connection.Glance.ShowAsync(image.Id, Token);
        Assert.Equal((2, calls), (cloud.Fake.TokenCount, keyring.Calls));
        Assert.Single(cloud.Log.All.Split('\n'), static line => line.Contains("planned to fail", StringComparison.Ordinal));
    }
}
