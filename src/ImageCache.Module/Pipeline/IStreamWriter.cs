using System.Management.Automation;

namespace ImageCache.Module.Pipeline;

/// <summary>The streams that work writes to, whether it runs in a pipeline or as a job. Any thread may write.</summary>
internal interface IStreamWriter
{
    Task WriteObjectAsync(object value);

    Task WriteErrorAsync(ErrorRecord error);

    void Warning(string text);

    void Verbose(string text);

    void Debug(string text);
}
