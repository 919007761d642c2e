namespace ImageCache.Engine.Store;

/// <summary>What reading a record gave.</summary>
/// <param name="State">Whether it can be used.</param>
/// <param name="Record">The record, when it can be used; of a newer version, when it can be understood.</param>
/// <param name="Reason">Why it cannot be trusted.</param>
/// <param name="SalvagedId">The id found in a damaged record that fits the file's name, so that it can be made anew.</param>
internal sealed record RecordReading(RecordState State, ImageRecord? Record = null, string? Reason = null, string? SalvagedId = null)
{
    public static RecordReading Missing { get; } = new(RecordState.Missing);
}
