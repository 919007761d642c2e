using ImageCache.Engine.Life.Usage;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>The nodes that share an instances_path, by nova's register.</summary>
public sealed class NovaRegistryTests : IDisposable
{
    private readonly UsageBed _bed = new();
    private readonly DateTimeOffset _now = DateTimeOffset.UtcNow;

    private string RegisterPath => Path.Join(_bed.Instances, "compute_nodes");

    [Fact]
    public void Other_nodes_are_told_with_what_nova_thinks_of_them()
    {
        double now = _now.ToUnixTimeMilliseconds() / 1000.0;
        File.WriteAllText(RegisterPath, FormattableString.Invariant($$"""{"us": {{now}}, "busy": {{now - 3600}}, "silent": {{now - 90000}}, "ahead": {{now + 50}}}"""));
        UsageReport report = Scan();
        Assert.Equal(
            [("busy", true), ("silent", false), ("ahead", true)], report.SharedWith.Select(static node => (node.Host, node.IsActive)));
        Assert.Equal(_now.AddHours(-1), report.SharedWith[0].LastSeen, TimeSpan.FromSeconds(1));
        Assert.Empty(report.Limits);
        Assert.Empty(report.Unreadable);
    }

    [Fact]
    public void Without_a_register_nobody_shares_and_no_lock_is_made()
    {
        UsageReport report = Scan();
        Assert.Empty(report.SharedWith);
        Assert.Empty(report.Limits);
        Assert.Empty(Directory.EnumerateFiles(_bed.Layout.LocksPath));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[1]")]
    [InlineData("""{"a": "yesterday"}""")]
    [InlineData("""{"a": 1e999}""")]
    public void A_damaged_register_is_empty_and_told(string content)
    {
        File.WriteAllText(RegisterPath, content);
        UsageReport report = Scan();
        Assert.True(report.SharedWith.Count == 0 || report.SharedWith[0].IsActive, "a node that nova has not seen");
        Assert.True(report.SharedWith.Count == 1 || report.Limits.Count == 1, "nothing was told");
    }

    [Fact]
    public void A_register_without_end_is_told()
    {
        File.WriteAllText(RegisterPath, new string('{', 3 << 20));
        Assert.Single(Scan().Limits);
    }

    public void Dispose() => _bed.Dispose();

    private UsageReport Scan() => new UsageScanner(_bed.Layout, "us", TimeProvider.System) { ProcessesPath = _bed.NoProcesses }.Scan(TestContext.Current.CancellationToken);
}
