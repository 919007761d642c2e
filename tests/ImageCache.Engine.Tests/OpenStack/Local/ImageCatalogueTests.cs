using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Local;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Local;

public sealed class ImageCatalogueTests : IDisposable
{
    private readonly TestDirectory _home = new();
    private readonly InstantTime _time = new();

    private string Directory => _home[".cache/imagecache"];

    public void Dispose() => _home.Dispose();

    [Fact]
    public void KeepsWhatASearchSawBeforeWhatWasSeenEarlier()
    {
        ImageCatalogue catalogue = Open();
        Assert.Empty(catalogue.Read());
        catalogue.Keep([Image("a", "one", 5), Image("b", null, null)], false, _time);
        catalogue.Keep([Image("c", "three", 7), Image("a", "renamed", 6)], false, _time);
        Assert.Equal(
            [new("c", "three", "active", 7), new("a", "renamed", "active", 6), new("b", null, "active", null)], Open().Read());
        catalogue.Keep([Image("d", "four", 1)], true, _time);
        Assert.Equal(["d"], Open().Read().Select(static entry => entry.Id));
    }

    [Fact]
    public void IsForItsOwnerOnlyAndLeavesNothingBeside()
    {
        Open().Keep([Image("a", "one", 5)], false, _time);
        string file = Assert.Single(System.IO.Directory.GetFiles(Directory));
        if (!OperatingSystem.IsWindows())
        {
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
            Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, File.GetUnixFileMode(Directory));
        }
    }

    [Fact]
    public void HasABound()
    {
        ImageCatalogue catalogue = Open();
        catalogue.Keep([.. Enumerable.Range(0, 25_000).Select(static index => Image($"id-{index}", "n", 1))], false, _time);
        Assert.Equal(ImageCatalogue.MostEntries, catalogue.Read().Count);
    }

    [Theory]
    [InlineData("")]
    [InlineData("not json")]
    [InlineData("[]")]
    [InlineData("""{"schema":2,"images":[{"id":"a"}]}""")]
    [InlineData("""{"schema":"1","images":[{"id":"a"}]}""")]
    [InlineData("""{"schema":1,"images":[7,{"id":7},{"name":"n"},null]}""")]
    public void ADamagedFileIsAnEmptyOne(string content)
    {
        ImageCatalogue catalogue = Open();
        catalogue.Keep([Image("a", "one", 5)], false, _time);
        File.WriteAllText(Assert.Single(System.IO.Directory.GetFiles(Directory)), content);
        Assert.Empty(catalogue.Read());
        catalogue.Keep([Image("a", "one", 5)], false, _time);
        Assert.Single(catalogue.Read());
    }

    [Fact]
    public void NothingFailsForWantOfADirectory()
    {
        File.WriteAllText(_home["file"], "in the way");
        foreach (Dictionary<string, string> environment in new Dictionary<string, string>[] { [], new() { ["XDG_CACHE_HOME"] = _home["file"] } })
        {
            ImageCatalogue catalogue = new(new UserCacheDirectory(new EngineOptions { Environment = environment, WorkingDirectory = "/" }), "key");
            catalogue.Keep([Image("a", "one", 5)], false, _time);
            Assert.Empty(catalogue.Read());
        }
    }

    [Fact]
    public async Task TheIdentityOfALoginIsKnownToTheNextProcessWithoutNetwork()
    {
        await using TestCloud cloud = new();
        await cloud.Connection.Session.GetTokenAsync(TestContext.Current.CancellationToken);
        int requests = cloud.Fake.Server.Requests.Count;
        using CloudConnection next = cloud.Connect();
        Assert.Equal(Faults.FakeCloud.ProjectId, (await next.GetIdentityAsync(TestContext.Current.CancellationToken)).ProjectId);
        Assert.Equal(requests, cloud.Fake.Server.Requests.Count);
        string files = string.Concat(System.IO.Directory.GetFiles(Path.Combine(cloud.Home, ".cache", "imagecache")).Select(File.ReadAllText));
        Assert.DoesNotContain("planted", files, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnotherUserOrProjectHasAnotherIdentity()
    {
        await using TestCloud cloud = new();
        string key = CloudKey.Of(cloud.Connection.Cloud);
        Assert.Equal(key, CloudKey.Of(cloud.Connect().Cloud));
        Assert.NotEqual(key, CloudKey.Of(cloud.Connection.Cloud with { Credentials = cloud.Connection.Cloud.Credentials with { UserName = "other" } }));
        Assert.NotEqual(key, CloudKey.Of(cloud.Connection.Cloud with { Credentials = cloud.Connection.Cloud.Credentials with { ProjectName = "other" } }));
        Assert.Equal(key, CloudKey.Of(cloud.Connection.Cloud with { Credentials = cloud.Connection.Cloud.Credentials with { Password = new Secret("other") } }));
    }

    private static ImageDescriptor Image(string id, string? name, long? size) => new() { Id = id, Name = name, Size = size };

    private ImageCatalogue Open()
        => new(new UserCacheDirectory(new EngineOptions { Environment = new Dictionary<string, string> { ["HOME"] = _home.FullPath }, WorkingDirectory = "/" }), "key");
}
