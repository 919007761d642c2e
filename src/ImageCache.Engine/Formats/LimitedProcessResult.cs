namespace ImageCache.Engine.Formats;

/// <summary>How a program ended.</summary>
/// <param name="ExitCode">Its exit code; 128 and the signal's number when a signal ended it.</param>
/// <param name="Output">Standard output, cut at the limit.</param>
/// <param name="Error">Standard error, cut at the limit.</param>
/// <param name="IsOutputCut">Whether standard output was longer.</param>
/// <param name="TimedOut">Whether it was killed because its time by the clock was over.</param>
internal sealed record LimitedProcessResult(int ExitCode, string Output, string Error, bool IsOutputCut, bool TimedOut)
{
    private const int KilledByCpuLimit = 128 + 24;
    private const int KilledByFileSizeLimit = 128 + 25;
    private const string TooLarge = "a file that it writes would be too large";

    /// <summary>Which limit ended it, in words; <see langword="null"/> when none is known to have.</summary>
    public string? ExceededLimit => this switch
    {
        { TimedOut: true } => "it took too long",
        { ExitCode: KilledByCpuLimit } => "it used too much CPU time",
        { ExitCode: KilledByFileSizeLimit } => TooLarge,
        { ExitCode: not 0 } when Error.Contains("File too large", StringComparison.Ordinal) => TooLarge,
        _ => null,
    };

    /// <summary>The program's own words about a failure, fit for a message: one line, printable, and short.</summary>
    public string Complaint
    {
        get
        {
            const int Longest = 300;
            string text = string.Join(' ', Error.Split([' ', '\t', '\r', '\n'], StringSplitOptions.RemoveEmptyEntries));
            text = string.Concat(text.Select(static c => char.IsControl(c) ? '?' : c));
            return text.Length switch
            {
                0 => $"exit code {ExitCode}",
                > Longest => text[..Longest] + "…",
                _ => text,
            };
        }
    }
}
