namespace ImageCache.Engine.Life.Usage;

/// <summary>What a scan found so far.</summary>
internal sealed class UsageNotes
{
    private readonly Dictionary<string, SortedSet<string>> _users = new(StringComparer.Ordinal);
    private readonly SortedDictionary<string, string> _unreadable = new(StringComparer.Ordinal);
    private readonly SortedSet<string> _limits = new(StringComparer.Ordinal);

    /// <summary>Files of the cache are used by somebody.</summary>
    public void Use(IReadOnlyList<string> names, string user)
    {
        foreach (string name in names)
        {
            if (!_users.TryGetValue(name, out SortedSet<string>? users))
            {
                _users[name] = users = new SortedSet<string>(StringComparer.Ordinal);
            }

            users.Add(user);
        }
    }

    /// <summary>Something could not be read, and may use anything.</summary>
    public void Doubt(string disk, string reason) => _unreadable.TryAdd(disk, reason);

    /// <summary>Something was not seen.</summary>
    public void Limit(string what) => _limits.Add(what);

    public UsageReport Report() => new(
        _users.ToDictionary(static pair => pair.Key, static pair => (IReadOnlyList<string>)[.. pair.Value], StringComparer.Ordinal),
        _unreadable)
    {
        Limits = [.. _limits],
    };
}
