using System.Collections.Concurrent;
using System.Management.Automation;

namespace ImageCache.Module.Pipeline;

/// <summary>
/// What asynchronous work writes to. Any thread may; the pipeline thread does it. Objects and errors are awaited, so that the
/// work goes on when the pipeline has taken them; text is sent and forgotten.
/// </summary>
internal sealed class PipelineWriter(AsyncCmdlet cmdlet, BlockingCollection<PipelineWrite> queue) : IStreamWriter
{
    public Task WriteObjectAsync(object value) => AskAsync(() => cmdlet.WriteObject(value));

    public Task WriteErrorAsync(ErrorRecord error) => AskAsync(() => cmdlet.WriteError(error));

    public void Warning(string text) => Send(new PipelineWrite(() => cmdlet.WriteWarning(text)));

    public void Verbose(string text) => Send(new PipelineWrite(() => cmdlet.WriteVerbose(text)));

    public void Debug(string text) => Send(new PipelineWrite(() => cmdlet.WriteDebug(text)));

    private Task AskAsync(Action action)
    {
        PipelineWrite write = new(action);
        Send(write);
        return write.Done;
    }

    private void Send(PipelineWrite write)
    {
        try
        {
            queue.Add(write);
        }
        catch (Exception closed) when (closed is InvalidOperationException or ObjectDisposedException)
        {
            // The cmdlet has ended: a late log line has nowhere to go.
            write.Drop();
        }
    }
}
