using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.OpenStack.Images;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Images;

public sealed class GlanceImageTests
{
    private static readonly string[] Values =
    [
        "null", "true", "7", "-7", "1e400", "1.5", "9223372036854775808", "\"\"", "\"x\"", "[]", "{}", "[null,1,\"t\"]", "\"\\ud800\"",
        "\"\\u0000\"", "[{\"url\":5},{\"url\":\"rbd://a\"},7]", "\"../..\"", "\"" + new string('f', 300) + "\"",
    ];

    [Theory]
    [InlineData("id", "null")]
    [InlineData("id", "\"\"")]
    [InlineData("id", "\"..\"")]
    [InlineData("id", "\"a/b\"")]
    [InlineData("id", "\"a\\nb\"")]
    [InlineData("id", "7")]
    [InlineData("status", "null")]
    [InlineData("name", "[]")]
    [InlineData("size", "-1")]
    [InlineData("size", "1.5")]
    [InlineData("size", "\"100\"")]
    [InlineData("size", "9223372036854775808")]
    [InlineData("virtual_size", "true")]
    [InlineData("checksum", "\"not hex\"")]
    [InlineData("checksum", "\"0123456789abcdef0123456789abcdef0\"")]
    [InlineData("os_hash_value", "\"xyz\"")]
    public void ARecordWithAnImpossibleFieldIsNone(string key, string value)
    {
        Assert.False(TryParse(key, value, out ImageDescriptor? image, out string? reason));
        Assert.Null(image);
        Assert.NotNull(reason);
    }

    [Theory]
    [InlineData("size", "null")]
    [InlineData("virtual_size", "null")]
    [InlineData("name", "null")]
    [InlineData("checksum", "null")]
    [InlineData("os_hash_algo", "null")]
    [InlineData("owner", "null")]
    [InlineData("disk_format", "null")]
    [InlineData("tags", "7")]
    [InlineData("locations", "{}")]
    [InlineData("direct_url", "7")]
    [InlineData("created_at", "\"yesterday\"")]
    public void ARecordMayLackWhatItNeedNotHave(string key, string value) => Assert.True(TryParse(key, value, out _, out _));

    [Fact]
    public void IdsKeepTheirCase()
    {
        Assert.True(TryParse("id", "\"ABCDEF00-0000-0000-0000-000000000000\"", out ImageDescriptor? image, out _));
        Assert.Equal("ABCDEF00-0000-0000-0000-000000000000", image!.Id);
    }

    [Fact]
    public void LongPropertiesAndTooManyAreLeftOut()
    {
        JsonObject record = Record();
        record["long"] = new string('x', 100_000);
        for (int index = 0; index < 5000; index++)
        {
            record["property-" + index] = "x";
        }

        using JsonDocument document = JsonDocument.Parse(record.ToJsonString());
        Assert.True(GlanceImage.TryParse(document.RootElement, out ImageDescriptor? image, out _));
        Assert.Equal(1024, image.Properties.Count);
        Assert.DoesNotContain("long", image.Properties.Keys);
    }

    [Fact]
    public void NoRecordMakesItThrow()
    {
        string[] keys = [.. new FakeImage().ToRecord().Keys, "locations", "direct_url", "img_signature", "odd"];
        Gen<(string Key, string Value)[]> changes = Gen.Elements(keys).Zip(Gen.Elements(Values)).Select(static pair => (pair.Item1, pair.Item2)).ArrayOf();
        Prop.ForAll(changes.ToArbitrary(), changes =>
        {
            Dictionary<string, string> record = Record().ToDictionary(static pair => pair.Key, static pair => pair.Value?.ToJsonString() ?? "null");
            foreach ((string key, string value) in changes)
            {
                record[key] = value;
            }

            using JsonDocument document = JsonDocument.Parse("{" + string.Join(',', record.Select(static pair => $"\"{pair.Key}\":{pair.Value}")) + "}");
            bool parsed = GlanceImage.TryParse(document.RootElement, out ImageDescriptor? image, out string? reason);
            return parsed ? image is { Size: null or >= 0, Id.Length: > 0 } && reason is null : reason is not null;
        }).QuickCheckThrowOnFailure();
    }

    private static bool TryParse(string key, string value, out ImageDescriptor? image, out string? reason)
    {
        JsonObject record = Record();
        record.Remove(key);
        string json = record.ToJsonString()[..^1] + $",\"{key}\":{value}}}";
        using JsonDocument document = JsonDocument.Parse(json);
        return GlanceImage.TryParse(document.RootElement, out image, out reason);
    }

    private static JsonObject Record() => JsonSerializer.SerializeToNode(new FakeImage { Name = "n", Data = [1] }.ToRecord())!.AsObject();
}
