using System.Buffers;
using System.Text;

namespace ImageCache.Engine.Formats;

/// <summary>Reads one output of a program to its end, and keeps a bounded part.</summary>
internal sealed class BoundedOutput(int limit, Action<ReadOnlyMemory<byte>>? onData)
{
    private readonly ArrayBufferWriter<byte> _kept = new();

    /// <summary>Whether something was dropped.</summary>
    public bool IsCut { get; private set; }

    /// <summary>Takes everything, in large parts and at its own pace; then nothing is kept.</summary>
    public Func<ReadOnlyMemory<byte>, CancellationToken, ValueTask>? Take { get; init; }

    /// <summary>What was kept.</summary>
    public string Text => Encoding.UTF8.GetString(_kept.WrittenSpan);

    /// <summary>Reads until the program closes its end, or until nobody wants to wait any more.</summary>
    public async Task ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        byte[] buffer = new byte[Take is null ? 8192 : 256 * 1024];
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer, cancellationToken).ConfigureAwait(false)) > 0)
            {
                if (Take is not null)
                {
                    await Take(buffer.AsMemory(0, count), cancellationToken).ConfigureAwait(false);
                    continue;
                }

                onData?.Invoke(buffer.AsMemory(0, count));
                int room = Math.Min(count, limit - _kept.WrittenCount);
                _kept.Write(buffer.AsSpan(0, room));
                IsCut |= room < count;
            }
        }
        catch (OperationCanceledException)
        {
            IsCut = true;
        }
    }
}
