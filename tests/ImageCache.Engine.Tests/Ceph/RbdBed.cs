using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>A compute node whose cloud is in memory and whose Ceph is the lab's real one, so that every word of Glance's can be twisted.</summary>
internal sealed class RbdBed : IAsyncDisposable
{
    public RbdBed(LabCloud lab)
    {
        Ceph = new LabCeph(lab);
        Node = new EngineBed();
        Node.Settings["rbd_user"] = "compute";
        Node.Settings["rbd_ceph_conf"] = Ceph.ConfigurationPath;
        Node.Settings["rbd_connect_timeout"] = "20";
    }

    public LabCeph Ceph { get; }

    public EngineBed Node { get; }

    /// <summary>An image whose data lie in Ceph, and which Glance would give, too.</summary>
    public async Task<FakeImage> AddAsync(byte[] data, Func<FakeImage, FakeImage>? change = null, params string[] options)
        => Add(await Ceph.ImportAsync(data, options), data, change);

    public FakeImage Add(string name, byte[] data, Func<FakeImage, FakeImage>? change = null)
    {
        FakeImage image = new() { Data = data, Extra = new() { ["direct_url"] = Ceph.Location(name) } };
        return Node.Cloud.Add(change?.Invoke(image) ?? image);
    }

    /// <summary>Fetches by RbdExport what must come, and not by Glance.</summary>
    public async Task<BaseImage> FetchAsync(FakeImage image)
    {
        BaseImage fetched = await Node.FetchAsync(new FetchRequest { Image = image.Id, Method = FetchMethod.RbdExport });
        Assert.Equal(BaseImageMethod.RbdExport, fetched.Method);
        Assert.Equal(0, Node.DataRequests(image.Id));
        return fetched;
    }

    /// <summary>Fetches by RbdExport what must fail.</summary>
    public async Task<T> FailsAsync<T>(FakeImage image, FetchMethod method = FetchMethod.RbdExport)
        where T : ImageCacheException
    {
        FetchOutcome outcome = await Node.TryFetchAsync(new FetchRequest { Image = image.Id, Method = method });
        T error = Assert.IsType<T>(outcome.Error);
        Node.AssertNothingLeft(image.Id, error.ErrorId);
        Assert.Equal(0, Node.DataRequests(image.Id));
        return error;
    }

    /// <summary>Fetches by the first method that works: Download, with a warning that says why not from Ceph.</summary>
    public async Task FallsBackAsync(FakeImage image, string reason)
    {
        BaseImage fetched = await Node.FetchAsync(new FetchRequest { Image = image.Id, Method = FetchMethod.Auto });
        Assert.Equal(BaseImageMethod.Download, fetched.Method);
        Assert.Contains(Node.Warnings, warning => warning.Contains("RbdExport", StringComparison.Ordinal) && warning.Contains(reason, StringComparison.Ordinal));
        Node.AssertWhole(image.Id, image.Data);
    }

    /// <summary>Reads with the lab's ceph.conf, one line of its [global] replaced.</summary>
    public async Task UseConfigurationAsync(string line)
    {
        string key = line.Split('=')[0].Trim();
        IEnumerable<string> lines = (await File.ReadAllLinesAsync(Ceph.ConfigurationPath, TestContext.Current.CancellationToken))
            .Where(other => other.Split('=')[0].Trim() != key)
            .SelectMany(other => other.Trim() == "[global]" ? [other, line] : new[] { other });
        string path = Node.Directory["ceph.conf"];
        await File.WriteAllLinesAsync(path, lines, TestContext.Current.CancellationToken);
        Node.Settings["rbd_ceph_conf"] = path;
    }

    /// <summary>Reads with a key that is not the user's.</summary>
    public async Task UseWrongKeyAsync(string user = "compute")
    {
        Node.Settings["rbd_user"] = user;
        string keyring = Node.Directory["keyring"];
        await File.WriteAllTextAsync(keyring, $"[client.{user}]\n\tkey = AQBzWRFpAAAAABAAcGxhbnRlZCB3cm9uZyBrZQ==\n", TestContext.Current.CancellationToken);
        await UseConfigurationAsync($"keyring = {keyring}");
    }

    /// <summary>Reads as another user.</summary>
    public Task UseAsync(TestUser user)
    {
        Node.Settings["rbd_user"] = user.Name;
        return UseConfigurationAsync($"keyring = {user.Keyring}");
    }

    public async ValueTask DisposeAsync()
    {
        await Node.DisposeAsync();
        await Ceph.DisposeAsync();
    }
}
