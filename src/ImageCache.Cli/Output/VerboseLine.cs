namespace ImageCache.Cli.Output;

/// <summary>A line of <c>--verbose</c> as <c>--json</c> tells it.</summary>
/// <param name="Verbose">What is being done.</param>
internal sealed record VerboseLine(string Verbose);
