using System.Buffers;
using System.Text.Json;

namespace Gridtally.Cosem.Data;

/// <summary>Any Data as a tree of values, for tools and tests. Products read with <see cref="AxdrReader"/> instead.</summary>
/// <remarks>
/// Data, IEC 62056-5-3. Reading and writing give back the octets, apart from lengths that were not in their shortest form.
/// A compact-array keeps its type description, and has its rows as elements. A tree takes at most some 250 octets of memory for each octet
/// that it was read from.
/// </remarks>
public readonly partial struct CosemValue : IEquatable<CosemValue>
{
    private readonly ulong _bits;     // fixed-size values up to 8 octets, right-aligned; bit-string: count of bits
    private readonly object? _body;   // byte[], CosemValue[] or CompactRows

    private CosemValue(DataTag tag, ulong bits, object? body = null) => (Tag, _bits, _body) = (tag, bits, body);

    /// <summary>The type.</summary>
    public DataTag Tag { get; }

    /// <summary>The elements of an array or structure, the rows of a compact-array; empty for everything else.</summary>
    public ReadOnlySpan<CosemValue> Elements => _body is CompactRows compact ? compact.Rows : _body as CosemValue[];

    /// <summary>
    /// The octets of a string, of a bit-string (first bit = most significant), of a date-time, date or time; empty for everything else.
    /// </summary>
    public ReadOnlySpan<byte> Octets => _body as byte[];

    /// <summary>The type description of a compact-array, as on the wire; empty for everything else.</summary>
    public ReadOnlySpan<byte> TypeDescription => (_body as CompactRows)?.Type;

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
        if (!IsWhole(tag)) throw new ArgumentException($"{DataTags.NameOf(tag)} holds no whole number.", nameof(tag));
        if (TryOf(tag, number, out var value)) return value;
        var (min, max) = RangeOf(tag);
        throw new ArgumentOutOfRangeException(nameof(number), number, $"{DataTags.NameOf(tag)} holds {min}..{max}.");
    }

    /// <summary>An octet-string, visible-string or utf8-string, date-time, date or time.</summary>
    /// <exception cref="ArgumentException">Another type, or a number of octets that the type does not have.</exception>
    public static CosemValue Of(DataTag tag, ReadOnlySpan<byte> octets)
    {
        var fits = tag is DataTag.OctetString or DataTag.VisibleString or DataTag.Utf8String
            || (tag is DataTag.DateTime or DataTag.Date or DataTag.Time && octets.Length == AxdrReader.FixedSize(tag));
        return fits ? new(tag, 0, octets.ToArray()) : throw new ArgumentException($"{DataTags.NameOf(tag)} does not hold {octets.Length} octets.", nameof(octets));
    }

    /// <summary>A bit-string.</summary>
    /// <param name="bits">The octets; the first bit is the most significant of the first octet.</param>
    /// <param name="count">How many bits of them count; exactly as many octets as these need.</param>
    /// <exception cref="ArgumentException">Too few or too many octets.</exception>
    public static CosemValue OfBits(ReadOnlySpan<byte> bits, int count) => count >= 0 && AxdrReader.OctetsOfBits(count) == bits.Length
        ? new(DataTag.BitString, (ulong)count, bits.ToArray())
        : throw new ArgumentException($"{count} bits do not take {bits.Length} octets.", nameof(bits));

    /// <summary>A float32.</summary>
    public static CosemValue Of(float value) => new(DataTag.Float32, BitConverter.SingleToUInt32Bits(value));

    /// <summary>A float64.</summary>
    public static CosemValue Of(double value) => new(DataTag.Float64, BitConverter.DoubleToUInt64Bits(value));

    /// <summary>Writes the value, lengths in their shortest form.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)Tag);
        if (_body is CosemValue[] elements)
        {
            target.WriteLength(elements.Length);
            foreach (var element in elements) element.WriteTo(target);
        }
        else if (_body is CompactRows compact)
        {
            compact.WriteTo(target);
        }
        else
        {
            WriteSimple(target);
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

    /// <summary>Writes one object with one member: the type's name and the value. <see cref="CosemValueJson"/> reads it back.</summary>
    public void WriteTo(Utf8JsonWriter json) => CosemValueJson.Write(this, json);

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
        (CompactRows a, CompactRows b) => a.Type.AsSpan().SequenceEqual(b.Type) && a.Rows.AsSpan().SequenceEqual(b.Rows),
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

    // null-data or dont-care
    internal static CosemValue Empty(DataTag tag) => new(tag, 0);

    internal static bool TryOf(DataTag tag, Int128 number, out CosemValue value)
    {
        value = default;
        if (!IsWhole(tag)) return false;
        var (min, max) = RangeOf(tag);
        if (number < min || number > max) return false;
        value = new(tag, (ulong)(number & ((Int128.One << (8 * AxdrReader.FixedSize(tag))) - 1)));
        return true;
    }

    // Any octet but 0 is TRUE; a text says true for 1 alone, so that no octet is lost.
    internal bool IsPlainBoolean(out bool value)
    {
        value = _bits == 1;
        return Tag == DataTag.Boolean && _bits <= 1;
    }

    internal bool HasUnusedBits => Tag == DataTag.BitString && BitCount % 8 is > 0 and var used && (Octets[^1] & (0xFF >> used)) != 0;

    private static bool IsWhole(DataTag tag) =>
        AxdrReader.FixedSize(tag) is 1 or 2 or 4 or 8 && tag is not (DataTag.Float32 or DataTag.Float64 or DataTag.Time);

    private static (Int128 Min, Int128 Max) RangeOf(DataTag tag)
    {
        var bits = 8 * AxdrReader.FixedSize(tag);
        return IsSigned(tag) ? (-(Int128.One << (bits - 1)), (Int128.One << (bits - 1)) - 1) : (0, (Int128.One << bits) - 1);
    }

    private static bool IsSigned(DataTag tag) => tag is DataTag.Integer or DataTag.Long or DataTag.DoubleLong or DataTag.Long64
        or DataTag.DeltaInteger or DataTag.DeltaLong or DataTag.DeltaDoubleLong;
}
