using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Formats;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Disks that guests wrote to hurt the scan of what is in use.</summary>
public sealed class BackingFileFuzzTests : IDisposable
{
    private const long MostMemory = 5 << 20;

    private readonly TestDirectory _directory = new();

    [Fact]
    public void AnyDiskNamesWhatItIsBuiltOnOrIsSaidToBeUnknown()
        => Prop.ForAll(FuzzCases.Of(Specimens.All, 8), fuzz =>
        {
            byte[] image = fuzz.Make(Specimens.All);
            string path = _directory["disk"];
            File.WriteAllBytes(path, image);
            using SafeFileHandle disk = File.OpenHandle(path);

            long before = GC.GetAllocatedBytesForCurrentThread();
            BackingReference reference = BackingFileReader.Read(disk);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

            Assert.True(allocated <= Math.Min(MostMemory, (3 << 20) + (8L * image.Length)), $"{allocated} bytes for {image.Length}");
            Assert.True(reference.Unreadable is null || (reference.BackingFile is null && reference.DataFile is null));
            Assert.True(reference.BackingFile is null or { Length: > 0 and <= 1023 });
            Assert.True((reference.DataFile?.Length ?? 0) + (reference.BackingFormat?.Length ?? 0) <= 2 * 1023);
            HeaderPeek.Read(disk, image.Length);
        }).Check(FuzzRuns.Config(600));

    public void Dispose() => _directory.Dispose();
}
