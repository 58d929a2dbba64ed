using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>HDLC links over one line: a serial port, a bus, or a TCP connection to a serial gateway. One link at a time.</summary>
/// <param name="channel">The line. It stays the caller's.</param>
/// <param name="options">What all links share; addresses, timeout and retries are those of each link.</param>
/// <param name="lineTime">Clock of the line.</param>
/// <param name="trace">Shown everything that goes over the line.</param>
public sealed class HdlcRoute(IByteChannel channel, HdlcClientOptions options, TimeProvider lineTime, Action<FrameTrace>? trace = null) : IApduRoute
{
    /// <inheritdoc/>
    public string Name => channel.Name;

    /// <inheritdoc/>
    /// <exception cref="ArgumentOutOfRangeException">An address does not fit in the options' address length.</exception>
    public IApduTransport To(PeerAddress peer, TimeSpan responseTimeout, int retries)
    {
        var own = options with
        {
            ClientSap = peer.Client,
            LogicalDevice = peer.LogicalDevice,
            PhysicalAddress = peer.Physical,
            ResponseTimeout = responseTimeout,
            Retries = retries,
        };
        return new HdlcTransport(channel, own, $"{channel.Name}, {peer}", lineTime, trace);
    }
}

/// <summary>One HDLC link. Lost frames are recovered inside it.</summary>
internal sealed class HdlcTransport(IByteChannel channel, HdlcClientOptions options, string name, TimeProvider lineTime, Action<FrameTrace>? trace) : IApduTransport
{
    // Several frames of the greatest size; a longer burst is read in pieces.
    private const int BufferSize = 4096;

    // A quarter of the inactivity timeout that devices have without being told another.
    private static readonly TimeSpan KeepAlive = TimeSpan.FromSeconds(30);

    private readonly HdlcClientLink _link = new(options);
    private readonly byte[] _buffer = new byte[BufferSize];
    private readonly long _start = lineTime.GetTimestamp();
    private long _sent;
    private long _received;
    private long _roundTrips;

    public string Name => name;

    public SessionStatistics Statistics => new(_sent, _received, _roundTrips, _link.Retransmissions);

    public bool IsUp => _link.State == LinkState.Up;

    private TimeSpan Now => lineTime.GetElapsedTime(_start);

    public async ValueTask ConnectAsync(CancellationToken cancellationToken)
    {
        _link.Open(Now);
        while (_link.State == LinkState.Connecting) await StepAsync(cancellationToken).ConfigureAwait(false);
        ThrowIfFailed();
    }

    public async ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        while (_link.TryTakeApdu(out _))
        {
            // Came after its request was given up; nobody's any more.
        }

        if (options.Server.IsBroadcast) throw new InvalidOperationException($"{Name}: nobody answers at a broadcast address; send without waiting for an answer.");
        _link.Send(apdu.Span, Now);
        return await TakeAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask SendAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        ThrowIfFailed();
        _link.Send(apdu.Span, Now);
        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken)
    {
        _link.AwaitMore(Now);
        return await TakeAsync(cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask<ReadOnlyMemory<byte>> TakeAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            if (_link.TryTakeApdu(out var apdu))
            {
                await FlushAsync(cancellationToken).ConfigureAwait(false);
                _roundTrips++;
                return apdu;
            }

            ThrowIfFailed();
            await StepAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Waits without polling, but for a RR now and then: a link that is idle too long ends.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> ListenAsync(CancellationToken cancellationToken)
    {
        var probe = Now + KeepAlive;
        while (true)
        {
            if (_link.TryTakeApdu(out var apdu)) return apdu;
            ThrowIfFailed();
            if (Now >= probe)
            {
                _link.Probe(Now);
                probe = Now + KeepAlive;
            }

            await FlushAsync(cancellationToken).ConfigureAwait(false);
            await ReadAsync(_link.NextDeadline is { } deadline && deadline < probe ? deadline : probe, cancellationToken).ConfigureAwait(false);
        }
    }

    public bool TryTake(out ReadOnlyMemory<byte> apdu) => _link.TryTakeApdu(out apdu);

    public ValueTask SendUnconfirmedAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        _link.SendUnconfirmed(apdu.Span, Now);
        return FlushAsync(cancellationToken);
    }

    public async ValueTask CloseAsync(CancellationToken cancellationToken)
    {
        // One answer's time is enough: a device that does not hear DISC ends the link by itself after its inactivity timeout.
        using var enough = new CancellationTokenSource(options.ResponseTimeout, lineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(enough.Token, cancellationToken);
        try
        {
            _link.Close(Now);
            while (_link.State == LinkState.Disconnecting) await StepAsync(either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (!cancellationToken.IsCancellationRequested)
        {
            // Over for this side.
        }
    }

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;

    // Sends what there is to send, then waits for octets or for the link's next deadline.
    private async ValueTask StepAsync(CancellationToken cancellationToken)
    {
        await FlushAsync(cancellationToken).ConfigureAwait(false);
        if (_link.NextDeadline is not { } deadline)
        {
            throw new AssociationException(AssociationReason.DeviceError, $"{Name}: the device ended its turn without an answer. Its firmware may be at fault; connect anew.");
        }

        await ReadAsync(deadline, cancellationToken).ConfigureAwait(false);
    }

    private async ValueTask ReadAsync(TimeSpan deadline, CancellationToken cancellationToken)
    {
        var count = await channel.ReadAsync(_buffer, deadline - Now, lineTime, cancellationToken).ConfigureAwait(false);
        if (count == 0) throw new LinkException($"{channel.Name}: the other side closed the connection.");
        if (count < 0)
        {
            _link.Tick(Now);
            return;
        }

        _received += count;
        trace?.Invoke(new(channel.Name, TraceDirection.Received, _buffer.AsMemory(0, count), lineTime.GetUtcNow()));
        _link.Receive(_buffer.AsSpan(0, count), Now);
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_link.Output.WrittenCount == 0) return;
        _sent += _link.Output.WrittenCount;
        trace?.Invoke(new(channel.Name, TraceDirection.Sent, _link.Output.WrittenMemory, lineTime.GetUtcNow()));
        await channel.WriteInTimeAsync(_link.Output.WrittenMemory, lineTime, cancellationToken).ConfigureAwait(false);
        _link.Output.ResetWrittenCount();
    }

    private void ThrowIfFailed()
    {
        if (_link.State == LinkState.Up) return;
        var asked = options.Retries == 0 ? "" : $", asked {options.Retries + 1} times";
        var (reason, message) = _link.Fault switch
        {
            LinkFault.NoAnswer => (AssociationReason.NoAnswer, $"no answer within {options.ResponseTimeout.TotalSeconds:0.###} s{asked}. "
                + $"Check that the meter is on, its HDLC address (here {options.Server}, {options.AddressLength} octets), baud rate and parity, and the wiring."),
            LinkFault.Garbage => (AssociationReason.LineError, "expected HDLC frames, got octets that are none. "
                + "Check baud rate and parity, and that no two devices answer at the same address."),
            LinkFault.Refused => (AssociationReason.Refused, "the device refused the link (DM). Check the client address and the logical device."),
            LinkFault.Disconnected => (AssociationReason.LineError, "the device ended the link. Connect anew."),
            LinkFault.FrameRejected => (AssociationReason.LineError, $"the device rejected a frame (FRMR{(_link.Rejection is { } why ? $", {why}" : "")}). Connect anew; if it happens again, offer smaller frames and window 1."),
            LinkFault.TooLong => (AssociationReason.DeviceError, $"the device sent more than {options.MaxApdu} octets in one APDU. Ask for less at a time."),
            _ => (AssociationReason.LineError, $"the link is {_link.State}, not Up ({_link.Fault}). Connect anew."),
        };
        throw new AssociationException(reason, $"{Name}: {message}");
    }
}
