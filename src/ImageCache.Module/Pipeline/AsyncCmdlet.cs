using System.Collections.Concurrent;
using System.Management.Automation;
using System.Runtime.ExceptionServices;
using ImageCache.Engine;

namespace ImageCache.Module.Pipeline;

/// <summary>
/// A cmdlet whose work runs on other threads while the pipeline thread takes its writes and shows its progress. However the
/// work ends (done, Ctrl-C, <c>Select-Object -First</c>, <c>-ErrorAction Stop</c>), the pipeline goes on only when the work has
/// cleaned up.
/// </summary>
public abstract class AsyncCmdlet : PSCmdlet, IDisposable
{
    private static readonly TimeSpan SamplingInterval = TimeSpan.FromMilliseconds(100);

    private readonly CancellationTokenSource _stop = new();
    private readonly BlockingCollection<PipelineWrite> _queue = [];
    private readonly OperationMonitor _monitor;
    private readonly ProgressSampler _progress;

    private protected AsyncCmdlet(string activity)
    {
        Writer = new PipelineWriter(this, _queue);
        _monitor = new OperationMonitor(Writer.Warning);
        _progress = new ProgressSampler(activity, _monitor, WriteProgress);
    }

    private protected PipelineWriter Writer { get; }

    /// <summary>Releases what the cmdlet holds.</summary>
    public void Dispose()
    {
        Dispose(disposing: true);
        GC.SuppressFinalize(this);
    }

    /// <inheritdoc/>
    protected override void StopProcessing()
    {
        try
        {
            _stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The stop came when the cmdlet had just ended.
        }
    }

    /// <summary>Releases what the cmdlet holds.</summary>
    /// <param name="disposing">Whether it is called by <see cref="Dispose()"/>.</param>
    protected virtual void Dispose(bool disposing)
    {
        if (disposing)
        {
            _queue.Dispose();
            _stop.Dispose();
        }
    }

    /// <summary>Runs work on other threads, and the pipeline's side of it on this one, until both have ended.</summary>
    private protected void Run(Func<OperationMonitor, CancellationToken, Task> work)
    {
        PipelineWrite end = new(static () => { });
        Task task = Task.Run(() => RunToEndAsync(work, end));
        Exception? failure = null;
        while (true)
        {
            _queue.TryTake(out PipelineWrite? write, SamplingInterval);
            if (write == end)
            {
                break;
            }

            if (failure is null)
            {
                failure = TakeTurn(write);
            }
            else
            {
                write?.Drop();
            }
        }

        Finish(task, failure);
    }

    private async Task RunToEndAsync(Func<OperationMonitor, CancellationToken, Task> work, PipelineWrite end)
    {
        try
        {
            await work(_monitor, _stop.Token).ConfigureAwait(false);
        }
        finally
        {
            _queue.Add(end);
        }
    }

    /// <summary>
    /// One write and, when it is time, one sample. What either throws ends the cmdlet: it is a stop here
    /// (<c>Select-Object -First</c> says so by a write that throws, before StopProcessing is called), or the user's wish.
    /// </summary>
    private Exception? TakeTurn(PipelineWrite? write)
    {
        try
        {
            write?.Run();
            _progress.Sample();
            return null;
        }
        catch (Exception failure)
        {
            _stop.Cancel();
            write?.Drop();
            return failure;
        }
    }

    private void Finish(Task task, Exception? failure)
    {
        _progress.Complete();
        try
        {
            task.GetAwaiter().GetResult();
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // Thrown without a stop, this exception would end the whole script without a word.
            if (failure is null)
            {
                throw new PipelineStoppedException();
            }
        }
        catch when (failure is not null)
        {
            // What the work says after the pipeline refused it is a consequence; the cause is thrown below.
        }

        if (failure is not null)
        {
            ExceptionDispatchInfo.Throw(failure);
        }
    }
}
