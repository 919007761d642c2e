using System.Text.Json;
using System.Text.Json.Nodes;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Volumes;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

public sealed class OsBrickTests
{
    private const string VolumeId = "4f9c9a3e-53ff-4bd6-8e3b-8b5a6fd1c9a0";

    public OsBrickTests() => Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs /usr/bin/python3");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task TheNodeIsDescribedAsItIsConfigured()
    {
        using FakeOsBrick fake = new();
        JsonObject connector = await new OsBrick(fake.Node with { UsesMultipath = true, RequiresMultipath = true }).DescribeNodeAsync(Token);
        Assert.Equal(("node-1", "10.0.0.1"), (connector["host"]!.GetValue<string>(), connector["ip"]!.GetValue<string>()));
        Assert.Equal("""["properties","sudo nova-rootwrap /etc/nova/rootwrap.conf","10.0.0.1",true,true,"node-1"]""", JsonSerializer.Serialize(fake.Calls.Single()));
    }

    [Theory]
    [InlineData(RecordedConnections.Iscsi, "ISCSI")]
    [InlineData(RecordedConnections.FibreChannel, "FIBRE_CHANNEL")]
    [InlineData(RecordedConnections.NvmeOf, "NVMEOF")]
    public async Task ADeviceIsConnectedMadeReadOnlyAndLetGo(string recorded, string protocol)
    {
        string? device = Directory.GetFiles("/dev", "loop*").Concat(Directory.GetFiles("/dev", "vd*")).FirstOrDefault(static path => !path.EndsWith("control", StringComparison.Ordinal));
        Assert.SkipWhen(device is null, "needs a block device to look at");
        using FakeOsBrick fake = new(path: device);
        ConnectionInfo connection = RecordedConnections.Read(recorded);
        OsBrick osBrick = new(fake.Node);

        ConnectedVolume volume = await osBrick.ConnectAsync(VolumeId, connection, Token);
        await osBrick.DisconnectAsync(VolumeId, connection, volume, force: false, Token);

        Assert.Equal((ConnectedKind.Block, device), (volume.Kind, volume.Path));
        Assert.Equal(["factory", "connect", "execute", "factory", "disconnect"], fake.Calls.Select(static call => call[0].GetString()!));
        Assert.Equal(protocol, fake.Calls[0][1].GetString());
        AssertSame(recorded, fake.Calls[1][1]);
        Assert.Equal($"""["execute",["blockdev","--setro","{device}"],true]""", JsonSerializer.Serialize(fake.Calls[2]));
        AssertSame(recorded, fake.Calls[4][1]);
        Assert.Equal(device, fake.Calls[4][2].GetProperty("path").GetString());
        Assert.DoesNotContain("planted", JsonSerializer.Serialize(volume), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(RecordedConnections.Iscsi, true)]
    [InlineData(RecordedConnections.FibreChannel, true)]
    [InlineData(RecordedConnections.NvmeOf, true)]
    [InlineData(RecordedConnections.Iscsi, false)]
    public async Task ANodeThatUsesMultipathAsksForIt(string recorded, bool multipath)
    {
        using FakeOsBrick fake = new();
        await new OsBrick(fake.Node with { UsesMultipath = multipath }).ConnectAsync(VolumeId, RecordedConnections.Read(recorded), Token);
        Assert.Equal(multipath, fake.Calls[0][2].GetBoolean());
    }

    [Fact]
    public async Task AShareIsMountedReadOnlyInADirectoryOfItsOwn()
    {
        using FakeOsBrick fake = new();
        OsBrick osBrick = new(fake.Node);
        ConnectionInfo connection = RecordedConnections.Read(RecordedConnections.Nfs);
        ConnectedVolume volume = await osBrick.ConnectAsync(VolumeId, connection, Token);

        Assert.Equal((ConnectedKind.File, fake["volume"]), (volume.Kind, volume.Path));
        Assert.Equal(Path.Join(fake.Node.MountBase, VolumeId), fake.Calls[0][3].GetProperty("nfs_mount_point_base").GetString());
        Assert.Equal("-o vers=4.1,ro", fake.Calls[1][1].GetProperty("options").GetString());

        Directory.CreateDirectory(Path.Join(fake.Node.MountBase, VolumeId, "a-share"));
        await osBrick.DisconnectAsync(VolumeId, connection, volume, force: false, Token);
        await osBrick.DisconnectAsync(VolumeId, connection, null, force: false, Token);
        Assert.False(Directory.Exists(Path.Join(fake.Node.MountBase, VolumeId)));
    }

    [Fact]
    public async Task AnRbdImageWithoutADeviceIsTriedAndDescribed()
    {
        using FakeOsBrick fake = new();
        OsBrick osBrick = new(fake.Node);
        ConnectionInfo connection = RecordedConnections.Read(RecordedConnections.Rbd);
        ConnectedVolume volume = await osBrick.ConnectAsync(VolumeId, connection, Token);

        Assert.Equal((ConnectedKind.Rbd, null), (volume.Kind, volume.Path));
        Assert.Equal(("volumes", "volume-" + VolumeId, "cinder", "ceph", 1L << 30), (volume.Rbd!.Pool, volume.Rbd.Image, volume.Rbd.User, volume.Rbd.Cluster, volume.Rbd.Size));
        Assert.Equal(["10.0.5.3:6789", "[fd00::3]:6789"], volume.Rbd.Monitors);
        Assert.Equal(["factory", "connect", "disconnect"], fake.Calls.Select(static call => call[0].GetString()!));
        await osBrick.DisconnectAsync(VolumeId, connection, volume, force: false, Token);
        Assert.Equal(3, fake.Calls.Count);
    }

    [Fact]
    public async Task ADeviceThatStaysWritableIsLetGo()
    {
        string? device = Directory.GetFiles("/dev", "loop*").FirstOrDefault(static path => !path.EndsWith("control", StringComparison.Ordinal));
        Assert.SkipWhen(device is null, "needs a block device to look at");
        using FakeOsBrick fake = new("no setro", device);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => new OsBrick(fake.Node).ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Iscsi), Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        Assert.Equal("disconnect", fake.Calls[^1][0].GetString());
    }

    [Fact]
    public async Task AFailureIsToldWithoutSecretsAndOnOneLine()
    {
        using FakeOsBrick fake = new("fail");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => new OsBrick(fake.Node).ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Iscsi), Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        Assert.Contains("iscsiadm --value *** failed in two lines", error.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("planted", error.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("noise")]
    [InlineData("flood")]
    public async Task WhatOthersPrintDisturbsNothing(string mode)
    {
        using FakeOsBrick fake = new(mode);
        Assert.Equal(ConnectedKind.File, (await new OsBrick(fake.Node).ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Nfs), Token)).Kind);
    }

    [Fact]
    public async Task ABridgeThatIsKilledIsAFailure()
    {
        using FakeOsBrick fake = new("die");
        OsBrick osBrick = new(fake.Node);
        ConnectionInfo connection = RecordedConnections.Read(RecordedConnections.Nfs);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => osBrick.ConnectAsync(VolumeId, connection, Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        fake.Mode("well", fake["volume"]);
        await osBrick.DisconnectAsync(VolumeId, connection, null, force: true, Token);
    }

    [Fact]
    public async Task ABridgeThatHangsIsGivenUpAndKilledWithItsChildren()
    {
        using FakeOsBrick fake = new("hang");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => new OsBrick(fake.Node with { Timeout = TimeSpan.FromSeconds(3) }).ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Nfs), Token));
        Assert.Equal((ErrorIds.VolumeConnectionFailed, FailureCategory.OperationTimeout), (error.ErrorId, error.Category));
        await AssertGoneAsync(fake);
    }

    [Fact]
    public async Task CancellingKillsTheBridgeWithItsChildren()
    {
        using FakeOsBrick fake = new("hang");
        using CancellationTokenSource cancel = CancellationTokenSource.CreateLinkedTokenSource(Token);
        using FileSystemWatcher watcher = new(Path.GetDirectoryName(fake["hanging"])!, "hanging") { EnableRaisingEvents = true };
        watcher.Created += (_, _) => cancel.Cancel();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => new OsBrick(fake.Node).ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Nfs), cancel.Token));
        await AssertGoneAsync(fake);
    }

    [Fact]
    public async Task AnUnknownProtocolIsRefused()
    {
        using FakeOsBrick fake = new();
        ConnectionInfo pigeon = RecordedConnections.Read("""{"driver_volume_type":"carrier_pigeon"}""");
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => new OsBrick(fake.Node).ConnectAsync(VolumeId, pigeon, Token));
        Assert.Equal((ErrorIds.MethodUnavailable, FailureCategory.NotImplemented), (error.ErrorId, error.Category));
        Assert.Contains("carrier_pigeon", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task AnEncryptedVolumeIsRefusedBeforeAnythingHappens()
    {
        using FakeOsBrick fake = new();
        ConnectionInfo encrypted = RecordedConnections.Read("""{"driver_volume_type":"iscsi","encrypted":true}""");
        PolicyException error = await Assert.ThrowsAsync<PolicyException>(() => new OsBrick(fake.Node).ConnectAsync(VolumeId, encrypted, Token));
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Empty(fake.Calls);
    }

    [Fact]
    public async Task AMissingOsBrickNamesThePackage()
    {
        using TestDirectory directory = new();
        File.WriteAllText(directory["python"], "#!/bin/sh\nexec /usr/bin/python3 -S -E \"$@\"\n");
        File.SetUnixFileMode(directory["python"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => new OsBrick(new VolumeNode { Address = "10.0.0.1", Python = directory["python"] }).FindVersionAsync(Token));
        Assert.Equal(ErrorIds.MethodUnavailable, error.ErrorId);
        Assert.Contains("python3-os-brick", error.NextStep, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"protocol":2,"result":{}}""")]
    [InlineData("""{"result":{}}""")]
    [InlineData("[]")]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("""{"protocol":1,"result":{"kind":"file","path":"relative"}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"file"}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"rbd","pool":"a\nb","image":"i","user":"u","cluster":"c","size":1,"monitors":["h:1"]}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"rbd","pool":"p","image":"i","user":"../u","cluster":"c","size":1,"monitors":["h:1"]}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"rbd","pool":"p","image":"i","user":"u","cluster":"c","size":1,"monitors":["h:1\nkeyring=x"]}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"rbd","pool":"p","image":"i","user":"u","cluster":"c","size":-1,"monitors":["h:1"]}}""")]
    [InlineData("""{"protocol":1,"result":{"kind":"rbd","pool":"p","image":"i","user":"u","cluster":"c","size":1,"monitors":[]}}""")]
    public async Task AnAnswerThatMakesNoSenseIsRefused(string answer)
    {
        using TestDirectory directory = new();
        File.WriteAllText(directory["answer"], answer);
        File.WriteAllText(directory["python"], $"#!/bin/sh\ncat >/dev/null\nexec cat '{directory["answer"]}'\n");
        File.SetUnixFileMode(directory["python"], UnixFileMode.UserRead | UnixFileMode.UserExecute);
        OsBrick osBrick = new(new VolumeNode { Address = "10.0.0.1", Python = directory["python"] });
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => osBrick.ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.Nfs), Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
    }

    [Theory]
    [InlineData(RecordedConnections.Iscsi)]
    [InlineData(RecordedConnections.FibreChannel)]
    [InlineData(RecordedConnections.NvmeOf)]
    public async Task TheRealOsBrickLetsGoWhatIsNotThere(string recorded)
    {
        OsBrick osBrick = await RealAsync();
        await osBrick.DisconnectAsync(VolumeId, RecordedConnections.Read(recorded), null, force: false, Token);
    }

    [Fact]
    public async Task TheRealOsBrickTellsOfThisNode()
    {
        JsonObject connector = await (await RealAsync()).DescribeNodeAsync(Token);
        Assert.Equal(("node-1", "127.0.0.1"), (connector["host"]!.GetValue<string>(), connector["ip"]!.GetValue<string>()));
    }

    [Fact]
    public async Task TheRealOsBrickSaysWhyItCannotConnect()
    {
        Assert.SkipWhen(Directory.Exists("/sys/class/fc_host"), "this node has Fibre Channel");
        OsBrick osBrick = await RealAsync();
        UnavailableException failure = await Assert.ThrowsAsync<UnavailableException>(
            () => osBrick.ConnectAsync(VolumeId, RecordedConnections.Read(RecordedConnections.FibreChannel), Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, failure.ErrorId);
        Assert.Contains("NoFibreChannelHostsFound", failure.Message, StringComparison.Ordinal);
    }

    private static async Task<OsBrick> RealAsync()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root");
        OsBrick osBrick = new(new VolumeNode { Address = "127.0.0.1", Host = "node-1", LockPath = Path.Join(Path.GetTempPath(), "imagecache-test-locks") });
        try
        {
            Assert.NotNull(await osBrick.FindVersionAsync(Token));
        }
        catch (UnavailableException error) when (error.ErrorId == ErrorIds.MethodUnavailable)
        {
            Assert.Skip(error.Message);
        }

        return osBrick;
    }

    private static void AssertSame(string recorded, JsonElement given)
        => Assert.True(JsonNode.DeepEquals(JsonNode.Parse(recorded), JsonNode.Parse(given.GetRawText())), given.GetRawText());

    private static async Task AssertGoneAsync(FakeOsBrick fake)
    {
        foreach (string pid in (await File.ReadAllTextAsync(fake["pids"], Token)).Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            // A process without arguments is dead, and only waits to be buried.
            string path = $"/proc/{pid}/cmdline";
            Assert.True(await IsGoneAsync(path), $"process {pid} still runs");
        }
    }

    private static async Task<bool> IsGoneAsync(string path)
    {
        for (int look = 0; look < 500; look++)
        {
            if (!File.Exists(path) || (await File.ReadAllBytesAsync(path, Token)).Length == 0)
            {
                return true;
            }

            await Task.Delay(10, Token);
        }

        return false;
    }
}
