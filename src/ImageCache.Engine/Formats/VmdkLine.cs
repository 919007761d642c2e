namespace ImageCache.Engine.Formats;

/// <summary>The kinds of lines in a VMDK descriptor.</summary>
internal enum VmdkLine
{
    /// <summary>A comment, an entry of the disk database, or a field that does not matter.</summary>
    Harmless,

    /// <summary>The field that names the create type.</summary>
    CreateType,

    /// <summary>An extent.</summary>
    Extent,

    /// <summary>A field that tells of a parent.</summary>
    Parent,

    /// <summary>Anything else.</summary>
    Unknown,
}
