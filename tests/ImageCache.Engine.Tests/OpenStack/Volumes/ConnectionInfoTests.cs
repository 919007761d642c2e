using System.Text.Json;
using System.Text.Json.Nodes;
using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Tests.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Volumes;

public sealed class ConnectionInfoTests
{
    [Theory]
    [InlineData(RecordedConnections.Iscsi, "iscsi")]
    [InlineData(RecordedConnections.FibreChannel, "fibre_channel")]
    [InlineData(RecordedConnections.NvmeOf, "nvmeof")]
    [InlineData(RecordedConnections.Nfs, "nfs")]
    [InlineData(RecordedConnections.Rbd, "rbd")]
    public void EverythingIsHandedOnAsItCameAndPrintedAsNothing(string recorded, string protocol)
    {
        ConnectionInfo connection = RecordedConnections.Read(recorded);
        Assert.Equal((protocol, "ro", false), (connection.Protocol, connection.AccessMode, connection.IsEncrypted));
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(recorded), JsonNode.Parse(connection.Reveal())));
        Assert.Equal(protocol + " ***", connection.ToString());
        Assert.DoesNotContain("attachment_id", JsonSerializer.Serialize<object>(new { connection = connection.ToString() }), StringComparison.Ordinal);
    }

    [Fact]
    public void WhatIsKeptHoldsNoSecretAndSaysWhetherItConnects()
    {
        ConnectionInfo kept = RecordedConnections.Read(RecordedConnections.Iscsi).ForRecord();
        Assert.False(kept.IsComplete);
        Assert.DoesNotContain("planted", kept.Reveal(), StringComparison.Ordinal);
        Assert.Contains("target_portals", kept.Reveal(), StringComparison.Ordinal);
        Assert.Equal(("iscsi", false), (ConnectionInfo.FromRecord(kept.Reveal(), kept.IsComplete)!.Protocol, ConnectionInfo.FromRecord(kept.Reveal(), kept.IsComplete)!.IsComplete));

        foreach (string whole in new[] { RecordedConnections.FibreChannel, RecordedConnections.NvmeOf, RecordedConnections.Nfs, RecordedConnections.Rbd })
        {
            ConnectionInfo same = RecordedConnections.Read(whole).ForRecord();
            Assert.True(same.IsComplete);
            Assert.True(JsonNode.DeepEquals(JsonNode.Parse(whole), JsonNode.Parse(same.Reveal())));
            Assert.True(ConnectionInfo.FromRecord(same.Reveal(), isComplete: true)!.IsComplete);
        }
    }

    [Fact]
    public void TheOlderFormIsRead()
    {
        ConnectionInfo connection = RecordedConnections.Read("""{"driver_volume_type":"iscsi","data":{"target_iqn":"iqn.x","driver_volume_type":"other","access_mode":"rw"},"x":1}""");
        Assert.Equal(("iscsi", "rw"), (connection.Protocol, connection.AccessMode));
        Assert.Contains("\"target_iqn\":\"iqn.x\"", connection.Reveal(), StringComparison.Ordinal);
        Assert.DoesNotContain("\"data\"", connection.Reveal(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("7")]
    [InlineData("""{"driver_volume_type":7}""")]
    [InlineData("""{"driver_volume_type":""}""")]
    [InlineData("""{"driver_volume_type":"../nfs"}""")]
    [InlineData("""{"driver_volume_type":"nfs","a":1,"a":2}""")]
    [InlineData("""{"driver_volume_type":"nfs","a":{"b":"\ud800"}}""")]
    [InlineData("""{"driver_volume_type":"nfs","name":"a\u0000b"}""")]
    public void WhatCannotBeUsedIsRefusedWithAReason(string json)
    {
        using JsonDocument document = JsonDocument.Parse(json);
        Assert.False(ConnectionInfo.TryParse(document.RootElement, out ConnectionInfo? connection, out string? reason));
        Assert.Null(connection);
        Assert.NotEmpty(reason!);
    }

    [Fact]
    public void TooMuchIsRefused()
    {
        using JsonDocument document = JsonDocument.Parse($$"""{"driver_volume_type":"nfs","name":"{{new string('n', 70_000)}}"}""");
        Assert.False(ConnectionInfo.TryParse(document.RootElement, out _, out _));
    }

    [Fact]
    public void NoSecretIsKeptWhereverItStands()
    {
        string[] names = ["auth_password", "keyring", "Auth_Password", "discovery_auth_password", "secret_key", "sessionToken"];
        Gen<string[]> paths = Gen.Elements("a", "b", "[]").ArrayOf(3);
        Prop.ForAll(paths.Zip(Gen.Elements(names)).ToArbitrary(), static pair =>
        {
            (string[] path, string name) = pair;
            JsonNode node = new JsonObject { [name] = "planted-secret" };
            foreach (string step in path)
            {
                node = step == "[]" ? new JsonArray(node) : new JsonObject { [step] = node };
            }

            ConnectionInfo connection = RecordedConnections.Read(new JsonObject { ["driver_volume_type"] = "x", ["more"] = node }.ToJsonString());
            ConnectionInfo kept = connection.ForRecord();
            return connection.IsComplete && !kept.IsComplete && !kept.Reveal().Contains("planted", StringComparison.Ordinal);
        }).QuickCheckThrowOnFailure();
    }
}
