using System.Security.Cryptography;
using ImageCache.Engine.Requests;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>A compute node whose Cinder is in memory and whose os-brick gives a file; the views are real.</summary>
internal sealed class LinkBed : IAsyncDisposable
{
    public const int Size = 4 << 20;

    public LinkBed()
    {
        IReadOnlyList<string> missing = VolumeExporter.Missing();
        Assert.SkipUnless(missing.Count == 0, string.Join("; ", missing));
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to mount");
        Node = new EngineBed();
        Cinder = new FakeCinder(Node.Cloud);
        Brick = new FakeOsBrick();
        StatePath = Node.Directory["volumes"];
        Node.Settings["volume_state_path"] = StatePath;
        Node.Settings["volume_python"] = Brick["python"];
        Node.Settings["volume_host"] = "node-1";
        Node.Settings["volume_address"] = "10.0.0.1";
        Data = RandomNumberGenerator.GetBytes(Size);
        File.WriteAllBytes(Brick["volume"], [.. Data, .. RandomNumberGenerator.GetBytes(1 << 20)]);
    }

    public EngineBed Node { get; }

    public FakeCinder Cinder { get; }

    public FakeOsBrick Brick { get; }

    public byte[] Data { get; }

    public string StatePath { get; }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    public VolumeHoldStore Holds => new(StatePath, Node.CachePath);

    /// <summary>An image whose data are in a volume, and which Glance would give, too.</summary>
    public FakeImage Add(FakeVolume? volume = null, Func<FakeImage, FakeImage>? change = null)
    {
        FakeVolume there = Cinder.Add(volume ?? new FakeVolume());
        FakeImage image = new() { Data = Data, Extra = new() { ["locations"] = new[] { new { url = $"cinder://fast/{there.Id}", metadata = new { store = "fast" } } } } };
        return Node.Cloud.Add(change?.Invoke(image) ?? image);
    }

    public static FetchRequest Request(FakeImage image) => new() { Image = image.Id, Method = FetchMethod.VolumeLink };

    /// <summary>Links what must be linked.</summary>
    public async Task<BaseImage> LinkAsync(FakeImage image)
    {
        BaseImage linked = await Node.FetchAsync(Request(image));
        Assert.Equal((BaseImageState.Linked, BaseImageMethod.VolumeLink), (linked.State, linked.Method));
        AssertReadable(image);
        return linked;
    }

    /// <summary>The link shows the image, exactly.</summary>
    public void AssertReadable(FakeImage image)
    {
        Assert.Equal(Holds.ViewPath(CacheLayout.BaseName(image.Id)), new FileInfo(Node.BasePath(image.Id)).LinkTarget);
        Assert.Equal(Data, File.ReadAllBytes(Node.BasePath(image.Id)));
    }

    /// <summary>There is nothing of the image, here or in Cinder.</summary>
    public void AssertNothingHeld(FakeImage image)
    {
        Assert.False(new FileInfo(Node.BasePath(image.Id)).Exists || new FileInfo(Node.BasePath(image.Id)).LinkTarget is not null, "a base file was left");
        Assert.Equal(RecordState.Missing, Node.RecordOf(image.Id).State);
        Assert.Empty(Node.Leftovers());
        AssertLetGo();
    }

    /// <summary>Neither Cinder nor this node hold anything.</summary>
    public void AssertLetGo()
    {
        Assert.Empty(Cinder.Attachments);
        Assert.All(Cinder.Volumes, static volume => Assert.Equal("available", volume.Status));
        Assert.Empty(Holds.Names());
        Assert.Empty(Views());
    }

    /// <summary>The serving processes.</summary>
    public IReadOnlyList<RunningCommand> Views() => [.. RunningCommand.Of(StatePath).Where(static command => command.Line.StartsWith("/usr/bin/" + "qemu-storage-daemon", StringComparison.Ordinal))];

    /// <summary>Kills every serving process, as a reboot does.</summary>
    public void KillViews()
    {
        IReadOnlyList<RunningCommand> views = Views();
        Assert.NotEmpty(views);
        foreach (RunningCommand view in views)
        {
            view.Kill();
        }

        Assert.True(SpinWait.SpinUntil(() => Views().Count == 0, TimeSpan.FromSeconds(30)), "a view goes on");
    }

    public async Task<IReadOnlyList<InitializationResult>> InitializeAsync(bool dryRun = false)
    {
        List<InitializationResult> results = [];
        await foreach (InitializationResult result in Node.Open().InitializeAsync(create: false, dryRun, Node.Monitor, Token))
        {
            results.Add(result);
        }

        return results;
    }

    public async Task<BaseImage> RemoveAsync(FakeImage image)
    {
        ImageCacheEngine engine = Node.Open();
        RemovalPlan plan = await engine.PlanRemovalAsync(image.Id, force: false, Node.Monitor, Token);
        return await engine.RemoveAsync(plan, Node.Monitor, Token);
    }

    /// <summary>Kills a fetch while Cinder carries out a step: before it has done so, or before its answer is sent.</summary>
    /// <param name="image">The image.</param>
    /// <param name="method">The step's HTTP method.</param>
    /// <param name="path">Its path; one that ends with a slash is a beginning.</param>
    /// <param name="afterItsWork">Whether the step is done.</param>
    public async Task KillFetchAsync(FakeImage image, string method, string path, bool afterItsWork)
    {
        bool IsStep(FaultRequest request) => request.Method == method
            && (path.EndsWith('/') ? request.Path.StartsWith(path, StringComparison.Ordinal) : request.Path == path);
        TaskCompletionSource gate = Hold(IsStep, afterItsWork);
        using (ProbeProcess fetch = ProbeProcess.Start(Node, "--image=" + image.Id, "--set=method=VolumeLink"))
        {
            await Node.Server.WaitForAsync(requests => requests.Any(IsStep), TestContext.Current.CancellationToken);
            fetch.Kill();
            await fetch.WaitForEndAsync();
        }

        gate.SetResult();
    }

    /// <summary>Holds requests back, from now on, that are of a kind; gives the gate that lets them go.</summary>
    public TaskCompletionSource Hold(Func<FaultRequest, bool> which, bool afterTheirWork)
    {
        TaskCompletionSource gate = new(TaskCreationOptions.RunContinuationsAsynchronously);
        Func<FaultRequest, FaultAnswer> others = Node.Server.Fallback;
        Node.Server.Fallback = request => which(request) && !gate.Task.IsCompleted
            ? (afterTheirWork ? others(request) : FaultAnswer.Of(503)) with { Gate = gate.Task }
            : others(request);
        return gate;
    }

    public async ValueTask DisposeAsync()
    {
        foreach (string name in Holds.Names())
        {
            await new VolumeExporter(Brick.Node).StopAsync(Holds.ViewDirectory(name), CancellationToken.None);
        }

        await Node.DisposeAsync();
        Brick.Dispose();
    }
}
