namespace ImageCache.Engine.Configuration;

/// <summary>One option of nova.conf.</summary>
/// <param name="Group">Its section.</param>
/// <param name="Name">Its name.</param>
internal sealed record NovaOption(string Group, string Name)
{
    /// <summary>The section of options that belong to no other.</summary>
    public const string DefaultGroup = "DEFAULT";

    /// <summary>The default, where another option refers to it.</summary>
    public string? Default { get; init; }

    /// <summary>Older places of the same option, that nova still reads.</summary>
    public IReadOnlyList<NovaOption> Deprecated { get; init; } = [];

    /// <summary>The option as an operator writes it.</summary>
    public override string ToString() => $"[{Group}] {Name}";
}
