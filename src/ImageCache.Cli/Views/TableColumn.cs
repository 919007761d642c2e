namespace ImageCache.Cli.Views;

/// <summary>One column of a table.</summary>
/// <param name="Header">Its name.</param>
/// <param name="Text">What stands in it.</param>
internal sealed record TableColumn<T>(string Header, Func<T, string> Text)
{
    /// <summary>Whether it is set flush right.</summary>
    public bool IsNumber { get; init; }

    /// <summary>Whether it gives way where a terminal is too narrow.</summary>
    public bool IsFlexible { get; init; }
}
