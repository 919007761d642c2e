namespace ImageCache.Engine.OpenStack.Volumes;

/// <summary>Looks again and again, less and less often, until something is so.</summary>
internal sealed class Poll(TimeProvider time, CinderPatience patience)
{
    /// <summary>Waits for a state.</summary>
    /// <param name="limit">The longest wait.</param>
    /// <param name="look">Reads the state.</param>
    /// <param name="isDone">Whether it is the one.</param>
    /// <param name="whyHopeless">The error of a state that leads nowhere.</param>
    /// <param name="tooLong">The error of a wait that took too long.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<T> UntilAsync<T>(
        TimeSpan limit,
        Func<CancellationToken, Task<T>> look,
        Func<T, bool> isDone,
        Func<T, CancellationToken, Task<ImageCacheException?>> whyHopeless,
        Func<T, ImageCacheException> tooLong,
        CancellationToken cancellationToken)
    {
        long start = time.GetTimestamp();
        TimeSpan waited = TimeSpan.Zero;
        for (TimeSpan wait = patience.First; ; wait = wait * 1.5 < patience.Longest ? wait * 1.5 : patience.Longest)
        {
            T state = await look(cancellationToken).ConfigureAwait(false);
            if (isDone(state))
            {
                return state;
            }

            if (await whyHopeless(state, cancellationToken).ConfigureAwait(false) is { } hopeless)
            {
                throw hopeless;
            }

            if (waited >= limit || time.GetElapsedTime(start) >= limit)
            {
                throw tooLong(state);
            }

            await Task.Delay(wait, time, cancellationToken).ConfigureAwait(false);
            waited += wait;
        }
    }
}
