using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.OpenStack.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Volumes;

public sealed class CinderJsonTests
{
    private const string Volume = """
        {"id":"4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0","name":"image-1","status":"in-use","size":3,"multiattach":true,"encrypted":false,"volume_type":"multi",
         "os-vol-tenant-attr:tenant_id":"p","metadata":{"image_size":"67108864","glance_image_id":"i"},
         "attachments":[{"id":"4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0","attachment_id":"b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c004","server_id":null,"device":"imagecache:n","host_name":"n"}]}
        """;

    private static readonly string[] Values =
    [
        "null", "true", "7", "-7", "1e400", "1.5", "9223372036854775808", "\"\"", "\"x\"", "[]", "{}", "[null,1,\"t\"]", "\"\\ud800\"", "\"../..\"",
        "{\"a\":7,\"b\":\"\\ud800\"}", "[{\"attachment_id\":7}]", "\"" + new string('f', 300) + "\"",
    ];

    [Fact]
    public void AVolumeIsRead()
    {
        Assert.True(TryRead(Volume, out CinderVolume? volume));
        Assert.Equal(("image-1", "in-use", 3L << 30, true, false, "multi", "p"), (volume!.Name, volume.Status, volume.Size, volume.IsMultiattach, volume.IsEncrypted, volume.VolumeType, volume.ProjectId));
        Assert.Equal(64 << 20, volume.ImageSize);
        Assert.Equal(new VolumeUse("b5b3d1c5-6b55-4a27-8f0b-33c8e2b1c004", null, "imagecache:n", "n"), Assert.Single(volume.Uses));
    }

    [Theory]
    [InlineData("id", "\"../..\"")]
    [InlineData("id", "null")]
    [InlineData("status", "null")]
    [InlineData("size", "-1")]
    [InlineData("size", "\"3\"")]
    [InlineData("size", "99999999999")]
    [InlineData("name", "7")]
    public void AVolumeWithAnImpossibleFieldIsNone(string key, string value) => Assert.False(TryRead(With(key, value), out _));

    [Theory]
    [InlineData("\"0\"", 0L)]
    [InlineData("\"-1\"", null)]
    [InlineData("\"3221225473\"", null)]
    [InlineData("\"3221225472\"", 3L << 30)]
    [InlineData("\" 7\"", null)]
    [InlineData("7", null)]
    public void AnImagesSizeIsBelievedOnlyIfItFitsIn(string value, long? expected)
    {
        Assert.True(TryRead(With("metadata", $$"""{"image_size":{{value}}}"""), out CinderVolume? volume));
        Assert.Equal(expected, volume!.ImageSize);
    }

    [Fact]
    public void NoRecordMakesItThrow()
    {
        string[] keys = [.. JsonNode.Parse(Volume)!.AsObject().Select(static pair => pair.Key), "volume_id", "instance", "attach_mode", "connection_info"];
        Gen<(string Key, string Value)[]> changes = Gen.Elements(keys).Zip(Gen.Elements(Values)).Select(static pair => (pair.Item1, pair.Item2)).ArrayOf();
        Prop.ForAll(changes.ToArbitrary(), static changes =>
        {
            Dictionary<string, string> record = JsonNode.Parse(Volume)!.AsObject().ToDictionary(static pair => pair.Key, static pair => pair.Value?.ToJsonString() ?? "null");
            record["volume_id"] = record["id"];
            foreach ((string key, string value) in changes)
            {
                record[key] = value;
            }

            using JsonDocument document = JsonDocument.Parse("{" + string.Join(',', record.Select(static pair => $"\"{pair.Key}\":{pair.Value}")) + "}");
            bool isVolume = CinderJson.TryReadVolume(document.RootElement, out CinderVolume? volume, out string? why);
            bool isAttachment = CinderJson.TryReadAttachment(document.RootElement, out CinderAttachment? attachment, out string? whyNot);
            return isVolume == (volume is not null) && isVolume == (why is null) && isAttachment == (attachment is not null) && isAttachment == (whyNot is null);
        }).QuickCheckThrowOnFailure();
    }

    private static bool TryRead(string json, out CinderVolume? volume)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        return CinderJson.TryReadVolume(document.RootElement, out volume, out _);
    }

    private static string With(string key, string value)
    {
        JsonObject record = JsonNode.Parse(Volume)!.AsObject();
        record[key] = JsonNode.Parse(value);
        return record.ToJsonString();
    }
}
