using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>What is set aside comes back in an instant when it is wanted, and goes when nobody wants it.</summary>
public sealed class UnusedQuarantineTests : IAsyncDisposable
{
    private readonly EngineBed _bed = new();
    private readonly FakeImage _image;

    public UnusedQuarantineTests()
    {
        _bed.Settings["prune_quarantine"] = "true";
        _image = _bed.Cloud.Add(new FakeImage { Name = "image", Data = TestData.Noise(51200) });
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("allow_unverifiable")]
    [InlineData("require")]
    public async Task A_fetch_brings_it_back_without_a_byte(string checksum)
    {
        _bed.Settings["checksum"] = checksum;
        await SetAsideAsync();
        Assert.False(File.Exists(_bed.BasePath(_image.Id)));
        Assert.Equal(RecordState.Missing, _bed.RecordOf(_image.Id).State);

        BaseImage back = await _bed.FetchAsync(_image.Id);

        Assert.True(back.Hit);
        Assert.Equal(1, _bed.DataRequests(_image.Id));
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.Empty(Directory.GetFileSystemEntries(_bed.Layout.QuarantinePath));
        Assert.True(DateTime.UtcNow - File.GetLastWriteTimeUtc(_bed.BasePath(_image.Id)) < TimeSpan.FromMinutes(5), "it would go again at once");
        Assert.Contains(_bed.Events(), static told => told.GetProperty("event").GetString() == "restored");
    }

    [Fact]
    public async Task The_proof_of_its_bytes_survives_both_ways()
    {
        await SetAsideAsync(keepProof: true);
        await _bed.FetchAsync(_image.Id);
        Assert.NotNull(new CacheReader(_bed.Layout, _bed.Records).Find(CacheLayout.BaseName(_image.Id))!.Proof);
    }

    [Fact]
    public async Task What_was_changed_there_is_no_hit_where_a_proof_is_required()
    {
        _bed.Settings["checksum"] = "require";
        string aside = await SetAsideAsync();
        byte[] wrong = [.. _image.Data];
        wrong[100] ^= 1;
        await File.WriteAllBytesAsync(aside, wrong, Token);
        BaseImage fetched = await _bed.FetchAsync(_image.Id);
        Assert.False(fetched.Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task Another_length_is_not_brought_back()
    {
        string aside = await SetAsideAsync();
        await File.AppendAllTextAsync(aside, "x", Token);
        Assert.False((await _bed.FetchAsync(_image.Id)).Hit);
        _bed.AssertWhole(_image.Id, _image.Data);
        Assert.True(File.Exists(aside));
    }

    [Fact]
    public async Task Force_fetches_anew()
    {
        await SetAsideAsync();
        Assert.False((await _bed.FetchAsync(_image.Id, force: true)).Hit);
        Assert.Equal(2, _bed.DataRequests(_image.Id));
    }

    [Fact]
    public async Task It_is_kept_for_its_grace_and_goes_after_it_with_its_record()
    {
        string aside = await SetAsideAsync();
        PruneDecision kept = Assert.Single(await PruneAsync());
        Assert.Equal((PruneAction.Keep, PruneKind.Quarantined, _image.Id), (kept.Action, kept.Kind, kept.ImageId));
        string old = aside.Replace($".{DateTime.UtcNow:yyyy}", ".2001", StringComparison.Ordinal);
        File.Move(aside, old);
        File.Move(aside + ".json", old + ".json");
        PruneDecision gone = Assert.Single(await PruneAsync());
        Assert.Equal((PruneAction.Remove, true), (gone.Action, gone.Done));
        Assert.Empty(Directory.GetFileSystemEntries(_bed.Layout.QuarantinePath));
    }

    [Fact]
    public async Task What_no_prune_put_there_by_a_known_name_is_kept()
    {
        await SetAsideAsync();
        string other = Path.Join(_bed.Layout.QuarantinePath, "notes.txt");
        await File.WriteAllTextAsync(other, "mine", Token);
        File.SetLastWriteTimeUtc(other, DateTime.UtcNow.AddYears(-1));
        PruneDecision decision = Assert.Single(await PruneAsync(), decision => decision.Path == other);
        Assert.Equal((PruneAction.Keep, PruneKind.Unknown), (decision.Action, decision.Kind));
    }

    private async Task<string> SetAsideAsync(bool keepProof = false)
    {
        ImageCacheEngine engine = _bed.Open();
        await _bed.FetchAsync(new FetchRequest { Image = _image.Id }, engine);
        string path = _bed.BasePath(_image.Id);
        if (keepProof)
        {
            _bed.Settings["prune_minimum_age"] = "0";
        }
        else
        {
            File.SetLastWriteTimeUtc(path, DateTime.UtcNow.AddDays(-3));
        }

        PruneDecision decision = Assert.Single(await PruneAsync());
        Assert.Equal((PruneAction.Quarantine, true), (decision.Action, decision.Done));
        return Assert.Single(Directory.GetFiles(_bed.Layout.QuarantinePath, "*.unused"));
    }

    private async Task<IReadOnlyList<PruneDecision>> PruneAsync()
    {
        ImageCacheEngine engine = _bed.Open();
        List<PruneDecision> decisions = [];
        await foreach (PruneDecision decision in engine.PruneAsync(await engine.PlanPruneAsync(describe: false, _bed.Monitor, Token), _bed.Monitor, Token))
        {
            decisions.Add(decision);
        }

        return decisions;
    }
}
