using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>One connection or line of a <see cref="DlmsServer"/>: its framing, its associations, its gateway requests under way.</summary>
internal sealed class ServerConnection(IByteChannel channel, DlmsServerOptions options, TimeProvider lineTime, Action handled) : IAsyncDisposable
{
    // A datagram has to be read whole; of a stream, a few frames at a time.
    private const int StreamBuffer = 4 * 1024, DatagramBuffer = 64 * 1024;

    private readonly IServerFraming _framing = options.CreateFraming(channel);
    private readonly Dictionary<PeerAddress, ServedAssociation> _associations = [];
    private readonly ArrayBufferWriter<byte> _response = new();
    private readonly RepeatedRequests? _repeats = channel.IsDatagram ? new() : null;
    private readonly IGatewayHandler? _gateway = options.CreateGateway?.Invoke();
    private readonly RunningTasks _gatewayRequests = new();
    private readonly Turn _gatewaySlots = new(options.MaxGatewayRequests);
    private readonly Turn _turn = new(); // framing and sending: the reader's, and those of gateway answers
    private readonly CancellationTokenSource _ended = new();
    private readonly long _start = lineTime.GetTimestamp();

    private TimeSpan Now => lineTime.GetElapsedTime(_start);

    /// <summary>Serves until the connection ends, falls idle or is cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var buffer = new byte[channel.IsDatagram ? DatagramBuffer : StreamBuffer];
        var requests = new List<GatewayRequest>();
        var lastHeard = Now;
        while (true)
        {
            var count = await channel.ReadAsync(buffer, TimeToWait(lastHeard), lineTime, cancellationToken).ConfigureAwait(false);
            if (count == 0 || (count < 0 && IsIdle(lastHeard))) return;
            if (count > 0) lastHeard = Now;
            await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                TakeIn(buffer.AsMemory(0, Math.Max(count, 0)));
                await HandleEventsAsync(requests, cancellationToken).ConfigureAwait(false);
                if (_framing.MustClose) throw new LinkException($"{channel.Name}: expected the DLMS wrapper (version 0001), got something else; the connection is closed.");
            }
            finally
            {
                _turn.Leave();
            }

            await StartAsync(requests, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Ends all associations, and waits for gateway requests to give up.</summary>
    public async ValueTask DisposeAsync()
    {
        _ended.Cancel();
        await _gatewayRequests.WhenAllAsync().ConfigureAwait(false);
        if (_gateway is not null) await _gateway.DisposeAsync().ConfigureAwait(false);
        foreach (var peer in _associations.Keys.ToArray()) End(peer);
    }

    private TimeSpan? TimeToWait(TimeSpan lastHeard)
    {
        TimeSpan? next = _framing.NextDeadline;
        if (options.IdleTimeout > TimeSpan.Zero && !(next < lastHeard + options.IdleTimeout)) next = lastHeard + options.IdleTimeout;
        return next - Now;
    }

    private bool IsIdle(TimeSpan lastHeard) => options.IdleTimeout > TimeSpan.Zero && Now - lastHeard >= options.IdleTimeout;

    private void TakeIn(ReadOnlyMemory<byte> bytes)
    {
        if (bytes.IsEmpty)
        {
            _framing.Tick(Now);
            return;
        }

        options.Trace?.Invoke(new(channel.Name, TraceDirection.Received, bytes, lineTime.GetUtcNow()));
        _framing.Receive(bytes.Span, Now);
    }

    private async ValueTask HandleEventsAsync(List<GatewayRequest> requests, CancellationToken cancellationToken)
    {
        while (_framing.TryTakeEvent(out var happened))
        {
            if (happened.Kind != FramingEventKind.Apdu) End(happened.Peer);
            else if (happened.Broadcast) HandleUnanswered(happened.Peer, happened.Apdu);
            else if (_gateway is not null && happened.Apdu.Span is [GatewayHeader.RequestTag, ..]) requests.Add(new(happened.Peer, happened.Apdu.ToArray()));
            else Handle(happened.Peer, happened.Apdu);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
            if (happened.Kind == FramingEventKind.Apdu) await SendOnAsync(happened.Peer, cancellationToken).ConfigureAwait(false);
        }

        await FlushAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Serves what was sent to all, or to one in a UI frame. Whatever it comes to, nobody is told.</summary>
    private void HandleUnanswered(PeerAddress to, ReadOnlyMemory<byte> apdu)
    {
        IEnumerable<PeerAddress> peers = !IsToAll(to) ? [to] : options.Expand?.Invoke(to) ?? _associations.Keys.Where(peer => Means(to, peer)).ToArray();
        foreach (var peer in peers)
        {
            if (Find(peer) is { } served && TryHandle(peer, served, apdu, broadcast: true)) handled();
        }
    }

    private bool IsToAll(in PeerAddress to) => to.LogicalDevice == AllDevices || to.Physical == HdlcAddress.All14;

    private bool Means(in PeerAddress to, in PeerAddress peer) =>
        peer.Client == to.Client && (to.LogicalDevice == AllDevices || to.LogicalDevice == peer.LogicalDevice)
        && (to.Physical is 0 or HdlcAddress.All14 || to.Physical == peer.Physical);

    /// <summary>What says "all logical devices" here: HDLC framings write their forms of it as one.</summary>
    private ushort AllDevices => _framing is WrapperServer ? WrapperHeader.AllDevices : HdlcAddress.All14;

    private void Handle(PeerAddress peer, ReadOnlyMemory<byte> apdu)
    {
        if (Find(peer) is not { } served) return;
        if (_repeats?.TryFind(peer, apdu.Span, out var before) == true)
        {
            _framing.Send(peer, before, Now);
            return;
        }

        if (!TryHandle(peer, served, apdu, broadcast: false)) return;
        handled();
        _repeats?.Keep(peer, apdu.Span, _response.WrittenSpan);
        _framing.Send(peer, _response.WrittenSpan, Now); // nothing to say gives the turn back
    }

    private bool TryHandle(PeerAddress peer, ServedAssociation served, ReadOnlyMemory<byte> apdu, bool broadcast)
    {
        _response.ResetWrittenCount();
        try
        {
            Handle(served, apdu.Span, broadcast);
            return true;
        }
#pragma warning disable CA1031 // a fault in one device's code must not take the other devices of the line down; it is reported
        catch (Exception e)
#pragma warning restore CA1031
        {
            options.OnFault?.Invoke($"{channel.Name}, {peer}", e);
            End(peer);
            return false;
        }
    }

    private void Handle(ServedAssociation served, ReadOnlySpan<byte> apdu, bool broadcast)
    {
        if (served.Gate is not { } gate)
        {
            served.Association.Handle(apdu, _response, broadcast);
            return;
        }

        lock (gate) served.Association.Handle(apdu, _response, broadcast);
    }

    // An answer in a stream of general blocks: written one by one, as each may become a datagram of its own.
    private async ValueTask SendOnAsync(PeerAddress peer, CancellationToken cancellationToken)
    {
        while (_associations.TryGetValue(peer, out var served) && TryNext(served))
        {
            _framing.Send(peer, _response.WrittenSpan, Now);
            await FlushAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    private bool TryNext(ServedAssociation served)
    {
        _response.ResetWrittenCount();
        if (served.Gate is not { } gate) return served.Association.TryNext(_response);
        lock (gate) return served.Association.TryNext(_response);
    }

    private ServedAssociation? Find(PeerAddress peer)
    {
        if (_associations.TryGetValue(peer, out var served)) return served;
        if (_associations.Count >= options.MaxPeers || options.Resolve(peer) is not { } fresh) return null;
        _associations.Add(peer, fresh);
        return fresh;
    }

    private void End(PeerAddress peer)
    {
        _repeats?.Forget(peer);
        if (!_associations.Remove(peer, out var served)) return;
        if (served.Gate is not { } gate)
        {
            served.Association.Dispose();
            return;
        }

        lock (gate) served.Association.Dispose();
    }

    // Outside of the turn: a slot may have to be waited for, and the answers that free one need the turn.
    private async ValueTask StartAsync(List<GatewayRequest> requests, CancellationToken cancellationToken)
    {
        foreach (var request in requests)
        {
            await _gatewaySlots.EnterAsync(cancellationToken).ConfigureAwait(false);
            _gatewayRequests.Add(HandleGatewayAsync(request));
        }

        requests.Clear();
    }

    private async Task HandleGatewayAsync(GatewayRequest request)
    {
        try
        {
            if (!GatewayHeader.TryRead(request.Apdu, out var header, out var userApdu, out var error))
            {
                throw new InvalidDataException($"{request.Peer} sent a gateway request that can't be read: {error}.");
            }

            var (network, address) = (header.Network, header.Address.ToArray());
            var user = request.Apdu.AsMemory(request.Apdu.Length - userApdu.Length);
            var answer = await _gateway!.HandleAsync(request.Peer, network, address, user, _ended.Token).ConfigureAwait(false);
            if (!answer.IsEmpty) await AnswerAsync(request.Peer, network, address, answer).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Nobody is there to be answered any more.
        }
#pragma warning disable CA1031 // a fault of one gateway request must not take the connection down; it is reported
        catch (Exception e)
#pragma warning restore CA1031
        {
            options.OnFault?.Invoke(channel.Name, e);
        }
        finally
        {
            _gatewaySlots.Leave();
        }
    }

    private async ValueTask AnswerAsync(PeerAddress peer, byte network, byte[] address, ReadOnlyMemory<byte> answer)
    {
        var apdu = new ArrayBufferWriter<byte>(GatewayHeader.FixedSize + address.Length + answer.Length);
        new GatewayHeader { IsResponse = true, Network = network, Address = address }.WriteTo(apdu);
        apdu.Write(answer.Span);
        await _turn.EnterAsync(_ended.Token).ConfigureAwait(false);
        try
        {
            _framing.Send(peer, apdu.WrittenSpan, Now);
            handled();
            await FlushAsync(_ended.Token).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    private async ValueTask FlushAsync(CancellationToken cancellationToken)
    {
        if (_framing.Output.WrittenCount == 0) return;
        options.Trace?.Invoke(new(channel.Name, TraceDirection.Sent, _framing.Output.WrittenMemory, lineTime.GetUtcNow()));
        await channel.WriteInTimeAsync(_framing.Output.WrittenMemory, lineTime, cancellationToken).ConfigureAwait(false);
        _framing.Output.ResetWrittenCount();
    }

    private sealed record GatewayRequest(PeerAddress Peer, byte[] Apdu);
}
