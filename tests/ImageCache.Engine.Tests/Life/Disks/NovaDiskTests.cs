using System.Diagnostics;
using System.Text.Json;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Disks;

/// <summary>Our overlays are those that nova's own code makes.</summary>
public sealed class NovaDiskTests : IAsyncDisposable
{
    private const string CreateImage = """
        import sys
        from nova import privsep, config, conf
        from nova.virt.libvirt import utils
        conf.CONF([], project='nova', default_config_files=[])
        size = int(sys.argv[3]) or None
        utils.create_image(sys.argv[1], 'qcow2', size, backing_file=sys.argv[2])
        """;

    private readonly DiskBed _bed = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData("raw", 0)]
    [InlineData("raw", 1L << 30)]
    [InlineData("qcow2", 0)]
    [InlineData("qcow2", 1L << 30)]
    [InlineData("qcow2 of small clusters", 1L << 30)]
    public async Task An_overlay_is_byte_for_byte_what_nova_makes(string format, long size)
    {
        if (format != "raw")
        {
            _bed.Node.Settings["force_raw_images"] = "false";
            string[] options = format == "qcow2" ? [] : ["-o", "cluster_size=4k"];
            _bed.Image = _bed.Node.Cloud.Add(new FakeImage { DiskFormat = "qcow2", Data = await Qemu.ToQcow2Async(_bed.Node.Directory, DiskBed.WithHole(), options) });
        }

        await _bed.Node.FetchAsync(_bed.Image.Id);
        InstanceDisk ours = await _bed.MakeAsync(_bed.Request() with { Size = size });
        string novas = _bed.NewPath("nova");
        await CreateAsync(novas, size);
        Assert.Equal(await DescribeAsync(novas), await DescribeAsync(ours.Path));
        Assert.True(File.ReadAllBytes(novas).AsSpan().SequenceEqual(File.ReadAllBytes(ours.Path)), "the files differ");
    }

    private static async Task<string> DescribeAsync(string path)
    {
        JsonElement info = await DiskBed.InfoAsync(path);
        return string.Join('\n', info.EnumerateObject()
            .Where(static member => member.Name is not ("filename" or "actual-size" or "children"))
            .Select(static member => $"{member.Name}={member.Value.GetRawText()}"));
    }

    private async Task CreateAsync(string path, long size)
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python) && Directory.Exists("/usr/lib/python3/dist-packages/nova"), "needs nova's own code (Debian: python3-nova)");
        using Process nova = Process.Start(new ProcessStartInfo(
            Python, ["-c", CreateImage, path, _bed.BasePath, size.ToString(System.Globalization.CultureInfo.InvariantCulture)]) { RedirectStandardError = true })!;
        string error = await nova.StandardError.ReadToEndAsync(Token);
        await nova.WaitForExitAsync(Token);
        Assert.True(nova.ExitCode == 0, error);
    }
}
