namespace ImageCache.Engine.Tests;

/// <summary>What a bad disk does to a file.</summary>
internal static class FileDamage
{
    /// <summary>Turns over one bit; length and name stay.</summary>
    public static void Flip(string path, long at = 1000)
    {
        using FileStream file = new(path, FileMode.Open);
        file.Position = at;
        int value = file.ReadByte();
        file.Position = at;
        file.WriteByte((byte)(value ^ 1));
    }
}
