using System.Text;

namespace Gridtally.Cosem.Objects;

/// <summary>An octet-string as a value: equal where its octets are, shown as text where it is text.</summary>
/// <remarks>Attributes hold names, addresses and keys in octet-strings; <c>"AUTUMN"</c> and its octets are one thing.</remarks>
public readonly struct OctetString : IEquatable<OctetString>
{
    private readonly byte[]? _octets;

    /// <summary>A copy of <paramref name="octets"/>.</summary>
    public OctetString(ReadOnlySpan<byte> octets) => _octets = octets.ToArray();

    /// <summary>No octets.</summary>
    public static OctetString Empty => default;

    /// <summary>The octets.</summary>
    public ReadOnlySpan<byte> Span => _octets;

    /// <summary>How many octets.</summary>
    public int Length => Span.Length;

    /// <summary>A copy of the octets of an array.</summary>
    public static implicit operator OctetString(byte[] octets) => new(octets);

    /// <summary>The UTF-8 octets of a text; for ASCII, one for each letter.</summary>
    public static implicit operator OctetString(string text) => new(Encoding.UTF8.GetBytes(text));

    /// <inheritdoc cref="op_Implicit(byte[])"/>
    public static OctetString FromBytes(byte[] octets) => octets;

    /// <inheritdoc cref="op_Implicit(string)"/>
    public static OctetString FromString(string text) => text;

    /// <summary>Equal octets.</summary>
    public static bool operator ==(OctetString left, OctetString right) => left.Equals(right);

    /// <summary>Different octets.</summary>
    public static bool operator !=(OctetString left, OctetString right) => !left.Equals(right);

    /// <summary>Equal octets.</summary>
    public bool Equals(OctetString other) => Span.SequenceEqual(other.Span);

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is OctetString other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        hash.AddBytes(Span);
        return hash.ToHashCode();
    }

    /// <summary>The text, where all octets are printable ASCII; else hex.</summary>
    public override string ToString() => Span.ContainsAnyExceptInRange((byte)' ', (byte)'~') ? Convert.ToHexString(Span) : Encoding.ASCII.GetString(Span);
}
