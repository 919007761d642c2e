using System.Text;

namespace ImageCache.Engine.Handlers;

/// <summary>Takes the parts of store locations apart, strictly. Source: RFC 3986, section 2.1.</summary>
internal static class PercentEncoding
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>The text of a part.</summary>
    /// <returns><see langword="null"/> when it is empty, wrongly encoded, or holds control characters.</returns>
    public static string? Decode(string part)
    {
        if (part.Length == 0)
        {
            return null;
        }

        List<byte> bytes = new(part.Length);
        for (int i = 0; i < part.Length; i++)
        {
            char character = part[i];
            if (character != '%' && char.IsAscii(character))
            {
                bytes.Add((byte)character);
                continue;
            }

            if (i + 2 >= part.Length || !char.IsAsciiHexDigit(part[i + 1]) || !char.IsAsciiHexDigit(part[i + 2]))
            {
                return null;
            }

            bytes.Add(Convert.FromHexString(part.AsSpan(i + 1, 2))[0]);
            i += 2;
        }

        try
        {
            string text = s_strictUtf8.GetString([.. bytes]);
            return text.Any(char.IsControl) ? null : text;
        }
        catch (DecoderFallbackException)
        {
            return null;
        }
    }
}
