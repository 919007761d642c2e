using System.Text.Json;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Life.Critical;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Lists of critical images that were made to hurt: used, or told to be damaged; one that cannot be used is never written over.</summary>
public sealed class HostileCriticalListTests : IDisposable
{
    private const string Sound = """
        {"schemaVersion":1,"images":[
          {"id":"11111111-2222-3333-4444-555555555555","descriptor":{"id":"11111111-2222-3333-4444-555555555555","name":"debian","status":"active","size":1024,
           "hashAlgorithm":"sha512","hashValue":"00","tags":["a"],"properties":{"os":"linux"},"locations":["rbd://f/p/i/s"],"createdAt":"2026-01-02T03:04:05+00:00"},
           "registeredAs":"debian","method":"rbdExport","requireSignature":true,"targetSizes":[1024,2048],"registeredAt":"2026-01-02T03:04:05+00:00"},
          {"id":"b","descriptor":{"id":"b"},"registeredAt":"2026-01-02T03:04:05+00:00","syncedAt":"2026-01-02T03:04:05+00:00","more":{"x":[1]}}],"later":1}
        """;

    private readonly TestDirectory _directory = new();
    private readonly CacheLayout _layout;

    public HostileCriticalListTests()
    {
        _layout = new CacheLayout(_directory.NewCache());
        new CacheDirectory(_layout, mayCreate: false).RequireWritable();
    }

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void ItIsUsedOrLeftAlone()
    {
        CriticalStore store = new(_layout);
        CriticalView view = new(_layout, new CacheReader(_layout, new RecordStore(_layout)));
        string path = Path.Join(_layout.PrivatePath, CacheLayout.CriticalName);
        CriticalEntry added = new() { Id = "added", Descriptor = new ImageDescriptor { Id = "added" }, RegisteredAt = DateTimeOffset.UnixEpoch };
        Prop.ForAll(HostileText.Like(HostileText.Json, Sound), hostile =>
        {
            byte[] text = hostile.Make();
            File.WriteAllBytes(path, text);
            CriticalReading reading = store.Read();
            foreach (CriticalEntry entry in reading.Images.Values)
            {
                _ = view.Of(entry);
                _ = Freshness.Judge(entry, entry.Descriptor, [entry.Descriptor]);
                _ = entry.ToRequest();
            }

            Exception? refused = Record.Exception(() => store
                .UpdateAsync(entries => [.. entries, added], new TemporaryDirectoryFactory(_layout), CancellationToken.None).GetAwaiter().GetResult());
            if (reading.IsComplete && !reading.Images.ContainsKey(CacheLayout.BaseName(added.Id)))
            {
                Assert.Null(refused);
                Assert.Equal(reading.Images.Count + 1, store.Read().Images.Count);
                using JsonDocument written = JsonDocument.Parse(File.ReadAllBytes(path));
            }
            else if (!reading.IsComplete)
            {
                Assert.True(reading.MayBeCritical(CacheLayout.BaseName("anything")));
                Assert.IsType<ImageCacheException>(refused, exactMatch: false);
                Assert.Equal(text, File.ReadAllBytes(path));
            }
        }).Check(FuzzRuns.Config(400));
    }
}
