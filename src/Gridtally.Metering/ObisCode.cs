using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gridtally.Metering;

/// <summary>Names one object of a meter: six value groups A to F.</summary>
/// <remarks>OBIS, IEC 62056-61. On the wire it is the six octets in this order (a COSEM logical name).</remarks>
public readonly record struct ObisCode : IComparable<ObisCode>, ISpanParsable<ObisCode>
{
    /// <summary>Octets of a code on the wire.</summary>
    public const int Size = 6;

    private readonly ulong _groups;

    /// <summary>Builds a code from its six value groups.</summary>
    public ObisCode(byte a, byte b, byte c, byte d, byte e, byte f) =>
        _groups = (ulong)a << 40 | (ulong)b << 32 | (ulong)c << 24 | (ulong)d << 16 | (ulong)e << 8 | f;

    private ObisCode(ulong groups) => _groups = groups;

    /// <summary>Medium (0 abstract, 1 electricity).</summary>
    public byte A => (byte)(_groups >> 40);

    /// <summary>Channel: which of several meters or inputs of the same medium; 0 where there is one.</summary>
    public byte B => (byte)(_groups >> 32);

    /// <summary>Physical quantity, such as 1 for active power +, 32 for the voltage of L1.</summary>
    public byte C => (byte)(_groups >> 24);

    /// <summary>Processing of the quantity.</summary>
    public byte D => (byte)(_groups >> 16);

    /// <summary>Tariff, harmonic or other classification.</summary>
    public byte E => (byte)(_groups >> 8);

    /// <summary>Billing period; 255 is the current value.</summary>
    public byte F => (byte)_groups;

    /// <summary>The six groups as one number, group A most significant. Sorts like the code itself.</summary>
    public ulong ToUInt64() => _groups;

    /// <summary>The code whose groups are the low 48 bits of <paramref name="groups"/>; the inverse of <see cref="ToUInt64"/>.</summary>
    public static ObisCode FromUInt64(ulong groups) => new(groups & 0xFFFF_FFFF_FFFF);

    /// <summary>This code with another group E (a tariff, a harmonic).</summary>
    public ObisCode WithE(byte e) => new(A, B, C, D, e, F);

    /// <summary>Reads the first six octets of <paramref name="source"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than six octets.</exception>
    public static ObisCode Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        return new((ulong)BinaryPrimitives.ReadUInt16BigEndian(source) << 32 | BinaryPrimitives.ReadUInt32BigEndian(source[2..]));
    }

    /// <summary>Writes six octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, (ushort)(_groups >> 32));
        BinaryPrimitives.WriteUInt32BigEndian(target[2..], (uint)_groups);
    }

    /// <summary>The usual notation, <c>1-0:1.8.0.255</c>.</summary>
    public override string ToString() => $"{A}-{B}:{C}.{D}.{E}.{F}";

    /// <inheritdoc/>
    public int CompareTo(ObisCode other) => _groups.CompareTo(other._groups);

    /// <summary>Reads <c>1-0:1.8.0.255</c>, <c>1.0.1.8.0.255</c> or, with F = 255 understood, <c>1-0:1.8.0</c>.</summary>
    /// <exception cref="FormatException">The text is none of these.</exception>
    public static ObisCode Parse(string s) => Parse(s.AsSpan(), null);

    /// <inheritdoc/>
    public static ObisCode Parse(string s, IFormatProvider? provider) => Parse(s.AsSpan(), provider);

    /// <inheritdoc/>
    public static ObisCode Parse(ReadOnlySpan<char> s, IFormatProvider? provider) =>
        TryParse(s, provider, out var code)
            ? code
            : throw new FormatException($"'{s}' is not an OBIS code; expected six numbers 0..255 such as 1-0:1.8.0.255.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out ObisCode result) =>
        TryParse(s.AsSpan(), provider, out result);

    /// <inheritdoc/>
    public static bool TryParse(ReadOnlySpan<char> s, IFormatProvider? provider, out ObisCode result)
    {
        result = default;
        Span<byte> groups = stackalloc byte[Size];
        var count = 0;
        var rest = s.Trim();
        while (true)
        {
            var end = rest.IndexOfAny("-:.*");
            var part = end < 0 ? rest : rest[..end];
            if (count == Size || !byte.TryParse(part, NumberStyles.None, CultureInfo.InvariantCulture, out groups[count])) return false;
            count++;
            if (end < 0) break;
            rest = rest[(end + 1)..];
        }

        if (count == Size - 1) groups[count++] = 255;
        if (count != Size) return false;
        result = Read(groups);
        return true;
    }

    /// <summary>Sorts by value group, A first.</summary>
    public static bool operator <(ObisCode left, ObisCode right) => left._groups < right._groups;

    /// <summary>Sorts by value group, A first.</summary>
    public static bool operator >(ObisCode left, ObisCode right) => left._groups > right._groups;

    /// <summary>Sorts by value group, A first.</summary>
    public static bool operator <=(ObisCode left, ObisCode right) => left._groups <= right._groups;

    /// <summary>Sorts by value group, A first.</summary>
    public static bool operator >=(ObisCode left, ObisCode right) => left._groups >= right._groups;
}
