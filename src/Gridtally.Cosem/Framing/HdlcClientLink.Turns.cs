namespace Gridtally.Cosem.Framing;

/// <content>Whose turn it is: polling, windows, timers.</content>
public sealed partial class HdlcClientLink
{
    /// <summary>True where nothing more can be taken in: asked so, or because the driver has not taken what came.</summary>
    private bool IsBusy => Busy || !_received.HasRoom;

    /// <summary>After a final frame the turn is ours: send on, ask for more, wait, or rest.</summary>
    private void Continue(bool progress, bool saidNothing, TimeSpan now)
    {
        if (_timer != Timer.Response) return;
        if (IsBusy) _answerDeadline = now + _options.AnswerTimeout;
        var repeats = !progress && !_peerBusy && !IsBusy && (_transfer.HasUnacknowledged || _gap);
        if (repeats && ++_barren > _options.Retries) Fail(LinkFault.NoAnswer);
        else if (_peerBusy || IsBusy) Start(Timer.Poll, now + _options.PollInterval);
        else if (_transfer.HasOutgoing || (_transfer.InApdu && !saidNothing) || _gap) Poll(now);
        else if (_transfer.InApdu || _awaitsAnswer) Start(Timer.Poll, now + _options.PollInterval);
        else GoIdle(now);
    }

    private void Progress(TimeSpan now)
    {
        (_attempts, _barren, _framesAtStart, _heardOctets) = (0, 0, FramesReceived, false);
        _answerDeadline = now + _options.AnswerTimeout;
        if (_timer == Timer.Response) _deadline = Later(_deadline, now + _options.ResponseTimeout);
    }

    /// <summary>Gives the device the turn: a window of segments, or RR.</summary>
    private void Poll(TimeSpan now)
    {
        Retransmissions += _transfer.GoBack();
        if (!_transfer.CanSend || _peerBusy || IsBusy)
        {
            SendRr(now);
            return;
        }

        _gap = false;
        while (_transfer.CanSend)
        {
            var information = _transfer.Next(out var number, out var more);
            Write(HdlcControl.I(number, _transfer.ReceiveNumber, !_transfer.CanSend), more, information);
        }

        AwaitResponse(now);
    }

    private void SendRr(TimeSpan now)
    {
        var expected = _transfer.ReceiveNumber;
        Write(IsBusy ? HdlcControl.Rnr(expected, true) : _gap && _options.UseReject ? HdlcControl.Rej(expected, true) : HdlcControl.Rr(expected, true));
        _gap = false;
        AwaitResponse(now);
    }

    private void SendSnrm(TimeSpan now)
    {
        _scratch.ResetWrittenCount();
        if (_options.Parameters != HdlcParameters.Default) _options.Parameters.WriteTo(_scratch);
        Write(HdlcControl.Snrm, false, _scratch.WrittenSpan);
        AwaitResponse(now);
    }

    private void SendDisc(TimeSpan now)
    {
        Write(HdlcControl.Disc);
        AwaitResponse(now);
    }

    private void Write(HdlcControl control, bool segmented = false, ReadOnlySpan<byte> information = default) =>
        HdlcFrame.Write(Output, _server, _client, control, segmented, information);

    private void AwaitResponse(TimeSpan now)
    {
        if (_attempts == 0) (_framesAtStart, _heardOctets) = (FramesReceived, false);
        Start(Timer.Response, now + _options.ResponseTimeout + Output.WrittenCount * _options.OctetTime);
    }

    private bool CanRetry()
    {
        if (_attempts >= _options.Retries) return false;
        _attempts++;
        Retransmissions++;
        return true;
    }

    private void GoIdle(TimeSpan now)
    {
        if (_options.InactivityTimeout > TimeSpan.Zero) Start(Timer.Inactivity, now + _options.InactivityTimeout);
        else _timer = Timer.None;
    }

    private void Start(Timer timer, TimeSpan deadline) => (_timer, _deadline) = (timer, deadline);

    private void Enter(LinkState state) => (State, _timer) = (state, Timer.None);

    private void Fail(LinkFault fault)
    {
        Enter(LinkState.Failed);
        Fault = fault;
    }

    /// <summary>True where a frame is newer than the one expected: one before it was lost.</summary>
    private bool IsAhead(int sendNumber)
    {
        var distance = (sendNumber - _transfer.ReceiveNumber) & 7;
        return distance > 0 && distance < Agreed.WindowReceive;
    }

    private static TimeSpan Later(TimeSpan a, TimeSpan b) => a > b ? a : b;
}
