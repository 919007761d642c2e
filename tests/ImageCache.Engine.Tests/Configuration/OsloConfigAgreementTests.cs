using System.Diagnostics;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Configuration;

/// <summary>oslo.config itself (Debian's python3-oslo.config) and our reader see the same values.</summary>
public sealed class OsloConfigAgreementTests : IDisposable
{
    private const string Script = """
        import sys
        from oslo_config import cfg
        conf = cfg.ConfigOpts()
        conf.register_opts([cfg.StrOpt('state_path', default='/var/lib/nova'), cfg.StrOpt('my_ip'),
                            cfg.StrOpt('instances_path', default='$state_path/instances')])
        conf.register_opts([cfg.StrOpt('subdirectory_name', default='_base', deprecated_group='DEFAULT',
                                       deprecated_name='image_cache_subdirectory_name')], group='image_cache')
        conf(args=sum((['--config-file', f] for f in sys.argv[1:]), []), project='nova', default_config_files=[], default_config_dirs=[])
        print(conf.instances_path + '\0' + conf.image_cache.subdirectory_name, end='')
        """;

    private readonly ConfigurationSandbox _machine = new();

    public void Dispose() => _machine.Dispose();

    [Theory]
    [InlineData("[DEFAULT]\n", "")]
    [InlineData("[DEFAULT]\ninstances_path=/a\n  b\n\tc\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = ' /a '\n# comment\n; comment\nstate_path=/x # no comment\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = \"/a' \n", "")]
    [InlineData("[DEFAULT]\ninstances_path = \"\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = /a=b:c\n", "")]
    [InlineData("[DEFAULT]\ninstances_path : /a=b\r\n\r\nstate_path=/q\r\n", "")]
    [InlineData("[DEFAULT]\nstate_path = /a\n[DEFAULT]\nstate_path = /b\n", "")]
    [InlineData("[DEFAULT]\nstate_path = /a\n", "[DEFAULT]\nstate_path = /b\n")]
    [InlineData("[DEFAULT]\nimage_cache_subdirectory_name = a\n", "[image_cache]\nsubdirectory_name = b\n")]
    [InlineData("[image_cache]\nsubdirectory_name = b\n", "[DEFAULT]\nimage_cache_subdirectory_name = a\n")]
    [InlineData("[DEFAULT]\nimage_cache_subdirectory_name = a\n[image_cache]\nsubdirectory_name = b\n", "")]
    [InlineData("[Image_Cache]\nsubdirectory_name = b\n", "")]
    [InlineData("[default]\nstate_path = /lower\n", "")]
    [InlineData("[DEFAULT]\nState_Path = /upper\n", "")]
    [InlineData("[DEFAULT]\nmy_ip=192.0.2.1\n[image_cache]\nsubdirectory_name = _base_$my_ip\n", "")]
    [InlineData("[DEFAULT]\nmy_ip=192.0.2.1\n[image_cache]\nsubdirectory_name = _base_${my_ip}_x\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = $image_cache.subdirectory_name/x\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = ${image_cache.subdirectory_name}/x\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = /a$$b\\$c$ d$1e${f\n", "")]
    [InlineData("[DEFAULT]\ninstances_path = /$$state_path$state_path\n", "")]
    [InlineData("[other]\nx = y\n\n\n[DEFAULT]\n\n\nstate_path =\n", "")]
    [InlineData("[DEFAULT]\nstate_path = /a\n   \n[x]\n", "")]
    [InlineData("[DEFAULT]\nstate_path = /ä€\n", "")]
    public void BothReadTheSame(string first, string second)
    {
        string[] files = [_machine.Write(_machine.Nova, first), _machine.Write(_machine.NovaCompute, second)];
        string expected = Oslo(files);

        NovaConf nova = NovaConf.Parse(files.Select(static path => (path, File.ReadAllText(path))));

        Assert.Equal(expected, nova.Value(NovaOptions.InstancesPath) + "\0" + nova.Value(NovaOptions.SubdirectoryName));
    }

    private static string Oslo(string[] files)
    {
        const string Python = "/usr/bin/python3";
        Assert.SkipUnless(File.Exists(Python), "there is no python3");
        using Process process = Process.Start(new ProcessStartInfo(Python, ["-c", Script, .. files])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        Task<string> errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        string output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        string error = errors.GetAwaiter().GetResult();
        Assert.SkipWhen(error.Contains("ModuleNotFoundError", StringComparison.Ordinal), "there is no python3-oslo.config");
        Assert.True(process.ExitCode == 0, error);
        return output;
    }
}
