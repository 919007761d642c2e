using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache list</c>.</summary>
internal sealed class ListVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id, its unique name, or the file's name.", ArgumentArity.ZeroOrMore);
    private readonly Option<string?> _name = OptionKinds.Text("--name", "PATTERN", "A name, or a pattern with *, ? and [a-z]; case does not matter.");

    public ListVerb(GlobalOptions globals)
        : base("list", "Tell what the cache holds; no service is asked.", globals)
    {
        Arguments.Add(_images);
        Options.Add(_name);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        ListRequest any = new() { Name = invocation.Parsed.GetValue(_name) };
        string[] images = invocation.Parsed.GetValue(_images) ?? [];
        ListRequest[] requests = images.Length == 0 ? [any] : [.. images.Select(image => any with { Image = image })];

        using IResultWriter<BaseImage> writer = invocation.Writer(BaseImageView.Table);
        foreach (ListRequest request in requests)
        {
            if (!await WriteAsync(invocation, request, writer, cancellationToken).ConfigureAwait(false))
            {
                return;
            }
        }

        if (writer.Count == 0 && invocation.IsForPeople && invocation.ExitCode == ExitCodes.Done)
        {
            invocation.Reporter.Note(any.Name is null ? "The cache holds no base image." : "No base image here matches.");
        }
    }

    private static async Task<bool> WriteAsync(
        Invocation invocation, ListRequest request, IResultWriter<BaseImage> writer, CancellationToken cancellationToken)
    {
        try
        {
            await foreach (BaseImage image in invocation.Engine.ListAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false))
            {
                if (!writer.Write(image))
                {
                    return false;
                }
            }
        }
        catch (ImageCacheException e)
        {
            invocation.Fail(e, request.Image);
        }

        return true;
    }
}
