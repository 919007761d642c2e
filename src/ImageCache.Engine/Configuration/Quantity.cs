using System.Buffers;
using System.Globalization;

namespace ImageCache.Engine.Configuration;

/// <summary>A number, and the unit written behind it.</summary>
internal readonly ref struct Quantity
{
    private static readonly SearchValues<char> Numerals = SearchValues.Create("0123456789.");

    private Quantity(decimal value, ReadOnlySpan<char> unit)
    {
        Value = value;
        Unit = unit;
    }

    /// <summary>The number; never negative.</summary>
    public decimal Value { get; }

    /// <summary>The unit; empty when there is none.</summary>
    public ReadOnlySpan<char> Unit { get; }

    /// <summary>Splits a text; signs, exponents and thousands separators are not taken.</summary>
    public static bool TryParse(string text, out Quantity quantity)
    {
        ReadOnlySpan<char> trimmed = text.AsSpan().Trim();
        int length = trimmed.IndexOfAnyExcept(Numerals);
        length = length < 0 ? trimmed.Length : length;
        bool isNumber = decimal.TryParse(trimmed[..length], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out decimal value);
        quantity = new Quantity(value, trimmed[length..].TrimStart());
        return isNumber;
    }

    /// <summary>The number times a unit's worth, cut to a whole; false when it does not fit.</summary>
    public bool TryScale(long worth, out long scaled)
    {
        bool fits = Value <= (decimal)long.MaxValue / worth;
        scaled = fits ? (long)(Value * worth) : 0;
        return fits;
    }
}
