using ImageCache.Engine.Formats;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

/// <summary>Ways to feed an inspector.</summary>
internal static class Inspection
{
    public static FormatReport Of(byte[] image)
    {
        FormatInspector inspector = new();
        inspector.Consume(image);
        return inspector.Complete();
    }

    public static FormatReport ByteByByte(byte[] image)
    {
        FormatInspector inspector = new();
        for (int i = 0; i < image.Length; i++)
        {
            inspector.Consume(image.AsSpan(i, 1));
        }

        return inspector.Complete();
    }

    /// <summary>In pieces of random sizes, runs of zeros as holes where the dice say so.</summary>
    public static FormatReport InRandomPieces(byte[] image, int seed)
    {
        Random random = new(seed);
        FormatInspector inspector = new();
        int position = 0;
        while (position < image.Length)
        {
            int length = Math.Min(image.Length - position, 1 << random.Next(0, 18));
            ReadOnlySpan<byte> piece = image.AsSpan(position, length);
            if (!piece.ContainsAnyExcept((byte)0) && random.Next(2) == 0)
            {
                inspector.ConsumeZeros(length);
            }
            else
            {
                inspector.Consume(piece);
            }

            position += length;
        }

        return inspector.Complete();
    }

    public static FormatReport OfFile(string path)
    {
        using FileStream file = File.OpenRead(path);
        FormatInspector inspector = new();
        byte[] buffer = new byte[1 << 20];
        int count;
        while ((count = file.Read(buffer)) > 0)
        {
            inspector.Consume(buffer.AsSpan(0, count));
        }

        return inspector.Complete();
    }

    /// <summary>A report as text, so that two can be compared as a whole.</summary>
    public static string Describe(this FormatReport report)
        => $"{report.Length} {report.EndsInVhdFooter} " + string.Join(" | ", report.Detected.Select(static found =>
            $"{found.Format} {found.VirtualSize} {found.Subformat} {found.IsEncrypted} [{string.Join("; ", found.Problems)}]"));

    /// <summary>The problems of the one format that was found.</summary>
    public static string Problems(this FormatReport report) => string.Join("; ", Assert.Single(report.Detected).Problems);
}
