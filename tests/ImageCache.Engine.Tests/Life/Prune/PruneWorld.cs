using System.Globalization;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Life.Prune;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Store;

namespace ImageCache.Engine.Tests.Life.Prune;

/// <summary>Facts and a policy made up from one number: every kind of file, in every state that it can be in.</summary>
internal sealed class PruneWorld
{
    private static readonly PruneKind[] s_kinds = Enum.GetValues<PruneKind>();

    private readonly Random _random;

    public PruneWorld(int seed)
    {
#pragma warning disable CA5394 // Not a secret: the same number gives the same world.
        _random = new Random(seed);
        List<PruneFile> files = [.. Enumerable.Range(0, _random.Next(0, 25)).Select(File)];
        string[] names = [.. files.Select(static file => file.UsageName).Where(_ => Chance(4))];
        Facts = new PruneFacts
        {
            Files = files,
            Usage = new UsageReport(
                names.Distinct().ToDictionary(static name => name, static name => (IReadOnlyList<string>)[$"/instances/{name}/disk"]),
                Chance(8) ? new Dictionary<string, string> { ["/instances/x/disk"] = "Input/output error" } : []),
            Critical = new CriticalReading(
                Chance(10) ? RecordState.Damaged : RecordState.Valid,
                files.Where(file => file.BaseName is not null && Chance(6)).Select(static file => file.BaseName!).Distinct().ToDictionary(static name => name, Entry)),
            Popularity = new PopularityReading(
                files.Where(file => file.BaseName is not null && Chance(3)).Select(static file => file.BaseName!).Distinct().ToDictionary(static name => name, _ => _random.NextDouble() * 30)),
            Locked = files.Where(_ => Chance(6)).Select(static file => file.LockName).ToHashSet(),
            Now = DateTimeOffset.UnixEpoch.AddYears(56),
            Capacity = _random.NextInt64(0, 40_000),
            Free = _random.NextInt64(0, 10_000),
            IsShared = Chance(3),
        };
        Policy = new PrunePolicy(
            new RetentionPolicy
            {
                OriginalMinimumAge = Age(),
                ResizedMinimumAge = Age(),
                MinimumAge = Chance(2) ? Age() : null,
                OrphanAge = Age(),
                TargetAge = Age(),
                QuarantineGrace = Age(),
                Quarantine = Chance(2),
                WhenNeeded = Chance(2),
                PopularScore = Chance(3) ? null : _random.Next(1, 20),
                HighWatermark = Chance(2) ? _random.Next(1, 101) : null,
                LowWatermark = Chance(2) ? _random.Next(1, 101) : null,
            },
            Chance(2) ? _random.NextInt64(0, 30_000) : null);
#pragma warning restore CA5394
    }

    public PruneFacts Facts { get; }

    public PrunePolicy Policy { get; }

    private bool Chance(int of) => _random.Next(of) == 0;

    private TimeSpan Age() => TimeSpan.FromHours(_random.Next(0, 60));

    private PruneFile File(int number)
    {
        PruneKind kind = s_kinds[_random.Next(s_kinds.Length)];
        string image = CacheLayout.BaseName(_random.Next(8).ToString(CultureInfo.InvariantCulture));
        bool hasImage = kind is not (PruneKind.Swap or PruneKind.Ephemeral or PruneKind.Unknown);
        string name = kind is PruneKind.BaseImage or PruneKind.Link ? image : $"{image}.{number}";
        long size = _random.NextInt64(0, 5_000);
        return new PruneFile
        {
            Name = name,
            Place = kind switch
            {
                PruneKind.Target => PrunePlace.Targets,
                PruneKind.Quarantined => PrunePlace.Quarantine,
                PruneKind.Record => PrunePlace.Records,
                _ => PrunePlace.Base,
            },
            Path = "/cache/" + name,
            Kind = kind,
            BaseName = hasImage ? image : null,
            Size = size,
            Allocated = Chance(5) ? 0 : size,
            Since = DateTimeOffset.UnixEpoch.AddYears(56).AddHours(10 - _random.Next(0, 90)),
            Problem = Chance(12) ? "it is a directory" : null,
            IsOpen = kind is PruneKind.Part or PruneKind.Converted && Chance(3),
            Method = Chance(4) ? null : (BaseImageMethod)_random.Next(Enum.GetValues<BaseImageMethod>().Length),
            SourceSize = Chance(3) ? null : _random.NextInt64(0, 5_000),
            LastUsedAt = Chance(3) ? null : DateTimeOffset.UnixEpoch.AddYears(56).AddHours(-_random.Next(0, 2_000)),
        };
    }

    private static CriticalEntry Entry(string name) => new()
    {
        Id = name, Descriptor = new ImageDescriptor { Id = name }, RegisteredAt = DateTimeOffset.UnixEpoch,
    };
}
