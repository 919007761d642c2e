using System.Globalization;
using System.Text;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>Reads the requests of one connection.</summary>
internal sealed class FaultRequestReader(Stream stream)
{
    private readonly byte[] _buffer = new byte[64 << 10];
    private int _start;
    private int _end;

    /// <summary>The next request, or <see langword="null"/> when the client is done.</summary>
    public async Task<FaultRequest?> ReadAsync(CancellationToken cancellationToken)
    {
        string? first = await ReadLineAsync(cancellationToken);
        if (string.IsNullOrEmpty(first))
        {
            return null;
        }

        string[] parts = first.Split(' ');
        Dictionary<string, string> headers = new(StringComparer.OrdinalIgnoreCase);
        while (await ReadLineAsync(cancellationToken) is { Length: > 0 } line)
        {
            string[] sides = line.Split(':', 2);
            headers[sides[0].Trim()] = sides[1].Trim();
        }

        return new FaultRequest(parts[0], parts[1], headers, await ReadBodyAsync(headers, cancellationToken));
    }

    private async Task<byte[]> ReadBodyAsync(Dictionary<string, string> headers, CancellationToken cancellationToken)
    {
        if (headers.TryGetValue("Content-Length", out string? length))
        {
            return await ReadExactlyAsync(int.Parse(length, CultureInfo.InvariantCulture), cancellationToken);
        }

        if (!headers.ContainsKey("Transfer-Encoding"))
        {
            return [];
        }

        MemoryStream body = new();
        while (true)
        {
            int size = int.Parse(await ReadLineAsync(cancellationToken) ?? "0", NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            body.Write(await ReadExactlyAsync(size, cancellationToken));
            await ReadLineAsync(cancellationToken);
            if (size == 0)
            {
                return body.ToArray();
            }
        }
    }

    private async Task<byte[]> ReadExactlyAsync(int count, CancellationToken cancellationToken)
    {
        byte[] bytes = new byte[count];
        int done = Math.Min(count, _end - _start);
        _buffer.AsSpan(_start, done).CopyTo(bytes);
        _start += done;
        await stream.ReadExactlyAsync(bytes.AsMemory(done), cancellationToken);
        return bytes;
    }

    private async Task<string?> ReadLineAsync(CancellationToken cancellationToken)
    {
        StringBuilder line = new();
        while (true)
        {
            if (_start == _end)
            {
                _start = 0;
                _end = await stream.ReadAsync(_buffer, cancellationToken);
                if (_end == 0)
                {
                    return null;
                }
            }

            char next = (char)_buffer[_start++];
            if (next == '\n')
            {
                return line.ToString().TrimEnd('\r');
            }

            line.Append(next);
        }
    }
}
