using System.Globalization;

namespace ImageCache.Engine.Formats;

/// <summary>Reads the progress that <c>qemu-img -p</c> prints: <c>    (12.34/100%)</c>, each followed by a carriage return.</summary>
internal sealed class QemuProgressReader(Action<double> onPercent)
{
    private readonly char[] _number = new char[12];
    private int _length = -1;

    /// <summary>Takes the next bytes of output, cut anywhere.</summary>
    public void Read(ReadOnlySpan<byte> output)
    {
        foreach (byte b in output)
        {
            Read((char)b);
        }
    }

    private void Read(char c)
    {
        if (c == '(')
        {
            _length = 0;
        }
        else if (_length >= 0 && c == '/')
        {
            ReadOnlySpan<char> number = _number.AsSpan(0, _length);
            if (double.TryParse(number, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double percent))
            {
                onPercent(Math.Clamp(percent, 0, 100));
            }

            _length = -1;
        }
        else if (_length >= 0)
        {
            _length = _length < _number.Length ? _length : -1;
            if (_length >= 0)
            {
                _number[_length++] = c;
            }
        }
    }
}
