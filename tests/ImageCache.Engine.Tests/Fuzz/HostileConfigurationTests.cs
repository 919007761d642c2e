using FsCheck;
using FsCheck.Fluent;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Clouds;
using Xunit;

namespace ImageCache.Engine.Tests.Fuzz;

/// <summary>Configuration files that were made to hurt: used, or refused with an error that says where; no bombs, and no secrets in what is said.</summary>
public sealed class HostileConfigurationTests : IDisposable
{
    private const string Planted = "planted-p4ssw0rd";

    private const string Clouds = $$"""
        clouds:
          one: &one
            auth: {auth_url: "https://one.example/identity", username: me, password: {{Planted}}, project_name: p}
            region_name: R
            verify: true
            image_endpoint_override: http://127.0.0.1:9292
          two:
            <<: *one
            auth_type: v3applicationcredential
            regions:
              - name: S
                values: {cacert: /x}
        """;

    private const string Settings = """
        # what we want
        cache_path: /var/lib/nova/instances/_base
        rate_limit: 50MiB
        retries: 3
        connect_timeout: 5
        allowed_formats: [raw, qcow2]
        vmdk_allowed_types:
          - monolithicSparse
        """;

    private const string Nova = """
        [DEFAULT]
        state_path = /var/lib/nova
        instances_path = $state_path/instances
        force_raw_images = true
        [image_cache]
        subdirectory_name = _base
        [glance]
        enable_rbd_download = true
        rbd_user = glance
        allowed_direct_url_schemes = rbd,
           file
        """;

    private readonly TestDirectory _directory = new();

    public void Dispose() => _directory.Dispose();

    [Fact]
    public void CloudsAreChosenOrRefusedWithoutTellingTheirSecrets()
        => Check(HostileText.Yaml, Clouds, text =>
        {
            File.WriteAllBytes(_directory["clouds.yaml"], text);
            EngineOptions options = new() { Environment = new Dictionary<string, string>(), WorkingDirectory = _directory.FullPath };
            CloudsYaml clouds = new(options, new CloudFiles(options) { Directories = [_directory.FullPath] });
            foreach (string? name in new[] { null, "one", "two" })
            {
                Refuses(() => Assert.DoesNotContain(Planted, clouds.Choose(name).ToString(), StringComparison.Ordinal));
            }
        });

    [Fact]
    public void SettingsAreTakenOrRefusedWithTheirPlace()
        => Check(HostileText.Yaml, Settings, text =>
        {
            File.WriteAllBytes(_directory["imagecache.yaml"], text);
            Refuses(() => Load("imagecache.yaml", "none"));
        });

    [Fact]
    public void NovaConfIsTakenOrRefusedWithItsPlace()
        => Check(HostileText.Ini, Nova, text =>
        {
            File.WriteAllBytes(_directory["nova.conf"], text);
            File.WriteAllText(_directory["imagecache.yaml"], string.Empty);
            Refuses(() => Load("imagecache.yaml", _directory["nova.conf"]));
        });

    private static void Refuses(Action read)
    {
        try
        {
            read();
        }
        catch (InvalidInputException refusal)
        {
            Assert.True(refusal.ErrorId is ErrorIds.ConfigurationInvalid or ErrorIds.CloudNotConfigured, refusal.ErrorId);
            Assert.DoesNotContain(Planted, refusal.ToString(), StringComparison.Ordinal);
            Assert.DoesNotContain(refusal.Message, char.IsControl);
        }
    }

    private void Load(string file, string novaConf)
        => Assert.NotNull(ConfigurationLoader.Load(
            new EngineOptions
            {
                Environment = new Dictionary<string, string>(),
                WorkingDirectory = _directory.FullPath,
                ConfigurationPath = _directory[file],
                Settings = new Dictionary<string, string> { ["nova_conf"] = novaConf },
            },
            new ConfigurationLocations { SystemFile = "/nowhere", NovaConf = [] }).CachePath);

    private static void Check(IReadOnlyList<byte[]> tokens, string sound, Action<byte[]> read)
        => Prop.ForAll(HostileText.Like(tokens, sound), hostile =>
        {
            byte[] text = hostile.Make();
            long before = GC.GetAllocatedBytesForCurrentThread();
            read(text);
            long allocated = GC.GetAllocatedBytesForCurrentThread() - before;
            Assert.True(allocated < (16 << 20) + (600L * text.Length), $"{allocated} bytes for {text.Length}");
        }).Check(FuzzRuns.Config(700));
}
