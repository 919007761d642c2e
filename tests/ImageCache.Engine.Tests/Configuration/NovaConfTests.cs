using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

public sealed class NovaConfTests : IDisposable
{
    private readonly ConfigurationSandbox _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("", "/var/lib/nova/instances/_base")]
    [InlineData("state_path = /srv", "/srv/instances/_base")]
    [InlineData("instances_path = $state_path/i", "/var/lib/nova/i/_base")]
    [InlineData("state_path=/a\ninstances_path=${state_path}x", "/ax/_base")]
    [InlineData("instances_path = /i\nimage_cache_subdirectory_name = old", "/i/old")]
    [InlineData("instances_path = /i\nimage_cache_subdirectory_name = old\n[image_cache]\nsubdirectory_name = new", "/i/new")]
    [InlineData("my_ip = 192.0.2.7\ninstances_path = /i\n[image_cache]\nsubdirectory_name = _base_$my_ip", "/i/_base_192.0.2.7")]
    [InlineData("instances_path = /first\ninstances_path = /last", "/last/_base")]
    [InlineData("instances_path = \"/quoted\"", "/quoted/_base")]
    [InlineData("instances_path: /colon", "/colon/_base")]
    [InlineData("instances_path = /with#hash", "/with#hash/_base")]
    [InlineData("instances_path = /a$$b", "/a$b/_base")]
    [InlineData("instances_path = /a\\$b", "/a$b/_base")]
    [InlineData("instances_path = /a$/$1", "/a$/$1/_base")]
    [InlineData("[libvirt]\nimages = /l\n[DEFAULT]\ninstances_path = $libvirt.images/i", "/l/i/_base")]
    [InlineData("[IMAGE_CACHE]\nsubdirectory_name = case", "/var/lib/nova/instances/case")]
    public void TheCacheIsWhereNovaHasIt(string lines, string expected)
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n" + lines + "\n");

        Assert.Equal(expected, _machine.Load().CachePath);
    }

    [Fact]
    public void TheOriginOfTheCacheNamesBothOptions()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n\ninstances_path = /i\n[image_cache]\nsubdirectory_name = b\n");

        Assert.Equal(
            $"{_machine.Nova}:3 [DEFAULT] instances_path, {_machine.Nova}:5 [image_cache] subdirectory_name",
            ConfigurationSandbox.Setting(_machine.Load(), "cache_path").Origin);
    }

    [Fact]
    public void NovasOptionsBecomeSettings()
    {
        _machine.Write(_machine.Nova, """
            [DEFAULT]
            force_raw_images = False
            template_image_handler = rbd_export
            [glance]
            verify_glance_signatures = 1
            [compute]
            vmdk_allowed_types = streamOptimized,
              monolithicFlat
            [libvirt]
            images_cpu_time_limit = 45
            images_address_space_limit = 3
            """);

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.False(configuration.ForceRawImages);
        Assert.Equal(FetchMethod.RbdExport, configuration.Method);
        Assert.Equal(SignaturePolicy.Require, configuration.Signature);
        Assert.Equal(["streamOptimized", "monolithicFlat"], configuration.VmdkAllowedTypes);
        Assert.Equal(TimeSpan.FromSeconds(45), configuration.QemuImgCpuTime);
        Assert.Equal(3L << 30, configuration.QemuImgAddressSpace);
    }

    [Theory]
    [InlineData("[DEFAULT]", "download", FetchMethod.Download)]
    [InlineData("[DEFAULT]", "rbd_export", FetchMethod.RbdExport)]
    [InlineData("[DEFAULT]", "volume_link", FetchMethod.VolumeLink)]
    [InlineData("[DEFAULT]", "auto", FetchMethod.Auto)]
    [InlineData("[DEFAULT]", "RbdExport", FetchMethod.RbdExport)]
    [InlineData("[libvirt]", "volume-link", FetchMethod.VolumeLink)]
    [InlineData("[glance]", "VOLUMELINK", FetchMethod.VolumeLink)]
    public void TemplateImageHandlerChoosesTheMethod(string section, string word, FetchMethod expected)
    {
        _machine.Write(_machine.Nova, $"{section}\ntemplate_image_handler = {word}\n");

        ImageCacheConfiguration configuration = _machine.Load();

        Assert.Equal(expected, configuration.Method);
        EffectiveSetting setting = ConfigurationSandbox.Setting(configuration, "method");
        Assert.Equal(SettingSource.NovaConf, setting.Source);
        Assert.StartsWith($"{_machine.Nova}:2 ", setting.Origin, StringComparison.Ordinal);
    }

    [Fact]
    public void OurMethodWinsOverTemplateImageHandler()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\ntemplate_image_handler = download\n");
        _machine.Write(_machine.SystemYaml, "method: volume_link\n");

        Assert.Equal(FetchMethod.VolumeLink, _machine.Load().Method);
    }

    [Fact]
    public void AHandlerThatNobodyHasIsAnErrorWithFileAndLine()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\ntemplate_image_handler = carrier_pigeon\n");

        string message = _machine.LoadFails().Message;

        Assert.StartsWith($"{_machine.Nova}:2 ", message, StringComparison.Ordinal);
        Assert.Contains("carrier_pigeon", message, StringComparison.Ordinal);
        Assert.Contains("VolumeLink", message, StringComparison.Ordinal);
    }

    [Fact]
    public void AnEmptyListOfVmdkTypesAllowsNone()
    {
        _machine.Write(_machine.Nova, "[compute]\nvmdk_allowed_types =\n");

        Assert.Empty(_machine.Load().VmdkAllowedTypes);
    }

    [Theory]
    [InlineData("force_raw_images = perhaps", ":2 [DEFAULT] force_raw_images cannot be 'perhaps': true or false is expected.")]
    [InlineData("[libvirt]\nimages_cpu_time_limit = 0", ":3 [libvirt] images_cpu_time_limit cannot be '0': a whole number of seconds is expected.")]
    [InlineData("instances_path = relative", ":2 [DEFAULT] instances_path cannot be 'relative/_base': an absolute path is expected.")]
    [InlineData("instances_path =", ":2 [DEFAULT] instances_path cannot be '_base': an absolute path is expected.")]
    [InlineData("instances_path = $nothing/x", ":2 [DEFAULT] instances_path: '$nothing' refers to an option whose value only nova knows.")]
    [InlineData("no assignment", ":2: 'key = value' is expected.")]
    [InlineData("= value", ":2: there is no key before the value.")]
    [InlineData("\n  indented", ":3: an indented line continues nothing.")]
    [InlineData("[unclosed", ":2: a section is written [name].")]
    [InlineData("[]", ":2: a section is written [name].")]
    public void AnErrorNamesFileLineAndOption(string lines, string message)
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n" + lines + "\n");

        Assert.Equal(_machine.Nova + message, _machine.LoadFails().Message);
    }

    [Fact]
    public void AKeyAboveAllSectionsIsAnError()
    {
        _machine.Write(_machine.Nova, "state_path = /x\n");

        Assert.Equal($"{_machine.Nova}:1: there is no section above.", _machine.LoadFails().Message);
    }

    [Fact]
    public void ABadOptionDoesNoHarmWhereOurOwnSettingReplacesIt()
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\ninstances_path = $nothing\n");

        Assert.Equal("/srv", _machine.Load(_machine.Options with { CachePath = "/srv" }).CachePath);
    }

    [Theory]
    [InlineData("instances_path = $instances_path")]
    [InlineData("instances_path = $state_path\nstate_path = $instances_path")]
    public void ReferencesInACircleAreAnError(string lines)
    {
        _machine.Write(_machine.Nova, "[DEFAULT]\n" + lines + "\n");

        Assert.EndsWith(": its references lead round in a circle.", _machine.LoadFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void ReferencesThatDoubleAtEachStepAreGivenUp()
    {
        IEnumerable<string> lines = Enumerable.Range(0, 15).Select(static i => $"a{i} = $a{i + 1}$a{i + 1}$a{i + 1}$a{i + 1}");
        _machine.Write(_machine.Nova, $"[DEFAULT]\ninstances_path = /$a0\n{string.Join('\n', lines)}\na15 = 0123456789\n");

        Assert.Contains("longer than", _machine.LoadFails().Message, StringComparison.Ordinal);
    }

    [Fact]
    public void BinaryDataIsNoNovaConf()
    {
        byte[] bytes = new byte[100_000];
        new Random(7).NextBytes(bytes);
        Directory.CreateDirectory(Path.GetDirectoryName(_machine.Nova)!);
        File.WriteAllBytes(_machine.Nova, bytes);

        Assert.StartsWith(_machine.Nova, _machine.LoadFails().Message, StringComparison.Ordinal);
    }
}
