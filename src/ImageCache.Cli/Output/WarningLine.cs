namespace ImageCache.Cli.Output;

/// <summary>A warning as <c>--json</c> tells it.</summary>
/// <param name="Warning">What to know.</param>
internal sealed record WarningLine(string Warning);
