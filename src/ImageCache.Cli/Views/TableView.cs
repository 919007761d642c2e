namespace ImageCache.Cli.Views;

/// <summary>How a kind of result looks as a table.</summary>
/// <param name="Columns">Its columns, from left to right.</param>
internal sealed record TableView<T>(IReadOnlyList<TableColumn<T>> Columns);
