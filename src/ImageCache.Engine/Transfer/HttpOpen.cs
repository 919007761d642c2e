using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>Sends one GET for image data.</summary>
/// <param name="offset">Where to begin; a range is asked for when it is above 0, or when a length is given.</param>
/// <param name="length">How many bytes; <see langword="null"/> is to the end.</param>
/// <param name="cancellationToken">Stops it.</param>
internal delegate Task<DataResponse> HttpOpen(long offset, long? length, CancellationToken cancellationToken);
