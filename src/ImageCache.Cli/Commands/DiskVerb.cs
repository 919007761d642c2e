using System.CommandLine;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache disk</c>: the verbs about disks of instances.</summary>
internal sealed class DiskVerb : Command
{
    public DiskVerb(GlobalOptions globals)
        : base("disk", "Make disks for instances.")
        => Subcommands.Add(new DiskCreateVerb(globals));
}
