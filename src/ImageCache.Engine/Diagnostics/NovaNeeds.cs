using ImageCache.Engine.Configuration;

namespace ImageCache.Engine.Diagnostics;

/// <summary>What a node that runs nova must have so that nova and we do not work against each other.</summary>
internal sealed class NovaNeeds(ImageCacheConfiguration configuration)
{
    private static readonly NovaOption s_noLocks = new("oslo_concurrency", "disable_process_locking")
    {
        Deprecated = [new(NovaOption.DefaultGroup, "disable_process_locking")],
    };

    public IReadOnlyList<NodeNeed> All =>
    [
        new("nova-conf", "nova.conf was found, so that both use the same cache.", Present) { IsRequired = false },
        new("process-locking", "nova locks base files for other processes, too.", Locking),
    ];

    private NeedAnswer Present() => configuration.NovaConfPaths.Count > 0
        ? NeedAnswer.Pass(string.Join(", ", configuration.NovaConfPaths))
        : NeedAnswer.Unknown("no nova.conf was read: settings are ours alone", "On a compute node, run as a user who may read it, or name it with nova_conf.");

    private NeedAnswer Locking()
    {
        if (configuration.NovaConfPaths.Count == 0)
        {
            return NeedAnswer.Skipped("no nova.conf was read");
        }

        NovaConf nova = NovaConf.Parse(configuration.NovaConfPaths.Select(static path => (path, ConfigurationFile.TryRead(path, NovaConf.MaximumLength) ?? string.Empty)));
        return NovaSource.Option(s_noLocks, SettingFormats.Flag)(nova) is { Value: true } off
            ? NeedAnswer.Fail(
                $"{off.Origin}: nova's locks are off, so that nova and we could write or delete one base file at the same time",
                "Take disable_process_locking out of nova.conf, and restart nova-compute.")
            : NeedAnswer.Pass();
    }
}
