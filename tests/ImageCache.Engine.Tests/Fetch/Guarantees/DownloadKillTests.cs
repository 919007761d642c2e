using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>Besides the stages, the moments within those that are the same wherever the bytes came from.</summary>
public sealed class DownloadKillTests() : KillGuarantees(new DownloadOrigin())
{
    [Theory]
    [InlineData(WorkStage.Verifying, 15_000)]
    [InlineData(WorkStage.Converting, 40_000)]
    [InlineData(WorkStage.Publishing, 300)]
    [InlineData(WorkStage.Publishing, 1_000)]
    [InlineData(WorkStage.Publishing, 3_000)]
    [InlineData(WorkStage.Publishing, 8_000)]
    [InlineData(WorkStage.Publishing, 20_000)]
    public Task A_fetch_killed_within_a_stage_leaves_all_or_nothing(WorkStage stage, int microseconds)
        => KillAndFetchAsync(mustHit: false, $"--kill-at={stage}", $"--kill-delay-us={microseconds}");

    [Theory]
    [InlineData(0)]
    [InlineData(500)]
    [InlineData(2_000)]
    [InlineData(6_000)]
    public async Task A_replacement_killed_while_it_is_published_leaves_one_of_the_two(int microseconds)
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(3_000_000) });
        await Node.FetchAsync(image.Id);
        FakeImage next = await Origin.AddAsync(image with { Data = TestData.Noise(3_000_000, seed: 2) });

        await Killed.KillAsync(image, mustHit: microseconds == 0, "--kill-at=Publishing", $"--kill-delay-us={microseconds}", "--force");

        byte[] there = await File.ReadAllBytesAsync(Node.BasePath(image.Id), Token);
        Assert.True(there.AsSpan().SequenceEqual(image.Data) || there.AsSpan().SequenceEqual(next.Data), "the base file is neither");
        await Node.FetchAsync(image.Id, force: true);
        Node.AssertWhole(image.Id, next.Data);
    }
}
