using System.Buffers;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>Reads an answer's body into memory, up to a bound and with a limit on silence.</summary>
internal static class BoundedBody
{
    private const int PieceSize = 32 << 10;

    /// <summary>The whole body.</summary>
    /// <exception cref="InvalidDataException">It is larger than the bound.</exception>
    public static async Task<byte[]> ReadAsync(HttpResponseMessage answer, long bound, TimeSpan idleTimeout, CancellationToken cancellationToken)
    {
        if (answer.Content.Headers.ContentLength > bound)
        {
            throw TooLarge(bound);
        }

        Stream body = await answer.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        IdleTimeoutStream patient = new(body, idleTimeout);
        await using (patient.ConfigureAwait(false))
        {
            ArrayBufferWriter<byte> bytes = new();
            int count;
            while ((count = await patient.ReadAsync(bytes.GetMemory(PieceSize), cancellationToken).ConfigureAwait(false)) > 0)
            {
                bytes.Advance(count);
                if (bytes.WrittenCount > bound)
                {
                    throw TooLarge(bound);
                }
            }

            return bytes.WrittenSpan.ToArray();
        }
    }

    private static InvalidDataException TooLarge(long bound) => new($"the answer is larger than {bound >> 10} KiB");
}
