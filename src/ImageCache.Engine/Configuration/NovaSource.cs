using System.Globalization;

namespace ImageCache.Engine.Configuration;

/// <summary>How settings are read out of nova.conf.</summary>
internal static class NovaSource
{
    /// <summary>An option that means the same as a setting; <see langword="null"/> when nova.conf does not say it.</summary>
    public static Func<NovaConf, NovaValue<T>?> Option<T>(NovaOption option, SettingFormat<T> format)
        => nova =>
        {
            if (nova.Find(option) is not { } entry)
            {
                return null;
            }

            RawSetting raw = new([nova.Value(option) ?? string.Empty], false, SettingSource.NovaConf, entry.Origin, "/");
            try
            {
                return new NovaValue<T>(format.Parse(raw), entry.Origin);
            }
            catch (FormatException)
            {
                throw ConfigurationErrors.BadValue(raw, format.Expected);
            }
        };

    /// <summary>The directory of base images: two options, both with defaults that hold as soon as there is a nova.conf.</summary>
    public static NovaValue<string>? CachePath(NovaConf nova)
    {
        if (!nova.Exists)
        {
            return null;
        }

        NovaEntry? instances = nova.Find(NovaOptions.InstancesPath) ?? nova.Find(NovaOptions.StatePath);
        NovaEntry? subdirectory = nova.Find(NovaOptions.SubdirectoryName);
        string origin = string.Join(", ", new[] { instances, subdirectory }.OfType<NovaEntry>().Select(static entry => entry.Origin));
        string path = Path.Join(nova.Value(NovaOptions.InstancesPath), nova.Value(NovaOptions.SubdirectoryName));
        RawSetting raw = new([path], false, SettingSource.NovaConf, origin.Length > 0 ? origin : "nova's own defaults", "/");
        try
        {
            return Path.IsPathRooted(path) ? new NovaValue<string>(SettingFormats.Path.Parse(raw), raw.Origin) : throw new FormatException();
        }
        catch (FormatException)
        {
            throw ConfigurationErrors.BadValue(raw, "an absolute path");
        }
    }

    /// <summary>The first of several options that has a value; an empty one counts as none, as nova has it.</summary>
    public static Func<NovaConf, NovaValue<T>?> FirstOf<T>(SettingFormat<T> format, params NovaOption[] options)
        => nova => options.Where(option => !string.IsNullOrWhiteSpace(nova.Value(option))).Select(option => Option(option, format)(nova)).FirstOrDefault();

    /// <summary>
    /// Whether nova itself would read images straight from Ceph: by its own option, or by the older list of schemes. A nova.conf
    /// that says neither says no, as nova does.
    /// </summary>
    public static NovaValue<bool>? RbdExport(NovaConf nova)
    {
        if (!nova.Exists)
        {
            return null;
        }

        NovaValue<bool>? enabled = Option(NovaOptions.EnableRbdDownload, SettingFormats.Flag)(nova);
        NovaValue<IReadOnlyList<string>>? schemes = Option(NovaOptions.AllowedDirectUrlSchemes, SettingFormats.Words)(nova);
        if (enabled is not { Value: true } && schemes is not null && schemes.Value.Contains("rbd", StringComparer.OrdinalIgnoreCase))
        {
            return new NovaValue<bool>(true, schemes.Origin);
        }

        return enabled ?? new NovaValue<bool>(false, schemes?.Origin ?? "nova's own default");
    }

    /// <summary>
    /// Whether nova would refuse an image without a valid signature (nova/image/glance.py): by its own option, or because it has
    /// certificates to trust. A nova.conf that does not ask for it does not forbid to look.
    /// </summary>
    public static NovaValue<SignaturePolicy>? Signature(NovaConf nova)
        => Option(NovaOptions.VerifyGlanceSignatures, SettingFormats.Flag)(nova) is { Value: true } verify
            ? new NovaValue<SignaturePolicy>(SignaturePolicy.Require, verify.Origin)
            : TrustedCertificates(nova) is { Value.Count: > 0 } trusted ? new NovaValue<SignaturePolicy>(SignaturePolicy.Require, trusted.Origin) : null;

    /// <summary>nova's default trusted certificates, which it uses only where certificates are validated.</summary>
    public static NovaValue<IReadOnlyList<string>>? TrustedCertificates(NovaConf nova)
        => Option(NovaOptions.EnableCertificateValidation, SettingFormats.Flag)(nova) is { Value: true }
            ? Option(NovaOptions.DefaultTrustedCertificateIds, SettingFormats.Words)(nova)
            : null;

    /// <summary>nova's time for connecting to Ceph; without a limit (nought or less) ours holds, for nothing here waits for ever.</summary>
    public static NovaValue<TimeSpan>? RbdConnectTimeout(NovaConf nova)
        => int.TryParse(nova.Value(NovaOptions.RbdConnectTimeout), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out int seconds) && seconds <= 0
            ? null
            : FirstOf(Seconds, NovaOptions.RbdConnectTimeout)(nova);

    /// <summary>nova's times are whole seconds.</summary>
    public static SettingFormat<TimeSpan> Seconds { get; } = new(
        "a whole number of seconds",
        static raw => TimeSpan.FromSeconds(PositiveNumber(raw.Text)));

    /// <summary>nova gives qemu-img's address space in GiB.</summary>
    public static SettingFormat<long> Gibibytes { get; } = new(
        "a whole number of GiB",
        static raw => (long)PositiveNumber(raw.Text) << 30);

    private static int PositiveNumber(string text)
        => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is > 0 and <= 1_000_000
            ? number
            : throw new FormatException();
}
