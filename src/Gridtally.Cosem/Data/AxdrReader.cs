using System.Buffers.Binary;
using Gridtally.Metering;

namespace Gridtally.Cosem.Data;

/// <summary>Reads Data, element by element, straight from the received octets: no tree, no allocation.</summary>
/// <remarks>
/// The message is complete before it is read, so running out of octets is an error, not a reason to wait.
/// The first failure sticks: later reads fail too and <see cref="Error"/> keeps the first. So a caller may read a whole
/// production and check once at its end.
/// </remarks>
public ref partial struct AxdrReader
{
    private readonly ReadOnlySpan<byte> _source;
    private readonly string _production;

    /// <summary>Starts at the first octet of <paramref name="source"/>.</summary>
    /// <param name="source">The whole message or production.</param>
    /// <param name="production">The standard's name for what is read, for <see cref="DecodeError"/>.</param>
    public AxdrReader(ReadOnlySpan<byte> source, string production = "Data")
    {
        _source = source;
        _production = production;
    }

    /// <summary>True where the octets are the beginning of a stream: a count that they can't hold means that more is to come.</summary>
    internal bool MoreMayCome { get; init; }

    /// <summary>Octets read so far.</summary>
    public int Position { get; private set; }

    /// <summary>Octets that are left.</summary>
    public readonly int Remaining => _source.Length - Position;

    /// <summary>What is left, unread.</summary>
    public readonly ReadOnlySpan<byte> Rest => _source[Position..];

    /// <summary>True once a read has failed.</summary>
    public bool Failed { get; private set; }

    /// <summary>The first failure; meaningless while <see cref="Failed"/> is false.</summary>
    public DecodeError Error { get; private set; }

    /// <summary>The tag of the next element, without reading it; null at the end.</summary>
    public readonly DataTag? Peek => Remaining > 0 && !Failed ? (DataTag)_source[Position] : null;

    /// <summary>Records a failure at the current octet; the first one sticks. Always returns false.</summary>
    public bool Fail(DecodeFault fault) => FailAt(fault, Position);

    /// <summary>Reads one octet that is not Data: a choice, a flag.</summary>
    public bool TryReadByte(out byte value)
    {
        value = 0;
        if (Failed || Remaining < 1) return Fail(DecodeFault.Truncated);
        value = _source[Position++];
        return true;
    }

    /// <summary>Reads a big-endian number of 16 bits that is not Data.</summary>
    public bool TryReadUInt16(out ushort value)
    {
        value = 0;
        if (!TryReadBytes(2, out var bytes)) return false;
        value = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        return true;
    }

    /// <summary>Reads a big-endian number of 32 bits that is not Data.</summary>
    public bool TryReadUInt32(out uint value)
    {
        value = 0;
        if (!TryReadBytes(4, out var bytes)) return false;
        value = BinaryPrimitives.ReadUInt32BigEndian(bytes);
        return true;
    }

    /// <summary>Reads <paramref name="count"/> octets as they are.</summary>
    public bool TryReadBytes(int count, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (Failed || Remaining < count) return Fail(DecodeFault.Truncated);
        bytes = _source.Slice(Position, count);
        Position += count;
        return true;
    }

    /// <summary>Reads a length or count in any of its forms, the longer ones included.</summary>
    public bool TryReadLength(out int length)
    {
        length = 0;
        var start = Position;
        if (!TryReadByte(out var first)) return false;
        if (first < 0x80)
        {
            length = first;
            return true;
        }

        if (first is 0x80 or > 0x84) return FailAt(DecodeFault.BadLength, start);
        uint value = 0;
        for (var i = first & 0x7F; i > 0; i--)
        {
            if (!TryReadByte(out var octet)) return false;
            value = value << 8 | octet;
        }

        if (value > int.MaxValue) return FailAt(DecodeFault.BadLength, start);
        length = (int)value;
        return true;
    }

    /// <summary>Reads a length and that many octets (an OCTET STRING without tag).</summary>
    public bool TryReadLengthPrefixed(out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        return TryReadLength(out var length) && TryReadBytes(length, out bytes);
    }

    /// <summary>Reads the head of an array.</summary>
    public bool TryReadArray(out int count) => TryReadCollection(DataTag.Array, out count);

    /// <summary>Reads the head of a structure.</summary>
    public bool TryReadStructure(out int count) => TryReadCollection(DataTag.Structure, out count);

    /// <summary>Reads the head of a structure that must have <paramref name="count"/> elements.</summary>
    public bool TryReadStructureOf(int count)
    {
        var start = Position;
        return TryReadStructure(out var got) && (got == count || FailAt(DecodeFault.BadLength, start));
    }

    /// <summary>Reads any integer type, boolean, enum or bcd as a number.</summary>
    public bool TryReadNumber(out long value)
    {
        value = 0;
        var start = Position;
        if (!TryReadByte(out var tag)) return false;
        var size = FixedSize((DataTag)tag);
        if (size < 1) return FailAt(DecodeFault.UnknownTag, start);
        if (!TryReadBytes(size, out var body)) return false;
        switch ((DataTag)tag)
        {
            case DataTag.Boolean: value = body[0] == 0 ? 0 : 1; return true;
            case DataTag.Unsigned or DataTag.Enum or DataTag.Bcd or DataTag.DeltaUnsigned: value = body[0]; return true;
            case DataTag.Integer or DataTag.DeltaInteger: value = (sbyte)body[0]; return true;
            case DataTag.Long or DataTag.DeltaLong: value = BinaryPrimitives.ReadInt16BigEndian(body); return true;
            case DataTag.LongUnsigned or DataTag.DeltaLongUnsigned: value = BinaryPrimitives.ReadUInt16BigEndian(body); return true;
            case DataTag.DoubleLong or DataTag.DeltaDoubleLong: value = BinaryPrimitives.ReadInt32BigEndian(body); return true;
            case DataTag.DoubleLongUnsigned or DataTag.DeltaDoubleLongUnsigned: value = BinaryPrimitives.ReadUInt32BigEndian(body); return true;
            case DataTag.Long64: value = BinaryPrimitives.ReadInt64BigEndian(body); return true;
            case DataTag.Long64Unsigned:
                var wide = BinaryPrimitives.ReadUInt64BigEndian(body);
                if (wide > long.MaxValue) return FailAt(DecodeFault.BadValue, start);
                value = (long)wide;
                return true;
            default: return FailAt(DecodeFault.UnknownTag, start);
        }
    }

    /// <summary>As <see cref="TryReadNumber(out long)"/>; a number out of range is a <see cref="DecodeFault.BadValue"/>. Integers of any width are taken.</summary>
    public bool TryReadNumber(long minimum, long maximum, out long value)
    {
        var start = Position;
        return TryReadNumber(out value) && (value >= minimum && value <= maximum || FailAt(DecodeFault.BadValue, start));
    }

    /// <summary>As <see cref="TryReadNumber(out long)"/>, for the whole range of long64-unsigned too.</summary>
    public bool TryReadWideNumber(out Int128 value)
    {
        if (Peek == DataTag.Long64Unsigned && Remaining >= 9)
        {
            value = BinaryPrimitives.ReadUInt64BigEndian(Rest[1..]);
            Position += 9;
            return true;
        }

        var done = TryReadNumber(out long number);
        value = number;
        return done;
    }

    /// <summary>Reads an octet-string, visible-string or utf8-string as octets.</summary>
    public bool TryReadOctets(out ReadOnlySpan<byte> value)
    {
        value = default;
        var start = Position;
        if (!TryReadByte(out var tag)) return false;
        return (DataTag)tag is DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String
            ? TryReadLengthPrefixed(out value)
            : FailAt(DecodeFault.UnknownTag, start);
    }

    /// <summary>Reads a logical name: octet-string of six.</summary>
    public bool TryReadObis(out ObisCode value)
    {
        value = default;
        var start = Position;
        if (!TryReadOctets(out var octets)) return false;
        if (octets.Length != ObisCode.Size) return FailAt(DecodeFault.BadLength, start);
        value = ObisCode.Read(octets);
        return true;
    }

    /// <summary>Reads a date-time: octet-string of twelve, or the tagged date-time.</summary>
    public bool TryReadDateTime(out CosemDateTime value)
    {
        value = default;
        if (!TryReadFixedOctets(DataTag.DateTime, CosemDateTime.Size, out var octets)) return false;
        value = CosemDateTime.Read(octets);
        return true;
    }

    /// <summary>Reads a date: octet-string of five, or the tagged date.</summary>
    public bool TryReadDate(out CosemDate value)
    {
        value = default;
        if (!TryReadFixedOctets(DataTag.Date, CosemDate.Size, out var octets)) return false;
        value = CosemDate.Read(octets);
        return true;
    }

    /// <summary>Reads a time: octet-string of four, or the tagged time.</summary>
    public bool TryReadTime(out CosemTime value)
    {
        value = default;
        if (!TryReadFixedOctets(DataTag.Time, CosemTime.Size, out var octets)) return false;
        value = CosemTime.Read(octets);
        return true;
    }

    /// <summary>Reads a float32 or float64.</summary>
    public bool TryReadFloat(out double value)
    {
        value = 0;
        var start = Position;
        if (!TryReadByte(out var tag)) return false;
        switch ((DataTag)tag)
        {
            case DataTag.Float32:
                if (!TryReadBytes(4, out var four)) return false;
                value = BinaryPrimitives.ReadSingleBigEndian(four);
                return true;
            case DataTag.Float64:
                if (!TryReadBytes(8, out var eight)) return false;
                value = BinaryPrimitives.ReadDoubleBigEndian(eight);
                return true;
            default: return FailAt(DecodeFault.UnknownTag, start);
        }
    }

    /// <summary>Reads a bit-string.</summary>
    /// <param name="bits">The octets; the first bit is the most significant of the first octet.</param>
    /// <param name="count">How many bits of them count.</param>
    public bool TryReadBitString(out ReadOnlySpan<byte> bits, out int count)
    {
        bits = default;
        count = 0;
        var start = Position;
        if (!TryReadByte(out var tag)) return false;
        if ((DataTag)tag != DataTag.BitString) return FailAt(DecodeFault.UnknownTag, start);
        return TryReadLength(out count) && TryReadBytes(OctetsOfBits(count), out bits);
    }

    /// <summary>Reads null-data.</summary>
    public bool TryReadNull()
    {
        var start = Position;
        return TryReadByte(out var tag) && ((DataTag)tag == DataTag.NullData || FailAt(DecodeFault.UnknownTag, start));
    }

    /// <summary>Reads a scal_unit structure.</summary>
    public bool TryReadScalerUnit(out ScalerUnit value)
    {
        value = default;
        if (!TryReadStructureOf(2) || !TryReadNumber(sbyte.MinValue, sbyte.MaxValue, out var scaler) || !TryReadNumber(0, byte.MaxValue, out var unit)) return false;
        value = new((sbyte)scaler, (Unit)(byte)unit);
        return true;
    }

    /// <summary>Reads a capture_object_definition structure.</summary>
    public bool TryReadCaptureObject(out CaptureObject value)
    {
        value = default;
        if (!TryReadStructureOf(4) || !TryReadNumber(0, ushort.MaxValue, out var classId) || !TryReadObis(out var instance)
            || !TryReadNumber(sbyte.MinValue, sbyte.MaxValue, out var attribute) || !TryReadNumber(0, ushort.MaxValue, out var index)) return false;
        value = new((ushort)classId, instance, (sbyte)attribute, (ushort)index);
        return true;
    }

    /// <summary>Fails with <see cref="DecodeFault.TrailingBytes"/> unless everything has been read.</summary>
    public bool TryEnd() => !Failed && (Remaining == 0 || Fail(DecodeFault.TrailingBytes));

    /// <summary>Octets of the value of a type that has a fixed size; -1 for the others.</summary>
    public static int FixedSize(DataTag tag) => tag switch
    {
        DataTag.NullData or DataTag.DontCare => 0,
        DataTag.Boolean or DataTag.Bcd or DataTag.Integer or DataTag.Unsigned or DataTag.Enum or DataTag.DeltaInteger or DataTag.DeltaUnsigned => 1,
        DataTag.Long or DataTag.LongUnsigned or DataTag.DeltaLong or DataTag.DeltaLongUnsigned => 2,
        DataTag.DoubleLong or DataTag.DoubleLongUnsigned or DataTag.Float32 or DataTag.Time
            or DataTag.DeltaDoubleLong or DataTag.DeltaDoubleLongUnsigned => 4,
        DataTag.Date => 5,
        DataTag.Long64 or DataTag.Long64Unsigned or DataTag.Float64 => 8,
        DataTag.DateTime => 12,
        _ => -1,
    };

    private bool TryReadCollection(DataTag expected, out int count)
    {
        count = 0;
        var start = Position;
        if (!TryReadByte(out var tag)) return false;
        if ((DataTag)tag != expected) return FailAt(DecodeFault.UnknownTag, start);
        if (!TryReadLength(out count)) return false;

        // Every element has at least its tag: a count past the end is a lie, and nothing is allocated for it.
        return count <= Remaining || FailAt(DecodeFault.BadLength, start);
    }

    // Dates and times come tagged as such, or as octet-string of the same size.
    private bool TryReadFixedOctets(DataTag tag, int size, out ReadOnlySpan<byte> octets)
    {
        octets = default;
        var start = Position;
        if (Peek == tag)
        {
            Position++;
            return TryReadBytes(size, out octets);
        }

        return TryReadOctets(out octets) && (octets.Length == size || FailAt(DecodeFault.BadLength, start));
    }

    internal bool FailAt(DecodeFault fault, int offset)
    {
        if (!Failed) (Failed, Error) = (true, new(fault, _production, offset));
        return false;
    }
}
