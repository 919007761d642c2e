using System.Diagnostics;

namespace ImageCache.Engine.OpenStack.Http;

/// <summary>
/// One attempt: bounded in silence, in whole time and, unless the body is to be streamed, in the size of the body, which is
/// read here so that a broken body is repeated like a broken connection.
/// </summary>
internal sealed class AttemptHandler(ServiceHttpOptions options, HttpMessageHandler inner) : DelegatingHandler(inner)
{
    protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
    {
        bool streamed = request.Options.TryGetValue(ServiceHttp.Streamed, out bool wanted) && wanted;
        using CancellationTokenSource limit = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        long start = Stopwatch.GetTimestamp();
        TimeSpan patience = streamed || options.IdleTimeout < options.TotalTimeout ? options.IdleTimeout : options.TotalTimeout;
        limit.CancelAfter(patience);
        HttpResponseMessage? answer = null;
        try
        {
            answer = await base.SendAsync(request, limit.Token).ConfigureAwait(false);
            if (!streamed)
            {
                TimeSpan left = options.TotalTimeout - Stopwatch.GetElapsedTime(start);
                limit.CancelAfter(left > TimeSpan.Zero ? left : TimeSpan.Zero);
                await BufferAsync(request, answer, limit.Token).ConfigureAwait(false);
            }

            return answer;
        }
        catch (OperationCanceledException error) when (!cancellationToken.IsCancellationRequested)
        {
            answer?.Dispose();
            throw new TimeoutException(Explain(limit.IsCancellationRequested, answer is not null, patience), error);
        }
        catch
        {
            answer?.Dispose();
            throw;
        }
    }

    private async Task BufferAsync(HttpRequestMessage request, HttpResponseMessage answer, CancellationToken cancellationToken)
    {
        long bound = answer.IsSuccessStatusCode
            ? request.Options.TryGetValue(ServiceHttp.BodyLimit, out long asked) ? asked : ServiceHttp.LargestAnswer
            : ServiceHttp.LargestError;
        byte[] body = await BoundedBody.ReadAsync(answer, bound, options.IdleTimeout, cancellationToken).ConfigureAwait(false);
        ByteArrayContent content = new(body);
        foreach ((string name, IEnumerable<string> values) in answer.Content.Headers)
        {
            content.Headers.TryAddWithoutValidation(name, values);
        }

        answer.Content.Dispose();
        answer.Content = content;
    }

    private string Explain(bool isOurs, bool hasAnswer, TimeSpan patience)
        => !isOurs ? $"no connection within {options.ConnectTimeout.TotalSeconds:0.###} s"
        : hasAnswer ? $"the answer was not complete within {options.TotalTimeout.TotalSeconds:0.###} s"
        : $"no answer within {patience.TotalSeconds:0.###} s";
}
