using System.Buffers.Binary;

namespace Gridtally.Cosem.Security;

/// <summary>Names one exchange of general-ciphering or general-signing: the answer carries the transaction-id of its request.</summary>
/// <param name="Value">Its octets as a number, first octet most significant.</param>
/// <param name="Size">How many octets it has: 0 (none) to <see cref="MaxSize"/>.</param>
/// <remarks>transaction-id, IEC 62056-5-3: an octet-string without a stated maximum; eight octets in every profile and example known.</remarks>
public readonly record struct TransactionId(ulong Value, byte Size)
{
    /// <summary>More octets are refused.</summary>
    public const int MaxSize = 8;

    /// <summary>The eight octets of a number.</summary>
    public static TransactionId Of(ulong number) => new(number, MaxSize);

    /// <summary>Takes up to eight octets.</summary>
    /// <exception cref="ArgumentException">More than eight octets.</exception>
    public static TransactionId Read(ReadOnlySpan<byte> octets)
    {
        if (octets.Length > MaxSize) throw new ArgumentException($"A transaction-id has at most {MaxSize} octets.", nameof(octets));
        ulong value = 0;
        foreach (var octet in octets) value = value << 8 | octet;
        return new(value, (byte)octets.Length);
    }

    /// <summary>Writes its octets, without a length, to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        Span<byte> octets = stackalloc byte[MaxSize];
        BinaryPrimitives.WriteUInt64BigEndian(octets, Value);
        octets[(MaxSize - Size)..].CopyTo(target);
    }

    /// <summary>Hexadecimal digits.</summary>
    public override string ToString() => Value.ToString($"X{2 * Math.Max((int)Size, 1)}");
}
