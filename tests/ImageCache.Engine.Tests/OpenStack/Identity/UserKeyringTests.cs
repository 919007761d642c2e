using ImageCache.Engine.Native.Keyutils;
using Xunit;

namespace ImageCache.Engine.Tests.OpenStack.Identity;

public sealed class UserKeyringTests : IDisposable
{
    private readonly UserKeyring _keyring = new();
    private readonly string _description = "imagecache:test-" + Guid.NewGuid();

    public UserKeyringTests() => KeyringBed.Require();

    public void Dispose() => _keyring.Remove(_description);

    [Fact]
    public async Task KeepsReplacesAndRemovesOnWhateverThread()
    {
        Assert.Null(_keyring.TryRead(_description, 10));
        _keyring.Write(_description, [1, 2, 3], TimeSpan.FromMinutes(1));
        byte[]? seen = null;
        await Task.Factory.StartNew(() => seen = _keyring.TryRead(_description, 10), TestContext.Current.CancellationToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        Assert.Equal([1, 2, 3], seen);
        _keyring.Write(_description, [4], TimeSpan.FromMinutes(1));
        Assert.Equal([4], _keyring.TryRead(_description, 10));
        _keyring.Remove(_description);
        Assert.Null(_keyring.TryRead(_description, 10));
        _keyring.Remove(_description);
    }

    [Fact]
    public void GivesNoMoreThanAskedFor()
    {
        _keyring.Write(_description, new byte[10], TimeSpan.FromMinutes(1));
        Assert.Equal(10, _keyring.TryRead(_description, 10)!.Length);
        Assert.Null(_keyring.TryRead(_description, 9));
    }

    [Fact]
    public void TheKernelKnowsWhenToForget()
    {
        _keyring.Write(_description, [1], TimeSpan.FromMinutes(1));
        Assert.DoesNotContain("perm", Line(), StringComparison.Ordinal);
        _keyring.Write(_description, [2], TimeSpan.FromMinutes(1));
        Assert.DoesNotContain("perm", Line(), StringComparison.Ordinal);
    }

    // Serial, flags, uses, time left or "perm", permissions, owner, group, type, description (proc_keys(5)).
    private string Line() => string.Join(' ', File.ReadLines("/proc/keys").Single(line => line.Contains(_description, StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[..5]);
}
