using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Pushes in M-Bus long frames.</summary>
internal sealed class PushMBusReader(int maxApdu) : PushReader
{
    private readonly ScanBuffer _buffer = new(2 * MBusFrame.MaxSize);
    private readonly SegmentReassembly _segments = new(maxApdu);
    private MBusTransport _last;
    private long _badFrames;

    public override PushFraming Framing => PushFraming.MBus;

    public override bool HasPending => !_buffer.Held.IsEmpty;

    public override long BadFrames => _badFrames;

    public override long GarbageOctets => _buffer.Garbage;

    public override long Incomplete => _segments.Incomplete;

    public override bool TryRead(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        while (true)
        {
            while (TryScan(out var frame))
            {
                if (Take(frame, out peer, out payload)) return true;
            }

            peer = default;
            payload = default;
            if (source.IsEmpty) return false;
            _buffer.Fill(ref source);
        }
    }

    public override bool TryReadAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        ReadOnlySpan<byte> nothing = default;
        while (true)
        {
            if (TryRead(ref nothing, out peer, out payload)) return true;
            if (_buffer.Held.IsEmpty) return false;
            if (_buffer.Held.Length >= MBusFrame.HeaderSize) _badFrames++;
            _buffer.Skip(1);
        }
    }

    public override void Clear()
    {
        _buffer.Clear();
        _segments.Clear();
    }

    /// <summary>Finds the next good frame in what is held. Its octets are dropped, but stay readable until more is filled in.</summary>
    private bool TryScan(out MBusFrame frame)
    {
        while (!_buffer.Held.IsEmpty)
        {
            var start = _buffer.Held.IndexOf(MBusFrame.Start);
            _buffer.Skip(start < 0 ? _buffer.Held.Length : start);
            var status = MBusFrame.TryRead(_buffer.Held, out frame, out var length, out var fault);
            if (status == OperationStatus.NeedMoreData) return false;
            if (status == OperationStatus.Done)
            {
                _buffer.Take(length);
                return true;
            }

            if (fault is MBusFrameFault.BadChecksum or MBusFrameFault.NoStop) _badFrames++;
            _buffer.Skip(1);
        }

        frame = default;
        return false;
    }

    private bool Take(scoped in MBusFrame frame, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        peer = default;
        payload = default;
        if (!MBusTransport.TryRead(frame, out var transport)) return false;
        peer = new(transport.Destination, transport.Source, frame.Address);
        var part = frame.Data[transport.HeaderSize..];
        var isFirst = transport.Number == 0 && !(_segments.IsActive && Follows(transport));
        var last = _last;
        _last = transport;
        if (isFirst && transport.IsLast)
        {
            _segments.GiveUp();
            payload = part;
            return !part.IsEmpty;
        }

        if (isFirst) _segments.Begin(part);
        else if (_segments.IsActive && Follows(transport, last)) _segments.Append(part);
        else _segments.GiveUp();
        return transport.IsLast && _segments.TryEnd(out payload);
    }

    private bool Follows(in MBusTransport transport) => Follows(transport, _last);

    /// <summary>True for the segment after <paramref name="last"/>; numbers count modulo 16.</summary>
    private static bool Follows(in MBusTransport transport, in MBusTransport last) =>
        transport.Number == ((last.Number + 1) & 0x0F) && transport.Source == last.Source && transport.Destination == last.Destination;
}
