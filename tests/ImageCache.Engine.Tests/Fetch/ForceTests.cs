using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch;

/// <summary>Fetching again what is here. Whatever goes wrong, the earlier file and its record are as they were.</summary>
public sealed class ForceTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public ForceTests() => _image = _bed.Cloud.Add(new FakeImage { Name = "again", Data = TestData.Noise(500_000) });

    private string BasePath => _bed.BasePath(_image.Id);

    private string RecordPath => _bed.Layout.RecordPath(Path.GetFileName(BasePath));

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    public static TheoryData<string, Func<FaultAnswer, FaultAnswer>> Faults() => new()
    {
        { ErrorIds.ImageDataNotFound, static _ => FaultAnswer.Of(404) },
        { ErrorIds.ImageDataNotFound, static _ => FaultAnswer.Of(204) },
        { ErrorIds.AccessDenied, static _ => FaultAnswer.Of(403) },
        { ErrorIds.ServiceUnavailable, static _ => FaultAnswer.Of(500) },
        { ErrorIds.TransferFailed, static answer => answer with { CutAfter = 1000 } },
        { ErrorIds.SizeMismatch, static answer => answer with { Body = new byte[900_000], Chunked = true } },
        { ErrorIds.DigestMismatch, static answer => answer with { WrongBytes = [3] } },
    };

    [Theory]
    [MemberData(nameof(Faults), DisableDiscoveryEnumeration = true)]
    public async Task A_fetch_that_fails_leaves_the_earlier_file(string errorId, Func<FaultAnswer, FaultAnswer> fault)
    {
        await _bed.FetchAsync(_image.Id);
        (DateTime Written, string Record) before = (File.GetLastWriteTimeUtc(BasePath), File.ReadAllText(RecordPath));
        _bed.Server.Always("GET", FakeCloud.DataPath(_image.Id), fault);

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id, force: true);

        Assert.Equal(errorId, outcome.Error?.ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(before, (File.GetLastWriteTimeUtc(BasePath), File.ReadAllText(RecordPath)));
        _bed.AssertFailureTold(errorId);
    }

    [Fact]
    public async Task The_same_bytes_keep_the_file_and_the_way_it_came()
    {
        await _bed.FetchAsync(_image.Id);
        ulong inode = Native.Posix.FileStatus.OfPath(BasePath)!.Value.Inode;

        BaseImage again = await _bed.FetchAsync(_image.Id, force: true);

        Assert.False(again.Hit);
        Assert.Equal(BaseImageMethod.Download, again.Method);
        Assert.Equal(_image.Data.Length, again.BytesTransferred);
        Assert.Equal(inode, Native.Posix.FileStatus.OfPath(BasePath)!.Value.Inode);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task An_id_that_was_used_again_is_refused_and_replaced_by_force()
    {
        await _bed.FetchAsync(_image.Id);
        FakeImage other = _bed.Cloud.Add(_image with { Name = "renamed", Data = TestData.Noise(400_000, seed: 8) });

        FetchOutcome refused = await _bed.TryFetchAsync("renamed");
        Assert.Equal(ErrorIds.DigestMismatch, Assert.IsType<VerificationException>(refused.Error).ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);

        Assert.False((await _bed.FetchAsync(_image.Id, force: true)).Hit);
        _bed.AssertWhole(_image.Id, other.Data);
    }

    [Fact]
    public async Task An_id_that_was_used_again_does_not_replace_what_a_disk_uses()
    {
        await _bed.FetchAsync(_image.Id);
        await Qemu.OverlayAsync(_bed.Directory["instances/three/disk"], BasePath);
        _bed.Cloud.Add(_image with { Data = TestData.Noise(400_000, seed: 8) });

        FetchOutcome outcome = await _bed.TryFetchAsync(_image.Id, force: true);

        Assert.Equal(ErrorIds.ImageInUse, outcome.Error?.ErrorId);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task A_file_that_cannot_be_replaced_keeps_its_record()
    {
        Assert.SkipUnless(Environment.UserName == "root", "only root can make files immutable");
        await _bed.FetchAsync(_image.Id);
        string before = File.ReadAllText(RecordPath);
        _bed.Cloud.Add(_image with { Data = TestData.Noise(400_000, seed: 8) });
        Assert.SkipUnless(await ChangeAttributeAsync("+i"), "this file system has no immutable files");
        try
        {
            Assert.Equal(ErrorIds.CacheUnavailable, (await _bed.TryFetchAsync(_image.Id, force: true)).Error?.ErrorId);
        }
        finally
        {
            await ChangeAttributeAsync("-i");
        }

        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(before, File.ReadAllText(RecordPath));
    }

    [Fact]
    public async Task Asking_Glance_is_what_force_means()
    {
        await _bed.FetchAsync(_image.Id);
        _bed.Cloud.Remove(_image.Id);
        Assert.Equal(ErrorIds.ImageNotFound, (await _bed.TryFetchAsync(_image.Id, force: true)).Error?.ErrorId);
        Assert.Equal(RecordState.Valid, _bed.RecordOf(_image.Id).State);
    }

    private async Task<bool> ChangeAttributeAsync(string attribute)
    {
        using System.Diagnostics.Process process = System.Diagnostics.Process.Start(
            new System.Diagnostics.ProcessStartInfo("chattr", [attribute, BasePath]) { RedirectStandardError = true })!;
        await process.WaitForExitAsync(TestContext.Current.CancellationToken);
        return process.ExitCode == 0;
    }
}
