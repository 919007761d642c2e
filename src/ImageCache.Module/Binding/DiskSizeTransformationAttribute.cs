using System.Collections;
using System.Globalization;
using System.Management.Automation;
using ImageCache.Engine.Requests;

namespace ImageCache.Module.Binding;

/// <summary>
/// Reads sizes of disks: PowerShell's own numbers as bytes (<c>20GB</c> is 21474836480 there), text with the units of the configuration
/// (<c>20GiB</c>).
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class DiskSizeTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => Bare(inputData) is IEnumerable many and not string ? many.Cast<object?>().Select(ToBytes).ToArray() : ToBytes(inputData);

    private static object? Bare(object? value) => value is PSObject wrapped ? wrapped.BaseObject : value;

    private static object? ToBytes(object? value) => Bare(value) switch
    {
        null => null,
        string text => CriticalRequest.ParseSize(text) ?? throw Refusal(text),
        (int or long or uint or ulong or double or decimal) and IConvertible number => Whole(number),
        object other => throw Refusal(other),
    };

    private static long Whole(IConvertible number)
    {
        try
        {
            return Math.Truncate(number.ToDecimal(CultureInfo.InvariantCulture)) is var size and > 0 and <= long.MaxValue ? (long)size : throw Refusal(number);
        }
        catch (OverflowException)
        {
            throw Refusal(number);
        }
    }

    private static ArgumentTransformationMetadataException Refusal(object value)
        => new($"'{value}' is no size of a disk: give bytes, or a number with a unit such as 20GiB.");
}
