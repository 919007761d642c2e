using Microsoft.Win32.SafeHandles;

namespace ImageCache.Cli.Output;

/// <summary>Standard output. A reader that has gone away ends the writing quietly.</summary>
internal sealed class ResultStream : IDisposable
{
    private const int StandardOutput = 1;

    private readonly Stream _stream;

    private ResultStream(Stream stream) => _stream = stream;

    /// <summary>Whether the reader has gone away.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Opens it.</summary>
    public static ResultStream Open()
    {
        // The console's own stream hides that a pipe is broken; but on a file, only it writes at the place that other writers share.
        FileStream direct = new(new SafeFileHandle(StandardOutput, ownsHandle: false), FileAccess.Write, bufferSize: 0);
        return new ResultStream(direct.CanSeek ? Console.OpenStandardOutput() : direct);
    }

    /// <summary>Writes bytes.</summary>
    /// <returns>Whether anybody still reads.</returns>
    public bool Write(ReadOnlySpan<byte> bytes)
    {
        if (!IsClosed)
        {
            try
            {
                _stream.Write(bytes);
            }
            catch (IOException e) when (IsBrokenPipe(e))
            {
                IsClosed = true;
            }
        }

        return !IsClosed;
    }

    /// <inheritdoc/>
    public void Dispose() => _stream.Dispose();

    /// <summary>EPIPE is 32 on every architecture of Linux; the platform hands errno on as the result code.</summary>
    private static bool IsBrokenPipe(IOException error) => error.HResult is 32;
}
