using System.Collections;
using System.Management.Automation;
using ImageCache.Engine.Requests;
using ImageCache.Module.Binding;

namespace ImageCache.Module.Commands;

/// <summary>Judges signatures: of images, cached or not, or of a file.</summary>
[Cmdlet(VerbsDiagnostic.Test, "ImageSignature", DefaultParameterSetName = OfImage)]
[OutputType(typeof(SignatureResult), typeof(bool))]
public sealed class TestImageSignatureCommand : ImageCacheCmdlet
{
    private const string OfImage = "Image";
    private const string OfFile = "File";
    private const string OfFileByImage = "FileByImage";

    /// <summary>Makes the cmdlet.</summary>
    public TestImageSignatureCommand()
        : base("Judging the signature of")
    {
    }

    /// <summary>Ids, unique names, or names of files in the cache.</summary>
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OfImage, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Parameter(Mandatory = true, Position = 0, ParameterSetName = OfFileByImage, ValueFromPipeline = true, ValueFromPipelineByPropertyName = true)]
    [Alias("Id", "Image")]
    [ValidateNotNullOrEmpty]
    [ImageIdTransformation(AcceptFiles = true)]
    [ArgumentCompleter(typeof(ImageIdCompleter))]
    public string[]? ImageId { get; set; }

    /// <summary>A file that holds an image's data as they were signed.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfFile)]
    [Parameter(Mandatory = true, ParameterSetName = OfFileByImage)]
    [ValidateNotNullOrEmpty]
    public string? Path { get; set; }

    /// <summary>The image's properties: the four <c>img_signature*</c>; others are passed over.</summary>
    [Parameter(Mandatory = true, ParameterSetName = OfFile)]
    [ValidateNotNull]
    public Hashtable? Property { get; set; }

    /// <summary>Ids of the certificates that signers must lead to: every intermediate and the root.</summary>
    [Parameter]
    [ValidateNotNullOrEmpty]
    public string[]? TrustedCertificate { get; set; }

    /// <summary>Give a bool only: whether the signature is valid.</summary>
    [Parameter]
    public SwitchParameter Quiet { get; set; }

    private protected override IReadOnlyDictionary<string, string> Settings => SignatureSettings.Of(TrustedCertificate);

    private protected override void ResolvePaths() => Path = FileSystemPath(Path);

    /// <inheritdoc/>
    protected override void ProcessRecord()
    {
        if (ParameterSetName == OfFile)
        {
            Test(new SignatureRequest { Properties = PropertyTable.Read(Property) });
            return;
        }

        Array.ForEach(ImageId!, image => Test(new SignatureRequest { Image = image }));
    }

    private void Test(SignatureRequest request)
        => RunItem(request.Image ?? Path!, async (monitor, cancellationToken) =>
        {
            SignatureResult result = await Engine
                .TestSignatureAsync(request with { Path = Path }, monitor, cancellationToken)
                .ConfigureAwait(false);
            await Writer.WriteObjectAsync(Quiet ? result.Status == SignatureStatus.Valid : result).ConfigureAwait(false);
        });
}
