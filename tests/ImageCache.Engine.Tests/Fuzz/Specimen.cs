namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>A sound image, and where in it the fields lie that are worth changing.</summary>
/// <param name="Name">What it is.</param>
/// <param name="Word">Glance's word for it.</param>
/// <param name="Bytes">The image.</param>
/// <param name="Regions">Beginnings and lengths of its headers and tables.</param>
internal sealed record Specimen(string Name, string Word, byte[] Bytes, IReadOnlyList<(int Start, int Length)> Regions)
{
    /// <summary>Makes checksums right again, so that what was changed is read at all.</summary>
    public Action<byte[]> Seal { get; init; } = static _ => { };

    public override string ToString() => Name;
}
