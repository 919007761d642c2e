using System.Collections;
using System.Globalization;
using System.Management.Automation;

namespace ImageCache.Module.Binding;

/// <summary>
/// Turns what a user gives for an image into its id or name. Without it PowerShell would turn any object into text, and
/// <c>@{Nope=1}</c> would be looked for as an image.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ImageIdTransformationAttribute : ArgumentTransformationAttribute
{
    private static readonly string[] Names = ["ImageId", "Id", "Image"];

    /// <summary>Whether a base image without an id is told by its file's name.</summary>
    public bool AcceptFiles { get; set; }

    /// <summary>The property of an object that is bound to another parameter, and tells the image as well.</summary>
    public string? Otherwise { get; set; }

    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => Bare(inputData) is IEnumerable many and not (string or IDictionary)
            ? many.Cast<object?>().Select(ToImage).ToArray()
            : ToImage(inputData);

    private static object? Bare(object? value) => value is PSObject { BaseObject: not PSCustomObject } wrapped ? wrapped.BaseObject : value;

    private static string? AsText(object? value) => Bare(value) switch
    {
        string text => text,
        Guid id => id.ToString("D"),
        // Given as an argument, a number remembers how it was written.
        ValueType number and (int or long or double or decimal) when value is PSObject written => written.ToString() ?? Invariant(number),
        ValueType number and (int or long or double or decimal) => Invariant(number),
        _ => null,
    };

    private static string Invariant(object number) => Convert.ToString(number, CultureInfo.InvariantCulture)!;

    private string? ToImage(object? value)
    {
        if (value is null || AsText(value) is not null)
        {
            return AsText(value);
        }

        object? identity = Names.Select(name => Member(value, name)).FirstOrDefault(static found => found is not null);
        return AsText(identity)
            ?? (AcceptFiles && Bare(value) is BaseImage { Path: var path } ? Path.GetFileName(path) : null)
            ?? throw Refusal(value);
    }

    // PowerShell tries the other parameters after a failed cast, and after no other failure.
    private ArgumentTransformationMetadataException Refusal(object value) => new(
        $"An object of type {PSObject.AsPSObject(value).BaseObject.GetType().Name} with neither Id, Image nor ImageId does not tell which image is meant.",
        Otherwise is not null && Member(value, Otherwise) is not null ? new PSInvalidCastException() : null);

    private static object? Member(object value, string name) => Bare(value) is IDictionary dictionary
        ? dictionary.Contains(name) ? dictionary[name] : null
        : PSObject.AsPSObject(value).Properties[name]?.Value;
}
