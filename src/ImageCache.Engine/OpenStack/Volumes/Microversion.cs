using System.Globalization;

namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>A version of the Block Storage API: 3.44. Source: OpenStack API-SIG, "Microversion specification".</summary>
internal readonly record struct Microversion(int Major, int Minor) : IComparable<Microversion>
{
    /// <summary>Attachments can be completed: the oldest that serves.</summary>
    public static Microversion Oldest { get; } = new(3, 44);

    /// <summary>An attachment can be asked for as read-only.</summary>
    public static Microversion AttachMode { get; } = new(3, 54);

    /// <summary>The newest whose answers this client was written for.</summary>
    public static Microversion Newest { get; } = new(3, 70);

    public static bool operator <(Microversion left, Microversion right) => left.CompareTo(right) < 0;

    public static bool operator >(Microversion left, Microversion right) => left.CompareTo(right) > 0;

    public static bool operator <=(Microversion left, Microversion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(Microversion left, Microversion right) => left.CompareTo(right) >= 0;

    /// <summary>Reads <c>3.70</c>.</summary>
    public static bool TryParse(string? text, out Microversion version)
    {
        version = default;
        string[] parts = text?.Split('.') ?? [];
        bool isVersion = parts.Length == 2
            & int.TryParse(parts.ElementAtOrDefault(0), NumberStyles.None, CultureInfo.InvariantCulture, out int major)
            & int.TryParse(parts.ElementAtOrDefault(1), NumberStyles.None, CultureInfo.InvariantCulture, out int minor);
        version = isVersion ? new Microversion(major, minor) : default;
        return isVersion;
    }

    public int CompareTo(Microversion other) => (Major, Minor).CompareTo((other.Major, other.Minor));

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");
}
