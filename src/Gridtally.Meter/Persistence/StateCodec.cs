using System.Buffers;

namespace Gridtally.Meter.Persistence;

/// <summary>Writes a meter's state: numbers in as few octets as they need (LEB128, zigzag where signed).</summary>
internal sealed class StateWriter(IBufferWriter<byte> target)
{
    public void Write(byte value) => WriteVar(value);

    public void Write(uint value) => WriteVar(value);

    public void Write(ulong value) => WriteVar(value);

    public void Write(bool value) => WriteVar(value ? 1UL : 0);

    public void Write(short value) => Write((long)value);

    public void Write(long value) => WriteVar((ulong)(value << 1 ^ value >> 63));

    public void Write(ReadOnlySpan<byte> octets)
    {
        WriteVar((ulong)octets.Length);
        target.Write(octets);
    }

    private void WriteVar(ulong value)
    {
        var span = target.GetSpan(10);
        var length = 0;
        for (; value >= 0x80; value >>= 7) span[length++] = (byte)(value | 0x80);
        span[length++] = (byte)value;
        target.Advance(length);
    }
}

/// <summary>Reads what <see cref="StateWriter"/> wrote. Its record has passed its checksum, so a misfit means another version wrote it.</summary>
internal ref struct StateReader(ReadOnlySpan<byte> source)
{
    private ReadOnlySpan<byte> _rest = source;

    public readonly int Remaining => _rest.Length;

    public byte ReadByte() => checked((byte)ReadVar());

    public uint ReadUInt32() => checked((uint)ReadVar());

    public ulong ReadUInt64() => ReadVar();

    public bool ReadBool() => ReadVar() != 0;

    public short ReadInt16() => checked((short)ReadInt64());

    public long ReadInt64()
    {
        var value = ReadVar();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public ReadOnlySpan<byte> ReadOctets()
    {
        var length = ReadVar();
        if (length > (ulong)_rest.Length) throw new InvalidDataException("a field is longer than its record");
        var octets = _rest[..(int)length];
        _rest = _rest[(int)length..];
        return octets;
    }

    private ulong ReadVar()
    {
        ulong value = 0;
        for (var shift = 0; shift < 64; shift += 7)
        {
            if (_rest.IsEmpty) throw new InvalidDataException("a record ends in the middle of a field");
            var octet = _rest[0];
            _rest = _rest[1..];
            value |= (ulong)(octet & 0x7F) << shift;
            if (octet < 0x80) return value;
        }

        throw new InvalidDataException("a number of more than 64 bits");
    }
}
