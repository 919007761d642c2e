using System.CommandLine;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache critical</c>: the images that must be here, with Glance down too.</summary>
internal sealed class CriticalVerb : Command
{
    public CriticalVerb(GlobalOptions globals)
        : base("critical", "Keep images here that instances must be started from, with Glance down too.")
    {
        Subcommands.Add(new CriticalRegisterVerb(globals));
        Subcommands.Add(new CriticalUnregisterVerb(globals));
        Subcommands.Add(new CriticalListVerb(globals));
        Subcommands.Add(new CriticalSyncVerb(globals));
    }
}
