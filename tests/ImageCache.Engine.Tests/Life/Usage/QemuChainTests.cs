using ImageCache.Engine.Life.Usage;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>Chains as qemu-img makes and reads them: what it names is in use.</summary>
public sealed class QemuChainTests : IDisposable
{
    private readonly UsageBed _bed = new();

    public QemuChainTests() => Qemu.Require();

    [Theory]
    [InlineData("qcow2", "cluster_size=512")]
    [InlineData("qcow2", "cluster_size=2M")]
    [InlineData("qcow2", "compat=0.10")]
    [InlineData("qcow2", "compat=1.1,lazy_refcounts=on")]
    [InlineData("qcow2", "compression_type=zstd")]
    [InlineData("qcow2", "extended_l2=on")]
    [InlineData("qed", "cluster_size=4096")]
    public async Task A_disk_of_every_shape_uses_its_base(string format, string options)
    {
        string disk = _bed.Disk("one/disk");
        await UsageBed.QemuAsync(["create", "-q", "-f", format, "-F", "raw", "-b", _bed.Base(1), "-o", options, disk]);
        await AssertAgreesAsync(disk, UsageBed.BaseName(1));
    }

    [Fact]
    public async Task An_encrypted_disk_uses_its_base()
    {
        string disk = _bed.Disk("one/disk");
        string[] create =
        [
            "create", "-q", "-f", "qcow2", "--object", "secret,id=s,data=x", "-F", "raw", "-b", _bed.Base(1),
            "-o", "encrypt.format=luks,encrypt.key-secret=s,encrypt.iter-time=10", disk,
        ];

        // qemu-img measures how fast it is to choose a number of iterations, and gives up when the machine is busy.
        for (int left = 20; !File.Exists(disk); left--)
        {
            try
            {
                await UsageBed.QemuAsync(create);
            }
            catch (Xunit.Sdk.XunitException e) when (left > 0 && e.Message.Contains("CPU usage", StringComparison.Ordinal))
            {
                File.Delete(disk);
            }
        }

        await AssertAgreesAsync(disk, UsageBed.BaseName(1));
    }

    [Theory]
    [InlineData("disk")]
    [InlineData("disk.rescue")]
    [InlineData("disk.local")]
    [InlineData("disk.eph7")]
    [InlineData("disk.swap")]
    [InlineData("disk.config")]
    [InlineData("with\nnewline")]
    [InlineData("unknown.leftover")]
    public async Task A_disk_of_any_name_counts(string name)
    {
        string disk = _bed.Disk("one_resize/" + name);
        await OverlayAsync(disk, _bed.Base(1), "raw");
        Assert.Equal([disk], _bed.Scan().UsersOf(UsageBed.BaseName(1)));
    }

    [Theory]
    [InlineData("ephemeral_20_abcdef0")]
    [InlineData("swap_512")]
    [InlineData("356a192b7913b04c54574d18c28d46e6395428ab_20")]
    [InlineData("356a192b7913b04c54574d18c28d46e6395428ab_sm")]
    [InlineData("of-somebody-else")]
    public async Task Other_files_of_the_cache_count_under_their_names(string name)
    {
        string disk = _bed.Disk("one/disk.eph0");
        await OverlayAsync(disk, _bed.Base(name), "raw");
        UsageReport report = _bed.Scan();
        Assert.Equal([name], report.UsedBy.Keys);
        Assert.Equal([disk], report.UsersOf(name));
    }

    [Fact]
    public async Task Five_levels_through_other_instances_are_followed()
    {
        string below = _bed.Base(1);
        string format = "raw";
        for (int level = 0; level < 5; level++)
        {
            string disk = _bed.Disk($"instance{level}/disk");
            await OverlayAsync(disk, below, format);
            (below, format) = (disk, "qcow2");
        }

        await AssertAgreesAsync(below, UsageBed.BaseName(1));
        Assert.Equal(5, _bed.Scan().UsersOf(UsageBed.BaseName(1)).Count);
    }

    [Fact]
    public async Task A_chain_without_formats_is_followed_all_the_same()
    {
        string middle = _bed.Directory["elsewhere"];
        await OverlayAsync(middle, _bed.Base(1), "raw");
        string disk = _bed.Disk("one/disk");
        await File.WriteAllBytesAsync(disk, UsageBed.Overlay(middle), TestContext.Current.CancellationToken);
        Assert.Equal([disk], _bed.Scan().UsersOf(UsageBed.BaseName(1)));
    }

    [Fact]
    public async Task Names_relative_to_a_linked_directory_are_resolved_as_the_kernel_does()
    {
        string away = _bed.Directory["away/instances/one"];
        Directory.CreateDirectory(away);
        string cache = _bed.Directory["away/_base"];
        Directory.CreateSymbolicLink(cache, _bed.Layout.CachePath);
        _bed.Base("by-name-alone");
        Directory.CreateSymbolicLink(Path.Join(_bed.Instances, "one"), away);
        await UsageBed.QemuAsync("create", "-q", "-u", "-f", "qcow2", "-F", "raw", "-b", "../../_base/by-name-alone", Path.Join(away, "disk"), "1M");
        await AssertAgreesAsync(Path.Join(_bed.Instances, "one/disk"), "by-name-alone");
    }

    [Theory]
    [InlineData("""json:{"driver":"raw","file":{"driver":"file","filename":"PATH"}}""", "raw")]
    [InlineData("""json:{"driver":"raw","file.driver":"file","file.filename":"PATH"}""", "raw")]
    [InlineData("file:PATH", "raw")]
    public async Task Names_in_other_forms_are_understood(string form, string format)
    {
        string disk = _bed.Disk("one/disk");
        string name = form.Replace("PATH", _bed.Base("by-name-alone"), StringComparison.Ordinal);
        await UsageBed.QemuAsync("create", "-q", "-f", "qcow2", "-F", format, "-b", name, disk);
        Assert.NotNull(await UsageBed.ChainAsync(disk));
        Assert.Equal([disk], _bed.Scan().UsersOf("by-name-alone"));
    }

    [Fact]
    public async Task A_chain_below_json_options_is_followed()
    {
        string middle = _bed.Directory["middle"];
        await OverlayAsync(middle, _bed.Base(1), "raw");
        string disk = _bed.Disk("one/disk");
        string name = $$$"""json:{"driver":"qcow2","file":{"driver":"file","filename":"{{{middle}}}"}}""";
        await UsageBed.QemuAsync("create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", name, disk);
        Assert.Equal([disk], _bed.Scan().UsersOf(UsageBed.BaseName(1)));
    }

    [Fact]
    public async Task A_base_that_is_somebodys_data_file_is_in_use()
    {
        string disk = _bed.Disk("one/disk");
        await UsageBed.QemuAsync("create", "-q", "-f", "qcow2", "-o", $"data_file={_bed.Base("by-name-alone")},data_file_raw=on", disk, "1M");
        Assert.Equal([disk], _bed.Scan().UsersOf("by-name-alone"));
    }

    [Fact]
    public async Task What_stands_alone_uses_nothing()
    {
        _bed.Base(1);
        foreach (string format in new[] { "raw", "qcow2", "qed", "vmdk", "vdi", "vpc", "vhdx" })
        {
            await UsageBed.QemuAsync("create", "-q", "-f", format, _bed.Disk($"{format}/disk"), "4M");
        }

        UsageReport report = _bed.Scan();
        Assert.Empty(report.UsedBy);
        Assert.Empty(report.Unreadable);
    }

    [Fact]
    public async Task A_vmdk_with_a_parent_may_use_anything()
    {
        string parent = _bed.Directory["parent.vmdk"];
        await UsageBed.QemuAsync("create", "-q", "-f", "vmdk", parent, "1M");
        string disk = _bed.Disk("one/disk");
        await UsageBed.QemuAsync("create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", parent, disk);
        Assert.Equal([disk], _bed.Scan().Unreadable.Keys);
    }

    [Fact]
    public async Task A_target_uses_its_base_and_disks_on_it_use_both()
    {
        string target = _bed.Layout.TargetPath(UsageBed.BaseName(1), 2 << 20);
        await OverlayAsync(target, _bed.Base(1), "raw");
        Assert.Equal([target], _bed.Scan().UsersOf(UsageBed.BaseName(1)));
        string disk = _bed.Disk("one/disk");
        await OverlayAsync(disk, target, "qcow2");
        UsageReport report = _bed.Scan();
        Assert.Equal([disk], report.UsersOf(Path.GetFileName(target)));
        Assert.Equal(new[] { target, disk }.Order(StringComparer.Ordinal), report.UsersOf(UsageBed.BaseName(1)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_disk_on_a_link_or_on_what_it_leads_to_uses_the_link(bool byLink)
    {
        string view = _bed.Directory["volumes/disk"];
        Directory.CreateDirectory(Path.GetDirectoryName(view)!);
        File.WriteAllBytes(view, new byte[1 << 20]);
        string link = _bed.Layout.BasePath(UsageBed.BaseName(1));
        File.CreateSymbolicLink(link, view);
        Assert.Empty(_bed.Scan().UsedBy);
        string disk = _bed.Disk("one/disk");
        File.WriteAllBytes(disk, UsageBed.Overlay(byLink ? link : view));
        Assert.Equal([disk], _bed.Scan().UsersOf(UsageBed.BaseName(1)));
    }

    public void Dispose() => _bed.Dispose();

    private static Task OverlayAsync(string disk, string backing, string format) => Qemu.OverlayAsync(disk, backing, format);

    private async Task AssertAgreesAsync(string disk, string name)
    {
        IReadOnlyList<string>? chain = await UsageBed.ChainAsync(disk);
        Assert.Equal(name, Path.GetFileName(chain?[^1]));
        UsageReport report = _bed.Scan();
        Assert.Contains(disk, report.UsersOf(name));
        Assert.Equal([name], report.UsedBy.Keys);
        Assert.Empty(report.Unreadable);
    }
}
