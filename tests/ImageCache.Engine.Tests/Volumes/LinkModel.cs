using ImageCache.Engine.Configuration;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.OpenStack;
using ImageCache.Engine.Volumes;
using Microsoft.Extensions.Logging.Abstractions;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

/// <summary>
/// A node that links, whose processes can be killed at each step; its Cinder and its storage are in memory, its cache and what it writes down
/// are files. What other nodes have of the volumes must stay as it is.
/// </summary>
internal sealed class LinkModel : IAsyncDisposable
{
    private const int Size = 512;

    private readonly KillSwitch _kill = new();
    private readonly TestDirectory _directory = new();
    private readonly TestCloud _cloud;
    private readonly FakeCinder _cinder;
    private readonly FakeVolumeNode _node;
    private readonly VolumeHoldStore _holds;
    private readonly CacheLayout _layout;
    private readonly RecordStore _records;
    private readonly CacheReader _cache;
    private readonly TemporaryDirectoryFactory _temporaries;
    private readonly VolumeLinkHandler _handler;
    private readonly VolumeLinks _links;
    private readonly ImageDescriptor[] _images;
    private readonly FakeAttachment[] _others;

    public LinkModel(VolumeInUse inUse)
    {
        _cloud = new TestCloud(configure: configuration => configuration with { VolumeInUse = inUse, Retries = 0 });
        _cinder = new FakeCinder(_cloud.Fake);
        Func<FaultRequest, FaultAnswer> well = _cloud.Fake.Server.Fallback;
        _cloud.Fake.Server.Fallback = request => request.Path.StartsWith("/volume", StringComparison.Ordinal) ? Answer(request, well) : well(request);

        _layout = new CacheLayout(_cloud.Configuration.CachePath);
        CacheDirectory directory = new(_layout, mayCreate: false);
        directory.RequireWritable();
        _records = new RecordStore(_layout);
        _cache = new CacheReader(_layout, _records);
        _temporaries = new TemporaryDirectoryFactory(_layout);
        _holds = new VolumeHoldStore(_directory["volumes"], _layout.CachePath);
        _node = new FakeVolumeNode(_kill, _directory.FullPath);
        VolumeAttacher attacher = new(_cloud.Connection, _node, _node, _holds, _cloud.Time);
        _links = new VolumeLinks(_layout, attacher, _holds, NullLogger.Instance);
        StrayClones strays = new(_cloud.Configuration, directory, _links);
        LinkInitializer initializer = new(directory, _cache, _records, _temporaries, _links, strays);
        VolumeNeeds needs = new(_cloud.Configuration, _node.Node, new OsBrick(_node.Node), _cloud.Connection);
        _handler = new VolumeLinkHandler(_cloud.Configuration, _cloud.Connection, needs, _links, initializer);

        FakeVolume[] volumes = [_cinder.Add(new FakeVolume { IsMultiattach = true, Status = "in-use" }), _cinder.Add(new FakeVolume())];
        _others = [_cinder.Add(new FakeAttachment(Guid.NewGuid().ToString(), volumes[0].Id) { Status = "attached", Device = "imagecache:node-2:x", Host = "node-2" })];
        _images = [.. volumes.Select(Describe)];
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Does what an operator, a fetch or fate does.</summary>
    public async Task DoAsync(LinkAction action)
    {
        _kill.Restart();
        switch (action.Fault)
        {
            case LinkFault.Killed:
                _kill.KillAfter(action.Step);
                break;
            case LinkFault.CinderDown:
                _kill.StopCinderAfter(action.Step);
                break;
        }

        ImageDescriptor image = _images[action.Image];
        try
        {
            await (action.Kind switch
            {
                LinkActionKind.Fetch => FetchAsync(image, force: false),
                LinkActionKind.FetchAnew => FetchAsync(image, force: true),
                LinkActionKind.Remove => RemoveAsync(image),
                LinkActionKind.Initialize => InitializeAsync(),
                LinkActionKind.Reboot => Task.Run(_node.Reboot, Token),
                _ => Task.Run(DeleteAttachments, Token),
            });
        }
        catch (Exception e) when (e is KilledException or ImageCacheException)
        {
            // It says what it could not do.
        }
    }

    /// <summary>After an initialization in peace, everything that is there belongs to a link, and every link has all of its own.</summary>
    public async Task CheckAsync()
    {
        _kill.Restart();
        await InitializeAsync();
        List<VolumeHold> linked = [.. _images.Select(static image => CacheLayout.BaseName(image.Id)).Where(_links.IsLinked).Select(name => _holds.Read(name)!)];
        Assert.DoesNotContain(null, linked);
        Assert.Equal(linked.Count, _images.Count(image => Path.Exists(_layout.BasePath(CacheLayout.BaseName(image.Id)))));
        Assert.Equal(linked.Count, _holds.Names().Count);
        Assert.Equal(_others.Select(static other => other.Id).Concat(linked.Select(static hold => hold.AttachmentId)).Order(), _cinder.Attachments.Select(static one => one.Id).Order());
        Assert.All(_cinder.Attachments, static one => Assert.Equal("attached", one.Status));
        Assert.Equal(linked.Where(static hold => hold.ClonedFrom is not null).Select(static hold => hold.VolumeId).Order(), _cinder.Copies.Select(static copy => copy.Id).Order());
        Assert.Equal(linked.Select(static hold => hold.VolumeId).Order(), _node.Connected.Order());
        Assert.Equal(linked.Select(static hold => hold.View!.Directory).Order(), _node.Views.Order());
        foreach (VolumeHold hold in linked)
        {
            Assert.Equal(Size, new FileInfo(hold.View!.Path).Length);
            Assert.Equal(hold.AttachmentId, _records.Read(CacheLayout.BaseName(hold.ImageId)).Record!.Link!.AttachmentId);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _cloud.DisposeAsync();
        _directory.Dispose();
    }

    private FaultAnswer Answer(FaultRequest request, Func<FaultRequest, FaultAnswer> well)
    {
        _kill.Count();
        if (_kill.IsCinderDown)
        {
            return FaultAnswer.Of(503);
        }

        FaultAnswer answer = well(request);
        _kill.Count();
        return _kill.IsCinderDown ? FaultAnswer.Of(503) : answer;
    }

    private async Task FetchAsync(ImageDescriptor image, bool force)
    {
        string baseName = CacheLayout.BaseName(image.Id);
        using BaseFileLock held = await BaseFileLock.AcquireAsync(_layout.LockPath(baseName), null, Token);
        using TemporaryDirectory temporary = await _temporaries.CreateAsync(Token);
        if (!force && _cache.Find(baseName) is { IsLink: true } entry)
        {
            if (!await _handler.IsAliveAsync(entry, Token))
            {
                ImageRecord revived = await _handler.ReviveAsync(entry, Token);
                _kill.Step();
                _records.Write(revived, temporary, durable: false);
            }

            return;
        }

        await using PreparedLink source = (PreparedLink)await _handler.FetchAsync(image, Token);
        await using LinkDraft draft = source.HandOn();
        _kill.Step();
        new Publisher(_layout, _records, _cloud.Time).PublishLink(Record(image), draft.Link, temporary, replace: true);
        _kill.Step();
        draft.Made();
    }

    private async Task RemoveAsync(ImageDescriptor image)
    {
        string baseName = CacheLayout.BaseName(image.Id);
        using BaseFileLock held = await BaseFileLock.AcquireAsync(_layout.LockPath(baseName), null, Token);
        _kill.Step();
        File.Delete(_layout.BasePath(baseName));
        _kill.Step();
        await _handler.RemoveAsync(baseName, Token);
        _kill.Step();
        _records.Delete(baseName);
    }

    private async Task InitializeAsync()
    {
        await foreach (InitializationResult result in _handler.InitializeAsync(dryRun: false, Token))
        {
            Assert.NotNull(result.Reason);
        }
    }

    private void DeleteAttachments()
    {
        foreach (FakeAttachment attachment in _cinder.Attachments.Except(_others))
        {
            _cinder.Remove(attachment.Id);
        }
    }

    private static ImageDescriptor Describe(FakeVolume volume) => new()
    {
        Id = Guid.NewGuid().ToString(),
        Status = "active",
        DiskFormat = "raw",
        ContainerFormat = "bare",
        Size = Size,
        Locations = [$"cinder://{volume.Id}"],
    };

    private ImageRecord Record(ImageDescriptor image) => new()
    {
        Id = image.Id,
        Descriptor = image,
        Method = BaseImageMethod.VolumeLink,
        DigestStatus = DigestStatus.Unverifiable,
        DiskFormat = "raw",
        Size = Size,
        VirtualSize = Size,
        FetchedAt = _cloud.Time.Now,
    };
}
