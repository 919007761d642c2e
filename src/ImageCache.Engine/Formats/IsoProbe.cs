namespace ImageCache.Engine.Formats;

/// <summary>
/// ISO 9660 and UDF, told by the first volume descriptor at sector 16. What an instance sees is the file itself, so that its length is
/// the virtual size. Sources: ECMA-119, ECMA-167.
/// </summary>
internal sealed class IsoProbe() : FormatProbe(ImageFormat.Iso)
{
    private const int IdentifierOffset = 0x8001;
    private const int IdentifierLength = 5;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        if (head.Length >= IdentifierOffset + IdentifierLength)
        {
            ReadOnlySpan<byte> identifier = head.Slice(IdentifierOffset, IdentifierLength);
            IsMatch = identifier.SequenceEqual("CD001"u8) || identifier.SequenceEqual("NSR02"u8) || identifier.SequenceEqual("NSR03"u8);
        }
    }

    /// <inheritdoc/>
    public override void Finish(long length, ReadOnlySpan<byte> tail) => SetVirtualSize((ulong)length);
}
