using ImageCache.Engine.Life.Popularity;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Life.Popularity;

public sealed class UseNotesTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_note_is_a_line_that_is_read_back()
    {
        CacheLayout layout = new(_directory.NewCache());
        new CacheDirectory(layout, mayCreate: false).RequireWritable();
        UseNotes notes = new(layout);
        NotedUse use = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero), "Ü<1>");
        notes.Append(use);
        Assert.Equal("{\"time\":\"2026-01-02T03:04:05+00:00\",\"id\":\"\\u00DC\\u003C1\\u003E\"}\n", File.ReadAllText(Path.Join(layout.PrivatePath, CacheLayout.UsesName)));
        Assert.Equal([use], notes.Read());
    }
}
