using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using ImageCache.Engine.Volumes;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Volumes;

public sealed partial class VolumeExporterTests : IAsyncDisposable
{
    private const int Odd = (100 * 512) + 7;
    private const int Whole = 101 * 512;

    private readonly TestDirectory _directory = new();
    private readonly byte[] _data = RandomNumberGenerator.GetBytes(1 << 20);
    private readonly VolumeExporter _exporter = new(new VolumeNode { Address = "127.0.0.1", Timeout = TimeSpan.FromSeconds(30) });

    public VolumeExporterTests()
    {
        IReadOnlyList<string> missing = VolumeExporter.Missing();
        Assert.SkipUnless(missing.Count == 0, string.Join("; ", missing));
        Assert.SkipUnless(Environment.IsPrivilegedProcess, "needs root to mount");
        File.WriteAllBytes(_directory["volume"], _data);
    }

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string Place => _directory["export of it"];

    [Fact]
    public async Task ShowsExactlyTheImageInWholeSectorsAndToEverybody()
    {
        VolumeExport export = await StartAsync(Odd);

        Assert.Equal(Whole, export.Size);
        Assert.Equal(_data[..Whole], await File.ReadAllBytesAsync(export.Path, Token));
        Assert.Equal(Convert.ToHexStringLower(SHA256.HashData(_data.AsSpan(0, Whole))), await AsNobodyAsync("sha256sum", export.Path));
    }

    [Fact]
    public async Task ShowsAWholeVolumeWhenNoSizeIsGiven()
        => Assert.Equal(_data, await File.ReadAllBytesAsync((await StartAsync(null)).Path, Token));

    [Fact]
    public async Task CannotBeWrittenThrough()
    {
        VolumeExport export = await StartAsync(Whole);
        Assert.ThrowsAny<Exception>(() => File.WriteAllText(export.Path, "other"));
        Assert.ThrowsAny<Exception>(() =>
        {
            // root may open what it may not write.
            using SafeFileHandle file = File.OpenHandle(export.Path, FileMode.Open, FileAccess.ReadWrite);
            RandomAccess.Write(file, [1], 0);
        });
        Assert.Equal(_data, await File.ReadAllBytesAsync(_directory["volume"], Token));
    }

    [Fact]
    public async Task ItsProcessHasASessionOfItsOwnAndIsFoundAgain()
    {
        VolumeExport export = await StartAsync(Whole);
        string[] status = (await File.ReadAllTextAsync($"/proc/{export.ProcessId}/stat", Token)).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal(export.ProcessId.ToString(CultureInfo.InvariantCulture), status[3]);
        Assert.Equal(export, await _exporter.FindAsync(Place, Token));
        Assert.True(await _exporter.IsRunningAsync(export, Token));
        Assert.Equal(export, await StartAsync(Whole));
    }

    [Fact]
    public async Task ItDoesNotGoAtThePaceOfTheBackgroundWorkThatBeganIt()
    {
        // A priority is a thread's, and what it starts inherits it.
        Task<VolumeExport>? starting = null;
        Thread background = new(() =>
        {
            Assert.Equal(0, SetPriority(0, 0, 10));
            starting = StartAsync(Whole);
        });
        background.Start();
        background.Join();
        VolumeExport export = await starting!;
        string[] status = (await File.ReadAllTextAsync($"/proc/{export.ProcessId}/stat", Token)).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);

        Assert.Equal("0", status[16]);
    }

    [Fact]
    public async Task AnotherSizeIsAnotherExport()
    {
        VolumeExport first = await StartAsync(Whole);
        VolumeExport second = await StartAsync(512);
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.False(await _exporter.IsRunningAsync(first, Token));
        Assert.Equal(_data[..512], await File.ReadAllBytesAsync(second.Path, Token));
    }

    [Fact]
    public async Task AnotherVolumeIsNeverShownInThePlaceOfOne()
    {
        VolumeExport first = await StartAsync(Whole);
        byte[] other = RandomNumberGenerator.GetBytes(1 << 20);
        await File.WriteAllBytesAsync(_directory["other, volume"], other, Token);
        VolumeExport second = await _exporter.StartAsync(new VolumeExportRequest(Place, Volume() with { Path = _directory["other, volume"] }, Whole), Token);
        Assert.NotEqual(first.ProcessId, second.ProcessId);
        Assert.Equal(other[..Whole], await File.ReadAllBytesAsync(second.Path, Token));
    }

    [Fact]
    public async Task AProcessThatHangsIsSeenAndEnded()
    {
        VolumeExport export = await StartAsync(Whole);
        VolumeExporter hasty = new(new VolumeNode { Address = "127.0.0.1" }) { Grace = TimeSpan.FromSeconds(0.5), Patience = TimeSpan.FromSeconds(0.5) };
        using (Process stop = Process.Start("kill", ["-STOP", export.ProcessId.ToString(CultureInfo.InvariantCulture)]))
        {
            await stop.WaitForExitAsync(Token);
        }

        // The kernel keeps what it was told for a second.
        while (await hasty.IsRunningAsync(export, Token))
        {
            await Task.Yield();
        }

        Assert.Null(await hasty.FindAsync(Place, Token));
        await hasty.StopAsync(Place, Token);
        await AssertNothingIsLeftAsync(export);
    }

    [Fact]
    public async Task AKilledProcessIsSeenAndReplaced()
    {
        VolumeExport first = await StartAsync(Whole);
        await KillAsync(first.ProcessId);

        Assert.False(await _exporter.IsRunningAsync(first, Token));
        Assert.Null(await _exporter.FindAsync(Place, Token));
        VolumeExport second = await StartAsync(Whole);
        Assert.Equal(_data[..Whole], await File.ReadAllBytesAsync(second.Path, Token));
    }

    [Fact]
    public async Task EndingItLeavesNothingAlsoAfterAKillAndAlsoTwice()
    {
        VolumeExport export = await StartAsync(Whole);
        await _exporter.StopAsync(Place, Token);
        await _exporter.StopAsync(Place, Token);
        await AssertNothingIsLeftAsync(export);

        export = await StartAsync(Whole);
        await KillAsync(export.ProcessId);
        await _exporter.StopAsync(Place, Token);
        await AssertNothingIsLeftAsync(export);
    }

    [Fact]
    public async Task AReaderKeepsNobodyFromEndingIt()
    {
        VolumeExport export = await StartAsync(Whole);
        await using FileStream reader = new(export.Path, FileMode.Open, FileAccess.Read);
        await _exporter.StopAsync(Place, Token);
        await AssertNothingIsLeftAsync(export);
    }

    [Fact]
    public async Task WhatCannotBeOpenedSaysWhyAndLeavesNothing()
    {
        ConnectedVolume gone = Volume() with { Path = _directory["no such volume"] };
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(
            () => _exporter.StartAsync(new VolumeExportRequest(Place, gone, Whole), Token));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        Assert.Contains("no such volume", error.Message, StringComparison.Ordinal);
        Assert.False(Directory.Exists(Place));
    }

    [Fact]
    public async Task AVolumeThatIsShorterThanTheImageIsRefused()
    {
        UnavailableException error = await Assert.ThrowsAsync<UnavailableException>(() => StartAsync(_data.Length + 512));
        Assert.Equal(ErrorIds.VolumeConnectionFailed, error.ErrorId);
        Assert.False(Directory.Exists(Place));
    }

    [Fact]
    public async Task ANumberThatAnotherProcessGotIsNotTakenForIt()
    {
        VolumeExport export = await StartAsync(Whole);
        Assert.False(await _exporter.IsRunningAsync(export with { ProcessId = Environment.ProcessId }, Token));
        Assert.False(await _exporter.IsRunningAsync(export with { StartTime = export.StartTime + 1 }, Token));
        Assert.False(await _exporter.IsRunningAsync(export with { BootId = "another" }, Token));
        Assert.False(await _exporter.IsRunningAsync(export with { Directory = _directory["other"] }, Token));
    }

    [Fact]
    public async Task CancellingItLeavesNoProcess()
    {
        using CancellationTokenSource cancelled = CancellationTokenSource.CreateLinkedTokenSource(Token);
        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(
            () => _exporter.StartAsync(new VolumeExportRequest(Place, Volume(), Whole), cancelled.Token));
        Assert.Empty(ExportProcess.FindAll(new ExportFiles(Place).PidPath));
        Assert.False(Directory.Exists(Place));
    }

    public async ValueTask DisposeAsync()
    {
        await _exporter.StopAsync(Place, CancellationToken.None);
        _directory.Dispose();
    }

    private Task<VolumeExport> StartAsync(long? size) => _exporter.StartAsync(new VolumeExportRequest(Place, Volume(), size), Token);

    private ConnectedVolume Volume() => new() { VolumeId = "the-volume", Kind = ConnectedKind.File, Path = _directory["volume"] };

    private async Task AssertNothingIsLeftAsync(VolumeExport export)
    {
        Assert.Empty(ExportProcess.FindAll(new ExportFiles(Place).PidPath));
        Assert.False(await _exporter.IsRunningAsync(export, Token));
        Assert.False(Directory.Exists(Place));
        Assert.DoesNotContain(_directory.FullPath, await File.ReadAllTextAsync("/proc/self/mounts", Token), StringComparison.Ordinal);
    }

    private static async Task KillAsync(int id)
    {
        using Process process = Process.GetProcessById(id);
        process.Kill();
        await process.WaitForExitAsync(Token);
    }

    // The test's own directory is the test's alone.
    private async Task<string> AsNobodyAsync(string program, string path)
    {
        File.SetUnixFileMode(_directory.FullPath, File.GetUnixFileMode(_directory.FullPath) | UnixFileMode.OtherExecute);
        ProcessStartInfo start = new("setpriv", ["--reuid=65534", "--regid=65534", "--clear-groups", program, path]) { RedirectStandardOutput = true };
        using Process process = Process.Start(start)!;
        string output = await process.StandardOutput.ReadToEndAsync(Token);
        await process.WaitForExitAsync(Token);
        return output.Split(' ')[0];
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, uint who, int priority);
}
