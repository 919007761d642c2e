using ImageCache.Engine.Native.Posix;

namespace ImageCache.Engine.Life.Usage;

/// <summary>A file that may be a disk.</summary>
/// <param name="Path">Its path, which names in it are relative to.</param>
/// <param name="Status">The file behind links, as it was a moment ago; <see langword="null"/> when nobody looked.</param>
/// <param name="IsLink">Whether the path is a link.</param>
/// <param name="Handle">The path to open it by, when that is another one.</param>
internal readonly record struct DiskFile(string Path, FileStatus? Status, bool IsLink, string? Handle = null);
