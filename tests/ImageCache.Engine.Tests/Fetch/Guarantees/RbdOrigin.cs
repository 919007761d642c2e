using ImageCache.Engine.Tests.Ceph;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>Bytes from the lab's real Ceph, through librbd or through the rbd command; the record is that of a Glance in memory.</summary>
internal sealed class RbdOrigin : ByteOrigin
{
    private readonly LabCloud _lab;
    private readonly RbdBed _bed;
    private readonly List<string> _names = [];

    private RbdOrigin(LabCloud lab, int step)
    {
        _lab = lab;
        _bed = new RbdBed(lab);
        Step = step;
        Node.Settings["method"] = "rbd-export";
    }

    public override EngineBed Node => _bed.Node;

    public override BaseImageMethod Method => BaseImageMethod.RbdExport;

    public override int Step { get; }

    protected override IEnumerable<string> Marks => _names;

    public static RbdOrigin ByLibrary(LabCloud lab) => new(lab, step: 3);

    /// <summary>A node whose librbd is too old: of its name, and without the functions that are called.</summary>
    public static RbdOrigin ByCommand(LabCloud lab)
    {
        RbdOrigin origin = new(lab, step: 6);
        origin.Node.HasRbdLibrary = false;
        string folder = Directory.CreateDirectory(origin.Node.Directory["old"]).FullName;
        File.CreateSymbolicLink(Path.Join(folder, "librbd.so.1"), LoadedLibrary("/libc.so.6"));
        origin.Node.Variables["LD_LIBRARY_PATH"] = folder;
        return origin;
    }

    public override async Task<FakeImage> AddAsync(FakeImage image)
    {
        string name = await _lab.SharedCeph.SharedAsync(image.Data);
        _names.Add(name);
        return Node.Cloud.Add(image with { Extra = new(image.Extra) { ["direct_url"] = _bed.Ceph.Location(name) } });
    }

    public override void PrepareSilence(FakeImage image)
    {
    }

    public override async Task<IAsyncDisposable> SilenceAsync() => await LabOutage.PauseAsync("ceph-osd");

    public override void AssertMoved(FakeImage image, int times)
    {
        Assert.Equal(0, Node.DataRequests(image.Id));
        Assert.Equal(times, Node.Events().Count(static told => told.GetProperty("event").GetString() == "fetched"));
    }

    public override ValueTask DisposeAsync() => _bed.DisposeAsync();

    private static string LoadedLibrary(string name)
        => File.ReadLines("/proc/self/maps").Select(static line => line[(line.LastIndexOf(' ') + 1)..]).First(path => path.EndsWith(name, StringComparison.Ordinal));
}
