using System.Text.Json.Nodes;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Critical;

/// <summary>The list of critical images: nothing in it is lost, and what cannot be read is left alone.</summary>
public sealed class CriticalStoreTests : IDisposable
{
    private readonly TestDirectory _directory = new();
    private readonly CacheLayout _layout;

    public CriticalStoreTests()
    {
        _layout = new CacheLayout(_directory.NewCache());
        new CacheDirectory(_layout, mayCreate: false).RequireWritable();
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string ListPath => Path.Join(_layout.PrivatePath, CacheLayout.CriticalName);

    private CriticalStore Store => new(_layout);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void No_list_is_an_empty_one()
    {
        CriticalReading reading = Store.Read();
        Assert.True(reading.IsComplete);
        Assert.Empty(reading.Images);
        Assert.False(reading.MayBeCritical(CacheLayout.BaseName("a")));
    }

    [Fact]
    public async Task What_is_written_is_read()
    {
        await AddAsync(Entry("a") with { TargetSizes = [1024, 4096], Method = FetchMethod.RbdExport, RequireSignature = true, RegisteredAs = "debian" });
        CriticalEntry entry = Store.Read().Images[CacheLayout.BaseName("a")];
        Assert.Equal([1024, 4096], entry.TargetSizes);
        Assert.Equal(FetchMethod.RbdExport, entry.Method);
        Assert.True(entry.RequireSignature);
        Assert.Equal("debian", entry.RegisteredAs);
        Assert.Empty(Directory.EnumerateFileSystemEntries(_layout.TemporaryPath));
    }

    [Fact]
    public async Task Writers_at_the_same_time_lose_nothing()
    {
        await Task.WhenAll(Enumerable.Range(0, 20).Select(i => Task.Run(() => AddAsync(Entry($"image-{i}")))));
        Assert.Equal(20, Store.Read().Images.Count);
    }

    [Fact]
    public async Task Fields_that_are_not_known_survive_in_the_list_in_entries_and_in_their_images()
    {
        await AddAsync(Entry("a"));
        await AddAsync(Entry("b"));
        JsonNode list = JsonNode.Parse(File.ReadAllText(ListPath))!;
        list["ours"] = "list";
        list["images"]![1]!["ours"] = "entry";
        list["images"]![1]!["descriptor"]!["ours"] = "image";
        File.WriteAllText(ListPath, list.ToJsonString());
        await Store.UpdateAsync(static entries => [.. entries.Where(static entry => entry.Id != "a").Select(static entry => entry with { RequireSignature = true })], new TemporaryDirectoryFactory(_layout), Token);
        await AddAsync(Entry("c"));
        JsonNode after = JsonNode.Parse(File.ReadAllText(ListPath))!;
        Assert.Equal("list", (string?)after["ours"]);
        Assert.Equal(["b", "c"], after["images"]!.AsArray().Select(static item => (string?)item!["id"]));
        Assert.Equal("entry", (string?)after["images"]![0]!["ours"]);
        Assert.Equal("image", (string?)after["images"]![0]!["descriptor"]!["ours"]);
        Assert.True((bool)after["images"]![0]!["requireSignature"]!);
        Assert.Null(after["images"]![1]!["ours"]);
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("[]")]
    [InlineData("""{"schemaVersion":1,"images":[null]}""")]
    [InlineData("""{"schemaVersion":1,"images":null}""")]
    [InlineData("""{"schemaVersion":1,"images":[{"id":"a"}]}""")]
    [InlineData("""{"schemaVersion":1,"images":[{"id":"a","descriptor":{"id":"b"},"registeredAt":"2026-01-01T00:00:00Z"}]}""")]
    [InlineData("""{"schemaVersion":1,"images":[{"id":"a","descriptor":{"id":"a"},"registeredAt":"2026-01-01T00:00:00Z","targetSizes":[-1]}]}""")]
    [InlineData("""{"schemaVersion":1,"images":[{"id":"a","descriptor":{"id":"a"},"registeredAt":"2026-01-01T00:00:00Z"},{"id":"a","descriptor":{"id":"a"},"registeredAt":"2026-01-01T00:00:00Z"}]}""")]
    public async Task A_damaged_list_is_never_written_over_and_may_name_anything(string content)
    {
        File.WriteAllText(ListPath, content);
        CriticalReading reading = Store.Read();
        Assert.Equal(RecordState.Damaged, reading.State);
        Assert.True(reading.MayBeCritical(CacheLayout.BaseName("anything")));
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => AddAsync(Entry("x")));
        Assert.Equal(ErrorIds.CriticalListDamaged, error.ErrorId);
        Assert.Contains("--force", error.NextStep, StringComparison.Ordinal);
        Assert.Equal(content, File.ReadAllText(ListPath));
    }

    [Fact]
    public async Task A_damaged_list_is_set_aside_when_that_is_wanted()
    {
        File.WriteAllText(ListPath, "{");
        Assert.NotNull(await Store.SetDamagedAsideAsync(DateTimeOffset.UtcNow, Token));
        Assert.Equal("{", File.ReadAllText(Assert.Single(Directory.GetFiles(_layout.QuarantinePath))));
        await AddAsync(Entry("x"));
        Assert.Null(await Store.SetDamagedAsideAsync(DateTimeOffset.UtcNow, Token));
        Assert.Single(Store.Read().Images);
    }

    [Theory]
    [InlineData("""{"schemaVersion":2,"images":[]}""")]
    [InlineData("""{"schemaVersion":2,"images":{"a":1}}""")]
    [InlineData("""{"schemaVersion":2,"images":[null]}""")]
    public async Task A_list_of_a_newer_version_is_left_alone(string content)
    {
        File.WriteAllText(ListPath, content);
        Assert.Equal(RecordState.Newer, Store.Read().State);
        Assert.True(Store.Read().MayBeCritical(CacheLayout.BaseName("anything")));
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => AddAsync(Entry("x")));
        Assert.Equal(ErrorIds.RecordNewer, error.ErrorId);
        Assert.Null(await Store.SetDamagedAsideAsync(DateTimeOffset.UtcNow, Token));
        Assert.Equal(content, File.ReadAllText(ListPath));
    }

    [Fact]
    public async Task A_link_in_its_place_is_not_followed()
    {
        string other = _directory["other.json"];
        File.WriteAllText(other, """{"schemaVersion":1,"images":[]}""");
        File.CreateSymbolicLink(ListPath, other);
        Assert.Equal(RecordState.Damaged, Store.Read().State);
        await Assert.ThrowsAsync<UnavailableException>(() => AddAsync(Entry("x")));
        Assert.Equal("""{"schemaVersion":1,"images":[]}""", File.ReadAllText(other));
    }

    [Fact]
    public async Task A_look_sees_every_change()
    {
        CriticalStore store = Store;
        Assert.Empty(store.Look().Images);
        await AddAsync(Entry("a"));
        Assert.Single(store.Look().Images);
        Assert.Same(store.Look(), store.Look());
        await AddAsync(Entry("b"));
        Assert.Equal(2, store.Look().Images.Count);
        File.WriteAllText(ListPath, "{");
        Assert.False(store.Look().IsComplete);
        File.Delete(ListPath);
        Assert.True(store.Look().IsComplete);
    }

    private static CriticalEntry Entry(string id) => new()
    {
        Id = id,
        Descriptor = new ImageDescriptor { Id = id, Name = $"name of {id}" },
        RegisteredAt = DateTimeOffset.UtcNow,
    };

    private Task AddAsync(CriticalEntry entry)
        => Store.UpdateAsync(entries => [.. entries, entry], new TemporaryDirectoryFactory(_layout), Token);
}
