using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

public sealed class ConfigurationLoaderTests : IDisposable
{
    private readonly ConfigurationSandbox _machine = new();

    public void Dispose() => _machine.Dispose();

    [Fact]
    public void WithNothingConfiguredTheCacheIsTheBuiltInOne()
    {
        ImageCacheConfiguration configuration = _machine.Load();

        Assert.Equal("/var/lib/imagecache/_base", configuration.CachePath);
        Assert.True(configuration.IsDefaultCachePath);
        Assert.All(configuration.Settings, static setting => Assert.Equal((SettingSource.Default, null), (setting.Source, setting.Origin)));
    }

    [Fact]
    public void TheStrongestLevelWinsAndTellsWhereItStands()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\nforce_raw_images = false\n");
        AssertForceRaw(false, SettingSource.NovaConf, $"{_machine.Nova}:2 [DEFAULT] force_raw_images");

        _machine.Write(_machine.SystemYaml, "# ours\nforce_raw_images: yes\n");
        AssertForceRaw(true, SettingSource.ConfigurationFile, $"{_machine.SystemYaml}:2 force_raw_images");

        _machine.Environment["IMAGECACHE_FORCE_RAW_IMAGES"] = "off";
        AssertForceRaw(false, SettingSource.Environment, "IMAGECACHE_FORCE_RAW_IMAGES");

        _machine.Parameters["force_raw_images"] = "true";
        AssertForceRaw(true, SettingSource.Parameter, "force_raw_images");
    }

    [Fact]
    public void TheCachePathOfEachLevelWinsOverThoseBelow()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\ninstances_path = /srv/nova\n");
        Assert.Equal("/srv/nova/_base", _machine.Load().CachePath);

        _machine.Write(_machine.SystemYaml, "cache_path: /srv/yaml\n");
        Assert.Equal("/srv/yaml", _machine.Load().CachePath);

        _machine.Environment["IMAGECACHE_CACHE_PATH"] = "/srv/environment";
        Assert.Equal("/srv/environment", _machine.Load().CachePath);

        _machine.Parameters["cache_path"] = "/srv/setting";
        Assert.Equal("/srv/setting", _machine.Load().CachePath);

        ImageCacheConfiguration configuration = _machine.Load(_machine.Options with { CachePath = "/srv/parameter" });
        Assert.Equal("/srv/parameter", configuration.CachePath);
        Assert.False(configuration.IsDefaultCachePath);
        Assert.Equal(SettingSource.Parameter, ConfigurationSandbox.Setting(configuration, "cache_path").Source);
    }

    [Theory]
    [InlineData("cache", "work/cache")]
    [InlineData("../other/", "other")]
    [InlineData("./a/../b", "work/b")]
    public void ARelativeCachePathCountsFromTheWorkingDirectory(string path, string expected)
        => Assert.Equal(_machine.PathOf(expected), _machine.Load(_machine.Options with { CachePath = path }).CachePath);

    [Theory]
    [InlineData("")]
    [InlineData("  ")]
    [InlineData("~")]
    [InlineData("~/cache")]
    [InlineData("a\0b")]
    public void ACachePathThatNobodyMeansIsRefused(string path)
        => Assert.Contains("cache_path", _machine.LoadFails(_machine.Options with { CachePath = path }).Message, StringComparison.Ordinal);

    [Fact]
    public void TheUsersFileReplacesTheMachines()
    {
        _machine.Write(_machine.SystemYaml, "retries: 1\nthrottle_limit: 2\n");
        _machine.Write(_machine.UserYaml, "retries: 9\n");

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.Equal(9, configuration.Retries);
        Assert.Equal(SettingTable.Defaults.ThrottleLimit, configuration.ThrottleLimit);
    }

    [Fact]
    public void XdgConfigHomeReplacesTheHomeDirectoryWhenItIsAbsolute()
    {
        _machine.Write(_machine.UserYaml, "retries: 9\n");
        _machine.Write(_machine.PathOf("xdg/imagecache/imagecache.yaml"), "retries: 7\n");

        _machine.Environment["XDG_CONFIG_HOME"] = _machine.PathOf("xdg");
        Assert.Equal(7, _machine.Load().Retries);

        _machine.Environment["XDG_CONFIG_HOME"] = "xdg";
        Assert.Equal(9, _machine.Load().Retries);
    }

    [Fact]
    public void AFileNamedByParameterWinsOverOneNamedByVariable()
    {
        _machine.Write(_machine.UserYaml, "retries: 1\n");
        _machine.Environment["IMAGECACHE_CONFIGURATION_PATH"] = _machine.Write(_machine.PathOf("work/a.yaml"), "retries: 2\n");
        _machine.Write(_machine.PathOf("work/b.yaml"), "retries: 3\n");

        Assert.Equal(2, _machine.Load().Retries);
        Assert.Equal(3, _machine.Load(_machine.Options with { ConfigurationPath = "b.yaml" }).Retries);
    }

    [Fact]
    public void AFileThatIsNamedMustExist()
    {
        string missing = _machine.PathOf("work/missing.yaml");
        Assert.Contains(missing, _machine.LoadFails(_machine.Options with { ConfigurationPath = "missing.yaml" }).Message, StringComparison.Ordinal);

        _machine.Environment["IMAGECACHE_CONFIGURATION_PATH"] = missing;
        InvalidInputException error = _machine.LoadFails();
        Assert.Contains(missing, error.Message, StringComparison.Ordinal);
        Assert.Contains("IMAGECACHE_CONFIGURATION_PATH", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownVariableIsNoneOfOurs()
    {
        _machine.Environment["IMAGECACHE_HOME"] = "x";
        _machine.Environment["imagecache_retries"] = "x";
        _machine.Environment["IMAGECACHE_RETRIES"] = string.Empty;

        Assert.Equal(SettingTable.Defaults.Retries, _machine.Load().Retries);
    }

    [Fact]
    public void ABadVariableIsNamed()
    {
        _machine.Environment["IMAGECACHE_RETRIES"] = "many";

        string message = _machine.LoadFails().Message;

        Assert.Equal("Environment variable IMAGECACHE_RETRIES cannot be 'many': a whole number from 0 to 100 is expected.", message);
    }

    [Fact]
    public void ABadValueIsToldEvenWhereAStrongerLevelHidesIt()
    {
        _machine.Write(_machine.SystemYaml, "retries: -1\n");
        _machine.Parameters["retries"] = "2";

        Assert.Contains($"{_machine.SystemYaml}:1 retries cannot be '-1'", _machine.LoadFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnUnknownParameterIsAnError()
    {
        _machine.Parameters["rate_limits"] = "1";

        Assert.Contains("Did you mean rate_limit?", _machine.LoadFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCloudIsTheParametersThenOursThenTheClients()
    {
        _machine.Write(_machine.SystemYaml, "cloud: yaml\n");
        Assert.Equal("yaml", _machine.Load().Cloud);

        _machine.Environment["OS_CLOUD"] = "client";
        Assert.Equal("client", _machine.Load().Cloud);
        Assert.Equal("OS_CLOUD", ConfigurationSandbox.Setting(_machine.Load(), "cloud").Origin);

        _machine.Environment["IMAGECACHE_CLOUD"] = "ours";
        Assert.Equal("ours", _machine.Load().Cloud);

        Assert.Equal("parameter", _machine.Load(_machine.Options with { Cloud = "parameter" }).Cloud);
    }

    [Fact]
    public void ASourcedOpenrcWinsOverTheCloudOfTheFile()
    {
        _machine.Write(_machine.SystemYaml, "cloud: yaml\n");
        _machine.Environment["OS_AUTH_URL"] = "https://keystone.example/v3";

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.Null(configuration.Cloud);
        Assert.Equal((SettingSource.Environment, "OS_AUTH_URL"), SourceOf(configuration, "cloud"));
        Assert.DoesNotContain(configuration.Settings, static setting => setting.Value is string text && text.Contains("keystone", StringComparison.Ordinal));
    }

    [Fact]
    public void NovaComputeConfWinsOverNovaConf()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\nforce_raw_images = true\ninstances_path = /srv/a\n");
        _machine.Write(_machine.NovaCompute, "[DEFAULT]\nforce_raw_images = false\n");

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.False(configuration.ForceRawImages);
        Assert.Equal("/srv/a/_base", configuration.CachePath);
        Assert.Equal([_machine.Nova, _machine.NovaCompute], Assert.IsAssignableFrom<IEnumerable<string>>(ConfigurationSandbox.Setting(configuration, "nova_conf").Value));
    }

    [Fact]
    public void ANovaConfThatIsNamedIsTheOnlyOne()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\nforce_raw_images = false\n");
        _machine.Write(_machine.PathOf("work/other.conf"), "[DEFAULT]\ninstances_path = /srv/other\n");
        _machine.Write(_machine.SystemYaml, "nova_conf: other.conf\n");

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.True(configuration.ForceRawImages);
        Assert.Equal("/srv/other/_base", configuration.CachePath);
        Assert.Equal(SettingSource.ConfigurationFile, ConfigurationSandbox.Setting(configuration, "nova_conf").Source);
    }

    [Fact]
    public void ANovaConfThatIsNamedMustExist()
    {
        _machine.Write(_machine.SystemYaml, "\nnova_conf: /nowhere/nova.conf\n");

        string message = _machine.LoadFails().Message;

        Assert.Equal($"{_machine.SystemYaml}:2 nova_conf: /nowhere/nova.conf does not exist.", message);
    }

    [Fact]
    public void NovaConfCanBeLeftAside()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\ninstances_path = /srv/a\n");
        _machine.Environment["IMAGECACHE_NOVA_CONF"] = "none";

        Assert.True(_machine.Load().IsDefaultCachePath);
    }

    [Fact]
    public void AFileThatMayNotBeReadIsAnErrorAndNotAbsent()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n");
        File.SetUnixFileMode(_machine.Nova, UnixFileMode.None);
        _machine.OpenToAll();
        InvalidInputException? error = null;

        OrdinaryUser.Run(() => error = _machine.LoadFails());

        Assert.Contains(_machine.Nova, error!.Message, StringComparison.Ordinal);
        Assert.Contains("nova_conf", error.NextStep, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileInADirectoryThatMayNotBeSearchedIsAnErrorAndNotAbsent()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n");
        _machine.OpenToAll();
        File.SetUnixFileMode(Path.GetDirectoryName(_machine.Nova)!, UnixFileMode.None);

        OrdinaryUser.Run(() => Assert.Contains(_machine.Nova, _machine.LoadFails().Message, StringComparison.Ordinal));

        File.SetUnixFileMode(Path.GetDirectoryName(_machine.Nova)!, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    [Fact]
    public void ADirectoryInPlaceOfAFileIsAnError()
    {
        Directory.CreateDirectory(_machine.SystemYaml);

        Assert.Contains($"{_machine.SystemYaml} is a directory", _machine.LoadFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void AFileWhoseReadingFailsIsAnError()
        => Assert.StartsWith("/proc/self/mem cannot be read: ", _machine.LoadFails(_machine.Options with { ConfigurationPath = "/proc/self/mem" }).Message, StringComparison.Ordinal);

    [Fact]
    public void AnEndlessFileIsGivenUp()
        => Assert.Contains("/dev/zero is longer than", _machine.LoadFails(_machine.Options with { ConfigurationPath = "/dev/zero" }).Message, StringComparison.Ordinal);

    private void AssertForceRaw(bool expected, SettingSource source, string origin)
    {
        ImageCacheConfiguration configuration = _machine.Load();
        Assert.Equal(expected, configuration.ForceRawImages);
        Assert.Equal((source, origin), SourceOf(configuration, "force_raw_images"));
        Assert.Equal(expected, ConfigurationSandbox.Setting(configuration, "force_raw_images").Value);
    }

    private static (SettingSource Source, string? Origin) SourceOf(ImageCacheConfiguration configuration, string name)
    {
        EffectiveSetting setting = ConfigurationSandbox.Setting(configuration, name);
        return (setting.Source, setting.Origin);
    }
}
