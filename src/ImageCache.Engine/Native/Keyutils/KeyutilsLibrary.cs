using System.Runtime.InteropServices;

namespace ImageCache.Engine.Native.Keyutils;

/// <summary>libkeyutils, which has the functions of keyctl(2).</summary>
internal static class KeyutilsLibrary
{
    public const string FileName = "libkeyutils.so.1";

    /// <summary>Why it cannot be used; <see langword="null"/> when it can. What is found stays loaded.</summary>
    public static string? WhyNot() => NativeLibrary.TryLoad(FileName, out _) ? null : $"this machine has no {FileName}";
}
