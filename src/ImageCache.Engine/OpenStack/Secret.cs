namespace ImageCache.Engine.OpenStack;

/// <summary>A password or a token. It prints as <c>***</c>, so that no message, log line or record can hold it by accident.</summary>
internal sealed class Secret(string value)
{
    private readonly string _value = value;

    /// <summary>The value itself, for the request that carries it.</summary>
    public string Reveal() => _value;

    public override string ToString() => "***";
}
