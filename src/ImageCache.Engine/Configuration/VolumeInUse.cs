namespace ImageCache.Engine.Configuration;

/// <summary>What is done with an image's volume that only one node can have at a time.</summary>
public enum VolumeInUse
{
    /// <summary>It is attached where it is free, and refused where it is not.</summary>
    Refuse,

    /// <summary>The node makes a volume of its own of it, and leaves the image's alone.</summary>
    Clone,
}
