namespace ImageCache.Engine.Store;

/// <summary>An item of a list in a document of ours; by its id it is told from the others when fields that we do not know are kept.</summary>
internal interface IStoredItem
{
    string Id { get; }
}
