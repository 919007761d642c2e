namespace ImageCache.Engine.OpenStack.Http;

/// <summary>What a request is for, in the words of a message.</summary>
/// <param name="Service">Who is asked: <c>the image service</c>.</param>
/// <param name="Action">What was wanted, to follow "Could not": <c>read the record of image 'x'</c>.</param>
/// <param name="ImageId">The image it is about, as the user named it.</param>
/// <param name="NotFoundId">The error id of a 404; <see langword="null"/> when a 404 means that the service is not there.</param>
internal sealed record ServiceCall(string Service, string Action, string? ImageId = null, string? NotFoundId = null);
