using System.Diagnostics;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.Store;
using ImageCache.Engine.Trust;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

/// <summary>What was verified is what is published, whatever others who may write in the cache do meanwhile.</summary>
public sealed class PublicationSafetyTests : IDisposable
{
    private const int OtherUser = 65534;

    private readonly RecordBed _bed = new();
    private readonly byte[] _good = TestData.Noise(10_000);
    private readonly byte[] _evil = TestData.Noise(10_000, seed: 13);

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string BasePath => _bed.Layout.BasePath(RecordBed.BaseName);

    private Publisher Publisher => new(_bed.Layout, _bed.Records, TimeProvider.System);

    public void Dispose() => _bed.Dispose();

    [Fact]
    public async Task A_private_directory_that_is_exchanged_for_another_changes_nothing()
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        DraftFile draft = Draft(temporary);
        string real = Assert.Single(Directory.GetDirectories(_bed.Layout.TemporaryPath));
        Directory.Move(real, real + ".away");
        Directory.CreateDirectory(real);
        File.WriteAllBytes(Path.Join(real, "data"), _evil);

        Assert.NotNull(Publisher.Publish(RecordBed.NewRecord(), draft, temporary, replace: false));

        Assert.Equal(_good, File.ReadAllBytes(BasePath));
        Assert.True(_bed.Records.Read(RecordBed.BaseName).Record!.Proof!.HoldsFor(FileFingerprint.Of(FileStatus.OfPath(BasePath)!.Value)));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_file_that_was_written_to_after_it_was_verified_is_not_published(bool replace)
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        DraftFile draft = Draft(temporary);
        await Task.Delay(20, Token);
        using (FileStream file = new(draft.Path, FileMode.Open))
        {
            file.WriteByte(1);
        }

        VerificationException error = Assert.Throws<VerificationException>(() => Publisher.Publish(RecordBed.NewRecord(), draft, temporary, replace));

        Assert.Equal(ErrorIds.DigestMismatch, error.ErrorId);
        Assert.False(Path.Exists(BasePath));
        Assert.Equal(RecordState.Missing, _bed.Records.Read(RecordBed.BaseName).State);
    }

    [Theory]
    [InlineData("file")]
    [InlineData("link")]
    public async Task Another_file_or_a_link_in_the_verified_ones_place_is_not_published(string kind)
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        DraftFile draft = Draft(temporary);
        string evil = _bed.Directory["evil"];
        File.WriteAllBytes(evil, _evil);
        UnixFileMode mode = File.GetUnixFileMode(evil);
        File.Move(draft.Path, temporary.PathOf("away"));
        if (kind == "link")
        {
            File.CreateSymbolicLink(draft.Path, evil);
        }
        else
        {
            File.Copy(evil, draft.Path);
        }

        Assert.ThrowsAny<Exception>(() => Publisher.Publish(RecordBed.NewRecord(), draft, temporary, replace: false));

        Assert.False(Path.Exists(BasePath));
        Assert.Equal(mode, File.GetUnixFileMode(evil));
        Assert.Equal(_evil, File.ReadAllBytes(evil));
    }

    [Fact]
    public async Task What_is_in_work_is_private_and_what_is_published_is_as_nova_needs_it()
    {
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        DraftFile draft = Draft(temporary);
        string real = Assert.Single(Directory.GetDirectories(_bed.Layout.TemporaryPath));
        Assert.Equal(Convert.ToInt32("700", 8), (int)File.GetUnixFileMode(real));
        Assert.Equal(Convert.ToInt32("600", 8), (int)File.GetUnixFileMode(draft.Path));

        Publisher.Publish(RecordBed.NewRecord(), draft, temporary, replace: false);

        Assert.Equal(Convert.ToInt32("644", 8), (int)File.GetUnixFileMode(BasePath));
        Assert.Equal(Convert.ToInt32("644", 8), (int)File.GetUnixFileMode(_bed.Path));
    }

    [Fact]
    public async Task Another_user_who_owns_the_cache_cannot_reach_what_is_in_work_and_gets_what_is_published()
    {
        Assert.SkipUnless(Environment.IsPrivilegedProcess && File.Exists("/usr/bin/setpriv"), "needs root and setpriv");
        await GiveAwayAsync();
        using TemporaryDirectory temporary = await TemporaryDirectory.CreateAsync(_bed.Layout, Token);
        DraftFile draft = Draft(temporary);
        string real = Assert.Single(Directory.GetDirectories(_bed.Layout.TemporaryPath));

        Assert.NotEqual(0, await AsOtherAsync($"cat '{real}/data'"));
        Assert.NotEqual(0, await AsOtherAsync($"echo evil > '{real}/data'"));
        Assert.NotEqual(0, await AsOtherAsync($"ln -sf /etc/passwd '{real}/raw'"));
        Assert.Equal(0, await AsOtherAsync($"mv '{real}' '{real}.away' && mkdir '{real}' && echo evil > '{real}/data'"));
        Publisher.Publish(RecordBed.NewRecord(), draft, temporary, replace: false);

        Assert.Equal(_good, File.ReadAllBytes(BasePath));
        Assert.Equal((uint)OtherUser, FileStatus.OfPath(BasePath)!.Value.UserId);
        Assert.Equal((uint)OtherUser, FileStatus.OfPath(_bed.Path)!.Value.UserId);
    }

    [Theory]
    [InlineData(CacheLayout.TemporaryName)]
    [InlineData("")]
    public async Task A_link_in_place_of_a_directory_of_ours_is_not_followed(string name)
    {
        string ours = Path.Join(_bed.Layout.PrivatePath, name).TrimEnd('/');
        string elsewhere = _bed.Directory["elsewhere"];
        Directory.Move(ours, elsewhere);
        Directory.CreateSymbolicLink(ours, elsewhere);
        int before = Directory.GetFileSystemEntries(elsewhere, "*", SearchOption.AllDirectories).Length;
        await Assert.ThrowsAsync<IOException>(() => TemporaryDirectory.CreateAsync(_bed.Layout, Token));
        Assert.Throws<UnavailableException>(new CacheDirectory(_bed.Layout, mayCreate: false).RequireWritable);
        Assert.Equal(before, Directory.GetFileSystemEntries(elsewhere, "*", SearchOption.AllDirectories).Count(static path => !path.EndsWith(".lock", StringComparison.Ordinal)));
    }

    [Fact]
    public async Task A_sweep_removes_links_and_never_what_they_lead_to()
    {
        string precious = _bed.Directory["precious"];
        Directory.CreateDirectory(precious);
        File.WriteAllText(Path.Join(precious, "file"), "kept");
        Directory.CreateSymbolicLink(Path.Join(_bed.Layout.TemporaryPath, "link"), precious);
        string dead = Path.Join(_bed.Layout.TemporaryPath, "dead");
        Directory.CreateDirectory(Path.Join(dead, "deep"));
        Directory.CreateSymbolicLink(Path.Join(dead, "deep", "link"), precious);
        File.CreateSymbolicLink(Path.Join(dead, "fileLink"), Path.Join(precious, "file"));

        Assert.Equal(2, (await new LeftoverSweep(_bed.Layout).RunAsync(dryRun: false, Token)).Count);

        Assert.Empty(Directory.EnumerateFileSystemEntries(_bed.Layout.TemporaryPath));
        Assert.Equal("kept", File.ReadAllText(Path.Join(precious, "file")));
    }

    [Fact]
    public async Task A_link_in_a_base_files_place_is_neither_read_nor_touched()
    {
        string target = _bed.Directory["target"];
        File.WriteAllBytes(target, _good);
        File.SetLastWriteTimeUtc(target, DateTime.UnixEpoch.AddDays(1));
        File.CreateSymbolicLink(BasePath, target);
        using WorkProgress progress = new OperationMonitor().Begin("link");
        await Assert.ThrowsAsync<UnavailableException>(() => FileDigester.HashAsync(BasePath, [DigestAlgorithm.Sha256], progress, Token));
        Assert.Throws<IOException>(() => BaseFileTouch.Apply(BasePath, RecordBed.NewRecord(), DateTimeOffset.UtcNow));
        Assert.Equal(DateTime.UnixEpoch.AddDays(1), File.GetLastWriteTimeUtc(target));
    }

    private DraftFile Draft(TemporaryDirectory temporary)
    {
        using SafeFileHandle file = temporary.CreateFile("data");
        RandomAccess.Write(file, _good, 0);
        return new DraftFile(temporary.PathOf("data"), FileFingerprint.Of(FileStatus.OfHandle(file, "data")));
    }

    private async Task GiveAwayAsync()
    {
        using Process process = Process.Start("chmod", ["755", _bed.Directory.FullPath]);
        await process.WaitForExitAsync(Token);
        using Process owner = Process.Start("chown", ["-R", $"{OtherUser}:{OtherUser}", _bed.Layout.InstancesPath]);
        await owner.WaitForExitAsync(Token);
        Assert.Equal(0, owner.ExitCode);
    }

    private static async Task<int> AsOtherAsync(string command)
    {
        ProcessStartInfo start = new("/usr/bin/setpriv", ["--reuid", $"{OtherUser}", "--regid", $"{OtherUser}", "--clear-groups", "/bin/sh", "-c", command])
        {
            RedirectStandardError = true,
            RedirectStandardOutput = true,
        };
        using Process process = Process.Start(start)!;
        await process.WaitForExitAsync(Token);
        return process.ExitCode;
    }
}
