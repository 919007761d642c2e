using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Requests;

/// <summary>Which cached files to read again.</summary>
public sealed record VerifyRequest
{
    /// <summary>An image id, a recorded unique name, or the file's name; what is not there is an error. Without it everything is read.</summary>
    public string? Image { get; init; }

    /// <summary>Leave out what was proved intact less than so long ago and was not touched since.</summary>
    public TimeSpan? OlderThan { get; init; }

    /// <summary>Ask Glance about files without a record.</summary>
    public bool AskGlance { get; init; }

    /// <summary>Reads an age as the configuration writes times: seconds, or a number with ms, s, m, h or d.</summary>
    /// <returns><see langword="null"/> when it is none.</returns>
    public static TimeSpan? ParseAge(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        return TimeText.TryParse(text, out TimeSpan age) ? age : null;
    }
}
