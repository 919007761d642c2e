using System.Globalization;
using System.Management.Automation;

namespace ImageCache.Module.Binding;

/// <summary>
/// Keeps PowerShell's own numbers as numbers: <c>50MB</c> is 52428800 there, however it reaches the parameter. As text it would
/// be read with the units of the configuration. Text such as <c>50MiB</c> passes as it is.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class ByteRateTransformationAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object? Transform(EngineIntrinsics engineIntrinsics, object? inputData)
        => (inputData is PSObject wrapped ? wrapped.BaseObject : inputData) is (int or long or uint or ulong or double or decimal) and IConvertible number
            ? Math.Truncate(number.ToDecimal(CultureInfo.InvariantCulture)).ToString(CultureInfo.InvariantCulture)
            : inputData;
}
