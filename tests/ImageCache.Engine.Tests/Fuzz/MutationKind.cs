namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>What is done to a sound image.</summary>
internal enum MutationKind
{
    /// <summary>A field becomes a value at some boundary.</summary>
    Boundary,

    /// <summary>A field becomes a little more or less.</summary>
    Nudge,

    /// <summary>A bit is turned.</summary>
    Flip,

    /// <summary>Bytes become others without a plan.</summary>
    Scramble,

    /// <summary>A region lies in another place, too.</summary>
    Duplicate,

    /// <summary>A region of another image takes the place.</summary>
    Splice,

    /// <summary>The whole is cut.</summary>
    Truncate,

    /// <summary>Something follows the end.</summary>
    Extend,

    /// <summary>Words that the formats know.</summary>
    Word,
}
