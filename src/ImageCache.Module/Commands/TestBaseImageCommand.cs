using System.Management.Automation;
using ImageCache.Engine;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Reads cached files again, and compares them with their digests; repairs what is damaged, on request.</summary>
[Cmdlet(VerbsDiagnostic.Test, "BaseImage", SupportsShouldProcess = true)]
[OutputType(typeof(IntegrityResult), typeof(bool))]
public sealed class TestBaseImageCommand : ImageCacheCmdlet
{
    private bool _isGood = true;

    /// <summary>Makes the cmdlet.</summary>
    public TestBaseImageCommand()
        : base("Verifying")
    {
    }

    /// <summary>Ids, unique names, or names of files in the cache; without it, the whole cache.</summary>
    [Parameter(Position = 0, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(AcceptFiles = true)]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>Bytes a second to read, a number or with a unit.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    [ByteRateTransformation]
    public string? RateLimit { get; set; }

    /// <summary>Leave out what was proved less than so long ago.</summary>
    [Parameter]
    public TimeSpan OlderThan { get; set; }

    /// <summary>Set aside what is damaged, and fetch it again; what disks use is left alone.</summary>
    [Parameter]
    public SwitchParameter Repair { get; set; }

    /// <summary>Ask Glance about files without a record; else no service is asked.</summary>
    [Parameter]
    public SwitchParameter Online { get; set; }

    /// <summary>Tell only whether all is well.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings
        => RateLimit is null ? base.Settings : new Dictionary<string, string> { ["verify_rate_limit"] = RateLimit };

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        VerifyRequest any = new()
        {
            OlderThan = MyInvocation.BoundParameters.ContainsKey(nameof(OlderThan)) ? OlderThan : null,
            AskGlance = Online,
        };
        if (ImageId is null)
        {
            // The pipeline may have had nothing for us.
            if (!MyInvocation.ExpectingInput)
            {
                Verify(any);
            }

            return;
        }

        foreach (string item in ImageId)
        {
            Verify(any with { Image = item });
        }
    }

    /// <inheritdoc/>
    protected override void EndProcessing()
    {
        if (Quiet)
        {
            WriteObject(_isGood);
        }
    }

    private void Verify(VerifyRequest request)
    {
        List<IntegrityResult> broken = [];
        bool isDone = false;
        RunItem(request.Image ?? CacheInForce, async (monitor, cancellationToken) =>
        {
            await foreach (IntegrityResult result in Engine.VerifyAsync(request, monitor, cancellationToken).ConfigureAwait(false))
            {
                if (Repair && ImageCacheEngine.IsBroken(result))
                {
                    broken.Add(result);
                }
                else
                {
                    await ShowAsync(result, request).ConfigureAwait(false);
                }
            }

            isDone = true;
        });

        _isGood &= isDone;
        broken.ForEach(result => RepairOne(result, request));
    }

    private void RepairOne(IntegrityResult found, VerifyRequest request)
    {
        bool repairs = ShouldProcess(found.Path, found.Status == IntegrityStatus.Missing
            ? $"Fetch missing base image {found.Name ?? found.Id}"
            : $"Set aside and fetch damaged base image {found.Name ?? found.Id}");
        RunItem(found, async (monitor, cancellationToken) => await ShowAsync(
            repairs ? await Engine.RepairAsync(found, monitor, cancellationToken).ConfigureAwait(false) : found, request).ConfigureAwait(false));
    }

    private Task ShowAsync(IntegrityResult result, VerifyRequest request)
    {
        // Of the whole cache, what nobody recorded says nothing; an image that was named must be proved.
        _isGood &= result is { Status: IntegrityStatus.Intact } or { Repaired: true } || (result.Status == IntegrityStatus.Unrecorded && request.Image is null);
        return Quiet ? Task.CompletedTask : Writer.WriteObjectAsync(result);
    }
}
