using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack;

public sealed class CloudConnectionTests
{
    [Fact]
    public async Task WantsACloudOnlyWhenSomethingOfItIsNeeded()
    {
        using TestDirectory home = new();
        EngineOptions options = new() { Environment = new Dictionary<string, string> { ["HOME"] = home.FullPath }, WorkingDirectory = home.FullPath };
        using CloudConnection connection = new(options, new ImageCacheConfiguration { CachePath = home.NewCache() }, TimeProvider.System)
        {
            Files = new CloudFiles(options) { Directories = [home.FullPath] },
        };
        InvalidInputException first = await Assert.ThrowsAsync<InvalidInputException>(
            async () => await connection.Glance.ShowAsync("x", TestContext.Current.CancellationToken));
        InvalidInputException second = await Assert.ThrowsAsync<InvalidInputException>(
            () => connection.GetIdentityAsync(TestContext.Current.CancellationToken));
        Assert.Equal((ErrorIds.CloudNotConfigured, ErrorIds.CloudNotConfigured), (first.ErrorId, second.ErrorId));
        Assert.NotSame(first, second);
    }
}
