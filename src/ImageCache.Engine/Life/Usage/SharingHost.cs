namespace ImageCache.Engine.Life.Usage;

/// <summary>Another node that uses the same instances_path.</summary>
/// <param name="Host">Its name to nova.</param>
/// <param name="LastSeen">When its nova-compute last registered.</param>
/// <param name="IsActive">Whether that is so lately that nova, too, reckons with its instances.</param>
internal sealed record SharingHost(string Host, DateTimeOffset LastSeen, bool IsActive);
