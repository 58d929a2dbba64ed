using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace Gridtally.Cosem.Security;

/// <summary>Names one party for the ciphering: three letters of the maker, five octets unique to the device.</summary>
/// <param name="Value">The eight octets as a number, first octet most significant.</param>
/// <remarks>System title, IEC 62056-5-3. Part of every initialization vector, so two parties with one key must differ in it.</remarks>
public readonly record struct SystemTitle(ulong Value)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 8;

    /// <summary>Reads the first eight octets.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than eight octets.</exception>
    public static SystemTitle Read(ReadOnlySpan<byte> source) => new(BinaryPrimitives.ReadUInt64BigEndian(source));

    /// <summary>Writes eight octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target) => BinaryPrimitives.WriteUInt64BigEndian(target, Value);

    /// <summary>The title of a device: <paramref name="maker"/> (three ASCII letters) and the low 40 bits of <paramref name="number"/>.</summary>
    /// <exception cref="ArgumentException">The maker's code is not three ASCII letters.</exception>
    public static SystemTitle Of(string maker, ulong number)
    {
        if (maker.Length != 3 || !maker.All(char.IsAsciiLetter)) throw new ArgumentException($"'{maker}' is not a maker's code; expected three letters such as GTY.", nameof(maker));
        return new((ulong)maker[0] << 56 | (ulong)maker[1] << 48 | (ulong)maker[2] << 40 | (number & 0xFF_FFFF_FFFF));
    }

    /// <summary>Reads sixteen hexadecimal digits.</summary>
    public static bool TryParse([NotNullWhen(true)] string? text, out SystemTitle title)
    {
        var done = ulong.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var value) && text!.Length == 2 * Size;
        title = done ? new(value) : default;
        return done;
    }

    /// <summary>Sixteen hexadecimal digits.</summary>
    public override string ToString() => Value.ToString("X16");
}
