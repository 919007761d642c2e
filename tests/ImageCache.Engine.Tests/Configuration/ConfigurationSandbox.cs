using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

/// <summary>A machine of a test's own: its /etc, its home, its working directory.</summary>
internal sealed class ConfigurationSandbox : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("imagecache-configuration-");

    public ConfigurationSandbox()
    {
        Directory.CreateDirectory(WorkingDirectory);
        Environment["HOME"] = PathOf("home");
    }

    public Dictionary<string, string> Environment { get; } = new(StringComparer.Ordinal);

    public Dictionary<string, string> Parameters { get; } = new(StringComparer.Ordinal);

    public string WorkingDirectory => PathOf("work");

    public string SystemYaml => PathOf("etc/imagecache/imagecache.yaml");

    public string UserYaml => PathOf("home/.config/imagecache/imagecache.yaml");

    public string Nova => PathOf("etc/nova/nova.conf");

    public string NovaCompute => PathOf("etc/nova/nova-compute.conf");

    public string PathOf(string relative) => Path.Join(_root.FullName, relative);

    public string Write(string path, string text)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Lets every user look into it.</summary>
    public void OpenToAll() => _root.UnixFileMode |= UnixFileMode.GroupRead | UnixFileMode.GroupExecute | UnixFileMode.OtherRead | UnixFileMode.OtherExecute;

    public EngineOptions Options => new() { Environment = Environment, WorkingDirectory = WorkingDirectory, Settings = Parameters };

    public ImageCacheConfiguration Load() => Load(Options);

    public ImageCacheConfiguration Load(EngineOptions options)
        => ConfigurationLoader.Load(options, new ConfigurationLocations { SystemFile = SystemYaml, NovaConf = [Nova, NovaCompute] });

    public InvalidInputException LoadFails() => LoadFails(Options);

    public InvalidInputException LoadFails(EngineOptions options)
    {
        InvalidInputException error = Assert.Throws<InvalidInputException>(() => Load(options));
        Assert.Equal(ErrorIds.ConfigurationInvalid, error.ErrorId);
        return error;
    }

    public static EffectiveSetting Setting(ImageCacheConfiguration configuration, string name)
        => Assert.Single(configuration.Settings, setting => setting.Name == name);

    public void Dispose() => _root.Delete(recursive: true);
}
