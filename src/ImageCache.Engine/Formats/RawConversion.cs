namespace ImageCache.Engine.Formats;

/// <summary>One conversion to raw.</summary>
/// <param name="Image">How messages name the image.</param>
/// <param name="Source">The absolute path of the inspected file.</param>
/// <param name="Format">Its format.</param>
/// <param name="Target">The absolute path to be written; what is there is lost, and nothing is there after a failure.</param>
/// <param name="VirtualSize">Bytes of the disk, as <c>qemu-img info</c> told.</param>
internal sealed record RawConversion(string Image, string Source, ImageFormat Format, string Target, long VirtualSize);
