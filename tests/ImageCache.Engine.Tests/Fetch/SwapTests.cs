using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Somebody who may write in the cache exchanges what a fetch is working on.</summary>
public sealed class SwapTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_private_directory_exchanged_while_data_come_changes_nothing(bool converted)
    {
        byte[] disk = TestData.Noise(1 << 20);
        byte[] data = converted ? await Qemu.ToQcow2Async(_bed.Directory, disk) : disk;
        FakeImage image = _bed.Cloud.Add(new FakeImage { DiskFormat = converted ? "qcow2" : "raw", Data = data });
        byte[] evil = converted ? await Qemu.ToQcow2Async(_bed.Directory, TestData.Noise(1 << 20, seed: 3)) : TestData.Noise(1 << 20, seed: 3);
        _bed.Server.Next("GET", FakeCloud.DataPath(image.Id), answer =>
        {
            string real = Assert.Single(Directory.GetDirectories(_bed.Layout.TemporaryPath));
            Directory.Move(real, real + ".away");
            Directory.CreateDirectory(real);
            File.WriteAllBytes(Path.Join(real, "data"), evil);
            File.WriteAllBytes(Path.Join(real, "raw"), evil);
            return answer;
        });

        BaseImage fetched = await _bed.FetchAsync(image.Id);

        Assert.Equal(disk, File.ReadAllBytes(fetched.Path));
        await foreach (InitializationResult _ in _bed.Open().InitializeAsync(false, false, _bed.Monitor, TestContext.Current.CancellationToken))
        {
        }

        Assert.Empty(_bed.Leftovers());
        Assert.True((await _bed.FetchAsync(new FetchRequest { Image = image.Id })).Hit);
    }
}
