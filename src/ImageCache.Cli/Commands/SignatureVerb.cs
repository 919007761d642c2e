using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache signature</c>.</summary>
internal sealed class SignatureVerb : Verb
{
    private readonly Argument<string[]> _images = OptionKinds.Images("An image's id, its unique name, or the name of its file in the cache.", ArgumentArity.ZeroOrMore);
    private readonly Option<string[]> _trustedCertificates = OptionKinds.TrustedCertificates();
    private readonly Option<string?> _path = OptionKinds.Text("--path", "FILE", "Judge this file, by --property or by the image's properties.");
    private readonly Option<string[]> _properties = OptionKinds.Texts("--property", "KEY=VALUE", "One of the img_signature properties, for --path.");

    public SignatureVerb(GlobalOptions globals)
        : base("signature", "Judge signatures of images, cached or not, or of a file.", globals)
    {
        Arguments.Add(_images);
        Options.Add(_trustedCertificates);
        Options.Add(_path);
        Options.Add(_properties);
        Validators.Add(ValidateSubject);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        using IResultWriter<SignatureResult> writer = invocation.Writer(SignatureResultView.Table);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            foreach (SignatureRequest request in Requests(invocation.Parsed))
            {
                await TestAsync(request, invocation, writer, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    protected override IReadOnlyDictionary<string, string> Settings(ParseResult parsed)
        => OptionKinds.TrustedCertificateSetting(parsed.GetValue(_trustedCertificates));

    private static async Task TestAsync(
        SignatureRequest request, Invocation invocation, IResultWriter<SignatureResult> writer, CancellationToken cancellationToken)
    {
        try
        {
            SignatureResult result = await invocation.Engine.TestSignatureAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false);
            writer.Write(result);
            invocation.Judge(result.Status == SignatureStatus.Valid ? ExitCodes.Done : ExitCodes.Refused);
        }
        catch (ImageCacheException e)
        {
            invocation.Fail(e, request.Subject);
        }
    }

    private IEnumerable<SignatureRequest> Requests(ParseResult parsed)
    {
        string[] images = parsed.GetValue(_images) ?? [];
        string? path = parsed.GetValue(_path) is { } file ? Path.GetFullPath(file) : null;
        if (images.Length == 0)
        {
            Dictionary<string, string> properties = new(StringComparer.Ordinal);
            foreach (string[] sides in (parsed.GetValue(_properties) ?? []).Select(static text => text.Split('=', 2)))
            {
                properties[sides[0]] = sides[1];
            }

            return [new SignatureRequest { Path = path, Properties = properties }];
        }

        return images.Select(image => new SignatureRequest { Image = image, Path = path });
    }

    private void ValidateSubject(CommandResult result)
    {
        int images = result.GetResult(_images)?.Tokens.Count ?? 0;
        string[] properties = [.. result.GetResult(_properties)?.Tokens.Select(static token => token.Value) ?? []];
        if (result.GetResult(_path) is null)
        {
            AddErrorIf(images == 0, "signature needs an image, or --path.");
            AddErrorIf(properties.Length > 0, "--property belongs to --path.");
        }
        else
        {
            AddErrorIf(images > 1, "--path is judged by the properties of one image.");
            AddErrorIf(images == 0 == (properties.Length == 0), "--path needs either an image or the properties of its signature with --property.");
        }

        AddErrorIf(properties.Any(static text => text.IndexOf('=', StringComparison.Ordinal) < 1), "--property takes KEY=VALUE.");

        void AddErrorIf(bool isWrong, string message)
        {
            if (isWrong)
            {
                result.AddError(message);
            }
        }
    }
}
