using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Metering;

namespace Gridtally.Cosem.Data;

/// <summary>Writes Data, element by element, without building a tree first.</summary>
/// <remarks>A-XDR, IEC 61334-6, as IEC 62056-5-3 uses it. Lengths in their shortest form.</remarks>
public static class AxdrWriter
{
    /// <summary>Writes one octet.</summary>
    public static void WriteByte(this IBufferWriter<byte> target, byte value)
    {
        target.GetSpan(1)[0] = value;
        target.Advance(1);
    }

    /// <summary>Writes a length or count: one octet below 128, else 0x81..0x84 and as many octets.</summary>
    public static void WriteLength(this IBufferWriter<byte> target, int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        var span = target.GetSpan(5);
        switch (length)
        {
            case < 0x80: span[0] = (byte)length; target.Advance(1); break;
            case <= 0xFF: (span[0], span[1]) = (0x81, (byte)length); target.Advance(2); break;
            case <= 0xFFFF: span[0] = 0x82; BinaryPrimitives.WriteUInt16BigEndian(span[1..], (ushort)length); target.Advance(3); break;
            default: span[0] = 0x84; BinaryPrimitives.WriteUInt32BigEndian(span[1..], (uint)length); target.Advance(5); break;
        }
    }

    /// <summary>Begins an array of <paramref name="count"/> elements, which follow.</summary>
    public static void WriteArray(this IBufferWriter<byte> target, int count) => target.WriteHeader(DataTag.Array, count);

    /// <summary>Begins a structure of <paramref name="count"/> elements, which follow.</summary>
    public static void WriteStructure(this IBufferWriter<byte> target, int count) => target.WriteHeader(DataTag.Structure, count);

    /// <summary>Writes null-data.</summary>
    public static void WriteNull(this IBufferWriter<byte> target) => target.WriteByte((byte)DataTag.NullData);

    /// <summary>Writes a boolean.</summary>
    public static void WriteBoolean(this IBufferWriter<byte> target, bool value) => target.WriteTagged(DataTag.Boolean, value ? (byte)1 : (byte)0);

    /// <summary>Writes an unsigned (8 bits).</summary>
    public static void WriteUnsigned(this IBufferWriter<byte> target, byte value) => target.WriteTagged(DataTag.Unsigned, value);

    /// <summary>Writes an integer (8 bits, signed).</summary>
    public static void WriteInteger(this IBufferWriter<byte> target, sbyte value) => target.WriteTagged(DataTag.Integer, (byte)value);

    /// <summary>Writes an enum.</summary>
    public static void WriteEnum(this IBufferWriter<byte> target, byte value) => target.WriteTagged(DataTag.Enum, value);

    /// <summary>Writes a long (16 bits, signed).</summary>
    public static void WriteLong(this IBufferWriter<byte> target, short value)
    {
        var span = target.GetSpan(3);
        span[0] = (byte)DataTag.Long;
        BinaryPrimitives.WriteInt16BigEndian(span[1..], value);
        target.Advance(3);
    }

    /// <summary>Writes a long-unsigned (16 bits).</summary>
    public static void WriteLongUnsigned(this IBufferWriter<byte> target, ushort value)
    {
        var span = target.GetSpan(3);
        span[0] = (byte)DataTag.LongUnsigned;
        BinaryPrimitives.WriteUInt16BigEndian(span[1..], value);
        target.Advance(3);
    }

    /// <summary>Writes a double-long (32 bits, signed).</summary>
    public static void WriteDoubleLong(this IBufferWriter<byte> target, int value)
    {
        var span = target.GetSpan(5);
        span[0] = (byte)DataTag.DoubleLong;
        BinaryPrimitives.WriteInt32BigEndian(span[1..], value);
        target.Advance(5);
    }

    /// <summary>Writes a double-long-unsigned (32 bits).</summary>
    public static void WriteDoubleLongUnsigned(this IBufferWriter<byte> target, uint value)
    {
        var span = target.GetSpan(5);
        span[0] = (byte)DataTag.DoubleLongUnsigned;
        BinaryPrimitives.WriteUInt32BigEndian(span[1..], value);
        target.Advance(5);
    }

    /// <summary>Writes a long64 (64 bits, signed).</summary>
    public static void WriteLong64(this IBufferWriter<byte> target, long value)
    {
        var span = target.GetSpan(9);
        span[0] = (byte)DataTag.Long64;
        BinaryPrimitives.WriteInt64BigEndian(span[1..], value);
        target.Advance(9);
    }

    /// <summary>Writes a long64-unsigned (64 bits).</summary>
    public static void WriteLong64Unsigned(this IBufferWriter<byte> target, ulong value)
    {
        var span = target.GetSpan(9);
        span[0] = (byte)DataTag.Long64Unsigned;
        BinaryPrimitives.WriteUInt64BigEndian(span[1..], value);
        target.Advance(9);
    }

    /// <summary>Writes a float32, its bits as they are.</summary>
    public static void WriteFloat32(this IBufferWriter<byte> target, float value)
    {
        var span = target.GetSpan(5);
        span[0] = (byte)DataTag.Float32;
        BinaryPrimitives.WriteSingleBigEndian(span[1..], value);
        target.Advance(5);
    }

    /// <summary>Writes a float64, its bits as they are.</summary>
    public static void WriteFloat64(this IBufferWriter<byte> target, double value)
    {
        var span = target.GetSpan(9);
        span[0] = (byte)DataTag.Float64;
        BinaryPrimitives.WriteDoubleBigEndian(span[1..], value);
        target.Advance(9);
    }

    /// <summary>Writes a bcd: one octet.</summary>
    public static void WriteBcd(this IBufferWriter<byte> target, byte value) => target.WriteTagged(DataTag.Bcd, value);

    /// <summary>Writes dont-care.</summary>
    public static void WriteDontCare(this IBufferWriter<byte> target) => target.WriteByte((byte)DataTag.DontCare);

    /// <summary>Writes a bit-string.</summary>
    /// <param name="target">Takes it.</param>
    /// <param name="bits">The octets; the first bit is the most significant of the first octet.</param>
    /// <param name="count">How many bits of them count.</param>
    /// <exception cref="ArgumentException">Too few or too many octets for the bits.</exception>
    public static void WriteBitString(this IBufferWriter<byte> target, ReadOnlySpan<byte> bits, int count)
    {
        if (count < 0 || AxdrReader.OctetsOfBits(count) != bits.Length) throw new ArgumentException($"{count} bits do not take {bits.Length} octets.", nameof(bits));
        target.WriteHeader(DataTag.BitString, count);
        target.Write(bits);
    }

    /// <summary>Writes a difference to the value before, in one of the delta types.</summary>
    /// <param name="target">Takes it.</param>
    /// <param name="tag">delta-integer .. delta-double-long-unsigned.</param>
    /// <param name="difference">The difference.</param>
    /// <exception cref="ArgumentException">The type is none of these, or does not hold the difference.</exception>
    public static void WriteDelta(this IBufferWriter<byte> target, DataTag tag, long difference)
    {
        if (tag is < DataTag.DeltaInteger or > DataTag.DeltaDoubleLongUnsigned) throw new ArgumentException($"{DataTags.NameOf(tag)} is no delta type.", nameof(tag));
        CosemValue.Of(tag, difference).WriteTo(target);
    }

    /// <summary>Writes an octet-string.</summary>
    public static void WriteOctetString(this IBufferWriter<byte> target, ReadOnlySpan<byte> value)
    {
        target.WriteHeader(DataTag.OctetString, value.Length);
        target.Write(value);
    }

    /// <summary>Writes a visible-string (ASCII).</summary>
    public static void WriteVisibleString(this IBufferWriter<byte> target, string value) => target.WriteText(DataTag.VisibleString, value);

    /// <summary>Writes a utf8-string.</summary>
    public static void WriteUtf8String(this IBufferWriter<byte> target, string value) => target.WriteText(DataTag.Utf8String, value);

    /// <summary>Writes a logical name: octet-string of six.</summary>
    public static void WriteObis(this IBufferWriter<byte> target, ObisCode value)
    {
        var span = target.GetSpan(2 + ObisCode.Size);
        (span[0], span[1]) = ((byte)DataTag.OctetString, ObisCode.Size);
        value.Write(span[2..]);
        target.Advance(2 + ObisCode.Size);
    }

    /// <summary>Writes a date-time in the form that attributes and profiles use: octet-string of twelve.</summary>
    public static void WriteDateTime(this IBufferWriter<byte> target, in CosemDateTime value)
    {
        var span = target.GetSpan(2 + CosemDateTime.Size);
        (span[0], span[1]) = ((byte)DataTag.OctetString, CosemDateTime.Size);
        value.Write(span[2..]);
        target.Advance(2 + CosemDateTime.Size);
    }

    /// <summary>Writes a date-time with its own tag, as attributes of that type have it.</summary>
    public static void WriteTaggedDateTime(this IBufferWriter<byte> target, in CosemDateTime value)
    {
        var span = target.GetSpan(1 + CosemDateTime.Size);
        span[0] = (byte)DataTag.DateTime;
        value.Write(span[1..]);
        target.Advance(1 + CosemDateTime.Size);
    }

    /// <summary>Writes a date with its own tag.</summary>
    public static void WriteTaggedDate(this IBufferWriter<byte> target, in CosemDate value)
    {
        var span = target.GetSpan(1 + CosemDate.Size);
        span[0] = (byte)DataTag.Date;
        value.Write(span[1..]);
        target.Advance(1 + CosemDate.Size);
    }

    /// <summary>Writes a time with its own tag.</summary>
    public static void WriteTaggedTime(this IBufferWriter<byte> target, in CosemTime value)
    {
        var span = target.GetSpan(1 + CosemTime.Size);
        span[0] = (byte)DataTag.Time;
        value.Write(span[1..]);
        target.Advance(1 + CosemTime.Size);
    }

    /// <summary>Writes a date in the form of schedules and special days: octet-string of five.</summary>
    public static void WriteDate(this IBufferWriter<byte> target, in CosemDate value)
    {
        var span = target.GetSpan(2 + CosemDate.Size);
        (span[0], span[1]) = ((byte)DataTag.OctetString, CosemDate.Size);
        value.Write(span[2..]);
        target.Advance(2 + CosemDate.Size);
    }

    /// <summary>Writes a time in the form of day profiles and schedules: octet-string of four.</summary>
    public static void WriteTime(this IBufferWriter<byte> target, in CosemTime value)
    {
        var span = target.GetSpan(2 + CosemTime.Size);
        (span[0], span[1]) = ((byte)DataTag.OctetString, CosemTime.Size);
        value.Write(span[2..]);
        target.Advance(2 + CosemTime.Size);
    }

    /// <summary>Writes a scal_unit structure.</summary>
    public static void WriteScalerUnit(this IBufferWriter<byte> target, ScalerUnit value)
    {
        target.WriteStructure(2);
        target.WriteInteger(value.Scaler);
        target.WriteEnum((byte)value.Unit);
    }

    /// <summary>Writes a capture_object_definition structure.</summary>
    public static void WriteCaptureObject(this IBufferWriter<byte> target, in CaptureObject value)
    {
        target.WriteStructure(4);
        target.WriteLongUnsigned(value.ClassId);
        target.WriteObis(value.Instance);
        target.WriteInteger(value.AttributeIndex);
        target.WriteLongUnsigned(value.DataIndex);
    }

    private static void WriteHeader(this IBufferWriter<byte> target, DataTag tag, int length)
    {
        target.WriteByte((byte)tag);
        target.WriteLength(length);
    }

    private static void WriteTagged(this IBufferWriter<byte> target, DataTag tag, byte value)
    {
        var span = target.GetSpan(2);
        (span[0], span[1]) = ((byte)tag, value);
        target.Advance(2);
    }

    private static void WriteText(this IBufferWriter<byte> target, DataTag tag, string value)
    {
        var length = System.Text.Encoding.UTF8.GetByteCount(value);
        target.WriteHeader(tag, length);
        target.Advance(System.Text.Encoding.UTF8.GetBytes(value, target.GetSpan(length)));
    }
}
