using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Transfer;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Transfer;

public sealed class SparseFileWriterTests : IDisposable
{
    private const int Block = 1 << 20;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void What_a_disk_can_take_as_it_is_takes_no_memory_for_files()
    {
        using SmallFileSystem disk = SmallFileSystem.MountDisk(_directory["disk"], mib: 16);
        byte[] content = TestData.Noise(4 * Block);

        Assert.All(Write(Path.Join(disk.FullPath, "file"), content, start: 0), static inMemory => Assert.False(inMemory));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(100)]
    [InlineData(4095)]
    public void What_it_cannot_take_is_written_all_the_same(int start)
    {
        using SmallFileSystem disk = SmallFileSystem.MountDisk(_directory["disk"], mib: 16);
        byte[] content = TestData.Noise((3 * Block) + start + 17);

        Write(Path.Join(disk.FullPath, "file"), content, start);
    }

    [Fact]
    public void A_file_system_without_a_disk_takes_everything_the_usual_way()
    {
        using SmallFileSystem memory = SmallFileSystem.Mount(_directory["memory"], "size=16m");
        byte[] content = TestData.Noise((3 * Block) + 5);

        Assert.All(Write(Path.Join(memory.FullPath, "file"), content, start: 0), static inMemory => Assert.True(inMemory));
    }

    // The first block has as many bytes as start says, those after it are whole; tells what of the file is in memory.
    private static bool[] Write(string path, byte[] content, int start)
    {
        using SafeFileHandle file = File.OpenHandle(path, FileMode.CreateNew, FileAccess.ReadWrite);
        using (SparseFileWriter writer = new(file))
        {
            AlignedBuffer buffer = new(Block);
            for (int offset = 0, length = start > 0 ? start : Block; offset < content.Length; offset += length, length = Math.Min(Block, content.Length - offset))
            {
                content.AsSpan(offset, length).CopyTo(buffer.Span);
                writer.Data(buffer.Span[..length], offset);
            }

            writer.Complete(content.Length);
        }

        bool[] inMemory = PageCache.ResidentBlocks(file, content.Length, Block);
        byte[] read = new byte[content.Length];
        Assert.Equal(read.Length, RandomAccess.Read(file, read, 0));
        Assert.True(read.AsSpan().SequenceEqual(content), "other bytes came out");
        return inMemory;
    }
}
