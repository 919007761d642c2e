using ImageCache.Engine.Tests.Faults;
using ImageCache.Engine.Tests.Lab;
using Xunit;

namespace ImageCache.Engine.Tests.Fetch.Guarantees;

[Collection(LabTests.Name)]
public sealed class RbdCommandProcessTests(LabCloud lab) : ProcessGuarantees(RbdOrigin.ByCommand(lab))
{
    [Fact]
    public async Task A_process_whose_librbd_is_too_old_reads_by_the_command_and_takes_it_along_when_it_is_killed()
    {
        FakeImage image = await Origin.AddAsync(new FakeImage { Data = TestData.Noise(96 << 20) });
        Node.Settings["rate_limit"] = "4MiB";
        using ProbeProcess probe = ProbeProcess.Start(Node, $"--image={image.Id}");
        await probe.WaitForAsync("STAGE Transferring");
        while (!Origin.Children().Any(static child => child.Line.Contains("rbd", StringComparison.Ordinal) && child.Line.Contains("export", StringComparison.Ordinal)))
        {
            await Task.Delay(10, Token);
        }

        probe.Kill();

        await probe.WaitForEndAsync();
        await Killed.AssertNoChildrenAsync();
    }
}
