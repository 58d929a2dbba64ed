namespace Gridtally.Cosem;

/// <summary>What is wrong with a byte string that should have been a message.</summary>
public enum DecodeFault : byte
{
    /// <summary>A tag or choice that the standard does not have at this place.</summary>
    UnknownTag = 1,
    /// <summary>A length or count that goes past the end, or past a named maximum.</summary>
    BadLength,
    /// <summary>The message ends in the middle of a production.</summary>
    Truncated,
    /// <summary>Octets are left over after the last production.</summary>
    TrailingBytes,
    /// <summary>A value that its type does not allow.</summary>
    BadValue,
    /// <summary>A checksum or authentication tag that does not verify.</summary>
    BadChecksum,
    /// <summary>Nested deeper than <see cref="Limits.MaxNesting"/>.</summary>
    TooDeep,
}

/// <summary>Why a byte string is not a valid message, and where.</summary>
/// <param name="Fault">What is wrong.</param>
/// <param name="Production">The standard's name of what was being read, such as <c>Get-Request-Normal</c>.</param>
/// <param name="Offset">Octets from the start of the message to the offending one.</param>
/// <remarks>Never used for "not all there yet": that is an answer of its own.</remarks>
public readonly record struct DecodeError(DecodeFault Fault, string Production, int Offset)
{
    /// <summary>For people: what, where.</summary>
    public override string ToString() => $"{Fault} in {Production} at octet {Offset}";
}

/// <summary>Maxima for what a peer may send, each with its reason.</summary>
public static class Limits
{
    /// <summary>Levels of array and structure. Real models use up to 6; each level costs stack.</summary>
    public const int MaxNesting = 16;

    /// <summary>Octets of one reassembled block transfer. A year of a 15-channel profile at 15 min is 3 MiB.</summary>
    public const int MaxReassembly = 16 * 1024 * 1024;

    /// <summary>
    /// Elements without octets (arrays, structures, null-data) of a compact-array, beyond four for each octet of its contents. Real rows have
    /// one, the structure; without a bound, 20 octets describe 4 billion elements.
    /// </summary>
    public const int MaxEmptyElements = 256;

    /// <summary>Octets of a JSON or XML text of Data. A year of a 15-channel profile is some 30 MiB of XML.</summary>
    public const int MaxText = 64 * 1024 * 1024;

    /// <summary>Items of one with-list request. Keeps one request's work bounded.</summary>
    public const int MaxListItems = 256;
}
