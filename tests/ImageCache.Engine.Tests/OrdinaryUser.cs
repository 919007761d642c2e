using System.Runtime.ExceptionServices;
using System.Runtime.InteropServices;

namespace ImageCache.Engine.Tests;

/// <summary>
/// Opens files as a user who is not root, whoever runs the tests: setfsuid(2) is one thread's, and takes from root what lets it pass over
/// permissions (capabilities(7), "Effect of user ID changes on capabilities").
/// </summary>
internal static partial class OrdinaryUser
{
    private const uint Nobody = 65534;

    /// <summary>Runs what does its work on this thread alone.</summary>
    public static void Run(Action action)
    {
        if (!Environment.IsPrivilegedProcess)
        {
            action();
            return;
        }

        ExceptionDispatchInfo? failure = null;
        Thread thread = new(() =>
        {
            _ = SetFileSystemUser(Nobody);
            try
            {
                action();
            }
            catch (Exception e)
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
            finally
            {
                _ = SetFileSystemUser(0);
            }
        });
        thread.Start();
        thread.Join();
        failure?.Throw();
    }

    [LibraryImport("libc", EntryPoint = "setfsuid")]
    private static partial int SetFileSystemUser(uint user);
}
