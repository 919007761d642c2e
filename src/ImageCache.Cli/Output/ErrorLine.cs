namespace ImageCache.Cli.Output;

/// <summary>An error as it is told; with <c>--json</c>, one of these a line.</summary>
/// <param name="ErrorId">The stable id.</param>
/// <param name="Category">The kind of failure.</param>
/// <param name="ImageId">The image it is about.</param>
/// <param name="Message">What failed, and why.</param>
/// <param name="NextStep">What to do next.</param>
internal sealed record ErrorLine(string ErrorId, FailureCategory Category, string? ImageId, string Message, string? NextStep);
