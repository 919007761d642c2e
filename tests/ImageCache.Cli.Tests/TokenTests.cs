using System.Runtime.InteropServices;
using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Cli.Tests;

/// <summary>Tokens that one process keeps for the next. What is kept here is found by nobody else and forgotten by the kernel after a minute.</summary>
public sealed partial class TokenTests : IAsyncDisposable
{
    private const int ProcessKeyring = -2; // KEY_SPEC_PROCESS_KEYRING

    private readonly CommandSandbox _sandbox = new();
    private readonly FakeCloud _cloud = FakeCloud.Start();

    public TokenTests()
    {
        _sandbox.AddEnvironment(_cloud.Environment());
        _sandbox.Environment["IMAGECACHE_RETRIES"] = "0";
        _sandbox.Environment["IMAGECACHE_TOKEN_CACHE_TIME"] = "60";
        _cloud.Add(new FakeImage { Name = "cirros" });
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _sandbox.Dispose();
    }

    [Fact]
    public async Task TheSecondCommandDoesNotLogIn()
    {
        RequireKeyring();
        for (int run = 0; run < 2; run++)
        {
            CommandResult result = (await _sandbox.RunAsync("find", "--json")).Ends(0);
            Assert.Equal("cirros", Assert.Single(result.Results).GetProperty("name").GetString());
        }

        Assert.Equal(1, _cloud.Server.CountOf("POST", FakeCloud.TokensPath));
    }

    [Fact]
    public async Task AWrongPasswordIsRefusedThoughATokenIsKept()
    {
        RequireKeyring();
        (await _sandbox.RunAsync("find")).Ends(0);
        _sandbox.Environment["OS_PASSWORD"] = "planted-wrong";

        CommandResult result = (await _sandbox.RunAsync("find", "--json")).Ends(3);

        using JsonDocument error = JsonDocument.Parse(result.Error.Trim());
        Assert.Equal("AuthenticationFailed", error.RootElement.GetProperty("errorId").GetString());
    }

    [Fact]
    public async Task NoughtTurnsItOff()
    {
        _sandbox.Environment["IMAGECACHE_TOKEN_CACHE_TIME"] = "0";
        (await _sandbox.RunAsync("find")).Ends(0);
        (await _sandbox.RunAsync("find")).Ends(0);
        Assert.Equal(2, _cloud.Server.CountOf("POST", FakeCloud.TokensPath));
    }

    private static void RequireKeyring()
    {
        Assert.SkipUnless(NativeLibrary.TryLoad("libkeyutils.so.1", out _), "no keyring: this machine has no libkeyutils.so.1");
        Assert.SkipUnless(AddKey("user", "imagecache:test", [1], 1, ProcessKeyring) >= 0, "no keyring: add_key is refused");
    }

    [LibraryImport("libkeyutils.so.1", EntryPoint = "add_key", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int AddKey(string type, string description, ReadOnlySpan<byte> payload, nuint length, int keyring);
}
