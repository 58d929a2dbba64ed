using System.Text;
using Gridtally.WebHost.Access;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace Gridtally.WebHost.Http;

/// <summary>
/// <c>/api/stream</c>: server-sent events. Each page gets the newest snapshot when it changed, so a slow page skips states
/// instead of filling a queue.
/// </summary>
internal sealed class LiveStream(WebServerOptions options, SessionStore sessions)
{
    /// <summary>Open pages at once, all users together.</summary>
    public const int MaxPages = 32;

    /// <summary>Looking at the state takes at most one part in so many of a core, however large the store has grown.</summary>
    private const int MaxShare = 20;

    /// <summary>After so much silence the state is sent again: proxies keep the connection open and the page knows that it is alive.</summary>
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(15);

    private static readonly byte[] End = "\n\n"u8.ToArray();

    private readonly byte[] _start = Encoding.ASCII.GetBytes($"event: {options.StreamEvent}\ndata: ");
    private readonly Lock _lock = new();
    private int _pages;
    private long _takenAt;
    private TimeSpan _pause;
    private ReadOnlyMemory<byte> _snapshot;

    public async Task ServeAsync(HttpContext http, string? token)
    {
        if (Interlocked.Increment(ref _pages) > MaxPages)
        {
            Interlocked.Decrement(ref _pages);
            await Problems.WriteAsync(http, new("Too many open pages.", StatusCodes.Status503ServiceUnavailable, $"At most {MaxPages} pages are kept up to date at once. Close some, or ask again without the stream."));
            return;
        }

        try
        {
            http.Response.ContentType = "text/event-stream";
            http.Response.Headers.CacheControl = "no-store";
            http.Features.Get<IHttpResponseBodyFeature>()?.DisableBuffering();
            await SendUntilClosedAsync(http, token);
        }
        catch (OperationCanceledException)
        {
            // The page went away, or the server stops.
        }
        finally
        {
            Interlocked.Decrement(ref _pages);
        }
    }

    private async Task SendUntilClosedAsync(HttpContext http, string? token)
    {
        var (stop, body) = (http.RequestAborted, http.Response.Body);
        var last = ReadOnlyMemory<byte>.Empty;
        var sentAt = options.LineTime.GetTimestamp();
        using var timer = new PeriodicTimer(options.StreamInterval, options.LineTime);
        do
        {
            var snapshot = Snapshot();
            if (snapshot.Span.SequenceEqual(last.Span) && options.LineTime.GetElapsedTime(sentAt) < KeepAlive) continue;
            (last, sentAt) = (snapshot, options.LineTime.GetTimestamp());
            await body.WriteAsync(_start, stop);
            await body.WriteAsync(snapshot, stop);
            await body.WriteAsync(End, stop);
            await body.FlushAsync(stop);
        }
        while (await timer.WaitForNextTickAsync(stop) && sessions.Peek(token) is not null);
    }

    private ReadOnlyMemory<byte> Snapshot()
    {
        lock (_lock)
        {
            // Many pages, one look at the store per interval.
            if (!_snapshot.IsEmpty && options.LineTime.GetElapsedTime(_takenAt) < _pause) return _snapshot;
            var begin = options.LineTime.GetTimestamp();
            _snapshot = options.StreamSnapshot?.Invoke() ?? Encoding.UTF8.GetBytes("{}");
            _takenAt = options.LineTime.GetTimestamp();
            var busy = options.LineTime.GetElapsedTime(begin, _takenAt) * MaxShare;
            _pause = busy > options.StreamInterval / 2 ? busy : options.StreamInterval / 2;
            return _snapshot;
        }
    }
}
