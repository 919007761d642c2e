using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using System.Text.Json;
using ImageCache.Engine.Handlers;
using ImageCache.Engine.OpenStack;
using ImageCache.Engine.OpenStack.Clouds;
using ImageCache.Engine.OpenStack.Volumes;
using ImageCache.Engine.Configuration;
using Xunit;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>
/// An image of the lab that lies in a Cinder volume, and our connection to that Cinder as the service user that owns it. Both are gone at
/// its end, and the test fails when an attachment is not.
/// </summary>
internal sealed class LabVolume : IAsyncDisposable
{
    private readonly LabCloud _lab;
    private readonly TestDirectory _home = new();
    private readonly Dictionary<string, string> _variables;
    private string _sourceId = string.Empty;

    private LabVolume(LabCloud lab, byte[] data)
    {
        _lab = lab;
        Data = data;
        _variables = new Dictionary<string, string>(lab.Environment)
        {
            ["OS_USERNAME"] = "nova",
            ["OS_PROJECT_NAME"] = "service",
            ["HOME"] = _home.FullPath,
        };
        Cloud = Connect();
    }

    /// <summary>The image's bytes, which are the volume's first.</summary>
    public byte[] Data { get; }

    public CloudConnection Cloud { get; }

    public CinderClient Cinder => Cloud.Cinder;

    public string ImageId { get; private set; } = string.Empty;

    public string VolumeId { get; private set; } = string.Empty;

    public string Home => _home.FullPath;

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    /// <summary>Makes one.</summary>
    /// <param name="lab">The lab; the test is skipped when it is not there.</param>
    /// <param name="type">The volume type: rbd, multi, nfs.</param>
    /// <param name="size">The image's bytes.</param>
    public static async Task<LabVolume> CreateAsync(LabCloud lab, string type, int size)
    {
        lab.RequireStore(type == "nfs" ? "nfs" : "cinder");
        string? tool = Repository.Find("tests/lab/volume-image");
        Assert.SkipWhen(tool is null, "needs tests/lab/volume-image");
        LabVolume volume = new(lab, RandomNumberGenerator.GetBytes(size));
        string source = await lab.UploadAsync(new LabImage { Data = volume.Data, Visibility = "public" });
        volume._sourceId = source;
        try
        {
            ProcessStartInfo start = new(tool!, ["--type", type, "--name", "imagecache-test-" + Guid.NewGuid().ToString("N"), source]) { RedirectStandardOutput = true };
            using Process process = Process.Start(start)!;
            volume.ImageId = (await process.StandardOutput.ReadToEndAsync(Token)).Trim();
            await process.WaitForExitAsync(Token);
            Assert.Equal(0, process.ExitCode);
            volume.VolumeId = await volume.FindVolumeAsync();
            return volume;
        }
        finally
        {
            await lab.DeleteAsync(source);
        }
    }

    /// <summary>A connection of its own.</summary>
    public CloudConnection Connect(Action<Dictionary<string, string>>? change = null)
    {
        Dictionary<string, string> variables = new(_variables);
        change?.Invoke(variables);
        EngineOptions options = new() { Environment = variables, WorkingDirectory = _home.FullPath };
        ImageCacheConfiguration configuration = new() { CachePath = _home["cache"], Retries = 1, TokenCacheTime = TimeSpan.Zero };
        return new CloudConnection(options, configuration, TimeProvider.System) { Files = new CloudFiles(options) { Directories = [_home.FullPath] } };
    }

    public async ValueTask DisposeAsync()
    {
        string[] left = [.. (await Cinder.ListAttachmentsAsync(VolumeId, CancellationToken.None)).Select(static attachment => attachment.Id)];
        foreach (string id in left)
        {
            await Cinder.DeleteAttachmentAsync(id, CancellationToken.None);
        }

        await _lab.DeleteAsync(ImageId);
        if (await Cinder.FindVolumeAsync(VolumeId, CancellationToken.None) is { Status: CinderVolume.Available })
        {
            await Cinder.DeleteVolumeAsync(VolumeId, CancellationToken.None);
        }

        await ForgetCopiesAsync();
        Cloud.Dispose();
        _home.Dispose();
        Assert.Empty(left);
    }

    // Cinder keeps a copy of each image that a volume was made of (its image-volume cache).
    private async Task ForgetCopiesAsync()
    {
        await foreach (CinderVolume copy in Cinder.ListVolumesAsync(CinderVolume.ImageSizeKey, Data.Length.ToString(CultureInfo.InvariantCulture), CancellationToken.None))
        {
            if (copy.Name == "image-" + _sourceId)
            {
                await Cinder.WaitUntilAvailableAsync(copy.Id, CancellationToken.None);
                await Cinder.DeleteVolumeAsync(copy.Id, CancellationToken.None);
            }
        }
    }

    private async Task<string> FindVolumeAsync()
    {
        using HttpResponseMessage answer = await _lab.SendAsync(HttpMethod.Get, "/v2/images/" + ImageId);
        using JsonDocument image = JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Token));
        string url = image.RootElement.GetProperty("locations")[0].GetProperty("url").GetString()!;
        return CinderLocation.TryParse(url, out CinderLocation? location, out string? reason) ? location.VolumeId : throw new FormatException(reason);
    }
}
