using System.CommandLine;
using System.CommandLine.Parsing;
using ImageCache.Cli.Output;
using ImageCache.Cli.Views;
using ImageCache.Engine.Requests;

namespace ImageCache.Cli.Commands;

/// <summary><c>imagecache disk create</c>.</summary>
internal sealed class DiskCreateVerb : Verb
{
    private readonly Argument<string> _image = new("IMAGE") { Description = "An image's id, its unique name, or the file's name." };
    private readonly Option<string?> _path = OptionKinds.Text("--path", "FILE", "The disk to make.");
    private readonly Option<string?> _instance = OptionKinds.Text("--instance-id", "UUID", "Make the disk of this instance, where nova has it.");
    private readonly Option<long?> _size = new("--size")
    {
        HelpName = "BYTES",
        Description = "The disk's size, such as 20GiB; without it, or with 0, the image's.",
        CustomParser = ParseSize,
    };

    private readonly Option<string?> _flavor = OptionKinds.Text("--flavor", "NAME", "Take the size from a flavor; the compute service is asked.");
    private readonly Option<InstanceDiskFormat> _format = new("--format")
    {
        HelpName = "qcow2|raw",
        Description = "An overlay on the base image (the default), or a copy.",
        CustomParser = ParseFormat,
    };

    private readonly Option<bool> _target = OptionKinds.Flag("--target", "Put a target of this size in between, which later disks share.");
    private readonly Option<bool> _requireSignature = OptionKinds.Flag("--require-signature", "Refuse what has no valid signature.");
    private readonly Option<bool> _createDirectory = OptionKinds.Flag("--create-directory", "Make the disk's directory when it is missing.");
    private readonly Option<bool> _force = OptionKinds.Flag("--force", "Replace a file that is there and not in use.");
    private readonly Option<bool> _whatIf = OptionKinds.Flag("--what-if", "Only check, and tell what would be made.");

    public DiskCreateVerb(GlobalOptions globals)
        : base("create", "Make an instance's disk on a cached image, without asking a service.", globals)
    {
        Arguments.Add(_image);
        foreach (Option option in new Option[] { _path, _instance, _size, _flavor, _format, _target, _requireSignature, _createDirectory, _force, _whatIf })
        {
            Options.Add(option);
        }

        Validators.Add(Validate);
    }

    protected override async Task RunAsync(Invocation invocation, CancellationToken cancellationToken)
    {
        DiskRequest request = Request(invocation.Parsed);
        using IResultWriter<InstanceDisk> writer = invocation.Writer(InstanceDiskView.Table);
        ConsoleProgress progress = ConsoleProgress.Start(invocation.Monitor, invocation.Reporter, invocation.IsForPeople);
        await using (progress.ConfigureAwait(false))
        {
            try
            {
                DiskPlan plan = await invocation.Engine.PlanDiskAsync(request, invocation.Monitor, cancellationToken).ConfigureAwait(false);
                if (invocation.Parsed.GetValue(_whatIf))
                {
                    invocation.Reporter.Note($"'{plan.Path}' would be {(plan.Replaces ? "replaced" : "made")} on '{plan.Image.Path}' (--what-if).");
                    return;
                }

                writer.Write(await invocation.Engine.CreateDiskAsync(plan, invocation.Monitor, cancellationToken).ConfigureAwait(false));
            }
            catch (ImageCacheException e)
            {
                invocation.Fail(e, request.Image);
            }
        }
    }

    private DiskRequest Request(ParseResult parsed) => new()
    {
        Image = parsed.GetValue(_image)!,
        Path = parsed.GetValue(_path),
        InstanceId = parsed.GetValue(_instance),
        Size = parsed.GetValue(_size),
        Flavor = parsed.GetValue(_flavor),
        Format = parsed.GetValue(_format),
        UseTarget = parsed.GetValue(_target),
        RequireSignature = parsed.GetValue(_requireSignature),
        CreateDirectory = parsed.GetValue(_createDirectory),
        Force = parsed.GetValue(_force),
    };

    private void Validate(CommandResult result)
    {
        bool hasPath = result.GetResult(_path) is { Implicit: false };
        if (hasPath == result.GetResult(_instance) is { Implicit: false })
        {
            result.AddError(hasPath ? "disk create takes --path or --instance-id, not both." : "disk create needs --path, or --instance-id.");
        }

        if (result.GetResult(_size) is { Implicit: false } && result.GetResult(_flavor) is { Implicit: false })
        {
            result.AddError("disk create takes --size or --flavor, not both.");
        }
    }

    private static long? ParseSize(ArgumentResult result)
    {
        string text = result.Tokens[0].Value;
        long? size = DiskRequest.ParseSize(text);
        if (size is null)
        {
            result.AddError($"--size takes bytes or a number with a unit such as 20GiB, not '{text}'.");
        }

        return size;
    }

    private static InstanceDiskFormat ParseFormat(ArgumentResult result)
    {
        string word = result.Tokens[0].Value;
        switch (word)
        {
            case "qcow2":
                return InstanceDiskFormat.Qcow2;
            case "raw":
                return InstanceDiskFormat.Raw;
            default:
                result.AddError($"--format takes qcow2 or raw, not '{word}'.");
                return default;
        }
    }
}
