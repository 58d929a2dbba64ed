using System.Buffers;

namespace Gridtally.Cosem.Framing;

/// <summary>Pushes in the wrapper.</summary>
/// <remarks>What is no header is stepped over: a capture may begin in the middle. While octets may be of another framing, a header has to be the first thing.</remarks>
internal sealed class PushWrapperReader(int maxApdu) : PushReader
{
    private readonly ScanBuffer _buffer = new(WrapperHeader.Size + Math.Min(maxApdu, ushort.MaxValue));
    private bool _believed;
    private bool _lost;
    private long _badFrames;

    public override PushFraming Framing => PushFraming.Wrapper;

    public override bool HasPending => !_buffer.Held.IsEmpty || _lost;

    public override long BadFrames => _badFrames;

    public override long GarbageOctets => _buffer.Garbage;

    public override bool TryRead(scoped ref ReadOnlySpan<byte> source, out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        while (!TryScan(out peer, out payload))
        {
            if (source.IsEmpty) return false;
            _buffer.Fill(ref source);
        }

        return true;
    }

    public override bool TryReadAfterSilence(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        while (!TryScan(out peer, out payload))
        {
            _lost = false;
            if (_buffer.Held.IsEmpty) return false;
            if (_buffer.Held.Length >= WrapperHeader.Size) _badFrames++;
            if (_believed) _buffer.Skip(1);
            else _buffer.SkipAll();
        }

        return true;
    }

    public override void Believe() => _believed = true;

    public override void Clear()
    {
        _buffer.Clear();
        (_believed, _lost) = (false, false);
    }

    private bool TryScan(out PeerAddress peer, out ReadOnlySpan<byte> payload)
    {
        peer = default;
        payload = default;
        while (!_buffer.Held.IsEmpty && !_lost)
        {
            var held = _buffer.Held;
            var status = WrapperHeader.TryRead(held, out var header);
            var sane = status switch
            {
                OperationStatus.InvalidData => false,
                OperationStatus.NeedMoreData => true,
                _ => header.Length > 0 && header.Length <= maxApdu && BeginsApdu(held),
            };
            if (!sane)
            {
                Skip(held);
                continue;
            }

            var length = WrapperHeader.Size + header.Length;
            if (status == OperationStatus.NeedMoreData || held.Length < length) return false;
            _buffer.Take(length);
            peer = new(header.Destination, header.Source);
            payload = held[WrapperHeader.Size..length];
            return true;
        }

        if (_lost) _buffer.SkipAll();
        return false;
    }

    /// <summary>To the next octet that may begin a header; up to the next silence while octets may be of another framing.</summary>
    private void Skip(ReadOnlySpan<byte> held)
    {
        var next = held[1..].IndexOf((byte)(WrapperHeader.Version >> 8));
        _lost = !_believed;
        _buffer.Skip(next < 0 || _lost ? held.Length : 1 + next);
    }

    /// <summary>Any APDU, not only a push: a listener on a port also hears associations, and says that they are none.</summary>
    private static bool BeginsApdu(ReadOnlySpan<byte> held) =>
        held.Length == WrapperHeader.Size || Enum.IsDefined((Apdus.ApduTag)held[WrapperHeader.Size]);
}
