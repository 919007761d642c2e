using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache critical list</c>.</summary>
internal sealed class CriticalListVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("The id or name of a critical image; all without one.", ArgumentArity.ZeroOrMore);

    public CriticalListVerb(GlobalOptions globals)
        : base("list", "Tell which images are critical, and how it stands with them; no service is asked.", globals)
        => Arguments.Add(_images);

    protected override Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        string[] images = invocation.Parsed.GetValue(_images) ?? [];
        using IResultWriter<CriticalImage> writer = invocation.Writer(CriticalImageView.Table);
        foreach (string? image in images.Length == 0 ? [null!] : images)
        {
            try
            {
                foreach (CriticalImage critical in invocation.Engine.ListCritical(image))
                {
                    writer.Write(critical);
                }
            }
            catch (ImageCacheException e)
            {
                invocation.Fail(e, image);
            }
        }

        if (writer.Count == 0 && invocation.IsForPeople && invocation.ExitCode == ExitCodes.Done)
        {
            invocation.Reporter.Note("No image is critical.");
        }

        return Task.CompletedTask;
    }
}
