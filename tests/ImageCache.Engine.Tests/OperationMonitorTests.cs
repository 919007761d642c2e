using Xunit;

namespace ImageCache.Engine.Tests;

public sealed class OperationMonitorTests
{
    [Fact]
    public async Task NoSampleShowsAStageWithTheNumbersOfAnother()
    {
        OperationMonitor monitor = new();
        using WorkProgress progress = monitor.Begin("image");
        Task work = Task.Run(
            () =>
            {
                for (int i = 0; i < 300_000; i++)
                {
                    progress.Enter(WorkStage.Transferring, 10);
                    progress.Set(10);
                    progress.Enter(WorkStage.Verifying);
                    progress.Set(20);
                }
            },
            TestContext.Current.CancellationToken);
        List<ProgressSnapshot> wrong = [];
        while (!work.IsCompleted && wrong.Count == 0)
        {
            wrong.AddRange(monitor.Sample().Where(static seen => (seen.Stage, seen.Done, seen.Total) is not
                ((WorkStage.Resolving, 0, null) or (WorkStage.Transferring, 0 or 10, 10L) or (WorkStage.Verifying, 0 or 20, null))));
        }

        await work;
        Assert.Empty(wrong);
    }
}
