using ImageCache.Engine.Native.Posix;
using Microsoft.Win32.SafeHandles;

namespace ImageCache.Engine.Store;

/// <summary>
/// nova's own lock of one base file: a record lock over <c>locks/nova-&lt;name&gt;</c>, as oslo.concurrency and fasteners take it
/// (lockutils.external_lock, fasteners.InterProcessLock). While it is held neither nova-compute nor another of us
/// fetches, links against or deletes the file. Disposing releases it; so does the end of the process.
/// </summary>
internal sealed class BaseFileLock : IDisposable
{
    // fasteners' own delays: from 10 ms, 10 ms more each time, up to 100 ms.
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(10);
    private static readonly TimeSpan s_longest = TimeSpan.FromMilliseconds(100);

    private const UnixFileMode LockFileMode =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.GroupRead | UnixFileMode.OtherRead;

    private readonly SafeFileHandle _handle;

    private BaseFileLock(SafeFileHandle handle) => _handle = handle;

    /// <summary>Waits for the lock, without limit as nova does; cancel to give up.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="onWait">Called once when somebody else holds it.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="IOException">Locks do not work here.</exception>
    public static async Task<BaseFileLock> AcquireAsync(string path, Action? onWait, CancellationToken cancellationToken)
    {
        TimeSpan delay = s_step;
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (TryAcquire(path) is { } held)
            {
                return held;
            }

            onWait?.Invoke();
            onWait = null;
            await Task.Delay(delay, cancellationToken).ConfigureAwait(false);
            delay = delay + s_step < s_longest ? delay + s_step : s_longest;
        }
    }

    /// <summary>Takes the lock if it can be had soon.</summary>
    /// <param name="path">The lock file.</param>
    /// <param name="patience">How long to wait.</param>
    /// <param name="cancellationToken">Ends the wait, as an error.</param>
    /// <exception cref="IOException">Locks do not work here.</exception>
    public static async Task<BaseFileLock?> TryAcquireAsync(string path, TimeSpan patience, CancellationToken cancellationToken)
    {
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        limit.CancelAfter(patience);
        try
        {
            return await AcquireAsync(path, null, limit.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return null;
        }
    }

    /// <summary>Takes the lock if nobody holds it.</summary>
    public static BaseFileLock? TryAcquire(string path)
    {
        while (true)
        {
            SafeFileHandle handle = OpenLockFile(path);
            try
            {
                if (!RecordLock.TryTake(handle, path))
                {
                    handle.Dispose();
                    return null;
                }

                // nova's cleaner unlinks lock files: a lock on a file that no longer has the name excludes nobody.
                FileStatus held = FileStatus.OfHandle(handle, path);
                if (held.Links > 0 && FileStatus.OfPath(path) is { } named && named.Identity == held.Identity)
                {
                    return new BaseFileLock(handle);
                }

                handle.Dispose();
            }
            catch
            {
                handle.Dispose();
                throw;
            }
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (!_handle.IsClosed)
        {
            RecordLock.Release(_handle);
            _handle.Dispose();
        }
    }

    private static SafeFileHandle OpenLockFile(string path)
    {
        bool isNew = FileStatus.OfPath(path) is null;
        SafeFileHandle handle = OpenFile.Open(path, OpenFile.ReadWrite | OpenFile.Create | OpenFile.Append | OpenFile.NoFollow, LockFileMode);
        try
        {
            if (isNew && Path.GetDirectoryName(path) is { } directory && FileStatus.OfPath(directory) is { } owner)
            {
                FileOwner.Adopt(handle, path, owner);
            }

            return handle;
        }
        catch
        {
            handle.Dispose();
            throw;
        }
    }
}
