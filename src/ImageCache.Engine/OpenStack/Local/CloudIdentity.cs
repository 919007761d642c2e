namespace ImageCache.Engine.OpenStack.Local;

/// <summary>Who we are in a cloud: what policy asks for, without asking Keystone again.</summary>
/// <param name="ProjectId">The project of our tokens.</param>
/// <param name="UserId">The user of our tokens.</param>
internal sealed record CloudIdentity(string? ProjectId, string? UserId);
