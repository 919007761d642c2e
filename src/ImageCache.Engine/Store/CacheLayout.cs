using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace ImageCache.Engine.Store;

/// <summary>
/// Where things lie in a cache. Names and the place of the locks are nova's (nova/virt/libvirt/imagecache.py, get_cache_fname;
/// imagebackend.py, cache); all of ours lies in one directory whose name nova ignores.
/// </summary>
internal sealed class CacheLayout(string cachePath)
{
    /// <summary>The directory of ours in the cache.</summary>
    public const string PrivateName = ".imagecache";

    public const string RecordsName = "records";
    public const string TemporaryName = "tmp";
    public const string QuarantineName = "quarantine";
    public const string EventsName = "events.jsonl";
    public const string CriticalName = "critical.json";
    public const string TargetsName = "targets";
    public const string PopularityName = "popularity.json";
    public const string UsesName = "uses.jsonl";

    private const int BaseNameLength = 40;

    /// <summary>nova's <c>_base</c>.</summary>
    public string CachePath { get; } = Path.TrimEndingDirectorySeparator(Path.GetFullPath(cachePath));

    /// <summary>nova's instances_path.</summary>
    public string InstancesPath => Path.GetDirectoryName(CachePath) ?? "/";

    public string LocksPath => Path.Join(InstancesPath, "locks");

    public string PrivatePath => Path.Join(CachePath, PrivateName);

    public string RecordsPath => Path.Join(PrivatePath, RecordsName);

    public string TemporaryPath => Path.Join(PrivatePath, TemporaryName);

    public string QuarantinePath => Path.Join(PrivatePath, QuarantineName);

    /// <summary>Copy-on-write disks on base images, each of one size, that instance disks of that size share.</summary>
    public string TargetsPath => Path.Join(PrivatePath, TargetsName);

    public string EventsPath => Path.Join(PrivatePath, EventsName);

    /// <summary>The lock under which private directories are made and swept.</summary>
    public string SweepLockPath => Path.Join(PrivatePath, "sweep.lock");

    /// <summary>The lock of the one process that does maintenance.</summary>
    public string MaintenanceLockPath => Path.Join(PrivatePath, "maintenance.lock");

    /// <summary>The lock under which the event log is turned over.</summary>
    public string EventsLockPath => Path.Join(PrivatePath, "events.lock");

    /// <summary>The lock under which uses are noted and summed up.</summary>
    public string PopularityLockPath => Path.Join(PrivatePath, "popularity.lock");
    /// <summary>The lock under which the critical set is changed.</summary>
    public string CriticalLockPath => Path.Join(PrivatePath, "critical.lock");

    /// <summary>The name of an image's base file: the SHA-1 of the id as text. It names, it protects nothing.</summary>
    public static string BaseName(string imageId)
    {
#pragma warning disable CA5350 // nova's choice; a name, not a protection.
        return Convert.ToHexStringLower(SHA1.HashData(Encoding.UTF8.GetBytes(imageId)));
#pragma warning restore CA5350
    }

    /// <summary>Whether a name is one that base images have.</summary>
    public static bool IsBaseName(string name)
        => name.Length == BaseNameLength && name.All(static c => c is (>= '0' and <= '9') or (>= 'a' and <= 'f'));

    /// <summary>The name of a target: unlike any name that nova gives, and it tells of its base image.</summary>
    public static string TargetName(string baseName, long size) => string.Create(CultureInfo.InvariantCulture, $"{baseName}.{size}");

    public string TargetPath(string baseName, long size) => Path.Join(TargetsPath, TargetName(baseName, size));

    public string BasePath(string baseName) => Path.Join(CachePath, baseName);

    public string RecordPath(string baseName) => Path.Join(RecordsPath, baseName + ".json");

    public string LockPath(string baseName) => Path.Join(LocksPath, "nova-" + baseName);
}
