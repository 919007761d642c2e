using ImageCache.Engine.Configuration;
using ImageCache.Engine.Diagnostics;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Posix;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Volumes;

namespace ImageCache.Engine.Volumes;

/// <summary>What a node needs to attach volumes and to show them.</summary>
internal sealed class VolumeNeeds(ImageCacheConfiguration configuration, VolumeNode node, OsBrick brick, CloudConnection cloud)
{
    /// <summary>The name of the need that Cinder answers.</summary>
    public const string Cinder = "cinder";

    private const string Python = "python";
    private const string InstallBrick = "Install it: on Debian and Ubuntu, apt-get install python3-os-brick.";

    public IReadOnlyList<Need> All =>
    [
        new NodeNeed("volume-link-setting", "Images may be links to volumes.", () => NeedAnswer.Unless(
            configuration.VolumeLink ? null : "volume_link is off", "Set volume_link to true in imagecache.yaml.")),
        new NodeNeed(Python, "The Python that has os-brick is installed.", () => File.Exists(node.Python)
            ? NeedAnswer.Pass(node.Python)
            : NeedAnswer.Fail($"there is no '{node.Python}' to run os-brick with", InstallBrick)),
        .. VolumeExporter.Needs,
        new NodeNeed("root-helper", "os-brick may do what only root may.", RootHelper) { IsRequired = false },
        new NodeNeed("volume-state", "What is held of volumes can be written down.", StateDirectory),
        new NodeProbe("os-brick", "os-brick is installed.", FindBrickAsync) { IsOnline = false, After = [Python] },
        new NodeProbe(Cinder, "Cinder answers, and speaks a version that attaches volumes.", AskCinderAsync) { After = [CloudNeeds.Keystone] },
    ];

    private NeedAnswer RootHelper()
    {
        if (Environment.IsPrivilegedProcess)
        {
            return NeedAnswer.Pass("not needed by root");
        }

        string program = node.RootHelper.Split(' ', StringSplitOptions.RemoveEmptyEntries).FirstOrDefault() ?? string.Empty;
        return program.Length > 0 && ExecutableSearch.TryFind(program) is { } path
            ? NeedAnswer.Pass(path)
            : NeedAnswer.Fail(
                $"the program '{program}' of volume_root_helper is not installed; iSCSI, FC, NVMe and NFS need it",
                "Run as root, or set volume_root_helper to what nova's rootwrap or privsep is run with.");
    }

    private NeedAnswer StateDirectory() => DirectoryAccess.WhyNotWritable(configuration.VolumeStatePath) is { } reason
        ? NeedAnswer.Fail(reason, "Give the directory to the user who runs ImageCache, or set volume_state_path.")
        : NeedAnswer.Pass(configuration.VolumeStatePath);

    private async Task<NeedAnswer> FindBrickAsync(CancellationToken cancellationToken)
        => NeedAnswer.Pass($"os-brick {await brick.FindVersionAsync(cancellationToken).ConfigureAwait(false) ?? "of unknown version"}");

    private async Task<NeedAnswer> AskCinderAsync(CancellationToken cancellationToken)
    {
        CinderAgreement agreement = await cloud.Cinder.AgreeAsync(cancellationToken).ConfigureAwait(false);
        return NeedAnswer.Pass(
            agreement.HasAttachMode ? $"microversion {agreement.Version}" : $"microversion {agreement.Version}: it cannot be told that an attachment only reads");
    }
}
