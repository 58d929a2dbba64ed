using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>One TCP connection (or UDP address) shared by any number of clients and logical devices, and by the meters behind a gateway.</summary>
/// <remarks>
/// Answers are told apart by their wPorts and gateway header, so exchanges with different peers run at the same time. An answer is
/// handed over on the thread that reads the connection: who awaits it must not block that thread for other exchanges of the same
/// connection. A loss is noticed while idle too, see <see cref="Completion"/>.
/// </remarks>
public sealed class WrapperConnection : IApduRoute, IAsyncDisposable
{
    // A datagram has to be read whole; of a stream, a few frames at a time, as there may be many connections.
    private const int StreamBuffer = 4 * 1024, DatagramBuffer = WrapperHeader.Size + ushort.MaxValue;

    private readonly IByteChannel _channel;
    private readonly TimeProvider _lineTime;
    private readonly bool _ownsChannel;
    private readonly Action<FrameTrace>? _trace;
    private readonly WrapperServer _reader; // the stream looks the same from both ends
    private readonly Dictionary<WrapperPeer, WrapperTransport> _transports = [];
    private readonly Turn _writing = new();
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly CancellationTokenSource _stop = new();
    private LinkException? _lost;
    private long _unclaimed;

    /// <summary>Starts to read <paramref name="channel"/>.</summary>
    /// <param name="channel">The connection.</param>
    /// <param name="lineTime">Clock of response timeouts.</param>
    /// <param name="ownsChannel">True where the channel is to be disposed of with this.</param>
    /// <param name="trace">Shown everything that goes over the connection.</param>
    public WrapperConnection(IByteChannel channel, TimeProvider lineTime, bool ownsChannel = true, Action<FrameTrace>? trace = null)
    {
        (_channel, _lineTime, _ownsChannel, _trace) = (channel, lineTime, ownsChannel, trace);
        _reader = new(channel.IsDatagram);
        Completion = ReadAsync(_stop.Token);
    }

    /// <inheritdoc/>
    public string Name => _channel.Name;

    /// <summary>Completes when the connection is over, for whatever reason. Never fails.</summary>
    public Task Completion { get; }

    /// <summary>Why the connection is over; null while it is not.</summary>
    public LinkException? Lost => Volatile.Read(ref _lost);

    /// <summary>APDUs that no transport was waiting for.</summary>
    public long Unclaimed => Interlocked.Read(ref _unclaimed);

    internal TimeProvider LineTime => _lineTime;

    /// <inheritdoc/>
    public IApduTransport To(PeerAddress peer, TimeSpan responseTimeout, int retries) => Add(new(peer.Client, peer.LogicalDevice, null), responseTimeout, retries);

    /// <summary>The route to a meter behind the gateway at the other end of this connection.</summary>
    /// <param name="network">Network id: which of the networks behind the gateway.</param>
    /// <param name="address">Physical device address there, at most <see cref="GatewayHeader.MaxAddress"/> octets.</param>
    public IApduRoute Gateway(byte network, ReadOnlyMemory<byte> address) => new GatewayRoute(this, new(network, address.ToArray()));

    /// <summary>Ends the connection; exchanges that are under way fail.</summary>
    public async ValueTask DisposeAsync()
    {
        _stop.Cancel();
        if (_ownsChannel) await _channel.DisposeAsync().ConfigureAwait(false);
        await Completion.ConfigureAwait(false);
    }

    internal WrapperTransport Add(WrapperPeer peer, TimeSpan responseTimeout, int retries)
    {
        var transport = new WrapperTransport(this, peer, responseTimeout, retries);
        lock (_transports)
        {
            if (!_transports.TryAdd(peer, transport))
            {
                throw new InvalidOperationException($"{Name} already has a session of {peer}; close it before opening another.");
            }
        }

        return transport;
    }

    // Only if it is still this one: a transport may be disposed of twice, and its successor must not go with it.
    internal void Remove(WrapperPeer peer, WrapperTransport transport)
    {
        lock (_transports)
        {
            if (_transports.TryGetValue(peer, out var current) && current == transport) _transports.Remove(peer);
        }
    }

    internal async ValueTask<int> SendAsync(WrapperPeer peer, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        await _writing.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (Lost is { } lost) throw new LinkException(lost.Message, lost);
            _output.ResetWrittenCount();
            peer.WriteRequest(_output, apdu.Span);
            _trace?.Invoke(new(Name, TraceDirection.Sent, _output.WrittenMemory, _lineTime.GetUtcNow()));

            await WriteAsync().ConfigureAwait(false);
            return _output.WrittenCount;
        }
        finally
        {
            _writing.Leave();
        }
    }

    // Not cancelled with its caller: half a frame would put the stream out of step for everybody.
    private async ValueTask WriteAsync()
    {
        try
        {
            await _channel.WriteInTimeAsync(_output.WrittenMemory, _lineTime, _stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            throw new LinkException($"{Name}: the connection was closed on this side.");
        }
        catch (LinkException)
        {
            _stop.Cancel();
            throw;
        }
    }

    private async Task ReadAsync(CancellationToken stop)
    {
        var buffer = new byte[_channel.IsDatagram ? DatagramBuffer : StreamBuffer];
        LinkException end;
        try
        {
            while (true)
            {
                var count = await _channel.ReadAsync(buffer, stop).ConfigureAwait(false);
                if (count == 0)
                {
                    end = new($"{Name}: the other side closed the connection.");
                    break;
                }

                _trace?.Invoke(new(Name, TraceDirection.Received, buffer.AsMemory(0, count), _lineTime.GetUtcNow()));
                _reader.Receive(buffer.AsSpan(0, count), default);
                while (_reader.TryTakeEvent(out var received)) Deliver(received.Peer, received.Apdu);
                if (!_reader.MustClose) continue;
                end = new($"{Name}: expected the DLMS wrapper (version 0001), got something else. Check that the device speaks DLMS over TCP at this port, and not HDLC.");
                break;
            }
        }
        catch (LinkException e)
        {
            end = e;
        }
        catch (OperationCanceledException)
        {
            end = new($"{Name}: the connection was closed on this side.");
        }

        Volatile.Write(ref _lost, end);
        WrapperTransport[] transports;
        lock (_transports) transports = [.. _transports.Values];
        foreach (var transport in transports) transport.LinkLost();
    }

    // In an answer the source is the device. Devices that forget to swap the ports are let pass.
    private void Deliver(PeerAddress ports, ReadOnlyMemory<byte> apdu)
    {
        var key = GatewayAddress.TryRead(apdu.Span, out var gateway, out var offset) ? gateway : null;
        WrapperTransport? transport;
        lock (_transports)
        {
            if (!_transports.TryGetValue(new(ports.LogicalDevice, ports.Client, key), out transport)
                && !_transports.TryGetValue(new(ports.Client, ports.LogicalDevice, key), out transport))
            {
                Interlocked.Increment(ref _unclaimed);
                return;
            }
        }

        transport.Deliver(apdu[offset..], WrapperHeader.Size + apdu.Length);
    }

    private sealed class GatewayRoute(WrapperConnection connection, GatewayAddress gateway) : IApduRoute
    {
        public string Name => $"{connection.Name}, {gateway}";

        public IApduTransport To(PeerAddress peer, TimeSpan responseTimeout, int retries) =>
            connection.Add(new(peer.Client, peer.LogicalDevice, gateway), responseTimeout, retries);
    }
}
