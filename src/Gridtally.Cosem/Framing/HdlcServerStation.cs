using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>One link of one device with one client, server side.</summary>
internal sealed class HdlcServerStation(HdlcServerLine line, PeerAddress peer, HdlcServerOptions options, bool refuses)
{
    private enum Mode { Disconnected, Normal, FrameReject }

    private readonly HdlcTransfer _transfer = new(options.MaxApdu + Llc.Size);
    private readonly ArrayBufferWriter<byte> _scratch = new(32);
    private HdlcReject _reject;
    private HdlcParameters _agreed = HdlcParameters.Default;
    private HdlcAddress _client;
    private HdlcAddress _server;
    private Mode _mode;
    private bool _owesFinal;
    private bool _peerBusy;
    private bool _gap;

    /// <summary>True while the link is set up.</summary>
    public bool IsUp => _mode != Mode.Disconnected;

    /// <summary>Its address in the form that the client uses.</summary>
    public HdlcAddress Address => _server;

    /// <summary>When something came last.</summary>
    public TimeSpan LastHeard { get; private set; }

    /// <summary>Frames sent again because the client had not got them.</summary>
    public long Retransmissions { get; private set; }

    /// <summary>The table: what a command means in each mode.</summary>
    public void Handle(in HdlcFrame frame, TimeSpan now)
    {
        LastHeard = now;
        (_client, _server) = (frame.Source, frame.Destination);   // answers have the form of the request
        var poll = frame.Control.PollFinal;
        switch (_mode, frame.Control.Type)
        {
            case (Mode.Disconnected, HdlcFrameType.SNRM) when refuses: Reply(HdlcControl.Dm); break;            // more links than this line holds
            case (_, HdlcFrameType.SNRM): Connect(frame); break;
            case (Mode.Disconnected, HdlcFrameType.UI): TakeUnnumbered(frame); break;
            case (Mode.Disconnected, HdlcFrameType.UA or HdlcFrameType.DM or HdlcFrameType.FRMR): break;    // an echo of another's answer
            case (Mode.Disconnected, _): if (poll) Reply(HdlcControl.Dm); break;

            case (Mode.Normal, HdlcFrameType.DISC or HdlcFrameType.RR or HdlcFrameType.RNR or HdlcFrameType.REJ) when !frame.Information.IsEmpty:
                Reject(frame, HdlcRejectReasons.UndefinedControl | HdlcRejectReasons.InformationNotPermitted);
                break;
            case (_, HdlcFrameType.DISC): Disconnect(); break;
            case (_, HdlcFrameType.UA or HdlcFrameType.DM or HdlcFrameType.FRMR): break;                    // an echo
            case (_, HdlcFrameType.UI): TakeUnnumbered(frame); break;
            case (Mode.FrameReject, _): if (poll) ReplyReject(); break;                  // until SNRM or DISC

            case (Mode.Normal, HdlcFrameType.I): TakeInformation(frame); break;
            case (Mode.Normal, HdlcFrameType.RR): TakeAcknowledgement(frame, busy: false); break;
            case (Mode.Normal, HdlcFrameType.RNR): TakeAcknowledgement(frame, busy: true); break;
            case (Mode.Normal, HdlcFrameType.REJ): TakeAcknowledgement(frame, busy: false); break;           // the answer goes back anyway
            default: Reject(frame, HdlcRejectReasons.UndefinedControl); break;
        }
    }

    /// <summary>Sends an answer: at once where the client's poll still waits for one, else when it polls again.</summary>
    public void Send(ReadOnlySpan<byte> apdu)
    {
        if (_mode != Mode.Normal || _transfer.OutgoingOctets + apdu.Length > Limits.MaxReassembly) return;
        if (!apdu.IsEmpty) _transfer.Enqueue(Llc.Response, apdu);
        if (_owesFinal) AnswerPoll();
    }

    /// <summary>Ends the link without a word.</summary>
    public void Drop() => _mode = Mode.Disconnected;

    private void Connect(in HdlcFrame frame)
    {
        HdlcParameters.TryRead(frame.Information, out var proposed);
        _agreed = options.Parameters.Agree(proposed);
        _transfer.Reset(_agreed);
        (_mode, _owesFinal, _peerBusy, _gap) = (Mode.Normal, false, false, false);
        line.Report(FramingEventKind.Connected, peer);

        _scratch.ResetWrittenCount();
        _agreed.WriteTo(_scratch);
        Reply(HdlcControl.Ua, _scratch.WrittenSpan);
    }

    private void Disconnect()
    {
        _mode = Mode.Disconnected;
        line.Report(FramingEventKind.Disconnected, peer);
        Reply(HdlcControl.Ua);
    }

    private void TakeInformation(in HdlcFrame frame)
    {
        if (frame.Information.Length > _agreed.MaxInfoReceive)
        {
            Reject(frame, HdlcRejectReasons.InformationTooLong);
            return;
        }

        if (!_transfer.TryAcknowledge(frame.Control.ReceiveNumber, out _))
        {
            Reject(frame, HdlcRejectReasons.InvalidReceiveNumber);
            return;
        }

        var received = IsBusy ? HdlcReceived.OutOfSequence : _transfer.Receive(frame.Control.SendNumber, frame.Segmented, frame.Information);
        _gap = received == HdlcReceived.OutOfSequence && IsAhead(frame.Control.SendNumber);
        var whole = received == HdlcReceived.Whole && Llc.IsPresent(_transfer.Received.Span);
        if (whole) line.Report(FramingEventKind.Apdu, peer, _transfer.Received.Span[Llc.Size..]);
        if (received == HdlcReceived.TooLong) Reject(frame, HdlcRejectReasons.InformationTooLong);
        else if (frame.Control.PollFinal && whole) _owesFinal = true;   // the answer itself is the reply
        else if (frame.Control.PollFinal) AnswerPoll();
    }

    private void TakeAcknowledgement(in HdlcFrame frame, bool busy)
    {
        if (!_transfer.TryAcknowledge(frame.Control.ReceiveNumber, out _))
        {
            Reject(frame, HdlcRejectReasons.InvalidReceiveNumber);
            return;
        }

        _peerBusy = busy;
        if (frame.Control.PollFinal) AnswerPoll();
    }

    private void TakeUnnumbered(in HdlcFrame frame)
    {
        if (line.HasRoom && Llc.IsPresent(frame.Information)) line.Report(FramingEventKind.Apdu, peer, frame.Information[Llc.Size..], broadcast: true);
    }

    /// <summary>A window of segments from the first that the client has not got, or RR where there is nothing to send.</summary>
    private void AnswerPoll()
    {
        _owesFinal = false;
        Retransmissions += _transfer.GoBack();
        if (!_transfer.CanSend || _peerBusy)
        {
            ReplySupervisory(_transfer.ReceiveNumber);
            return;
        }

        while (_transfer.CanSend)
        {
            var information = _transfer.Next(out var number, out var more);
            Reply(HdlcControl.I(number, _transfer.ReceiveNumber, !_transfer.CanSend), information, more);
        }
    }

    /// <summary>True where nothing more can be taken in.</summary>
    private bool IsBusy => line.Busy || !line.HasRoom;

    /// <summary>True where a frame is newer than the one expected: one before it was lost.</summary>
    private bool IsAhead(int sendNumber)
    {
        var distance = (sendNumber - _transfer.ReceiveNumber) & 7;
        return distance > 0 && distance < _agreed.WindowReceive;
    }

    private void ReplySupervisory(int expected)
    {
        var reject = _gap && options.UseReject;
        _gap = false;
        Reply(IsBusy ? HdlcControl.Rnr(expected, true) : reject ? HdlcControl.Rej(expected, true) : HdlcControl.Rr(expected, true));
    }

    private void Reject(in HdlcFrame frame, HdlcRejectReasons reasons)
    {
        _mode = Mode.FrameReject;
        _reject = new(frame.Control, _transfer.SendNumber, _transfer.ReceiveNumber, OfResponse: false, reasons);
        ReplyReject();
    }

    private void ReplyReject()
    {
        _scratch.ResetWrittenCount();
        _reject.WriteTo(_scratch);
        Reply(HdlcControl.Frmr, _scratch.WrittenSpan);
    }

    private void Reply(HdlcControl control, ReadOnlySpan<byte> information = default, bool segmented = false) =>
        HdlcFrame.Write(line.Output, _client, _server, control, segmented, information);
}
