using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Pushes without any framing. An APDU begins where another ended, or after silence; what does not fit is dropped up to the next silence.</summary>
/// <remarks>While octets may be of another framing, an APDU is taken only where silence follows.</remarks>
internal sealed class PushRawReader(int maxApdu) : PushReader
{
    // Measuring walks through the Data. It is done again when a 64th more has come, so all of it costs 65 times the octets at most;
    // what that leaves lying is taken when the line falls silent.
    private const int MeasureAgain = 64;

    private readonly ScanBuffer _buffer = new(maxApdu);
    private bool _believed;
    private bool _lost;
    private int _nextMeasure;
    private long _badFrames;

    public override PushFraming Framing => PushFraming.Raw;

    public override bool HasPending => !_buffer.Held.IsEmpty || _lost;

    public override long BadFrames => _badFrames;

    public override long GarbageOctets => _buffer.Garbage;

    public override bool TryRead(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        peer = default;
        payload = default;
        while (true)
        {
            if (_believed && _buffer.Held.Length >= _nextMeasure && TryTake(out payload)) return true;
            if (_lost || _buffer.IsFull) Lose();
            if (source.IsEmpty) return false;
            _buffer.Fill(ref source);
        }
    }

    public override bool TryReadAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        peer = default;
        payload = default;
        if (_believed || HoldsOnlyWhole())
        {
            if (TryTake(out payload)) return _believed = true;
        }

        if (!_buffer.Held.IsEmpty) Lose();
        (_lost, _nextMeasure) = (false, 0);
        return false;
    }

    public override void Clear()
    {
        _buffer.Clear();
        (_believed, _lost, _nextMeasure) = (false, false, 0);
    }

    public override void Believe() => _believed = true;

    private bool TryTake(out ReadOnlySpan<byte> payload)
    {
        payload = default;
        var held = _buffer.Held;
        if (held.IsEmpty || _lost) return false;
        var status = RawApdu.TryMeasure(held, out var length);
        if (status == OperationStatus.InvalidData) Lose();
        if (status != OperationStatus.Done)
        {
            _nextMeasure = held.Length + held.Length / MeasureAgain + 1;
            return false;
        }

        payload = held[..length];
        _buffer.Take(length);
        _nextMeasure = 0;
        return true;
    }

    private bool HoldsOnlyWhole()
    {
        var rest = _buffer.Held;
        while (!_lost && RawApdu.TryMeasure(rest, out var length) == OperationStatus.Done)
        {
            rest = rest[length..];
            if (rest.IsEmpty) return true;
        }

        return false;
    }

    private void Lose()
    {
        if (!_lost) _badFrames++;
        _lost = true;
        _buffer.SkipAll();
    }
}
