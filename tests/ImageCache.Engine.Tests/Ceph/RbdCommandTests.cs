using ImageCache.Engine.Ceph;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using ImageCache.Engine.Transfer;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ImageCache.Engine.Tests.Ceph;

/// <summary>Where there is no librbd, the rbd command does its work.</summary>
[Collection(LabTests.Name)]
public sealed class RbdCommandTests : IAsyncDisposable
{
    private const int MiB = 1 << 20;

    private readonly RbdBed _bed;

    public RbdCommandTests(LabCloud lab)
    {
        _bed = new RbdBed(lab);
        _bed.Node.HasRbdLibrary = false;
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Fact]
    public async Task The_command_gives_the_same_bytes_as_often_as_it_is_asked()
    {
        byte[] data = new byte[(13 * MiB) + 77];
        TestData.Noise(5 * MiB).CopyTo(data, 4 * MiB);
        string name = await _bed.Ceph.ImportAsync(data);
        RbdExportHandler handler = Handler();
        ImageDescriptor image = Image(_bed.Ceph.Location(name), data.Length);
        Assert.Empty(handler.Lacks(image).Reasons);
        await using IByteSource source = await handler.FetchAsync(image, Token);
        Assert.IsType<RbdCommandByteSource>(source);
        for (int i = 0; i < 2; i++)
        {
            Assert.Equal(data, await ReadAsync(source));
        }
    }

    [Fact]
    public async Task A_reader_that_is_left_ends_the_command()
    {
        byte[] data = TestData.Noise(40 * MiB);
        string name = await _bed.Ceph.ImportAsync(data);
        await using IByteSource source = await Handler().FetchAsync(Image(_bed.Ceph.Location(name), data.Length), Token);
        IByteReader reader = await source.OpenAsync(0, Token);
        Assert.False((await reader.ReadAsync(new byte[1000], Token)).IsEnd);
        Assert.NotEmpty(RunningCommand.Of(name));
        await reader.DisposeAsync();
        Assert.Empty(RunningCommand.Of(name));
    }

    [Fact]
    public async Task A_command_that_dies_in_the_middle_is_started_again()
    {
        (FakeImage image, RunningFetch fetch) = await StartSlowlyAsync(FetchMethod.RbdExport);
        using (fetch)
        {
            Assert.Single(RunningCommand.Of(NameOf(image))).Kill();
            FetchOutcome outcome = await fetch.EndAsync();
            Assert.True(outcome.Image?.Method == BaseImageMethod.RbdExport, outcome.Error?.ToString());
        }

        Assert.Contains(_bed.Node.Warnings, static warning => warning.Contains("broke off", StringComparison.Ordinal) && warning.Contains("exit code 137", StringComparison.Ordinal));
        _bed.Node.AssertWhole(image.Id, image.Data);
    }

    [Fact]
    public async Task A_command_that_always_dies_is_given_up_after_the_attempts()
    {
        _bed.Node.Settings["retries"] = "1";
        (FakeImage image, RunningFetch fetch) = await StartSlowlyAsync(FetchMethod.RbdExport);
        using (fetch)
        {
            int killed = 0;
            while (!fetch.IsCompleted)
            {
                foreach (RunningCommand command in RunningCommand.Of(NameOf(image)))
                {
                    command.Kill();
                    killed++;
                }

                await Task.Delay(5, Token);
            }

            Assert.Equal(ErrorIds.TransferFailed, Assert.IsType<UnavailableException>((await fetch.EndAsync()).Error).ErrorId);
            Assert.InRange(killed, 2, int.MaxValue);
        }

        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.TransferFailed);
    }

    [Fact]
    public async Task A_Ceph_that_falls_silent_is_given_up()
    {
        _bed.Node.Settings["idle_timeout"] = "1";
        _bed.Node.Settings["retries"] = "0";
        (FakeImage image, RunningFetch fetch) = await StartSlowlyAsync(FetchMethod.RbdExport);
        using (fetch)
        {
            await using LabOutage outage = await LabOutage.PauseAsync("ceph-osd");
            UnavailableException error = Assert.IsType<UnavailableException>((await fetch.EndAsync()).Error);
            Assert.Equal(ErrorIds.TransferFailed, error.ErrorId);
            Assert.Contains("silent", error.Message, StringComparison.Ordinal);
            Assert.Empty(RunningCommand.Of(NameOf(image)));
        }

        _bed.Node.AssertNothingLeft(image.Id, ErrorIds.TransferFailed);
    }

    [Fact]
    public async Task The_cluster_and_the_snapshot_are_checked_as_ever()
    {
        string name = await _bed.Ceph.ImportAsync([1, 2, 3]);
        PolicyException other = await Assert.ThrowsAsync<PolicyException>(
            () => Handler().FetchAsync(Image(_bed.Ceph.Location(name, Guid.NewGuid().ToString()), 3), Token));
        Assert.Equal(ErrorIds.OtherCluster, other.ErrorId);
        foreach (string location in (string[])[_bed.Ceph.Location(name, snapshot: "gone"), _bed.Ceph.Location("not-here")])
        {
            NotFoundException missing = await Assert.ThrowsAsync<NotFoundException>(() => Handler().FetchAsync(Image(location, 3), Token));
            Assert.Equal(ErrorIds.ImageDataNotFound, missing.ErrorId);
        }

        await Assert.ThrowsAsync<VerificationException>(() => Handler().FetchAsync(Image(_bed.Ceph.Location(name), 4), Token));
        await Assert.ThrowsAsync<UnavailableException>(() => Handler("nobody-knows-me").FetchAsync(Image(_bed.Ceph.Location(name), 3), Token));
    }

    private static async Task<byte[]> ReadAsync(IByteSource source)
    {
        await using IByteReader reader = await source.OpenAsync(0, Token);
        using MemoryStream all = new();
        byte[] buffer = new byte[100_000];
        while (await reader.ReadAsync(buffer, Token) is { IsEnd: false } run)
        {
            all.Write(buffer, 0, run.Count);
        }

        return all.ToArray();
    }

    private static ImageDescriptor Image(string location, long size) => new() { Id = "an-image", Size = size, Locations = [location] };

    private static string NameOf(FakeImage image) => ((string)image.Extra["direct_url"]!).Split('/')[^2];

    private async Task<(FakeImage Image, RunningFetch Fetch)> StartSlowlyAsync(FetchMethod method)
    {
        // More than the command reads ahead by itself.
        FakeImage image = await _bed.AddAsync(TestData.Noise(96 * MiB));
        _bed.Node.Settings["rate_limit"] = "32MiB";
        RunningFetch fetch = RunningFetch.Start(_bed.Node, new FetchRequest { Image = image.Id, Method = method }, _bed.Node.Monitor);
        await fetch.ReachAsync(WorkStage.Transferring, MiB);
        return (image, fetch);
    }

    private RbdExportHandler Handler(string user = "compute")
    {
        ImageCacheConfiguration configuration = new() { CachePath = "/x", RbdUser = user, RbdCephConf = _bed.Ceph.ConfigurationPath, RbdConnectTimeout = TimeSpan.FromSeconds(20) };
        return new RbdExportHandler(new CephConnector(new CephNode(configuration, new Dictionary<string, string>()) { HasLibrary = static () => false }), NullLogger.Instance);
    }
}
