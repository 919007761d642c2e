using System.Management.Automation;
using ImageCache.Engine;

namespace ImageCache.Module.Pipeline;

/// <summary>
/// Work of a cmdlet as a PowerShell job in this process, with an engine of its own. Stopping it cancels the work and waits until that has
/// cleaned up. What fails for one item is an error of the job; the job has failed when the work as a whole could not be done.
/// </summary>
internal sealed class ImageCacheJob : Job, IStreamWriter
{
    private static readonly TimeSpan SamplingInterval = TimeSpan.FromMilliseconds(500);

    private readonly CancellationTokenSource _stop = new();
    private readonly CmdletLogger _logger;
    private readonly OperationMonitor _monitor;
    private Task _work = Task.CompletedTask;

    /// <summary>Makes a job that does nothing yet.</summary>
    /// <param name="command">The line that began it.</param>
    /// <param name="name">What it is called; <see langword="null"/> lets PowerShell number it.</param>
    public ImageCacheJob(string command, string? name)
        : base(command, name)
    {
        PSJobTypeName = nameof(ImageCacheJob);
        _logger = new CmdletLogger(this);
        _monitor = new OperationMonitor(((IStreamWriter)this).Warning);
    }

    /// <inheritdoc/>
    public override bool HasMoreData => Output.Count + Error.Count + Warning.Count + Verbose.Count + Debug.Count + Progress.Count > 0;

    /// <inheritdoc/>
    public override string Location => Environment.MachineName;

    /// <inheritdoc/>
    public override string StatusMessage => string.Join("; ", _monitor.Sample().Select(static item => $"{item.Subject}: {item.Stage}"));

    /// <summary>Begins.</summary>
    /// <param name="activity">What progress is called.</param>
    /// <param name="open">Opens the engine with the job's log.</param>
    /// <param name="work">The work.</param>
    public void Start(
        string activity,
        Func<CmdletLogger, ImageCacheEngine> open,
        Func<ImageCacheEngine, IStreamWriter, OperationMonitor, CancellationToken, Task> work)
    {
        SetJobState(JobState.Running);
        _work = Task.Run(() => RunAsync(activity, open, work));
    }

    /// <inheritdoc/>
    public override void StopJob()
    {
        if (JobStateInfo.State == JobState.Running)
        {
            SetJobState(JobState.Stopping);
        }

        _stop.Cancel();
        _work.GetAwaiter().GetResult();
    }

    Task IStreamWriter.WriteObjectAsync(object value)
    {
        Output.Add(PSObject.AsPSObject(value));
        return Task.CompletedTask;
    }

    Task IStreamWriter.WriteErrorAsync(ErrorRecord error)
    {
        Error.Add(error);
        return Task.CompletedTask;
    }

    void IStreamWriter.Warning(string text) => Warning.Add(new WarningRecord(text));

    void IStreamWriter.Verbose(string text) => Verbose.Add(new VerboseRecord(text));

    void IStreamWriter.Debug(string text) => Debug.Add(new DebugRecord(text));

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            StopJob();
            _stop.Dispose();
            _logger.Dispose();
        }

        base.Dispose(disposing);
    }

    private async Task RunAsync(
        string activity,
        Func<CmdletLogger, ImageCacheEngine> open,
        Func<ImageCacheEngine, IStreamWriter, OperationMonitor, CancellationToken, Task> work)
    {
        JobState end = JobState.Completed;
        try
        {
            ImageCacheEngine engine = open(_logger);
            await using (engine.ConfigureAwait(false))
            {
                await ShowAsync(activity, Task.Run(() => work(engine, this, _monitor, _stop.Token))).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            end = JobState.Stopped;
        }
#pragma warning disable CA1031 // The boundary of the job: whatever it is, it is reported.
        catch (Exception e)
#pragma warning restore CA1031
        {
            Error.Add(ErrorRecords.From(e, null));
            end = JobState.Failed;
        }

        SetJobState(end);
    }

    private async Task ShowAsync(string activity, Task work)
    {
        ProgressSampler progress = new(activity, _monitor, Progress.Add);
        while (!work.IsCompleted)
        {
            progress.Sample();
            await Task.WhenAny(work, Task.Delay(SamplingInterval)).ConfigureAwait(false);
        }

        progress.Complete();
        await work.ConfigureAwait(false);
    }
}
