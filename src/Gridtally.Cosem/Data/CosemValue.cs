using System.Buffers;
using System.Buffers.Binary;
using System.Text.Json;

namespace Gridtally.Cosem.Data;

/// <summary>Any Data as a tree of values, for tools and tests. Products read with <see cref="AxdrReader"/> instead.</summary>
/// <remarks>
/// Data, IEC 62056-5-3. Reading and writing give back the octets, apart from lengths that were not in their shortest form.
/// compact-array stays opaque: its octets are kept and shown, its rows are not taken apart.
/// </remarks>
public readonly struct CosemValue : IEquatable<CosemValue>
{
    private readonly ulong _bits;     // fixed-size values up to 8 octets, right-aligned; bit-string: count of bits
    private readonly object? _body;   // byte[] or CosemValue[]

    private CosemValue(DataTag tag, ulong bits, object? body = null) => (Tag, _bits, _body) = (tag, bits, body);

    /// <summary>The type.</summary>
    public DataTag Tag { get; }

    /// <summary>The elements of an array or structure; empty for everything else.</summary>
    public ReadOnlySpan<CosemValue> Elements => _body as CosemValue[];

    /// <summary>
    /// The octets of a string, of a bit-string (first bit = most significant), of a date-time, date or time, and of a
    /// compact-array (type description, length, contents); empty for everything else.
    /// </summary>
    public ReadOnlySpan<byte> Octets => _body as byte[];

    /// <summary>Bits of a bit-string; 0 for everything else.</summary>
    public int BitCount => Tag == DataTag.BitString ? (int)_bits : 0;

    /// <summary>null-data.</summary>
    public static CosemValue Null => default;

    /// <summary>An array or structure.</summary>
    /// <exception cref="ArgumentException">Any other type.</exception>
    public static CosemValue Of(DataTag tag, params CosemValue[] elements) => tag is DataTag.Array or DataTag.Structure
        ? new(tag, 0, elements)
        : throw new ArgumentException($"{DataTags.NameOf(tag)} has no elements.", nameof(tag));

    /// <summary>A number, boolean, enum or bcd.</summary>
    /// <exception cref="ArgumentException">A type that holds no whole number.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The number does not fit in the type.</exception>
    public static CosemValue Of(DataTag tag, Int128 number)
    {
        var size = AxdrReader.FixedSize(tag);
        if (size is not (1 or 2 or 4 or 8) || tag is DataTag.Float32 or DataTag.Float64 or DataTag.Time)
            throw new ArgumentException($"{DataTags.NameOf(tag)} holds no whole number.", nameof(tag));
        var (min, max) = IsSigned(tag) ? (-(Int128.One << (8 * size - 1)), (Int128.One << (8 * size - 1)) - 1) : (0, (Int128.One << (8 * size)) - 1);
        if (number < min || number > max) throw new ArgumentOutOfRangeException(nameof(number), number, $"{DataTags.NameOf(tag)} holds {min}..{max}.");
        return new(tag, (ulong)(number & ((Int128.One << (8 * size)) - 1)));
    }

    /// <summary>An octet-string, visible-string or utf8-string, date-time, date or time.</summary>
    /// <exception cref="ArgumentException">Another type, or a number of octets that the type does not have.</exception>
    public static CosemValue Of(DataTag tag, ReadOnlySpan<byte> octets)
    {
        var fits = tag is DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String
            || (tag is DataTag.DateTime or DataTag.Date or DataTag.Time && octets.Length == AxdrReader.FixedSize(tag));
        return fits ? new(tag, 0, octets.ToArray()) : throw new ArgumentException($"{DataTags.NameOf(tag)} does not hold {octets.Length} octets.", nameof(octets));
    }

    /// <summary>A float32.</summary>
    public static CosemValue Of(float value) => new(DataTag.Float32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A float64.</summary>
    public static CosemValue Of(double value) => new(DataTag.Float64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Reads octets that hold one Data and nothing else.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out CosemValue value, out DecodeError error)
    {
        var reader = new AxdrReader(source);
        var done = TryRead(ref reader, out value) && reader.TryEnd();
        error = reader.Error;
        return done;
    }

    /// <summary>Reads the next Data.</summary>
    public static bool TryRead(ref AxdrReader reader, out CosemValue value) => TryRead(ref reader, 0, out value);

    /// <summary>Writes the value, lengths in their shortest form.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)Tag);
        var size = AxdrReader.FixedSize(Tag);
        if (_body is CosemValue[] elements)
        {
            target.WriteLength(elements.Length);
            foreach (var element in elements) element.WriteTo(target);
        }
        else if (_body is byte[] octets)
        {
            if (Tag == DataTag.BitString) target.WriteLength((int)_bits);
            else if (size < 0 && Tag != DataTag.CompactArray) target.WriteLength(octets.Length);
            target.Write(octets);
        }
        else if (size > 0)
        {
            Span<byte> eight = stackalloc byte[8];
            BinaryPrimitives.WriteUInt64BigEndian(eight, _bits);
            target.Write(eight[(8 - size)..]);
        }
    }

    /// <summary>The whole number of an integer type, boolean, enum or bcd.</summary>
    /// <returns>False for every other type.</returns>
    public bool TryGetNumber(out Int128 number)
    {
        number = default;
        var size = AxdrReader.FixedSize(Tag);
        if (_body is not null || size < 1 || Tag is DataTag.Float32 or DataTag.Float64) return false;
        var unused = 64 - 8 * size;
        number = IsSigned(Tag) ? (long)(_bits << unused) >> unused : _bits;
        return true;
    }

    /// <summary>The number of a float32 or float64.</summary>
    /// <returns>False for every other type.</returns>
    public bool TryGetFloat(out double value)
    {
        value = Tag == DataTag.Float32 ? BitConverter.UInt32BitsToSingle((uint)_bits) : BitConverter.UInt64BitsToDouble(_bits);
        return Tag is DataTag.Float32 or DataTag.Float64;
    }

    /// <summary>Writes one object with one member: the type's name and the value.</summary>
    /// <remarks>
    /// Octets in hex, bit-strings as zeros and ones, strings as text. What JSON can't hold stays visible in hex: text that is not
    /// valid UTF-8, and floats that are not numbers.
    /// </remarks>
    public void WriteTo(Utf8JsonWriter json) => CosemValueText.WriteJson(this, json);

    /// <summary>What it means, for people: dates, logical names and texts are shown as such.</summary>
    public string ToFriendlyString() => CosemValueText.Describe(this, friendly: true);

    /// <summary>Short and exact: <c>{8, 0000010000FF, 2, 0}</c>; arrays in brackets.</summary>
    public override string ToString() => CosemValueText.Describe(this, friendly: false);

    /// <summary>Equal type and equal octets.</summary>
    public bool Equals(CosemValue other) => Tag == other.Tag && _bits == other._bits && (_body, other._body) switch
    {
        (null, null) => true,
        (byte[] a, byte[] b) => a.AsSpan().SequenceEqual(b),
        (CosemValue[] a, CosemValue[] b) => a.AsSpan().SequenceEqual(b),
        _ => false,
    };

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is CosemValue other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Tag);
        hash.Add(_bits);
        hash.AddBytes(Octets);
        foreach (var element in Elements) hash.Add(element);
        return hash.ToHashCode();
    }

    /// <summary>Equal type and equal octets.</summary>
    public static bool operator ==(CosemValue left, CosemValue right) => left.Equals(right);

    /// <summary>Different type or different octets.</summary>
    public static bool operator !=(CosemValue left, CosemValue right) => !left.Equals(right);

    private static bool IsSigned(DataTag tag) => tag is DataTag.Integer or DataTag.Long or DataTag.DoubleLong or DataTag.Long64
        or DataTag.DeltaInteger or DataTag.DeltaLong or DataTag.DeltaDoubleLong;

    private static bool TryRead(ref AxdrReader reader, int depth, out CosemValue value)
    {
        value = default;
        if (depth > Limits.MaxNesting) return reader.Fail(DecodeFault.TooDeep);
        if (reader.Peek is not { } tag) return reader.Fail(DecodeFault.Truncated);
        switch (tag)
        {
            case DataTag.Array or DataTag.Structure:
                return TryReadElements(ref reader, tag, depth, out value);
            case DataTag.CompactArray:
                if (!reader.TrySkip(out var whole)) return false;
                value = new(tag, 0, whole[1..].ToArray());
                return true;
            case DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String:
                if (!reader.TryReadOctets(out var octets)) return false;
                value = new(tag, 0, octets.ToArray());
                return true;
            default:
                return TryReadSimple(ref reader, tag, out value);
        }
    }

    private static bool TryReadElements(ref AxdrReader reader, DataTag tag, int depth, out CosemValue value)
    {
        value = default;
        if (!(tag == DataTag.Array ? reader.TryReadArray(out var count) : reader.TryReadStructure(out count))) return false;
        var elements = new CosemValue[count];
        for (var i = 0; i < count; i++)
        {
            if (!TryRead(ref reader, depth + 1, out elements[i])) return false;
        }

        value = new(tag, 0, elements);
        return true;
    }

    private static bool TryReadSimple(ref AxdrReader reader, DataTag tag, out CosemValue value)
    {
        value = default;
        var size = AxdrReader.FixedSize(tag);
        if (size < 0 && tag != DataTag.BitString) return reader.Fail(DecodeFault.UnknownTag);
        reader.TryReadByte(out _);
        var bits = 0;
        if (size < 0)
        {
            if (!reader.TryReadLength(out bits)) return false;
            size = (int)((bits + 7L) / 8);
        }

        if (!reader.TryReadBytes(size, out var octets)) return false;
        if (tag is DataTag.BitString or DataTag.DateTime or DataTag.Date or DataTag.Time)
        {
            value = new(tag, (ulong)bits, octets.ToArray());
            return true;
        }

        ulong number = 0;
        foreach (var octet in octets) number = number << 8 | octet;
        value = new(tag, number);
        return true;
    }
}
