using System.Globalization;
using FsCheck;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>
/// How long to look. Runs of the check are the same every time, so that it fails only for a reason in the change; with
/// <c>IMAGECACHE_FUZZ_RUNS=N</c> they are N and different, and a failure prints the seed and the smallest case found.
/// </summary>
internal static class FuzzRuns
{
    private const ulong Seed = 20_240_229;
    private const ulong Gamma = 4_711;

    /// <summary>The runs asked for; <see langword="null"/> in the check.</summary>
    public static int? Asked { get; } =
        int.TryParse(Environment.GetEnvironmentVariable("IMAGECACHE_FUZZ_RUNS"), NumberStyles.None, CultureInfo.InvariantCulture, out int runs) ? runs : null;

    /// <summary>The configuration of a property.</summary>
    /// <param name="runs">How many runs the check makes.</param>
    public static Config Config(int runs) => Asked is { } asked
        ? FsCheck.Config.QuickThrowOnFailure.WithMaxTest(asked)
        : FsCheck.Config.QuickThrowOnFailure.WithMaxTest(runs).WithReplay(Seed, Gamma);
}
