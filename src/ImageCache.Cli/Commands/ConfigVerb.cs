using ImageCache.Cli.Output;
using ImageCache.Cli.Views;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache config</c>.</summary>
internal sealed class ConfigVerb(GlobalOptions globals) : Verb("config", "Tell every setting in force and where it came from.", globals)
{
    protected override Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using IResultWriter<EffectiveSetting> writer = invocation.Writer(EffectiveSettingView.Table);
        foreach (EffectiveSetting setting in invocation.Engine.GetConfiguration())
        {
            if (!writer.Write(setting))
            {
                break;
            }
        }

        return Task.CompletedTask;
    }
}
