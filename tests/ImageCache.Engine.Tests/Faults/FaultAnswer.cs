using System.Text;

namespace ImageCache.Engine.Tests.Faults;

/// <summary>One answer of a <see cref="FaultServer"/> and the ways in which it goes wrong. Offsets count bytes of this answer's body.</summary>
public sealed record FaultAnswer
{
    public int Status { get; init; } = 200;

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();

    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Send the body in chunks instead of with a Content-Length.</summary>
    public bool Chunked { get; init; }

    /// <summary>A Content-Length that is not the body's.</summary>
    public long? DeclaredLength { get; init; }

    /// <summary>Break off after so many bytes of the body (0: after the headers).</summary>
    public long? CutAfter { get; init; }

    /// <summary>How it breaks off.</summary>
    public FaultCut Cut { get; init; }

    /// <summary>Break off before any byte of the answer.</summary>
    public bool CutBeforeHeaders { get; init; }

    /// <summary>Go silent after so many bytes of the body, until the client leaves.</summary>
    public long? StallAfter { get; init; }

    /// <summary>Never send the headers; wait until the client leaves.</summary>
    public bool StallBeforeHeaders { get; init; }

    /// <summary>Wait before the headers.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>Send the body in pieces of this size, with <see cref="DripPause"/> between them.</summary>
    public int? DripSize { get; init; }

    public TimeSpan DripPause { get; init; } = TimeSpan.FromMilliseconds(20);

    /// <summary>Offsets of the whole body (not of the range) whose bytes are sent inverted.</summary>
    public IReadOnlyList<long> WrongBytes { get; init; } = [];

    public FaultRanges Ranges { get; init; }

    /// <summary>Waited for before the headers: lets a test hold an answer back.</summary>
    public Task? Gate { get; init; }

    /// <summary>Sent in place of everything above, then the connection is closed.</summary>
    public byte[]? Raw { get; init; }

    public static FaultAnswer Of(int status, params (string Name, string Value)[] headers)
        => new() { Status = status, Headers = headers.ToDictionary(static pair => pair.Name, static pair => pair.Value) };

    public static FaultAnswer Bytes(ReadOnlyMemory<byte> body)
        => new() { Body = body, Headers = new Dictionary<string, string> { ["Content-Type"] = "application/octet-stream" } };

    public static FaultAnswer Text(string text, int status = 200, string type = "text/plain")
        => new() { Status = status, Body = Encoding.UTF8.GetBytes(text), Headers = new Dictionary<string, string> { ["Content-Type"] = type } };

    public static FaultAnswer Json(string json, int status = 200) => Text(json, status, "application/json");

    public FaultAnswer WithHeader(string name, string value)
        => this with { Headers = new Dictionary<string, string>(Headers) { [name] = value } };
}
