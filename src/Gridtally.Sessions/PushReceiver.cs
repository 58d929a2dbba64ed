using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>One APDU that a device has pushed.</summary>
/// <param name="Channel">Name of the channel, with the address of the sender.</param>
/// <param name="Framing">How it came.</param>
/// <param name="Peer">From whom to whom, as far as the framing says so; zeros where it does not.</param>
/// <param name="Apdu">The APDU, put together; still protected where it was.</param>
/// <param name="At">When its last octet came, by the clock of the line.</param>
public sealed record ReceivedPush(string Channel, PushFraming Framing, PeerAddress Peer, ReadOnlyMemory<byte> Apdu, DateTimeOffset At);

/// <summary>How pushes are received.</summary>
public sealed record PushReceiverOptions
{
    /// <summary>The framing; found out by itself where it is not known.</summary>
    public PushFraming Framing { get; init; }

    /// <summary>Longest APDU taken, in octets.</summary>
    public int MaxApdu { get; init; } = PushDeframer.DefaultMaxApdu;

    /// <summary>Silence after which a frame that has begun will not end, and a bare APDU has ended. Ports push every few seconds.</summary>
    public TimeSpan Silence { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Connections at a time on a listener; more are closed at once.</summary>
    public int MaxConnections { get; init; } = 1024;

    /// <summary>Silence after which a connection of a listener is closed.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(15);

    /// <summary>Told which connection of a listener ended by a fault and by which.</summary>
    public Action<string, Exception>? OnFault { get; init; }
}

/// <summary>Takes pushes in from a line, a connection, or everyone who connects. Nothing is ever answered.</summary>
/// <param name="options">Framing and limits.</param>
/// <param name="lineTime">Clock of silences.</param>
public sealed class PushReceiver(PushReceiverOptions options, TimeProvider lineTime)
{
    // A datagram has to be read whole; of a stream, a few frames at a time.
    private const int StreamBuffer = 4 * 1024, DatagramBuffer = 64 * 1024;

    // Pushes that wait for a slow consumer of a listener; the connections wait with them.
    private const int MaxWaiting = 64;

    /// <summary>The pushes of one channel, until the other side closes it. The channel stays the caller's.</summary>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public IAsyncEnumerable<ReceivedPush> ReceiveAsync(IByteChannel channel, CancellationToken cancellationToken = default) => ReceiveAsync(channel, null, cancellationToken);

    /// <summary>The pushes of everyone who connects to a listener, or sends datagrams to it, as they come. The listener stays the caller's.</summary>
    /// <exception cref="LinkException">Listening is not possible any more.</exception>
    public async IAsyncEnumerable<ReceivedPush> ReceiveAsync(IByteListener listener, [EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var pushes = Channel.CreateBounded<ReceivedPush>(MaxWaiting);
        var accepting = AcceptAsync(listener, pushes.Writer, stop.Token);
        try
        {
            await foreach (var push in pushes.Reader.ReadAllAsync(cancellationToken).ConfigureAwait(false)) yield return push;
        }
        finally
        {
            stop.Cancel();
            await accepting.ConfigureAwait(false);
        }
    }

    private async IAsyncEnumerable<ReceivedPush> ReceiveAsync(IByteChannel channel, TimeSpan? idleLimit, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        var deframer = new PushDeframer(options.Framing, options.MaxApdu);
        var buffer = new byte[channel.IsDatagram ? DatagramBuffer : StreamBuffer];
        var arrived = new Queue<ReceivedPush>();
        while (true)
        {
            var waitsForSilence = deframer.HasPending;
            var count = await channel.ReadAsync(buffer, waitsForSilence ? options.Silence : idleLimit, lineTime, cancellationToken).ConfigureAwait(false);
            if (count > 0) TakeIn(deframer, buffer.AsSpan(0, count), channel.Name, arrived);
            if (count <= 0 || channel.IsDatagram) TakeAfterSilence(deframer, channel.Name, arrived);
            while (arrived.TryDequeue(out var push)) yield return push;
            if (count == 0 || (count < 0 && !waitsForSilence)) yield break;
        }
    }

    private void TakeIn(PushDeframer deframer, ReadOnlySpan<byte> octets, string name, Queue<ReceivedPush> arrived)
    {
        while (deframer.TryRead(ref octets, out var pushed)) arrived.Enqueue(Keep(pushed, name));
    }

    private void TakeAfterSilence(PushDeframer deframer, string name, Queue<ReceivedPush> arrived)
    {
        while (deframer.TryReadAfterSilence(out var pushed)) arrived.Enqueue(Keep(pushed, name));
    }

    private ReceivedPush Keep(in PushedApdu pushed, string name) => new(name, pushed.Framing, pushed.Peer, pushed.Apdu.ToArray(), lineTime.GetUtcNow());

    // Completes the writer when listening ends, with the reason where it was not asked to.
    private async Task AcceptAsync(IByteListener listener, ChannelWriter<ReceivedPush> pushes, CancellationToken stop)
    {
        var running = new RunningTasks();
        Exception? end = null;
        var connections = new StrongBox<int>();
        try
        {
            while (true)
            {
                var channel = await listener.AcceptAsync(stop).ConfigureAwait(false);
                running.Add(ServeAsync(channel, connections, pushes, stop));
            }
        }
        catch (OperationCanceledException)
        {
            // Nobody takes pushes any more.
        }
        catch (LinkException e)
        {
            end = e;
        }

        pushes.TryComplete(end);
        await running.WhenAllAsync().ConfigureAwait(false);
    }

    private async Task ServeAsync(IByteChannel channel, StrongBox<int> connections, ChannelWriter<ReceivedPush> pushes, CancellationToken stop)
    {
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                if (Interlocked.Increment(ref connections.Value) > options.MaxConnections) return;
                await foreach (var push in ReceiveAsync(channel, options.IdleTimeout, stop).ConfigureAwait(false))
                {
                    await pushes.WriteAsync(push, stop).ConfigureAwait(false);
                }
            }
            catch (Exception e) when (e is OperationCanceledException or ChannelClosedException)
            {
                // Nobody takes pushes any more.
            }
            catch (LinkException e)
            {
                options.OnFault?.Invoke(channel.Name, e);
            }
            finally
            {
                Interlocked.Decrement(ref connections.Value);
            }
        }
    }
}
