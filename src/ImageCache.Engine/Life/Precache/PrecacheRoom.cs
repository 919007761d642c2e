namespace ImageCache.Engine.Life.Precache;

/// <summary>What there is room for.</summary>
/// <param name="ThisRun">Bytes that this run may bring; <see langword="null"/> sets no limit.</param>
/// <param name="Cap">Bytes that the cache may still take; <see langword="null"/> sets no limit.</param>
/// <param name="Disk">Bytes that the file system can still take.</param>
internal sealed record PrecacheRoom(long? ThisRun, long? Cap, long Disk)
{
    /// <summary>Why so many bytes find no room; <see langword="null"/> when they do.</summary>
    public string? WhyNot(long need) => need switch
    {
        0 => null,
        _ when ThisRun is { } run && need > run => $"{need} bytes do not fit into the {Math.Max(0, run)} that this run may still bring",
        _ when Cap is { } cap && need > cap => $"{need} bytes do not fit into the {Math.Max(0, cap)} that the cache may still take (maximum_size)",
        _ when need > Disk => $"{need} bytes do not fit into the {Math.Max(0, Disk)} that the file system may still take (minimum_free)",
        _ => null,
    };

    /// <summary>What is left when so many bytes have come.</summary>
    public PrecacheRoom Less(long need) => new(ThisRun - need, Cap - need, Disk - need);
}
