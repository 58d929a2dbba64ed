namespace Gridtally.Cosem.Objects;

/// <summary>A bit-string as a value; bit 0 is the first, which is sent as the most significant bit of the first octet.</summary>
public readonly struct BitString : IEquatable<BitString>
{
    private readonly byte[]? _octets;

    /// <summary>The first <paramref name="count"/> bits of <paramref name="octets"/>, which are copied.</summary>
    /// <exception cref="ArgumentException">More or fewer octets than the bits need.</exception>
    public BitString(ReadOnlySpan<byte> octets, int count)
    {
        if (count < 0 || octets.Length != (count + 7L) / 8) throw new ArgumentException($"{count} bits take {(count + 7L) / 8} octets, not {octets.Length}.", nameof(octets));
        (_octets, Count) = (octets.ToArray(), count);
    }

    /// <summary>The bits that <paramref name="bits"/> says, the first one first: <c>1100000</c> for Monday and Tuesday.</summary>
    /// <exception cref="FormatException">Something that is neither 0 nor 1.</exception>
    public static BitString Parse(ReadOnlySpan<char> bits)
    {
        var octets = new byte[(bits.Length + 7) / 8];
        for (var i = 0; i < bits.Length; i++)
        {
            if (bits[i] is not ('0' or '1')) throw new FormatException($"'{bits[i]}' is not a bit; expected 0 or 1.");
            if (bits[i] == '1') octets[i / 8] |= (byte)(0x80 >> i % 8);
        }

        return new(octets, bits.Length);
    }

    /// <summary>How many bits.</summary>
    public int Count { get; }

    /// <summary>The octets as sent, unused bits last.</summary>
    public ReadOnlySpan<byte> Octets => _octets;

    /// <summary>One bit.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such bit.</exception>
    public bool this[int index]
    {
        get
        {
            ArgumentOutOfRangeException.ThrowIfNegative(index);
            ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, Count);
            return (Octets[index / 8] & 0x80 >> index % 8) != 0;
        }
    }

    /// <summary>Equal octets and as many bits.</summary>
    public static bool operator ==(BitString left, BitString right) => left.Equals(right);

    /// <summary>Other octets, or more or fewer bits.</summary>
    public static bool operator !=(BitString left, BitString right) => !left.Equals(right);

    /// <summary>Equal octets and as many bits.</summary>
    public bool Equals(BitString other) => Count == other.Count && Octets.SequenceEqual(other.Octets);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is BitString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.Add(Count);
        hash.AddBytes(Octets);
        return hash.ToHashCode();
    }

    /// <summary>Zeros and ones, the first bit first.</summary>
    public override string ToString() => string.Create(Count, this, static (text, bits) =>
    {
        for (var i = 0; i < text.Length; i++) text[i] = bits[i] ? '1' : '0';
    });
}
