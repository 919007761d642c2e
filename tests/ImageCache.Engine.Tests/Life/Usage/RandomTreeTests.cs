using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Usage;
using ImageCache.Engine.Tests.Formats;
using ImageCache.Engine.Tests.Fuzz;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Usage;

/// <summary>Any tree of instances: what a model says is in use is never reported as free, and what is free is not kept without a reason.</summary>
public sealed class RandomTreeTests
{
    private const int Bases = 4;
    private static readonly string[] s_directories = ["a", "a_resize", "b", "b/snapshots", "c"];

    [Fact]
    public void Nothing_in_use_is_reported_as_free()
        => Prop.ForAll(Trees(), static tree =>
        {
            using UsageBed bed = new();
            Build(bed, tree);
            UsageReport report = bed.Scan();
            HashSet<string> used = Used(tree);
            bool isDamaged = Array.Exists(tree, static disk => disk.Kind == DiskKind.Damaged);
            Assert.Equal(isDamaged, report.Unreadable.Count > 0);
            for (int number = 0; number < Bases; number++)
            {
                string name = UsageBed.BaseName(number);
                Assert.Equal(used.Contains(name), report.IsUsed(name));
                Assert.Equal(used.Contains(name) || isDamaged, report.UsersOf(name).Count > 0);
            }
        }).Check(FuzzRuns.Config(60));

    private static Arbitrary<RandomDisk[]> Trees()
    {
        Gen<RandomDisk> disk =
            from directory in Gen.Choose(0, s_directories.Length - 1)
            from kind in Gen.Frequency((12, Gen.Elements(DiskKind.OnBase, DiskKind.OnDisk, DiskKind.OnTarget)), (2, Gen.Constant(DiskKind.Alone)), (1, Gen.Constant(DiskKind.Damaged)))
            from below in Gen.Choose(0, 99)
            from naming in Gen.Elements(DiskNaming.Absolute, DiskNaming.Relative, DiskNaming.Json, DiskNaming.Protocol)
            from isLink in Gen.Frequency((5, Gen.Constant(false)), (1, Gen.Constant(true)))
            select new RandomDisk(directory, kind, below, naming, isLink);
        return Arb.From(disk.ArrayOf().Where(static disks => disks.Length <= 12));
    }

    // A disk is built on one before it, so that every chain ends.
    private static void Build(UsageBed bed, RandomDisk[] tree)
    {
        for (int number = 0; number < Bases; number++)
        {
            bed.Base(number);
        }

        for (int index = 0; index < tree.Length; index++)
        {
            RandomDisk disk = tree[index];
            string path = PathOf(bed, tree, index);
            byte[] content = disk.Kind switch
            {
                DiskKind.Alone => SampleImages.Qcow2(),
                DiskKind.Damaged => SampleImages.Qcow2()[..40],
                DiskKind.OnTarget => UsageBed.Overlay(Name(disk.Naming, path, MakeTarget(bed, disk.Below % Bases))),
                DiskKind.OnDisk when index > 0 => UsageBed.Overlay(Name(disk.Naming, path, PathOf(bed, tree, disk.Below % index))),
                _ => UsageBed.Overlay(Name(disk.Naming, path, bed.Layout.BasePath(UsageBed.BaseName(disk.Below % Bases)))),
            };
            string real = disk.IsLink ? bed.Directory[$"outside{index}"] : path;
            File.WriteAllBytes(real, content);
            if (disk.IsLink)
            {
                File.CreateSymbolicLink(path, real);
            }
        }
    }

    private static HashSet<string> Used(RandomDisk[] tree)
    {
        HashSet<string> used = [];
        for (int index = 0; index < tree.Length; index++)
        {
            if (tree[index].Kind is DiskKind.OnBase or DiskKind.OnTarget || (tree[index].Kind == DiskKind.OnDisk && index == 0))
            {
                used.Add(UsageBed.BaseName(tree[index].Below % Bases));
            }
        }

        return used;
    }

    private static string PathOf(UsageBed bed, RandomDisk[] tree, int index) => bed.Disk($"{s_directories[tree[index].Directory]}/disk{index}");

    private static string MakeTarget(UsageBed bed, int number)
    {
        string path = bed.Layout.TargetPath(UsageBed.BaseName(number), 1 << 30);
        File.WriteAllBytes(path, UsageBed.Overlay(bed.Layout.BasePath(UsageBed.BaseName(number))));
        return path;
    }

    private static string Name(DiskNaming naming, string disk, string below) => naming switch
    {
        DiskNaming.Relative => Path.GetRelativePath(Path.GetDirectoryName(disk)!, below),
        DiskNaming.Json => $$$"""json:{"driver":"qcow2","file":{"driver":"file","filename":"{{{below}}}"}}""",
        DiskNaming.Protocol => "file:" + below,
        _ => below,
    };
}
