namespace ImageCache.Engine.Life.Popularity;

/// <summary>One line of <c>uses.jsonl</c>: somebody asked for an image and got it.</summary>
internal sealed record NotedUse(DateTimeOffset Time, string Id);
