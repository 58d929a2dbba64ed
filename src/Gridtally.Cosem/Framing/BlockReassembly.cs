using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Framing;

/// <summary>Puts pushed general blocks together. Nothing is acknowledged: who pushes streams, and a lost block loses the APDU.</summary>
/// <remarks>General-Block-Transfer, IEC 62056-5-3: control (last block 80), number, number acknowledged, data with length.</remarks>
internal sealed class BlockReassembly(int maxApdu)
{
    private const byte LastBlock = 0x80;

    private readonly SegmentReassembly _segments = new(maxApdu);
    private int _number;

    public long Incomplete => _segments.Incomplete;

    /// <summary>Takes what one frame has brought: a whole APDU, which is passed on as it is, or a block.</summary>
    /// <returns>False while blocks are missing.</returns>
    public bool TryTake(ReadOnlySpan<byte> octets, out ReadOnlySpan<byte> apdu)
    {
        apdu = octets;
        if (octets.IsEmpty) return false;
        if (octets[0] != (byte)ApduTag.GeneralBlockTransfer) return true;
        apdu = default;
        var reader = new AxdrReader(octets[1..], "General-Block-Transfer");
        reader.TryReadByte(out var control);
        reader.TryReadUInt16(out var number);
        reader.TryReadUInt16(out _);
        reader.TryReadLengthPrefixed(out var data);
        if (reader.Failed) return false;

        if (number == 1) _segments.Begin(data);
        else if (_segments.IsActive && number == _number) return false;     // the same once more
        else if (_segments.IsActive && number == _number + 1) _segments.Append(data);
        else _segments.GiveUp();
        _number = number;
        return (control & LastBlock) != 0 && _segments.TryEnd(out apdu);
    }

    public void Clear() => _segments.Clear();
}
