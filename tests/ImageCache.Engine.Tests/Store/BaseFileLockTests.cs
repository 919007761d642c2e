using System.Diagnostics;
using ImageCache.Engine.Store;
using Xunit;

namespace ImageCache.Engine.Tests.Store;

public sealed class BaseFileLockTests : IDisposable
{
    private readonly TestDirectory _directory = new();

    private string LockPath => _directory["nova-0123"];

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void A_held_lock_is_refused_to_others_of_the_same_process()
    {
        using BaseFileLock? first = BaseFileLock.TryAcquire(LockPath);
        Assert.NotNull(first);
        Assert.Null(BaseFileLock.TryAcquire(LockPath));
    }

    [Fact]
    public void A_released_lock_can_be_taken_again_and_its_file_stays()
    {
        BaseFileLock.TryAcquire(LockPath)!.Dispose();
        using BaseFileLock? again = BaseFileLock.TryAcquire(LockPath);
        Assert.NotNull(again);
        Assert.True(File.Exists(LockPath));
    }

    [Fact]
    public async Task A_waiter_gets_the_lock_when_it_is_released()
    {
        BaseFileLock held = BaseFileLock.TryAcquire(LockPath)!;
        TaskCompletionSource waiting = new();
        Task<BaseFileLock> waiter = BaseFileLock.AcquireAsync(LockPath, waiting.SetResult, TestContext.Current.CancellationToken);
        await waiting.Task.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.False(waiter.IsCompleted);
        held.Dispose();
        using BaseFileLock taken = await waiter.WaitAsync(TimeSpan.FromSeconds(30), TestContext.Current.CancellationToken);
        Assert.Null(BaseFileLock.TryAcquire(LockPath));
    }

    [Fact]
    public async Task A_wait_can_be_cancelled()
    {
        using BaseFileLock? held = BaseFileLock.TryAcquire(LockPath);
        using CancellationTokenSource stop = new();
        Task<BaseFileLock> waiter = BaseFileLock.AcquireAsync(LockPath, stop.Cancel, stop.Token);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => waiter);
    }

    [Fact]
    public void A_lock_on_an_unlinked_file_excludes_nobody_and_is_not_taken_for_one()
    {
        using BaseFileLock? old = BaseFileLock.TryAcquire(LockPath);
        File.Delete(LockPath);
        using BaseFileLock? fresh = BaseFileLock.TryAcquire(LockPath);
        Assert.NotNull(fresh);
        Assert.Null(BaseFileLock.TryAcquire(LockPath));
    }

    [Fact]
    public void A_symbolic_link_is_not_followed()
    {
        File.CreateSymbolicLink(LockPath, _directory["elsewhere"]);
        Assert.Throws<IOException>(() => BaseFileLock.TryAcquire(LockPath));
        Assert.False(File.Exists(_directory["elsewhere"]));
    }

    [Fact]
    public async Task A_record_lock_of_another_process_is_respected_both_ways()
    {
        const string Program = """
            import fcntl, sys
            f = open(sys.argv[1], 'a')
            try:
                fcntl.lockf(f, fcntl.LOCK_EX | fcntl.LOCK_NB)
                print('taken', flush=True)
            except OSError:
                print('refused', flush=True)
            sys.stdin.read()
            """;
        Assert.SkipUnless(File.Exists("/usr/bin/python3"), "needs /usr/bin/python3, whose fcntl.lockf is what nova's locks are made of");

        using (Process other = Start(Program, LockPath))
        {
            Assert.Equal("taken", await other.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
            Assert.Null(BaseFileLock.TryAcquire(LockPath));
            other.StandardInput.Close();
            await other.WaitForExitAsync(TestContext.Current.CancellationToken);
        }

        using BaseFileLock? ours = BaseFileLock.TryAcquire(LockPath);
        Assert.NotNull(ours);
        using Process refused = Start(Program, LockPath);
        Assert.Equal("refused", await refused.StandardOutput.ReadLineAsync(TestContext.Current.CancellationToken));
        refused.StandardInput.Close();
        await refused.WaitForExitAsync(TestContext.Current.CancellationToken);
    }

    private static Process Start(string program, string argument)
        => Process.Start(new ProcessStartInfo("/usr/bin/python3", ["-c", program, argument])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
        })!;
}
