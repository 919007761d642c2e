using ImageCache.Engine.Requests;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Critical;

/// <summary>Registering and unregistering, and what the rest of the engine makes of it.</summary>
public sealed class RegistrationTests : IAsyncDisposable
{
    private readonly CriticalBed _bed = new();
    private readonly FakeImage _image;

    public RegistrationTests() => _image = _bed.Node.Cloud.Add(new FakeImage { Name = "debian", Data = TestData.Noise(512 * 100) });

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private EngineBed Node => _bed.Node;

    public ValueTask DisposeAsync() => _bed.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_registered_image_is_fetched_and_told_of(bool byName)
    {
        CriticalImage image = await _bed.RegisterAsync(byName ? "debian" : _image.Id);
        Assert.Equal(_image.Id, image.Id);
        Assert.Equal("debian", image.Name);
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.True(image.IsCached);
        Assert.True(image.IsFresh);
        Assert.Equal(DigestStatus.Verified, image.DigestStatus);
        Assert.NotNull(image.SyncedAt);
        Node.AssertWhole(_image.Id, _image.Data);
        Assert.Equal(CriticalStatus.Present, _bed.Listed("debian").Status);
        Assert.True((await Node.Open().ListAsync(new ListRequest(), Node.Monitor, Token).SingleAsync(Token)).IsCritical);
        Assert.Contains(Node.Events(), static told => told.GetProperty("event").GetString() == "criticalRegistered");
    }

    [Fact]
    public async Task Without_a_fetch_it_is_registered_and_missing()
    {
        CriticalImage image = await _bed.RegisterAsync(_image.Id, fetch: false);
        Assert.Equal(CriticalStatus.Missing, image.Status);
        Assert.False(Path.Exists(Node.BasePath(_image.Id)));
        IntegrityResult verified = await Node.Open().VerifyAsync(new VerifyRequest(), Node.Monitor, Token).SingleAsync(Token);
        Assert.Equal(IntegrityStatus.Missing, verified.Status);
        Assert.Equal(_image.Id, verified.Id);
        IntegrityResult repaired = await Node.Open().RepairAsync(verified, Node.Monitor, Token);
        Assert.True(repaired.Repaired);
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task What_cannot_be_fetched_stays_registered()
    {
        Node.Server.Always("GET", FakeCloud.DataPath(_image.Id), static _ => FaultAnswer.Of(404));
        CriticalOutcome outcome = Assert.Single(await _bed.TryRegisterAsync(new CriticalRequest { Image = _image.Id }));
        Assert.Equal(ErrorIds.ImageDataNotFound, outcome.Error!.ErrorId);
        Assert.Equal(CriticalStatus.Missing, outcome.Image!.Status);
        Assert.Equal(CriticalStatus.Missing, _bed.Listed(_image.Id).Status);
    }

    [Fact]
    public async Task What_nobody_knows_is_not_registered_and_stops_no_other()
    {
        IReadOnlyList<CriticalOutcome> outcomes = await _bed.TryRegisterAsync(new CriticalRequest { Image = "nobody" }, new CriticalRequest { Image = _image.Id });
        Assert.Equal(ErrorIds.ImageNotFound, outcomes.Single(static outcome => outcome.Subject == "nobody").Error!.ErrorId);
        Assert.Null(outcomes.Single(static outcome => outcome.Subject == "nobody").Image);
        Assert.Equal(_image.Id, Assert.Single(Node.Open().ListCritical(null)).Id);
    }

    [Fact]
    public async Task What_policy_refuses_is_not_registered()
    {
        FakeImage queued = Node.Cloud.Add(new FakeImage { Status = "deactivated", Data = TestData.Noise(512) });
        CriticalOutcome outcome = Assert.Single(await _bed.TryRegisterAsync(new CriticalRequest { Image = queued.Id }));
        Assert.Equal(ErrorIds.ImageNotActive, outcome.Error!.ErrorId);
        Assert.Empty(Node.Open().ListCritical(null));
    }

    [Fact]
    public async Task A_cached_image_can_be_registered_while_nobody_answers()
    {
        await Node.FetchAsync(_image.Id);
        _bed.CutOff();
        CriticalImage image = await _bed.RegisterAsync("debian");
        Assert.Equal(CriticalStatus.Present, image.Status);
        Assert.Null(image.IsFresh);
        Assert.Contains(Node.Warnings, static warning => warning.Contains("as the cache recorded it", StringComparison.Ordinal));
        Assert.Equal(ErrorIds.ServiceUnavailable, Assert.Single(await _bed.TryRegisterAsync(new CriticalRequest { Image = "other" })).Error!.ErrorId);
    }

    [Fact]
    public async Task An_image_of_a_uri_can_be_registered_and_comes_back()
    {
        string file = Node.Directory["source.raw"];
        await File.WriteAllBytesAsync(file, _image.Data, Token);
        string checksum = "sha256:" + Convert.ToHexStringLower(System.Security.Cryptography.SHA256.HashData(_image.Data));
        BaseImage fetched = await Node.FetchAsync(new FetchRequest { Uri = new Uri(file).AbsoluteUri, Checksum = checksum });
        _bed.CutOff();
        await _bed.RegisterAsync(fetched.Id!);
        File.Delete(fetched.Path);
        Assert.Equal(CriticalStatus.Present, (await _bed.SyncAsync()).Status);
        Node.AssertWhole(fetched.Id!, _image.Data);
    }

    [Fact]
    public async Task Registering_again_takes_what_is_asked_for_now()
    {
        CriticalImage first = await _bed.RegisterAsync(new CriticalRequest { Image = _image.Id, TargetSizes = [1000, 1024, 600, 600], Fetch = false });
        Assert.Equal([1024], first.TargetSizes);
        CriticalImage second = await _bed.RegisterAsync(new CriticalRequest { Image = _image.Id, Method = FetchMethod.Download });
        Assert.Empty(second.TargetSizes);
        Assert.Equal(FetchMethod.Download, second.Method);
        Assert.Equal(first.RegisteredAt, second.RegisteredAt);
        Assert.Single(Node.Open().ListCritical(null));
    }

    [Fact]
    public async Task Unregistering_leaves_the_file()
    {
        await _bed.RegisterAsync(_image.Id);
        await Node.Open().UnregisterCriticalAsync(_bed.Listed("debian"), Token);
        Assert.Empty(Node.Open().ListCritical(null));
        Node.AssertWhole(_image.Id, _image.Data);
        NotFoundException error = Assert.Throws<NotFoundException>(() => Node.Open().ListCritical("debian"));
        Assert.Equal(ErrorIds.ImageNotCritical, error.ErrorId);
    }

    [Fact]
    public async Task A_critical_image_is_removed_only_by_force_and_stays_registered()
    {
        await _bed.RegisterAsync(_image.Id);
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => Node.Open().PlanRemovalAsync(_image.Id, false, Node.Monitor, Token));
        Assert.Equal(ErrorIds.ImageCritical, error.ErrorId);
        RemovalPlan plan = await Node.Open().PlanRemovalAsync(_image.Id, true, Node.Monitor, Token);
        BaseImage removed = await Node.Open().RemoveAsync(plan, Node.Monitor, Token);
        Assert.True(removed.IsCritical);
        Assert.Contains(Node.Warnings, static warning => warning.Contains("stays registered", StringComparison.Ordinal));
        Assert.Equal(CriticalStatus.Missing, _bed.Listed(_image.Id).Status);
    }

    [Fact]
    public async Task An_image_that_became_critical_after_the_plan_is_kept()
    {
        await Node.FetchAsync(_image.Id);
        RemovalPlan plan = await Node.Open().PlanRemovalAsync(_image.Id, false, Node.Monitor, Token);
        await _bed.RegisterAsync(_image.Id);
        await Assert.ThrowsAsync<PolicyException>(() => Node.Open().RemoveAsync(plan, Node.Monitor, Token));
        Node.AssertWhole(_image.Id, _image.Data);
    }

    [Fact]
    public async Task With_a_list_that_cannot_be_read_nothing_is_removed_and_everything_else_works()
    {
        await Node.FetchAsync(_image.Id);
        await File.WriteAllTextAsync(_bed.ListPath, "{", Token);
        PolicyException kept = await Assert.ThrowsAsync<PolicyException>(() => Node.Open().PlanRemovalAsync(_image.Id, false, Node.Monitor, Token));
        Assert.Equal(ErrorIds.ImageCritical, kept.ErrorId);
        Assert.True((await Node.FetchAsync(_image.Id)).Hit);
        Assert.Equal(ErrorIds.CriticalListDamaged, Assert.Throws<UnavailableException>(() => Node.Open().ListCritical(null)).ErrorId);
        Assert.Contains(
            await Node.Open().InitializeAsync(false, false, Node.Monitor, Token).ToListAsync(Token),
            result => result.Action == InitializationAction.Reported && result.Path == _bed.ListPath);
        await Node.Open().ResetCriticalListAsync(Node.Monitor, Token);
        Assert.Empty(Node.Open().ListCritical(null));
    }
}
