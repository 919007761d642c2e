using ImageCache.Engine.Formats;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Formats;

public sealed class BackingFileReaderTests : IDisposable
{
    private readonly QemuTool _tool = new();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void BackingFileOfAQcow2IsNamedInEveryVersion(uint version)
        => Assert.Equal("/var/lib/nova/instances/_base/abc", Read(Qcow2(version, "/var/lib/nova/instances/_base/abc")).BackingFile);

    [Fact]
    public void DisksThatStandAloneHaveNone()
    {
        Assert.Equal(BackingReference.None, Read(SampleImages.Qcow2()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Qcow2(2)));
        Assert.Equal(BackingReference.None, Read(SampleImages.RawData()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Gpt()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Qed().Concat(new byte[100]).ToArray()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Vmdk()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Vhd()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Vhdx()));
        Assert.Equal(BackingReference.None, Read(SampleImages.Vdi()));
        Assert.Equal(BackingReference.None, Read([]));
        Assert.Equal(BackingReference.None, Read([0x51]));
    }

    [Fact]
    public void ExternalDataFileIsNamed()
    {
        BackingReference reference = Read(SampleImages.Qcow2WithExtension(0x44415441, "/data/file"));

        Assert.Null(reference.BackingFile);
        Assert.Equal("/data/file", reference.DataFile);
    }

    [Fact]
    public void BackingFormatFarIntoTheHeaderIsFound()
    {
        byte[] image = Qcow2(3, "base", 60_000);
        SampleImages.BigEndian32(image, 104, 0x23852875);
        SampleImages.BigEndian32(image, 108, 40_000);
        SampleImages.BigEndian32(image, 40_112, 0xE2792ACA);
        SampleImages.BigEndian32(image, 40_116, 3);
        "raw"u8.CopyTo(image.AsSpan(40_120));

        BackingReference reference = Read(image);

        Assert.Equal(("base", "raw"), (reference.BackingFile, reference.BackingFormat));
    }

    [Fact]
    public void BackingFileOfAQedIsNamed()
    {
        byte[] image = SampleImages.Qed();
        SampleImages.LittleEndian64(image, 16, 5);
        SampleImages.LittleEndian32(image, 56, 1024);
        SampleImages.LittleEndian32(image, 60, 4);
        "base"u8.CopyTo(image.AsSpan(1024));

        Assert.Equal(new BackingReference("base", "raw", null, null), Read(image));
    }

    public static TheoryData<string, byte[]> Doubtful => new()
    {
        { "cut header", SampleImages.Qcow2()[..80] },
        { "cut QED header", SampleImages.Qed()[..40] },
        { "name beyond the end", Qcow2(3, "base", 60_000)[..50_000] },
        { "name without length", SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 8, 4096)) },
        { "name too long", Spoiled(16, 1024) },
        { "name with a NUL", Qcow2(3, "ba\0se") },
        { "name as JSON that names two files", Qcow2(3, "json:{\"file.filename\":\"/x\",\"backing\":\"/y\"}") },
        { "name by an unknown protocol", Qcow2(3, "blkdebug::/x") },
        { "name relative to anything", Qcow2(3, "file:x") },
        { "version that is not known", SampleImages.Qcow2(4) },
        { "name at an impossible offset", SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 8, -5)) },
        { "data file without a name", SampleImages.Qcow2(3, static image => SampleImages.BigEndian64(image, 72, 4)) },
        { "extensions without an end", Spoiled(108, uint.MaxValue, 104, 1) },
        { "vmdk with a parent", SampleImages.Vmdk(SampleImages.VmdkText(more: "parentCID=1")) },
        { "vhd with a parent", SampleImages.Vhd(4) },
        { "vhdx with a parent", SampleImages.Vhdx(hasParent: true) },
        { "vdi with a parent", SampleImages.Vdi(4) },
        { "vmdk that names other files", System.Text.Encoding.ASCII.GetBytes(SampleImages.VmdkText("monolithicFlat")) },
    };

    [Theory]
    [MemberData(nameof(Doubtful))]
    public void WhatCannotBeToldIsSaidToBeUnknown(string what, byte[] image)
    {
        BackingReference reference = Read(image);

        Assert.True(reference.Unreadable is { Length: > 0 }, what);
        Assert.Null(reference.BackingFile);
    }

    [Theory]
    [InlineData("qcow2", "")]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("qcow2", "cluster_size=512")]
    [InlineData("qed", "")]
    public void OverlaysMadeByQemuAreRead(string format, string options)
    {
        Assert.SkipUnless(QemuTool.IsInstalled, "qemu-img (Debian package qemu-utils) is not installed");
        string disk = _tool.WriteDisk("base", 4);
        string[] choice = options.Length == 0 ? [] : ["-o", options];
        _tool.Run(["create", "-f", format, "-b", disk, "-F", "raw", .. choice, "overlay"]);

        BackingReference reference = ReadFile(_tool.PathOf("overlay"));

        Assert.Equal(disk, reference.BackingFile);
        Assert.Equal("raw", reference.BackingFormat);
        Assert.Null(reference.Unreadable);
    }

    [Fact]
    public void SpoiledHeadersNeverBreakTheReader()
    {
        byte[][] images = [Qcow2(2, "base"), Qcow2(3, "base"), SampleImages.Qed(), SampleImages.Vmdk(), SampleImages.Vdi()];
        Random random = new(3);
        for (int i = 0; i < 400; i++)
        {
            byte[] image = (byte[])images[i % images.Length].Clone();
            for (int n = random.Next(1, 8); n > 0; n--)
            {
                random.NextBytes(image.AsSpan(random.Next(4, 112), random.Next(1, 8)));
            }

            BackingReference reference = Read(image[..random.Next(0, image.Length)]);

            Assert.True(reference.BackingFile is null || reference.Unreadable is null);
            Assert.True(reference.BackingFile is null or { Length: > 0 and <= 1023 });
        }
    }

    public void Dispose() => _tool.Dispose();

    private static byte[] Spoiled(params uint[] offsetsAndValues)
    {
        byte[] image = Qcow2(3, "base");
        for (int i = 0; i < offsetsAndValues.Length; i += 2)
        {
            SampleImages.BigEndian32(image, (int)offsetsAndValues[i], offsetsAndValues[i + 1]);
        }

        return image;
    }

    private static byte[] Qcow2(uint version, string backingFile, int offset = 4096) => SampleImages.Qcow2(version, image =>
    {
        byte[] name = System.Text.Encoding.UTF8.GetBytes(backingFile);
        SampleImages.BigEndian64(image, 8, offset);
        SampleImages.BigEndian32(image, 16, (uint)name.Length);
        name.CopyTo(image, offset);
    });

    private BackingReference Read(byte[] image) => ReadFile(_tool.Write("disk", image));

    private static BackingReference ReadFile(string path)
    {
        using SafeFileHandle handle = File.OpenHandle(path);
        return BackingFileReader.Read(handle);
    }
}
