namespace ImageCache.Engine.OpenStack.KeyManager;

/// <summary>What Barbican tells about a secret without showing it.</summary>
/// <param name="Type">secret_type: certificate, opaque, private ….</param>
/// <param name="ContentType">The media type under which the payload was stored; <see langword="null"/> when there is none.</param>
internal sealed record BarbicanSecret(string Type, string? ContentType);
