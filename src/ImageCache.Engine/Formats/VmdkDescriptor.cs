using System.Buffers;
using System.Text;

namespace ImageCache.Engine.Formats;

/// <summary>
/// The text that describes a VMDK, read as cautiously as nova does: every line is of a known kind or the whole is refused. Source:
/// VMware, "Virtual Disk Format 5.0", chapter "The Descriptor File".
/// </summary>
internal static class VmdkDescriptor
{
    private const string CreateTypeKey = "createType=\"";
    private const int LongestCreateType = 63;
    private const string HasParent = "has a parent disk";

    private static readonly SearchValues<char> Blanks = SearchValues.Create(" \t");

    /// <summary>
    /// The create types whose data lie in the file itself, in our spelling and VMware's. All others name files or devices of the host,
    /// or are unknown; no setting makes them safe.
    /// </summary>
    public static IReadOnlyList<string> SelfContainedTypes { get; } = ["monolithicSparse", "streamOptimized"];

    /// <summary>The text up to its first NUL; <see langword="null"/> when it is not ASCII.</summary>
    public static string? Decode(ReadOnlySpan<byte> data)
    {
        int end = data.IndexOf((byte)0);
        ReadOnlySpan<byte> text = end < 0 ? data : data[..end];
        return text.ContainsAnyExceptInRange((byte)0, (byte)0x7F) ? null : Encoding.ASCII.GetString(text);
    }

    /// <summary>The create type, as it is written.</summary>
    public static string? FindCreateType(string text)
    {
        int start = text.IndexOf(CreateTypeKey, StringComparison.OrdinalIgnoreCase);
        if (start < 0)
        {
            return null;
        }

        start += CreateTypeKey.Length;
        int length = text.AsSpan(start).IndexOf('"');
        return length is < 0 or > LongestCreateType ? null : text.Substring(start, length);
    }

    /// <summary>Why the descriptor must not be used, a clause each. It may have hundreds of thousands of lines: none is copied.</summary>
    public static IReadOnlyCollection<string> FindProblems(string text)
    {
        HashSet<string> problems = new(StringComparer.Ordinal);
        int extents = 0;
        int createTypes = 0;
        foreach (Range range in text.AsSpan().Split('\n'))
        {
            ReadOnlySpan<char> line = text.AsSpan(range).Trim();
            switch (Classify(line))
            {
                case VmdkLine.Extent:
                    extents++;
                    if (line.Contains('/'))
                    {
                        problems.Add("has a VMDK extent that names a path of the host");
                    }

                    break;
                case VmdkLine.CreateType:
                    createTypes++;
                    break;
                case VmdkLine.Parent:
                    problems.Add(HasParent);
                    break;
                case VmdkLine.Unknown:
                    problems.Add("has a VMDK descriptor with a line that is not understood");
                    break;
            }
        }

        if (extents == 0)
        {
            problems.Add("has a VMDK descriptor without extents");
        }

        if (createTypes > 1)
        {
            problems.Add("has a VMDK descriptor with several create types");
        }

        // QEMU looks for the parent's name anywhere in the text, comments included.
        if (text.Contains("parentFileNameHint", StringComparison.OrdinalIgnoreCase))
        {
            problems.Add(HasParent);
        }

        return problems;
    }

    private static VmdkLine Classify(ReadOnlySpan<char> line)
    {
        if (line.IsEmpty || line[0] == '#' || line.StartsWith("ddb", StringComparison.OrdinalIgnoreCase))
        {
            return VmdkLine.Harmless;
        }

        int equals = line.IndexOf('=');
        if (equals >= 0 && !line[..equals].Contains(' '))
        {
            return ClassifyField(line[..equals].Trim(), line[(equals + 1)..].Trim());
        }

        int blank = line.IndexOfAny(Blanks);
        ReadOnlySpan<char> word = blank < 0 ? line : line[..blank];
        return Is(word, "RW") || Is(word, "RDONLY") || Is(word, "NOACCESS") ? VmdkLine.Extent : VmdkLine.Unknown;
    }

    private static VmdkLine ClassifyField(ReadOnlySpan<char> key, ReadOnlySpan<char> value)
        => Is(key, "createType") ? VmdkLine.CreateType
            : Is(key, "parentCID") && !Is(value, "ffffffff") ? VmdkLine.Parent
            : VmdkLine.Harmless;

    private static bool Is(ReadOnlySpan<char> text, string word) => text.Equals(word, StringComparison.OrdinalIgnoreCase);
}
