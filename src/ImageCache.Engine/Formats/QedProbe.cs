namespace ImageCache.Engine.Formats;

/// <summary>QEMU's former QED: recognised to be refused, as nova does. Source: QEMU, docs/interop/qed_spec.</summary>
internal sealed class QedProbe() : FormatProbe(ImageFormat.Qed)
{
    /// <summary>The mark of the format.</summary>
    public static ReadOnlySpan<byte> Magic => "QED\0"u8;

    /// <inheritdoc/>
    public override void ReadHead(ReadOnlySpan<byte> head, RegionCaptures captures)
    {
        IsMatch = head.StartsWith(Magic);
        if (IsMatch)
        {
            Refuse("is in QED, which is never accepted");
        }
    }
}
