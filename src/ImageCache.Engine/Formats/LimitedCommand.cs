namespace ImageCache.Engine.Formats;

/// <summary>A program to be run on untrusted data, and how far it may go.</summary>
internal sealed record LimitedCommand
{
    /// <summary>The program: a name to be found on the PATH, or an absolute path.</summary>
    public required string Executable { get; init; }

    /// <summary>Its arguments, passed as they are: there is no shell.</summary>
    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>The Debian package that has the program, for the error when it is missing.</summary>
    public required string DebianPackage { get; init; }

    /// <summary>What it reads from standard input: the place for what others must not see among the arguments.</summary>
    public ReadOnlyMemory<byte> Input { get; init; }

    /// <summary>CPU time; <see cref="TimeSpan.MaxValue"/> sets no limit.</summary>
    public required TimeSpan CpuTime { get; init; }

    /// <summary>Bytes of address space; <see cref="long.MaxValue"/> sets no limit.</summary>
    public required long AddressSpace { get; init; }

    /// <summary>Bytes of the largest file it may write; <see cref="long.MaxValue"/> sets no limit.</summary>
    public required long FileSize { get; init; }

    /// <summary>Time by the clock.</summary>
    public required TimeSpan Timeout { get; init; }

    /// <summary>Bytes kept of each of its two outputs; more are read and dropped.</summary>
    public int OutputLimit { get; init; } = 1 << 20;

    /// <summary>Sees standard output as it comes, from another thread.</summary>
    public Action<ReadOnlyMemory<byte>>? OnOutput { get; init; }

    /// <summary>Takes all of standard output instead, at its own pace: the program waits for it, and nothing is kept.</summary>
    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? TakeOutput { get; init; }

    /// <summary>How long a stray heir of the program's pipes may hold them open after its end.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromSeconds(5);
}
