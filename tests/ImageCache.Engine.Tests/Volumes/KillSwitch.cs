namespace ImageCache.Engine.Tests.Volumes;

/// <summary>Kills a process of a test at a step: from then on nothing that it does has any effect. Another step may be where Cinder goes away.</summary>
internal sealed class KillSwitch
{
    private int _untilKill = int.MaxValue;
    private int _untilDown = int.MaxValue;

    public bool IsDead => _untilKill <= 0;

    public bool IsCinderDown => IsDead || _untilDown <= 0;

    /// <summary>A new process, with a Cinder that answers.</summary>
    public void Restart() => (_untilKill, _untilDown) = (int.MaxValue, int.MaxValue);

    public void KillAfter(int steps) => _untilKill = steps;

    public void StopCinderAfter(int steps) => _untilDown = steps;

    /// <summary>Goes on by one step.</summary>
    /// <exception cref="KilledException">It is dead.</exception>
    public void Step()
    {
        Count();
        if (IsDead)
        {
            throw new KilledException();
        }
    }

    /// <summary>The same for what cannot throw.</summary>
    public void Count()
    {
        _untilKill -= _untilKill is > 0 and < int.MaxValue ? 1 : 0;
        _untilDown -= _untilDown is > 0 and < int.MaxValue ? 1 : 0;
    }
}
