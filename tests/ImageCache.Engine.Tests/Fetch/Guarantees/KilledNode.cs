using System.Diagnostics;
using ImageCache.Engine.Store;
using ImageCache.Engine.Tests.Faults;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

/// <summary>A node on which fetches are killed, and what must be true of it afterwards.</summary>
internal sealed class KilledNode(ByteOrigin origin)
{
    private static CancellationToken Token => TestContext.Current.CancellationToken;

    // A stage may be over before the process that shall die in it looks again; then it fetches the same once more.
    private const int Tries = 5;

    /// <summary>Fetches in a process that dies. It must reach the stage; with a delay it may be through before.</summary>
    public async Task KillAsync(FakeImage image, bool mustHit, params string[] arguments)
    {
        string told = string.Empty;
        for (int attempt = 0; attempt < Tries; attempt++)
        {
            string[] again = attempt == 0 ? [] : ["--force"];
            using ProbeProcess probe = ProbeProcess.Start(origin.Node, [$"--image={image.Id}", .. arguments, .. again]);
            told = await probe.WaitForEndAsync();
            if (probe.WasKilled || (!mustHit && probe.ExitCode == 0))
            {
                return;
            }

            Assert.True(probe.ExitCode == 0, $"it ended with {probe.ExitCode}: {told}");
        }

        Assert.Fail($"the stage was never seen: {told}");
    }

    public void AssertAllOrNothing(FakeImage image, byte[] disk)
    {
        if (!File.Exists(origin.Node.BasePath(image.Id)))
        {
            return;
        }

        Assert.True(disk.AsSpan().SequenceEqual(File.ReadAllBytes(origin.Node.BasePath(image.Id))), "the base file is not whole");
        ImageRecord record = origin.Node.RecordOf(image.Id).Record!;
        Assert.Equal((DigestStatus.Verified, disk.Length, origin.Method), (record.DigestStatus, record.Size, record.Method));
    }

    /// <summary>The kernel kills the children, but not in the same moment; one that was just being started may end by itself.</summary>
    public async Task AssertNoChildrenAsync()
    {
        Stopwatch clock = Stopwatch.StartNew();
        while (origin.Children() is [RunningCommand first, ..])
        {
            Assert.True(clock.Elapsed < TimeSpan.FromSeconds(60), $"still running: {first}");
            await Task.Delay(20, Token);
        }
    }
}
