using System.CommandLine;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache find</c>.</summary>
internal sealed class FindVerb : Verb
{
    private readonly Option<string?> _name = OptionKinds.Text("--name", "PATTERN", "A name, or a pattern with *, ? and [a-z]; case does not matter.");
    private readonly Option<string[]> _tags = OptionKinds.Texts("--tag", "TAG", "A tag that must be there; may be repeated.");
    private readonly Option<string?> _owner = OptionKinds.Text("--owner", "PROJECT", "The id of the project that owns the image.");
    private readonly Option<string?> _visibility = OptionKinds.Text("--visibility", "VISIBILITY", "public, community, shared, private or all.");
    private readonly Option<string?> _status = OptionKinds.Text("--status", "STATUS", "Glance's status, such as active.");
    private readonly Option<string[]> _properties = OptionKinds.Texts("--property", "KEY=VALUE", "A property that must have this value; may be repeated.");

    public FindVerb(GlobalOptions globals)
        : base("find", "Search Glance for images.", globals)
    {
        foreach (Option option in new Option[] { _name, _tags, _owner, _visibility, _status, _properties })
        {
            Options.Add(option);
        }

        OptionKinds.CheckVisibility(_visibility);
        OptionKinds.Check(_properties, static value => value.IndexOf('=', StringComparison.Ordinal) > 0, "KEY=VALUE");
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        FindRequest request = Request(invocation.Parsed);
        using IResultWriter<ImageDescriptor> writer = invocation.Writer(ImageDescriptorView.Table);
        await foreach (ImageDescriptor image in invocation.Engine.FindAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false))
        {
            if (!writer.Write(image))
            {
                break;
            }
        }

        if (writer.Count == 0 && invocation.IsForPeople)
        {
            invocation.Reporter.Note("No image matches.");
        }
    }

    private FindRequest Request(ParseResult parsed) => new()
    {
        Name = parsed.GetValue(_name),
        Tags = parsed.GetValue(_tags) ?? [],
        Owner = parsed.GetValue(_owner),
        Visibility = parsed.GetValue(_visibility),
        Status = parsed.GetValue(_status),
        Properties = Pairs(parsed.GetValue(_properties) ?? []),
    };

    private static Dictionary<string, string> Pairs(IEnumerable<string> properties)
    {
        Dictionary<string, string> pairs = new(StringComparer.Ordinal);
        foreach (string property in properties)
        {
            int equals = property.IndexOf('=', StringComparison.Ordinal);
            pairs[property[..equals]] = property[(equals + 1)..];
        }

        return pairs;
    }
}
