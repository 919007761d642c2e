using System.Text;
using ImageCache.Cli.Views;

namespace ImageCache.Cli.Output;

/// <summary>
/// Writes results as a table. The first rows are held back until the columns' widths are known; from then on rows go out as they come, so
/// that a large cache needs no memory. In a pipe nothing is ever cut.
/// </summary>
internal sealed class TableResultWriter<T>(ResultStream results, TableView<T> view) : IResultWriter<T>
{
    private const int RowsToMeasure = 500;
    private const int NarrowestFlexibleColumn = 12;
    private const string Gap = "  ";

    private readonly List<string[]> _held = [];
    private int[]? _widths;

    /// <inheritdoc/>
    public int Count { get; private set; }

    /// <inheritdoc/>
    public bool Write(T result)
    {
        Count++;
        string[] row = [.. view.Columns.Select(column => PlainText.Of(column.Text(result)))];
        if (_widths is not null)
        {
            return WriteRow(row);
        }

        _held.Add(row);
        return _held.Count < RowsToMeasure || Release();
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_widths is null && _held.Count > 0)
        {
            Release();
        }
    }

    private bool Release()
    {
        string[] headers = [.. view.Columns.Select(static column => column.Header)];
        _held.Insert(0, headers);
        _widths = [.. view.Columns.Select((_, i) => _held.Max(row => row[i].Length))];
        FitTerminal(_widths);
        bool isRead = _held.All(WriteRow);
        _held.Clear();
        return isRead;
    }

    private void FitTerminal(int[] widths)
    {
        int flexible = view.Columns.ToList().FindIndex(static column => column.IsFlexible);
        if (flexible < 0 || Console.IsOutputRedirected || Console.WindowWidth <= 0)
        {
            return;
        }

        int excess = widths.Sum() + (Gap.Length * (widths.Length - 1)) - Console.WindowWidth;
        if (excess > 0)
        {
            widths[flexible] = Math.Min(widths[flexible], Math.Max(NarrowestFlexibleColumn, widths[flexible] - excess));
        }
    }

    private bool WriteRow(string[] row)
    {
        StringBuilder line = new();
        for (int i = 0; i < row.Length; i++)
        {
            TableColumn<T> column = view.Columns[i];
            string cell = column.IsFlexible && !Console.IsOutputRedirected && row[i].Length > _widths![i] ? $"{row[i].AsSpan(0, _widths[i] - 1)}…" : row[i];
            line.Append(i > 0 ? Gap : string.Empty);
            line.Append(column.IsNumber ? cell.PadLeft(_widths![i]) : cell.PadRight(_widths![i]));
        }

        return results.Write(Encoding.UTF8.GetBytes(line.ToString().TrimEnd() + "\n"));
    }
}
