using System.Text.Json;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>A user of the lab's Ceph who may read Glance's pool, with a keyring of its own; gone with its test.</summary>
internal sealed class TestUser : IAsyncDisposable
{
    private readonly LabCeph _ceph;
    private readonly List<string> _shutOut = [];

    private TestUser(LabCeph ceph, string keyring)
    {
        _ceph = ceph;
        Keyring = keyring;
    }

    /// <summary>Without <c>client.</c>.</summary>
    public string Name { get; } = "imagecache-test-" + Guid.NewGuid().ToString("N");

    public string Keyring { get; }

    private string Entity => "client." + Name;

    public static async Task<TestUser> CreateAsync(LabCeph ceph, TestDirectory directory)
    {
        TestUser user = new(ceph, directory["test-user.keyring"]);
        await ceph.AdminAsync(
            "auth", "get-or-create", user.Entity, "mon", "profile rbd", "osd", $"profile rbd-read-only pool={LabCeph.Pool}", "-o", user.Keyring);
        return user;
    }

    /// <summary>The cluster knows the user no more.</summary>
    public Task RevokeAsync() => _ceph.AdminAsync("auth", "rm", Entity);

    /// <summary>The cluster serves no client that this user has now.</summary>
    public async Task ShutOutAsync()
    {
        using JsonDocument sessions = JsonDocument.Parse(await _ceph.AdminAsync("tell", "mon.a", "sessions"));
        string[] clients = [.. sessions.RootElement.EnumerateArray()
            .Where(session => session.GetProperty("entity_name").GetString() == Entity)
            .SelectMany(static session => session.GetProperty("addrs").GetProperty("addrvec").EnumerateArray())
            .Select(static address => $"{address.GetProperty("addr").GetString()}/{address.GetProperty("nonce").GetInt64()}").Distinct()];
        Assert.NotEmpty(clients);
        foreach (string client in clients)
        {
            _shutOut.Add(client);
            await _ceph.AdminAsync("osd", "blocklist", "add", client, "120");
        }
    }

    public async ValueTask DisposeAsync()
    {
        await RevokeAsync();
        foreach (string client in _shutOut)
        {
            await _ceph.AdminAsync("osd", "blocklist", "rm", client);
        }
    }
}
