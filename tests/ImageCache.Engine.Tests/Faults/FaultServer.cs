using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>
/// An HTTP/1.1 server on 127.0.0.1 that answers as it is told, and fails as it is told. Routes give the ordinary answer;
/// <see cref="Next"/> twists the coming answers of a route, one after another, and <see cref="Always"/> all of them.
/// </summary>
public sealed class FaultServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _stopping = new();
    private readonly X509Certificate2? _certificate;
    private readonly ConcurrentDictionary<string, Func<FaultRequest, FaultAnswer>> _routes = new();
    private readonly ConcurrentDictionary<string, ConcurrentQueue<Func<FaultAnswer, FaultAnswer>>> _twists = new();
    private readonly ConcurrentDictionary<string, Func<FaultAnswer, FaultAnswer>> _permanentTwists = new();
    private readonly ConcurrentQueue<FaultRequest> _requests = new();
    private readonly ConcurrentDictionary<Task, byte> _connections = new();
    private readonly Lock _signalLock = new();
    private readonly Task _accepting;
    private TaskCompletionSource _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _bodyBytesSent;
    private int _connectionCount;

    private FaultServer(X509Certificate2? certificate)
    {
        _certificate = certificate;
        _listener.Start();
        Port = ((IPEndPoint)_listener.LocalEndpoint).Port;
        Address = new Uri($"{(certificate is null ? "http" : "https")}://127.0.0.1:{Port}/");
        _accepting = Task.Run(AcceptAsync);
    }

    /// <summary>Where it listens; ends with a slash.</summary>
    public Uri Address { get; }

    public int Port { get; }

    /// <summary>Every request seen, in order.</summary>
    public IReadOnlyList<FaultRequest> Requests => [.. _requests];

    /// <summary>Bytes of bodies sent so far, to all clients.</summary>
    public long BodyBytesSent => Interlocked.Read(ref _bodyBytesSent);

    /// <summary>Connections accepted so far.</summary>
    public int ConnectionCount => Volatile.Read(ref _connectionCount);

    /// <summary>Answers what no route does.</summary>
    public Func<FaultRequest, FaultAnswer> Fallback { get; set; } = static _ => FaultAnswer.Text("no such route", 404);

    public static FaultServer Start(X509Certificate2? certificate = null) => new(certificate);

    /// <summary>Sets the answers of a route; the last one stays.</summary>
    public FaultServer On(string method, string path, params FaultAnswer[] answers)
    {
        int next = 0;
        return On(method, path, _ => answers[Math.Min(Interlocked.Increment(ref next), answers.Length) - 1]);
    }

    /// <summary>Sets the answer of a route. The path is compared as it is sent, without its query.</summary>
    public FaultServer On(string method, string path, Func<FaultRequest, FaultAnswer> answer)
    {
        _routes[Key(method, path)] = answer;
        return this;
    }

    /// <summary>Twists the next answers of a route, one each; then it is well again.</summary>
    public FaultServer Next(string method, string path, params Func<FaultAnswer, FaultAnswer>[] twists)
    {
        ConcurrentQueue<Func<FaultAnswer, FaultAnswer>> queue = _twists.GetOrAdd(Key(method, path), static _ => new());
        foreach (Func<FaultAnswer, FaultAnswer> twist in twists)
        {
            queue.Enqueue(twist);
        }

        return this;
    }

    /// <summary>Twists every answer of a route (after those of <see cref="Next"/> are used up).</summary>
    public FaultServer Always(string method, string path, Func<FaultAnswer, FaultAnswer> twist)
    {
        _permanentTwists[Key(method, path)] = twist;
        return this;
    }

    /// <summary>How many requests of a route were seen.</summary>
    public int CountOf(string method, string path) => _requests.Count(request => request.Method == method && request.Path == path);

    /// <summary>Ends when a condition on the requests seen holds.</summary>
    public async Task WaitForAsync(Func<IReadOnlyList<FaultRequest>, bool> condition, CancellationToken cancellationToken)
    {
        while (true)
        {
            Task signal;
            lock (_signalLock)
            {
                signal = _signal.Task;
            }

            if (condition(Requests))
            {
                return;
            }

            await signal.WaitAsync(TimeSpan.FromSeconds(60), cancellationToken);
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

    private static string Key(string method, string path) => $"{method} {path}";

    private async Task AcceptAsync()
    {
        try
        {
            while (!_stopping.IsCancellationRequested)
            {
                Socket socket = await _listener.AcceptSocketAsync(_stopping.Token);
                Interlocked.Increment(ref _connectionCount);
                Task connection = Task.Run(() => ServeAsync(socket));
                _connections[connection] = 0;
                _ = connection.ContinueWith(done => _connections.TryRemove(done, out _), TaskScheduler.Default);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or SocketException or ObjectDisposedException)
        {
            // The server is being disposed of.
        }
    }

    private async Task ServeAsync(Socket socket)
    {
        using (socket)
        {
            socket.NoDelay = true;
            try
            {
                Stream stream = new NetworkStream(socket, ownsSocket: false);
                if (_certificate is not null)
                {
                    SslStream secure = new(stream);
                    await secure.AuthenticateAsServerAsync(_certificate, clientCertificateRequired: false, checkCertificateRevocation: false);
                    stream = secure;
                }

                await using (stream)
                {
                    FaultRequestReader reader = new(stream);
                    while (await reader.ReadAsync(_stopping.Token) is { } request
                        && await AnswerAsync(new FaultWriter(stream, socket, OnBodySent, _stopping.Token), request))
                    {
                    }
                }
            }
            catch (Exception error) when (error is IOException or OperationCanceledException or SocketException or ObjectDisposedException
                or System.Security.Authentication.AuthenticationException)
            {
                // The client left, or the server is being disposed of.
            }
        }
    }

    private Task<bool> AnswerAsync(FaultWriter writer, FaultRequest request)
    {
        _requests.Enqueue(request);
        string key = Key(request.Method, request.Path);
        FaultAnswer answer = _routes.TryGetValue(key, out Func<FaultRequest, FaultAnswer>? route) ? route(request) : Fallback(request);
        if (_twists.TryGetValue(key, out ConcurrentQueue<Func<FaultAnswer, FaultAnswer>>? queue)
            && queue.TryDequeue(out Func<FaultAnswer, FaultAnswer>? twist))
        {
            answer = twist(answer);
        }
        else if (_permanentTwists.TryGetValue(key, out twist))
        {
            answer = twist(answer);
        }

        Signal();
        return writer.WriteAsync(request, answer);
    }

    private void OnBodySent(int count) => Interlocked.Add(ref _bodyBytesSent, count);

    private void Signal()
    {
        TaskCompletionSource old;
        lock (_signalLock)
        {
            old = _signal;
            _signal = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }

        old.SetResult();
    }
}
