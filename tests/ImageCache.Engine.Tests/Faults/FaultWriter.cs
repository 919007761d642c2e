using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>Sends one answer, faults included.</summary>
internal sealed class FaultWriter(Stream stream, Socket socket, Action<int> onBodySent, CancellationToken stopping)
{
    private const int PieceSize = 64 << 10;

    /// <summary>Sends the answer; says whether the connection can serve another request.</summary>
    public async Task<bool> WriteAsync(FaultRequest request, FaultAnswer answer)
    {
        if (answer.Gate is not null)
        {
            await answer.Gate.WaitAsync(stopping);
        }

        if (answer.Delay > TimeSpan.Zero)
        {
            await Task.Delay(answer.Delay, stopping);
        }

        if (answer.Raw is not null)
        {
            await stream.WriteAsync(answer.Raw, stopping);
            return false;
        }

        if (answer.StallBeforeHeaders)
        {
            await WaitForClientToLeaveAsync();
            return false;
        }

        if (answer.CutBeforeHeaders)
        {
            Break(answer.Cut);
            return false;
        }

        (FaultAnswer ranged, long offset) = ApplyRange(request, answer);
        await SendHeadersAsync(ranged);
        return request.Method == "HEAD" || ranged.Status is 204 or 304 || await SendBodyAsync(ranged, offset);
    }

    private static (FaultAnswer Answer, long Offset) ApplyRange(FaultRequest request, FaultAnswer answer)
    {
        if (request.Header("Range") is not { } range || answer.Status != 200 || answer.Ranges == FaultRanges.Ignore)
        {
            return (answer, 0);
        }

        if (answer.Ranges == FaultRanges.Refuse)
        {
            return (FaultAnswer.Text("<html>400 Bad Request: the store cannot read at random</html>", 400, "text/html"), 0);
        }

        string[] ends = range["bytes=".Length..].Split('-');
        long size = answer.Body.Length;
        long first = ends[0].Length == 0 ? size - Number(ends[1]) : Number(ends[0]);
        long last = ends[0].Length == 0 || ends[1].Length == 0 ? size - 1 : Math.Min(Number(ends[1]), size - 1);
        if (first >= size)
        {
            return (FaultAnswer.Of(416, ("Content-Range", $"bytes */{size}")), 0);
        }

        FaultAnswer part = answer with { Status = 206, Body = answer.Body[(int)first..(int)(last + 1)] };
        return (part.Headers.ContainsKey("Content-Range") ? part : part.WithHeader("Content-Range", $"bytes {first}-{last}/{size}"), first);
    }

    private static long Number(string text) => long.Parse(text, CultureInfo.InvariantCulture);

    private async Task SendHeadersAsync(FaultAnswer answer)
    {
        StringBuilder head = new();
        head.Append(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} Answer\r\n");
        foreach ((string name, string value) in answer.Headers)
        {
            head.Append(CultureInfo.InvariantCulture, $"{name}: {value}\r\n");
        }

        if (answer.Chunked)
        {
            head.Append("Transfer-Encoding: chunked\r\n");
        }
        else if (answer.Status is not (204 or 304))
        {
            head.Append(CultureInfo.InvariantCulture, $"Content-Length: {answer.DeclaredLength ?? answer.Body.Length}\r\n");
        }

        await stream.WriteAsync(Encoding.ASCII.GetBytes(head.Append("\r\n").ToString()), stopping);
    }

    private async Task<bool> SendBodyAsync(FaultAnswer answer, long offset)
    {
        long position = 0;
        while (true)
        {
            if (position == answer.CutAfter)
            {
                Break(answer.Cut);
                return false;
            }

            if (position == answer.StallAfter)
            {
                await WaitForClientToLeaveAsync();
                return false;
            }

            long end = new[] { answer.Body.Length, position + (answer.DripSize ?? PieceSize), Ahead(answer.CutAfter, position), Ahead(answer.StallAfter, position) }.Min();
            if (end == position)
            {
                break;
            }

            await SendPieceAsync(answer, (int)position, (int)(end - position), offset);
            position = end;
            if (answer.DripSize is not null)
            {
                await Task.Delay(answer.DripPause, stopping);
            }
        }

        if (answer.Chunked)
        {
            await stream.WriteAsync("0\r\n\r\n"u8.ToArray(), stopping);
        }

        // After a length that was a lie the connection cannot be used again.
        return answer.DeclaredLength is null || answer.DeclaredLength == answer.Body.Length;
    }

    private static long Ahead(long? mark, long position) => mark is { } at && at > position ? at : long.MaxValue;

    private async Task SendPieceAsync(FaultAnswer answer, int position, int count, long offset)
    {
        byte[] piece = answer.Body.Slice(position, count).ToArray();
        foreach (long wrong in answer.WrongBytes)
        {
            long index = wrong - offset - position;
            if (index >= 0 && index < count)
            {
                piece[index] ^= 0xFF;
            }
        }

        if (answer.Chunked)
        {
            byte[] head = Encoding.ASCII.GetBytes(count.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
            piece = [.. head, .. piece, .. "\r\n"u8];
        }

        await stream.WriteAsync(piece, stopping);
        onBodySent(count);
    }

    private async Task WaitForClientToLeaveAsync()
    {
        byte[] one = new byte[1];
        while (await stream.ReadAsync(one, stopping) > 0)
        {
        }
    }

    private void Break(FaultCut cut)
    {
        if (cut == FaultCut.Reset)
        {
            socket.LingerState = new LingerOption(true, 0);
            socket.Close();
        }
    }
}
