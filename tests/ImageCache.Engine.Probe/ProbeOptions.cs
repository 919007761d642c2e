namespace ImageCache.Engine.Probe;

/// <summary>What a probe is told to do.</summary>
internal sealed record ProbeOptions
{
    public required string CachePath { get; init; }

    /// <summary>The image to fetch; without one the cache is initialized.</summary>
    public string? Image { get; init; }

    public bool Force { get; init; }

    /// <summary>A disk to make on the image, instead of fetching it.</summary>
    public string? Disk { get; init; }

    /// <summary>Bytes of the disk.</summary>
    public long? Size { get; init; }

    public bool UseTarget { get; init; }

    public bool Raw { get; init; }

    /// <summary>Wait for a line on standard input before the work begins.</summary>
    public bool Wait { get; init; }

    /// <summary>Fetch what lines of standard input say, one after another, until its end.</summary>
    public bool Rounds { get; init; }

    /// <summary>Scan for what is in use this many times, each time as if it were the first in a process.</summary>
    public int Scans { get; init; }

    /// <summary>Prune, telling of each file as it is done.</summary>
    public bool Prune { get; init; }

    /// <summary>Die as by kill -9 as soon as this stage is seen.</summary>
    public WorkStage? KillAt { get; init; }

    /// <summary>How much of that stage must be done first.</summary>
    public long KillAfter { get; init; }

    /// <summary>How long to live on then.</summary>
    public TimeSpan KillDelay { get; init; }

    public Dictionary<string, string> Settings { get; } = [];

    public static ProbeOptions Parse(IReadOnlyList<string> arguments)
    {
        ProbeOptions options = new() { CachePath = arguments[0] };
        foreach (string[] sides in arguments.Skip(1).Select(static argument => argument.Split('=', 2)))
        {
            options = sides[0] switch
            {
                "--image" => options with { Image = sides[1] },
                "--force" => options with { Force = true },
                "--disk" => options with { Disk = sides[1] },
                "--size" => options with { Size = Number(sides[1]) },
                "--target" => options with { UseTarget = true },
                "--raw" => options with { Raw = true },
                "--wait" => options with { Wait = true },
                "--prune" => options with { Prune = true },
                "--rounds" => options with { Rounds = true },
                "--scans" => options with { Scans = (int)Number(sides[1]) },
                "--kill-at" => options with { KillAt = Enum.Parse<WorkStage>(sides[1]) },
                "--kill-after" => options with { KillAfter = Number(sides[1]) },
                "--kill-delay-us" => options with { KillDelay = TimeSpan.FromMicroseconds(Number(sides[1])) },
                "--set" => options.With(sides[1]),
                _ => throw new ArgumentException($"Unknown option {sides[0]}"),
            };
        }

        return options;
    }

    private static long Number(string text) => long.Parse(text, System.Globalization.CultureInfo.InvariantCulture);

    private ProbeOptions With(string setting)
    {
        string[] sides = setting.Split('=', 2);
        Settings[sides[0]] = sides[1];
        return this;
    }
}
