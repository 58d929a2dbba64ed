using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Objects;

/// <summary>The codecs of simple types, and those that codecs of structures are made of.</summary>
public static class SimpleCodecs
{
    private static readonly UTF8Encoding StrictUtf8 = new(false, throwOnInvalidBytes: true);

    /// <summary>boolean.</summary>
    public static DataCodec<bool> Boolean { get; } = Number(DataTag.Boolean, static number => number != 0, AxdrWriter.WriteBoolean);

    /// <summary>integer.</summary>
    public static DataCodec<sbyte> Integer { get; } = Number(DataTag.Integer, static number => (sbyte)number, AxdrWriter.WriteInteger);

    /// <summary>long.</summary>
    public static DataCodec<short> Long { get; } = Number(DataTag.Long, static number => (short)number, AxdrWriter.WriteLong);

    /// <summary>double-long.</summary>
    public static DataCodec<int> DoubleLong { get; } = Number(DataTag.DoubleLong, static number => (int)number, AxdrWriter.WriteDoubleLong);

    /// <summary>unsigned.</summary>
    public static DataCodec<byte> Unsigned { get; } = Number(DataTag.Unsigned, static number => (byte)number, AxdrWriter.WriteUnsigned);

    /// <summary>long-unsigned.</summary>
    public static DataCodec<ushort> LongUnsigned { get; } = Number(DataTag.LongUnsigned, static number => (ushort)number, AxdrWriter.WriteLongUnsigned);

    /// <summary>double-long-unsigned.</summary>
    public static DataCodec<uint> DoubleLongUnsigned { get; } = Number(DataTag.DoubleLongUnsigned, static number => (uint)number, AxdrWriter.WriteDoubleLongUnsigned);

    /// <summary>enum whose values have no names here.</summary>
    public static DataCodec<byte> Enum { get; } = Number(DataTag.Enum, static number => (byte)number, AxdrWriter.WriteEnum);

    /// <summary>octet-string.</summary>
    public static DataCodec<OctetString> OctetString { get; } = new(TryReadOctets, static (target, value) => target.WriteOctetString(value.Span));

    /// <summary>visible-string.</summary>
    public static DataCodec<string> VisibleString { get; } = Text(DataTag.VisibleString, AxdrWriter.WriteVisibleString);

    /// <summary>utf8-string.</summary>
    public static DataCodec<string> Utf8String { get; } = Text(DataTag.Utf8String, AxdrWriter.WriteUtf8String);

    /// <summary>bit-string.</summary>
    public static DataCodec<BitString> BitString { get; } = new(TryReadBits, static (target, value) =>
    {
        target.WriteByte((byte)DataTag.BitString);
        target.WriteLength(value.Count);
        target.Write(value.Octets);
    });

    /// <summary>A logical name.</summary>
    public static DataCodec<ObisCode> LogicalName { get; } = new(static (ref reader, out value) => reader.TryReadObis(out value), AxdrWriter.WriteObis);

    /// <summary>date-time.</summary>
    public static DataCodec<CosemDateTime> DateTime { get; } = new(static (ref reader, out value) => reader.TryReadDateTime(out value), static (target, value) => target.WriteDateTime(value));

    /// <summary>date, in an octet-string.</summary>
    public static DataCodec<CosemDate> Date { get; } = new(static (ref reader, out value) => reader.TryReadDate(out value), static (target, value) =>
    {
        Span<byte> octets = stackalloc byte[CosemDate.Size];
        value.Write(octets);
        target.WriteOctetString(octets);
    });

    /// <summary>time, in an octet-string.</summary>
    public static DataCodec<CosemTime> Time { get; } = new(static (ref reader, out value) => reader.TryReadTime(out value), static (target, value) =>
    {
        Span<byte> octets = stackalloc byte[CosemTime.Size];
        value.Write(octets);
        target.WriteOctetString(octets);
    });

    /// <summary>scal_unit_type.</summary>
    public static DataCodec<ScalerUnit> ScalerUnit { get; } = new(static (ref reader, out value) => reader.TryReadScalerUnit(out value), AxdrWriter.WriteScalerUnit);

    /// <summary>capture_object_definition.</summary>
    public static DataCodec<CaptureObject> CaptureObject { get; } = new(static (ref reader, out value) => reader.TryReadCaptureObject(out value), static (target, value) => target.WriteCaptureObject(value));

    /// <summary>value_definition.</summary>
    public static DataCodec<AttributeRef> ValueDefinition { get; } = new(TryReadValueDefinition, static (target, value) =>
    {
        target.WriteStructure(3);
        target.WriteLongUnsigned(value.ClassId);
        target.WriteObis(value.Instance);
        target.WriteInteger(value.AttributeId);
    });

    /// <summary>A CHOICE of several types.</summary>
    public static DataCodec<CosemValue> Any { get; } = new(static (ref reader, out value) => CosemValue.TryRead(ref reader, out value), static (target, value) => value.WriteTo(target));

    /// <summary>enum with named values; a manufacturer's own value is kept as the number it is.</summary>
    public static DataCodec<TEnum> EnumOf<TEnum>() where TEnum : struct, Enum =>
        Number(DataTag.Enum, static number => Unsafe.BitCast<byte, TEnum>((byte)number), static (target, value) => target.WriteEnum(Unsafe.BitCast<TEnum, byte>(value)));

    /// <summary>array.</summary>
    public static DataCodec<ValueList<T>> ArrayOf<T>(DataCodec<T> element) => new(
        (ref AxdrReader reader, [MaybeNullWhen(false)] out ValueList<T> value) => TryReadList(ref reader, element, out value),
        (target, value) =>
        {
            target.WriteArray(value.Count);
            foreach (var one in value.Span) element.Write(target, one);
        });

    /// <summary>null-data, or an array.</summary>
    public static DataCodec<ValueList<T>?> OptionalArrayOf<T>(DataCodec<T> element)
    {
        var list = ArrayOf(element);
        return new(
            (ref reader, out value) =>
            {
                value = null;
                return reader.Peek == DataTag.NullData ? reader.TryReadByte(out _) : list.TryRead(ref reader, out value);
            },
            (target, value) =>
            {
                if (value is null) target.WriteNull();
                else list.Write(target, value);
            });
    }

    private static DataCodec<T> Number<T>(DataTag tag, Func<long, T> convert, DataWriter<T> write) => new(
        (ref AxdrReader reader, [MaybeNullWhen(false)] out T value) =>
        {
            value = default;
            if (!Expect(ref reader, tag) || !reader.TryReadNumber(out var number)) return false;
            value = convert(number);
            return true;
        },
        write);

    private static DataCodec<string> Text(DataTag tag, DataWriter<string> write) => new(
        (ref AxdrReader reader, [MaybeNullWhen(false)] out string value) =>
        {
            value = null;
            if (!Expect(ref reader, tag) || !reader.TryReadOctets(out var octets)) return false;
            try
            {
                value = StrictUtf8.GetString(octets);
                return true;
            }
            catch (DecoderFallbackException)
            {
                return reader.Fail(DecodeFault.BadValue);
            }
        },
        write);

    private static bool TryReadOctets(ref AxdrReader reader, out OctetString value)
    {
        value = default;
        if (!Expect(ref reader, DataTag.OctetString) || !reader.TryReadOctets(out var octets)) return false;
        value = new(octets);
        return true;
    }

    private static bool TryReadBits(ref AxdrReader reader, out BitString value)
    {
        value = default;
        if (!reader.TryReadBitString(out var octets, out var count)) return false;
        value = new(octets, count);
        return true;
    }

    private static bool TryReadValueDefinition(ref AxdrReader reader, out AttributeRef value)
    {
        value = default;
        if (!reader.TryReadStructureOf(3) || !LongUnsigned.TryRead(ref reader, out var classId) || !reader.TryReadObis(out var name) || !Integer.TryRead(ref reader, out var attribute))
            return false;
        value = new(classId, name, attribute);
        return true;
    }

    // Grows with what is really there: a count alone makes nobody allocate.
    private static bool TryReadList<T>(ref AxdrReader reader, DataCodec<T> element, [MaybeNullWhen(false)] out ValueList<T> value)
    {
        const int firstCapacity = 16;
        value = null;
        if (!reader.TryReadArray(out var count)) return false;
        var elements = new List<T>(Math.Min(count, firstCapacity));
        for (var i = 0; i < count; i++)
        {
            if (!element.TryRead(ref reader, out var one)) return false;
            elements.Add(one);
        }

        value = new([.. elements]);
        return true;
    }

    private static bool Expect(ref AxdrReader reader, DataTag tag) => reader.Peek == tag || reader.Fail(DecodeFault.UnknownTag);
}
