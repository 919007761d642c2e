namespace ImageCache.Engine.Tests;

/// <summary>Bytes for tests: the same for the same seed.</summary>
internal static class TestData
{
    public static byte[] Noise(int length, int seed = 1)
    {
        byte[] data = new byte[length];
        new Random(seed).NextBytes(data);
        return data;
    }
}
