using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace ImageCache.Engine.Tests.Lab;

/// <summary>A TCP relay in front of a real service, which resets connections after so many bytes of answers.</summary>
public sealed class CuttingRelay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentQueue<long> _cuts;
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly StringBuilder _requests = new();
    private readonly Uri _target;
    private readonly Task _accepting;

    /// <param name="target">The service.</param>
    /// <param name="cuts">After how many bytes the first large answers are cut, one after another.</param>
    public CuttingRelay(Uri target, params IEnumerable<long> cuts)
    {
        _target = target;
        _cuts = new ConcurrentQueue<long>(cuts);
        _listener.Start();
        Url = new UriBuilder(target) { Host = "127.0.0.1", Port = ((IPEndPoint)_listener.LocalEndpoint).Port }.Uri.ToString().TrimEnd('/');
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>The service's URL by way of this relay.</summary>
    public string Url { get; }

    /// <summary>Cuts that were not needed.</summary>
    public int CutsLeft => _cuts.Count;

    /// <summary>All that clients sent.</summary>
    public string Requests
    {
        get
        {
            lock (_requests)
            {
                return _requests.ToString();
            }
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_connections.Keys);
        _stopping.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                Socket client = await _listener.AcceptSocketAsync(_stopping.Token);
                Task connection = Task.Run(() => RelayAsync(client));
                _connections[connection] = 0;
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The relay is being disposed of.
        }
    }

    private async Task RelayAsync(Socket client)
    {
        using (client)
        using (Socket server = new(SocketType.Stream, ProtocolType.Tcp))
        {
            try
            {
                await server.ConnectAsync(_target.Host, _target.Port, _stopping.Token);
                await Task.WhenAny(ForwardAsync(client, server), AnswerAsync(server, client));
            }
            catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
            {
                // One side left.
            }
        }
    }

    private async Task ForwardAsync(Socket client, Socket server)
    {
        byte[] buffer = new byte[16 << 10];
        int count;
        while ((count = await client.ReceiveAsync(buffer, _stopping.Token)) > 0)
        {
            lock (_requests)
            {
                _requests.Append(Encoding.ASCII.GetString(buffer, 0, count));
            }

            await server.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
        }
    }

    private async Task AnswerAsync(Socket server, Socket client)
    {
        byte[] buffer = new byte[64 << 10];
        long sent = 0;
        int count;
        while ((count = await server.ReceiveAsync(buffer, _stopping.Token)) > 0)
        {
            await client.SendAsync(buffer.AsMemory(0, count), _stopping.Token);
            sent += count;
            if (_cuts.TryPeek(out long cut) && sent >= cut && _cuts.TryDequeue(out _))
            {
                client.LingerState = new LingerOption(true, 0);
                client.Close();
                return;
            }
        }
    }
}
