namespace ImageCache.Engine.Store;

/// <summary>A private file that is ready to be published.</summary>
/// <param name="Path">Where it is, in a private directory.</param>
/// <param name="Content">The file as it was hashed and verified.</param>
internal sealed record DraftFile(string Path, FileFingerprint Content);
