namespace Gridtally.Cosem.Framing;

/// <summary>Pushes in HDLC frames: UI, or I without a link; long ones in segments. Who they are for is not looked at.</summary>
internal sealed class PushHdlcReader(int maxApdu) : PushReader
{
    private readonly HdlcDeframer _deframer = new();
    private readonly SegmentReassembly _segments = new(maxApdu + Llc.Size);
    private HdlcAddress _from;
    private HdlcAddress _to;
    private HdlcControl _last;

    public override PushFraming Framing => PushFraming.Hdlc;

    public override bool HasPending => _deframer.HasPending;

    public override long BadFrames => _deframer.BadFrames;

    public override long GarbageOctets => _deframer.GarbageOctets;

    public override long Incomplete => _segments.Incomplete;

    public override bool TryRead(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        while (_deframer.TryRead(ref source, out var frame))
        {
            if (Take(frame, out peer, out payload)) return true;
        }

        peer = default;
        payload = default;
        return false;
    }

    public override bool TryReadAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        while (_deframer.TryReadAfterSilence(out var frame))
        {
            if (Take(frame, out peer, out payload)) return true;
        }

        peer = default;
        payload = default;
        return false;
    }

    public override void Clear()
    {
        _deframer.Clear();
        _segments.Clear();
    }

    private bool Take(scoped in HdlcFrame frame, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        peer = new(frame.Destination.Upper, frame.Source.Upper, frame.Source.Lower);
        if (frame.Control.Type is not (HdlcFrameType.I or HdlcFrameType.UI) || frame.Information.IsEmpty) return false;
        var whole = IsNext(frame) ? Append(frame, out payload) : Begin(frame, out payload);
        (_from, _to, _last) = (frame.Source, frame.Destination, frame.Control);
        if (whole && Llc.IsPresent(payload)) payload = payload[Llc.Size..];
        return whole && !payload.IsEmpty;
    }

    /// <summary>
    /// True for a further segment of the same sender; I frames are numbered, and one that is missing shows. After a first segment in a UI frame some
    /// senders (Gurux) go on with I frames, from number 0.
    /// </summary>
    private bool IsNext(scoped in HdlcFrame frame)
    {
        if (!_segments.IsActive || frame.Source != _from || frame.Destination != _to || Llc.IsPresent(frame.Information)) return false;
        var last = _last.Type;
        if (frame.Control.Type == HdlcFrameType.UI) return last == HdlcFrameType.UI;
        return frame.Control.SendNumber == (last == HdlcFrameType.UI ? 0 : (_last.SendNumber + 1) & 7);
    }

    private bool Append(scoped in HdlcFrame frame, out ReadOnlySpan<byte> payload)
    {
        payload = default;
        _segments.Append(frame.Information);
        return !frame.Segmented && _segments.TryEnd(out payload);
    }

    private bool Begin(scoped in HdlcFrame frame, out ReadOnlySpan<byte> payload)
    {
        payload = frame.Information;
        _segments.GiveUp();
        if (!frame.Segmented) return true;
        _segments.Begin(frame.Information);
        return false;
    }
}
