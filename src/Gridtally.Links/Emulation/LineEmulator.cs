namespace Gridtally.Links;

/// <summary>Puts a bad line in front of a channel: slow, late, noisy, lossy, shared, interrupted. All of it from one seed.</summary>
/// <remarks>
/// What is written here reaches the channel behind it as the conditions let it; so does what is read. The channel behind it is
/// owned and disposed of with it. Octets that are on their way when it is disposed of are lost.
/// </remarks>
public sealed class LineEmulator : IByteChannel
{
    /// <summary>Octets that may be on their way in one direction before the sender has to wait: as much as a driver's send buffer takes.</summary>
    public const int MaxOnTheWay = 64 * 1024;

    // A product may have a thousand emulated lines; a datagram needs more, and is rarer.
    private const int StreamBuffer = 4 * 1024;

    private const int Outgoing = 0, Incoming = 1;

    private readonly IByteChannel _inner;
    private readonly LineMedium _medium;
    private readonly TimeProvider _lineTime;
    private readonly long _start;
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sending;
    private readonly Task _receiving;

    /// <summary>Puts the line in front of <paramref name="inner"/>.</summary>
    /// <param name="inner">The channel behind it.</param>
    /// <param name="conditions">How bad the line is.</param>
    /// <param name="lineTime">Clock of the line.</param>
    public LineEmulator(IByteChannel inner, LineConditions conditions, TimeProvider lineTime)
    {
        (_inner, Conditions, _lineTime) = (inner, conditions, lineTime);
        _medium = new(conditions, inner.IsDatagram);
        _start = lineTime.GetTimestamp();
        _sending = SendAsync(_stop.Token);
        _receiving = ReceiveAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public string Name => _inner.Name;

    /// <inheritdoc/>
    public bool IsDatagram => _inner.IsDatagram;

    /// <summary>How bad the line is.</summary>
    public LineConditions Conditions { get; }

    /// <summary>What has happened to what was written here.</summary>
    public LineStatistics Written => _medium.Statistics(Outgoing);

    /// <summary>What has happened on the way to the reader here.</summary>
    public LineStatistics Received => _medium.Statistics(Incoming);

    private TimeSpan Now => _lineTime.GetElapsedTime(_start);

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        try
        {
            return await TakeAsync(Incoming, buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    /// <remarks>Returns when the line has taken the octets, which is before they arrive.</remarks>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_stop.Token, cancellationToken);
        try
        {
            await PutAsync(Outgoing, bytes, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    public ValueTask<bool> SetLineAsync(SerialSettings settings, CancellationToken cancellationToken) => _inner.SetLineAsync(settings, cancellationToken);

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        _stop.Cancel();
        await _inner.DisposeAsync().ConfigureAwait(false);
        await _sending.ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
    }

    // Carries what was written to the channel behind, when it is due.
    private async Task SendAsync(CancellationToken stop)
    {
        var buffer = new byte[_medium.KeepsPieces ? MaxOnTheWay : StreamBuffer];
        try
        {
            while (await TakeAsync(Outgoing, buffer, stop).ConfigureAwait(false) is > 0 and var count)
            {
                await _inner.WriteAsync(buffer.AsMemory(0, count), stop).ConfigureAwait(false);
            }
        }
        catch (LinkException e)
        {
            End(Outgoing, e);
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    // Takes what the channel behind has, as soon as it has it, so that it is on the line from that moment.
    private async Task ReceiveAsync(CancellationToken stop)
    {
        var buffer = new byte[_medium.KeepsPieces ? MaxOnTheWay : StreamBuffer];
        try
        {
            while (await _inner.ReadAsync(buffer, stop).ConfigureAwait(false) is > 0 and var count)
            {
                await PutAsync(Incoming, buffer.AsMemory(0, count), stop).ConfigureAwait(false);
            }

            End(Incoming, null);
        }
        catch (LinkException e)
        {
            End(Incoming, e);
        }
        catch (OperationCanceledException)
        {
            // Disposed of.
        }
    }

    private async ValueTask PutAsync(int direction, ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var queue = _medium.Queue(direction);
        while (true)
        {
            TaskCompletionSource? changed = null;
            Task? full = null;
            lock (_medium.Lock)
            {
                if (queue.Fault is { } fault) throw fault;
                if (queue.Octets > 0 && queue.Octets + bytes.Length > MaxOnTheWay)
                {
                    full = queue.Changed;
                }
                else
                {
                    _medium.Send(direction, bytes.Span, Now);
                    changed = queue.TakeChanged();
                }
            }

            changed?.TrySetResult();
            if (full is null) return;
            await full.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // 0 octets: the direction has ended.
    private async ValueTask<int> TakeAsync(int direction, Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            cancellationToken.ThrowIfCancellationRequested();
            var (count, change, delay) = TryTake(_medium.Queue(direction), buffer.Span);
            if (count >= 0) return count;
            if (change is null) await Task.Delay(WholeMilliseconds(delay), _lineTime, cancellationToken).ConfigureAwait(false);
            else await change.WaitAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // -1 octets: nothing is due; wait for the change, or for the time where there is none to wait for, and ask again.
    private (int Count, Task? Change, TimeSpan Delay) TryTake(LineQueue queue, Span<byte> buffer)
    {
        TaskCompletionSource? changed = null;
        try
        {
            lock (_medium.Lock)
            {
                while (queue.First is { } first)
                {
                    var early = first.Due - Now;
                    if (early > TimeSpan.Zero) return (-1, null, early);
                    var count = first.Lost ? 0 : first.Take(buffer);
                    if (first.Lost || first.Remaining.IsEmpty || _medium.KeepsPieces) queue.RemoveFirst();
                    changed ??= queue.TakeChanged();
                    if (count > 0) return (count, null, default);
                }

                if (!queue.Ended) return (-1, queue.Changed, default);
                return queue.Fault is { } fault ? throw fault : (0, null, default);
            }
        }
        finally
        {
            changed?.TrySetResult();
        }
    }

    private void End(int direction, LinkException? fault)
    {
        TaskCompletionSource? changed;
        lock (_medium.Lock)
        {
            var queue = _medium.Queue(direction);
            queue.End(fault);
            changed = queue.TakeChanged();
        }

        changed?.TrySetResult();
    }

    // Timers count whole milliseconds; rounded up, nothing arrives before its time.
    private static TimeSpan WholeMilliseconds(TimeSpan time) => TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds));
}
