namespace ImageCache.Engine.Volumes;

/// <summary>A view to be made.</summary>
/// <param name="Directory">A directory of this export alone: made if it is missing, and gone when the export is stopped.</param>
/// <param name="Volume">What to show.</param>
/// <param name="Size">
/// The bytes to show from its beginning; <see langword="null"/> shows the whole volume. Like every disk, the view has whole sectors of 512
/// bytes: a size between two of them is rounded up, and what follows the image in its last sector is the volume's.
/// </param>
internal sealed record VolumeExportRequest(string Directory, ConnectedVolume Volume, long? Size);
