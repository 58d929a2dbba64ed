using Gridtally.Links;

namespace Gridtally.Sessions;

internal static class ChannelTiming
{
    /// <summary>How long the other side may refuse to take an APDU: 64 KiB at 19,200 baud. After half a frame the stream is of no more use.</summary>
    public static readonly TimeSpan MaxWriteTime = TimeSpan.FromSeconds(30);

    /// <summary>Writes, but no longer than <see cref="MaxWriteTime"/>.</summary>
    public static async ValueTask WriteInTimeAsync(this IByteChannel channel, ReadOnlyMemory<byte> bytes, TimeProvider lineTime, CancellationToken cancellationToken)
    {
        using var limit = new CancellationTokenSource(MaxWriteTime, lineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancellationToken);
        try
        {
            await channel.WriteAsync(bytes, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            throw new LinkException($"{channel.Name}: the other side has taken no octets for {MaxWriteTime.TotalSeconds} s.");
        }
    }

    /// <summary>Reads, but no longer than <paramref name="limit"/> (null: for ever).</summary>
    /// <returns>Octets read, 0 when the peer has closed, -1 when time is up.</returns>
    public static async ValueTask<int> ReadAsync(this IByteChannel channel, Memory<byte> buffer, TimeSpan? limit, TimeProvider lineTime, CancellationToken cancellationToken)
    {
        if (limit is not { } time) return await channel.ReadAsync(buffer, cancellationToken).ConfigureAwait(false);
        if (time <= TimeSpan.Zero) return -1;

        // Timers count whole milliseconds; rounded up, the deadline has passed when the timer fires.
        using var timeout = new CancellationTokenSource(TimeSpan.FromMilliseconds(Math.Ceiling(time.TotalMilliseconds)), lineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await channel.ReadAsync(buffer, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            return -1;
        }
    }
}
