using System.Management.Automation;
using ImageCache.Module.Pipeline;

namespace ImageCache.Module.Probe;

/// <summary>Work with a file that its clean-up removes after a while, and with the writes, errors and waits it is asked for.</summary>
[Cmdlet(VerbsDiagnostic.Test, "Pump")]
[OutputType(typeof(int))]
public sealed class TestPumpCommand : AsyncCmdlet
{
    /// <summary>Makes the cmdlet.</summary>
    public TestPumpCommand()
        : base("Probing")
    {
    }

    /// <summary>The file that is there as long as the work is.</summary>
    [Parameter(Mandatory = true)]
    public string Path { get; set; } = string.Empty;

    /// <summary>How many objects are written, each awaited.</summary>
    [Parameter]
    public int Count { get; set; }

    /// <summary>How many verbose lines are sent before that.</summary>
    [Parameter]
    public int LineCount { get; set; }

    /// <summary>Write an error after the objects.</summary>
    [Parameter]
    public SwitchParameter WithError { get; set; }

    /// <summary>Throw after the objects.</summary>
    [Parameter]
    public SwitchParameter Throw { get; set; }

    /// <summary>Wait after the objects until the work is cancelled.</summary>
    [Parameter]
    public SwitchParameter Wait { get; set; }

    /// <inheritdoc/>
    protected override void ProcessRecord() => Run(async (_, cancellationToken) =>
    {
        await File.WriteAllTextAsync(Path, "in work", cancellationToken).ConfigureAwait(false);
        try
        {
            await WriteAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await Task.Delay(TimeSpan.FromMilliseconds(300), CancellationToken.None).ConfigureAwait(false);
            Writer.Verbose("cleaned up");
            File.Delete(Path);
        }
    });

    private async Task WriteAsync(CancellationToken cancellationToken)
    {
        for (int i = 0; i < LineCount; i++)
        {
            Writer.Verbose($"line {i}");
        }

        for (int i = 0; i < Count; i++)
        {
            await Writer.WriteObjectAsync(i).ConfigureAwait(false);
        }

        if (WithError)
        {
            await Writer.WriteErrorAsync(ErrorRecords.From(new NotFoundException(ErrorIds.ImageNotFound, "No such probe.", "probe"), "probe"))
                .ConfigureAwait(false);
        }

        if (Throw)
        {
            throw new InvalidDataException("The work failed.");
        }

        await Task.Delay(Wait ? Timeout.InfiniteTimeSpan : TimeSpan.Zero, cancellationToken).ConfigureAwait(false);
    }
}
