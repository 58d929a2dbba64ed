using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Client side of an HDLC link: sets it up, carries APDUs both ways, recovers what the line loses.</summary>
/// <remarks>
/// IEC 62056-46, normal response mode: this end polls (P), the device answers up to a final frame (F). After a timeout it polls
/// with RR: the device's N(R) tells whether the request was lost (it is sent again) or the answer (the device sends it again).
/// Frames from or to other stations, an echo of what was sent included, are not looked at.
/// </remarks>
public sealed partial class HdlcClientLink : IClientFraming
{
    private enum Timer { None, Response, Poll, Inactivity }

    private readonly HdlcClientOptions _options;
    private readonly HdlcAddress _client;
    private readonly HdlcAddress _server;
    private readonly HdlcDeframer _deframer = new();
    private readonly HdlcTransfer _transfer;
    private readonly ApduQueue<bool> _received = new();
    private readonly ArrayBufferWriter<byte> _scratch = new();
    private Timer _timer;
    private TimeSpan _deadline;
    private TimeSpan _silenceDeadline;
    private TimeSpan _answerDeadline;
    private int _attempts;
    private int _barren;
    private long _framesAtStart;
    private bool _heardOctets;
    private bool _awaitsAnswer;
    private bool _peerBusy;
    private bool _gap;

    /// <summary>A link that is down.</summary>
    /// <exception cref="ArgumentOutOfRangeException">An option is out of its range.</exception>
    public HdlcClientLink(HdlcClientOptions options)
    {
        options.Validate();
        (_options, _client, _server) = (options, options.Client, options.Server);
        _transfer = new(options.MaxApdu + Llc.Size);
    }

    /// <inheritdoc/>
    public LinkState State { get; private set; } = LinkState.Down;

    /// <inheritdoc/>
    public LinkFault Fault { get; private set; }

    /// <summary>What the device's FRMR said last, where the fault is <see cref="LinkFault.FrameRejected"/> and it gave a reason.</summary>
    public HdlcReject? Rejection { get; private set; }

    /// <summary>While true, the device is told to hold back (RNR), and what it sends is not taken in.</summary>
    public bool Busy { get; set; }

    /// <inheritdoc/>
    public ArrayBufferWriter<byte> Output { get; } = new();

    /// <summary>What SNRM and UA agreed on, seen from this end.</summary>
    public HdlcParameters Agreed { get; private set; } = HdlcParameters.Default;

    /// <summary>Frames that came from the device for this client.</summary>
    public long FramesReceived { get; private set; }

    /// <summary>Frames sent again, and polls repeated, because an answer was missing.</summary>
    public long Retransmissions { get; private set; }

    /// <summary>Frames whose checks failed.</summary>
    public long BadFrames => _deframer.BadFrames;

    /// <summary>Octets outside of any frame.</summary>
    public long GarbageOctets => _deframer.GarbageOctets;

    /// <inheritdoc/>
    public TimeSpan? NextDeadline
    {
        get
        {
            TimeSpan? next = _timer == Timer.None ? null : _deadline;
            return _deframer.HasPending && (next is null || _silenceDeadline < next) ? _silenceDeadline : next;
        }
    }

    /// <inheritdoc/>
    /// <remarks>To a broadcast address there is no link: it counts as up at once, and only <see cref="SendUnconfirmed"/> goes there.</remarks>
    public void Open(TimeSpan now)
    {
        if (State is LinkState.Connecting or LinkState.Up) return;
        Rejection = null;
        (Fault, _attempts, _barren, _awaitsAnswer, _peerBusy, _gap) = (LinkFault.None, 0, 0, false, false, false);
        _received.Clear();
        if (_server.IsBroadcast)
        {
            Enter(LinkState.Up);
            return;
        }

        Enter(LinkState.Connecting);
        SendSnrm(now);
    }

    /// <inheritdoc/>
    /// <remarks>An APDU that is given while another is under way follows it.</remarks>
    public void Send(ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        if (State != LinkState.Up) throw new InvalidOperationException($"The link is {State}; an APDU can be sent when it is Up.");
        if (_server.IsBroadcast) throw new InvalidOperationException($"Nobody answers at {_server}, which is a broadcast address; use SendUnconfirmed.");
        if (_transfer.OutgoingOctets + apdu.Length > Limits.MaxReassembly)
            throw new InvalidOperationException($"More than {Limits.MaxReassembly} octets wait to be sent; wait for answers first.");

        // A device that forgets the final bit after a whole answer does not hold up the next request.
        var underWay = _timer == Timer.Response && (_awaitsAnswer || _transfer.HasOutgoing);
        _transfer.Enqueue(Llc.Command, apdu);
        (_awaitsAnswer, _answerDeadline) = (true, now + _options.AnswerTimeout);
        if (underWay) return;
        (_attempts, _barren) = (0, 0);
        Poll(now);
    }

    /// <summary>Asks an idle link whether the device is still there (RR), and keeps it from ending the link. Does nothing while something is under way.</summary>
    public void Probe(TimeSpan now)
    {
        if (State != LinkState.Up || _server.IsBroadcast || _timer is Timer.Response or Timer.Poll) return;
        (_attempts, _barren) = (0, 0);
        SendRr(now);
    }

    /// <summary>The device has more to say to what it was asked: polls it where nothing is under way. A device speaks only when polled.</summary>
    public void AwaitMore(TimeSpan now)
    {
        if (State != LinkState.Up) return;
        (_awaitsAnswer, _answerDeadline) = (true, now + _options.AnswerTimeout);
        if (_timer is Timer.Response or Timer.Poll) return;
        (_attempts, _barren) = (0, 0);
        Poll(now);
    }

    /// <inheritdoc/>
    public void SendUnconfirmed(ReadOnlySpan<byte> apdu, TimeSpan now)
    {
        var most = (State == LinkState.Up && !_server.IsBroadcast ? Agreed.MaxInfoTransmit : HdlcFrame.MaxInformation) - Llc.Size;
        if (apdu.Length > most) throw new InvalidOperationException($"A UI frame to {_server} holds an APDU of {most} octets, not {apdu.Length}; there are no segments without a link.");
        _scratch.ResetWrittenCount();
        _scratch.Write(Llc.Command);
        _scratch.Write(apdu);
        Write(HdlcControl.Ui, false, _scratch.WrittenSpan);
    }

    /// <inheritdoc/>
    public void Receive(ReadOnlySpan<byte> bytes, TimeSpan now)
    {
        _heardOctets |= !bytes.IsEmpty;
        _silenceDeadline = now + _options.InterOctetTimeout;
        while (_deframer.TryRead(ref bytes, out var frame)) Handle(frame, now);

        // A long frame on a slow line may take longer than the response timeout.
        if (_deframer.InFrame && _timer == Timer.Response) _deadline = Later(_deadline, now + _options.ResponseTimeout);
    }

    /// <inheritdoc/>
    public void Tick(TimeSpan now)
    {
        if (_deframer.HasPending && now >= _silenceDeadline)
        {
            while (_deframer.TryReadAfterSilence(out var frame)) Handle(frame, now);
        }

        if (_timer == Timer.None || now < _deadline) return;
        var timer = _timer;
        _timer = Timer.None;
        switch (State, timer)
        {
            case (LinkState.Connecting, Timer.Response) when CanRetry(): SendSnrm(now); break;
            case (LinkState.Disconnecting, Timer.Response) when CanRetry(): SendDisc(now); break;
            case (LinkState.Disconnecting, Timer.Response): Enter(LinkState.Down); break;   // over for this end, said or not
            case (LinkState.Up, Timer.Response) when CanRetry(): SendRr(now); break;        // ask what got through
            case (LinkState.Up, Timer.Poll) when now >= _answerDeadline: Fail(LinkFault.NoAnswer); break;
            case (LinkState.Up, Timer.Poll): Poll(now); break;
            case (LinkState.Up, Timer.Inactivity): Fail(LinkFault.Disconnected); break;
            default: Fail(_heardOctets && FramesReceived == _framesAtStart ? LinkFault.Garbage : LinkFault.NoAnswer); break;
        }
    }

    /// <inheritdoc/>
    public bool TryTakeApdu(out ReadOnlyMemory<byte> apdu) => _received.TryTake(out _, out apdu);

    /// <inheritdoc/>
    public void Close(TimeSpan now)
    {
        if (State == LinkState.Disconnecting) return;
        _attempts = 0;
        if (State is LinkState.Down or LinkState.Failed || _server.IsBroadcast)
        {
            Enter(LinkState.Down);
            return;
        }

        Enter(LinkState.Disconnecting);
        SendDisc(now);
    }

    /// <summary>The table: what a frame means in each state.</summary>
    private void Handle(in HdlcFrame frame, TimeSpan now)
    {
        if (!frame.Source.Names(_server) || !IsForUs(frame)) return;
        FramesReceived++;
        switch (State, frame.Control.Type)
        {
            case (LinkState.Connecting, HdlcFrameType.UA): Connected(frame, now); break;
            case (LinkState.Connecting, HdlcFrameType.DM): Fail(LinkFault.Refused); break;
            case (LinkState.Connecting, HdlcFrameType.FRMR): Rejected(frame); break;

            case (LinkState.Up, HdlcFrameType.I): TakeInformation(frame, now); break;
            case (LinkState.Up, HdlcFrameType.RR): TakeAcknowledgement(frame, busy: false, now); break;
            case (LinkState.Up, HdlcFrameType.RNR): TakeAcknowledgement(frame, busy: true, now); break;
            case (LinkState.Up, HdlcFrameType.REJ): TakeAcknowledgement(frame, busy: false, now); break;  // the turn that follows goes back anyway
            case (LinkState.Up, HdlcFrameType.UI): TakeUnnumbered(frame); break;
            case (LinkState.Up, HdlcFrameType.DM): Fail(LinkFault.Disconnected); break;
            case (LinkState.Up, HdlcFrameType.FRMR): Rejected(frame); break;
            case (LinkState.Up, HdlcFrameType.UA): break;                                        // answer to an SNRM sent twice

            case (LinkState.Disconnecting, HdlcFrameType.UA): Enter(LinkState.Down); break;
            case (LinkState.Disconnecting, HdlcFrameType.DM): Enter(LinkState.Down); break;      // it had forgotten the link already

            case (LinkState.Up, _): Fail(LinkFault.Unexpected); break;                           // a command, or no known frame
            default: break;                                                                      // left over from before
        }
    }

    /// <summary>True for frames to this client; a push may also be to all clients.</summary>
    private bool IsForUs(in HdlcFrame frame) =>
        frame.Destination == _client || (frame.Destination.IsBroadcast && frame.Control.Type == HdlcFrameType.UI);

    private void Rejected(in HdlcFrame frame)
    {
        Rejection = HdlcReject.TryRead(frame.Information, out var rejection) ? rejection : null;
        Fail(LinkFault.FrameRejected);
    }

    private void Connected(in HdlcFrame frame, TimeSpan now)
    {
        HdlcParameters.TryRead(frame.Information, out var peer);
        Agreed = _options.Parameters.Agree(peer);
        _transfer.Reset(Agreed);
        Enter(LinkState.Up);
        GoIdle(now);
    }

    private void TakeInformation(in HdlcFrame frame, TimeSpan now)
    {
        if (!_transfer.TryAcknowledge(frame.Control.ReceiveNumber, out var acknowledged)) return;
        var received = !IsBusy ? _transfer.Receive(frame.Control.SendNumber, frame.Segmented, frame.Information) : HdlcReceived.OutOfSequence;
        if (received == HdlcReceived.TooLong)
        {
            Fail(LinkFault.TooLong);
            return;
        }

        if (received == HdlcReceived.Whole && !TakeApdu(_transfer.Received)) return;
        _gap |= received == HdlcReceived.OutOfSequence;
        var progress = acknowledged || received != HdlcReceived.OutOfSequence;
        if (progress) Progress(now);

        // Nothing new in a final frame: the answer to a poll that was repeated too early. What was asked last is still to come.
        if (frame.Control.PollFinal && (progress || IsAhead(frame.Control.SendNumber))) Continue(progress, saidNothing: false, now);
    }

    private void TakeAcknowledgement(in HdlcFrame frame, bool busy, TimeSpan now)
    {
        if (!_transfer.TryAcknowledge(frame.Control.ReceiveNumber, out var progress)) return;
        _peerBusy = busy;
        if (progress) Progress(now);
        if (frame.Control.PollFinal) Continue(progress, saidNothing: true, now);
    }

    /// <summary>A push from the device we talk to is an APDU like any other.</summary>
    private void TakeUnnumbered(in HdlcFrame frame)
    {
        if (_received.HasRoom && Llc.IsPresent(frame.Information)) _received.Add(false, frame.Information[Llc.Size..]);
    }

    private bool TakeApdu(ReadOnlyMemory<byte> octets)
    {
        if (!Llc.TryStrip(octets, out var apdu))
        {
            Fail(LinkFault.Unexpected);
            return false;
        }

        _received.Add(true, apdu.Span);
        _awaitsAnswer = false;
        return true;
    }
}
