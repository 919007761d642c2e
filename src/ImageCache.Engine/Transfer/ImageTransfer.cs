using System.Runtime.CompilerServices;
using ImageCache.Engine.Configuration;
using ImageCache.Engine.OpenStack.Http;

namespace ImageCache.Engine.Transfer;

/// <summary>
/// Brings the bytes of an image through the pipeline, over breaks: the rest is asked for where the source allows it, else the
/// transfer begins again. Attempts are counted anew only after real progress, so that a hopeless source ends.
/// </summary>
internal sealed class ImageTransfer(
    ImageCacheConfiguration configuration, RetrySchedule schedule, RateLimiter? limiter, TimeProvider time)
{
    private const long RealProgress = 16 << 20;

    /// <summary>Transfers.</summary>
    /// <exception cref="UnavailableException">It broke off, to the last attempt.</exception>
    /// <exception cref="VerificationException">There are more or fewer bytes than the image has, or they are refused.</exception>
    public async Task<TransferResult> RunAsync(
        TransferRequest request, WorkProgress progress, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        using CancellationTokenSource total = new(configuration.TransferTimeout ?? Timeout.InfiniteTimeSpan, time);
        using CancellationTokenSource either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, total.Token);
        progress.Enter(WorkStage.Transferring, request.ExpectedSize);
        TransferPipeline pipeline = new(request.Lanes, limiter, progress, request.Source.BlockSize);
        await using ConfiguredAsyncDisposable done = pipeline.ConfigureAwait(false);
        try
        {
            await AttemptUntilWholeAsync(request, pipeline, monitor, either.Token).ConfigureAwait(false);
            await pipeline.CompleteAsync().ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (total.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            throw new UnavailableException(
                ErrorIds.TransferFailed,
                $"The transfer of image '{request.ImageId}' took longer than {configuration.TransferTimeout}; {pipeline.Offset} bytes had come.",
                request.ImageId,
                "Raise transfer_timeout, or look at the network.",
                category: FailureCategory.OperationTimeout);
        }

        return new TransferResult(pipeline.Offset, pipeline.BytesRead);
    }

    private async Task AttemptUntilWholeAsync(
        TransferRequest request, TransferPipeline pipeline, OperationMonitor monitor, CancellationToken cancellationToken)
    {
        int failures = 0;
        long furthest = 0;
        while (true)
        {
            try
            {
                await AttemptAsync(request, pipeline, cancellationToken).ConfigureAwait(false);
                return;
            }
            catch (Exception e) when (e is MoreConnectionsException or TransferInterruptedException && IsWhole(request, pipeline))
            {
                // Nothing is missing any more: it broke off behind the last byte.
                return;
            }
            catch (MoreConnectionsException)
            {
                // The source asks to be opened again where it stands.
            }
            catch (TransferInterruptedException e)
            {
                failures = pipeline.Offset - furthest >= RealProgress ? 1 : failures + 1;
                furthest = Math.Max(furthest, pipeline.Offset);
                if (failures > configuration.Retries || !schedule.Allows(e.RetryAfter))
                {
                    throw e.InnerException as ImageCacheException ?? Final(request, pipeline.Offset, failures, e);
                }

                TimeSpan delay = schedule.DelayAfter(failures - 1, e.RetryAfter);
                monitor.Warn(
                    $"The transfer of image '{request.ImageId}' broke off at byte {pipeline.Offset}: {e.Message}. Attempt {failures + 1} of {configuration.Retries + 1} follows in {delay.TotalSeconds:0.0} s.");
                await Task.Delay(delay, time, cancellationToken).ConfigureAwait(false);
            }
        }
    }

    private static async Task AttemptAsync(TransferRequest request, TransferPipeline pipeline, CancellationToken cancellationToken)
    {
        IByteReader reader = await request.Source.OpenAsync(pipeline.Offset, cancellationToken).ConfigureAwait(false);
        await using ConfiguredAsyncDisposable read = reader.ConfigureAwait(false);
        if (reader.Start != pipeline.Offset)
        {
            await pipeline.ResetAsync(cancellationToken).ConfigureAwait(false);
        }

        long? size = request.ExpectedSize ?? request.Source.Length;
        await pipeline.PumpAsync(reader, size ?? long.MaxValue, seen => TooLong(request, seen), cancellationToken).ConfigureAwait(false);
        if (size < pipeline.Offset)
        {
            throw TooLong(request, pipeline.Offset);
        }

        if (size is { } expected && pipeline.Offset < expected)
        {
            throw new TransferInterruptedException($"the data ended after {pipeline.Offset} of {expected} bytes") { EndedEarly = true };
        }
    }

    private static bool IsWhole(TransferRequest request, TransferPipeline pipeline)
        => (request.ExpectedSize ?? request.Source.Length) == pipeline.Offset;

    private static VerificationException TooLong(TransferRequest request, long seen) => new(
        ErrorIds.SizeMismatch,
        $"The data of image '{request.ImageId}' is longer than the {request.ExpectedSize ?? request.Source.Length} bytes that it should have: {seen} came and more may follow. Nothing was kept.",
        request.ImageId,
        "Compare the image's data in its store with its record.");

    private static ImageCacheException Final(TransferRequest request, long offset, int attempts, TransferInterruptedException cause)
        => cause.EndedEarly
            ? new VerificationException(
                ErrorIds.SizeMismatch,
                $"The data of image '{request.ImageId}' has {offset} bytes instead of {request.ExpectedSize ?? request.Source.Length}, in each of {attempts} attempts. Nothing was kept.",
                request.ImageId,
                "Compare the image's data in its store with its record.",
                cause)
            : new UnavailableException(
                ErrorIds.TransferFailed,
                $"The data of image '{request.ImageId}' did not come: {cause.Message} (byte {offset}, {attempts} attempts). Nothing was kept.",
                request.ImageId,
                "Look at the service and the network, then fetch again.",
                cause);
}
