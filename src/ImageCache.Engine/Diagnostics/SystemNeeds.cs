using ImageCache.Engine.Configuration;
using ImageCache.Engine.Formats;
using ImageCache.Engine.Native.Crypto;

namespace ImageCache.Engine.Diagnostics;

/// <summary>What every method needs of the machine: programs, libraries, a clock; and what is good to know of it.</summary>
internal sealed class SystemNeeds(ImageCacheConfiguration configuration, QemuImg qemuImg, TimeProvider time)
{
    private const string AppArmorPath = "/sys/module/apparmor/parameters/enabled";
    private const string SeLinuxPath = "/sys/fs/selinux/enforce";

    public IReadOnlyList<Need> All =>
    [
        new NodeProbe("qemu-img", "qemu-img is installed.", FindQemuImgAsync) { IsOnline = false },
        new NodeNeed("libcrypto", "OpenSSL's libcrypto is there for the signatures that .NET cannot verify.", Crypto) { IsRequired = configuration.RequireSignature },
        new NodeNeed("clock", "The clock is right: certificates, tokens and ages go by it.", Clock),
        new NodeNeed("confinement", "What confines instances (AppArmor, SELinux) lets them read the cache.", Confinement) { IsRequired = false },
    ];

    private async Task<NeedAnswer> FindQemuImgAsync(CancellationToken cancellationToken)
        => NeedAnswer.Pass(await qemuImg.FindVersionAsync(cancellationToken).ConfigureAwait(false));

    private static NeedAnswer Crypto() => CryptoLibrary.WhyNot() is { } reason
        ? NeedAnswer.Fail(reason, "Install it: on Debian and Ubuntu, apt-get install libssl3.")
        : NeedAnswer.Pass(CryptoLibrary.FileName);

    // A clock that was never set stands before the time at which this program was put together.
    private NeedAnswer Clock()
    {
        DateTimeOffset now = time.GetUtcNow();
        string program = Environment.ProcessPath is { } path && File.Exists(path) ? path : "/proc/self/exe";
        return now.AddDays(1) < File.GetLastWriteTimeUtc(program) || now.Year > 2100
            ? NeedAnswer.Fail($"it says {now:u}", "Set the clock; run chrony or systemd-timesyncd.")
            : NeedAnswer.Pass($"{now:u}");
    }

    private static NeedAnswer Confinement()
    {
        List<string> found = [];
        if (Read(AppArmorPath)?.StartsWith('Y') == true)
        {
            found.Add("AppArmor is on: libvirt's helper follows the chain of a disk and allows what it finds");
        }

        if (Read(SeLinuxPath) is { } enforce)
        {
            found.Add(enforce.StartsWith('1') ? "SELinux enforces: views of volumes need the boolean virt_use_fusefs" : "SELinux is permissive");
        }

        return NeedAnswer.Pass(found.Count == 0 ? "neither AppArmor nor SELinux is on" : string.Join("; ", found));
    }

    private static string? Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
