namespace Gridtally.Cosem.Framing;

/// <summary>The LLC header before an APDU in the first I frame, and in UI frames.</summary>
/// <remarks>IEC 62056-46, clause 5: destination LSAP, source LSAP, quality.</remarks>
public static class Llc
{
    /// <summary>Octets of the header.</summary>
    public const int Size = 3;

    /// <summary>What a client sends: E6 E6 00.</summary>
    public static ReadOnlySpan<byte> Command => [0xE6, 0xE6, 0x00];

    /// <summary>What a server sends: E6 E7 00.</summary>
    public static ReadOnlySpan<byte> Response => [0xE6, 0xE7, 0x00];

    /// <summary>True where octets begin with a header of either direction. The last octet, quality, is not looked at: meters differ.</summary>
    public static bool IsPresent(ReadOnlySpan<byte> octets) => octets.Length >= Size && octets[0] == 0xE6 && octets[1] is 0xE6 or 0xE7;

    /// <summary>Takes the header off.</summary>
    /// <returns>False where there is none.</returns>
    public static bool TryStrip(ReadOnlyMemory<byte> octets, out ReadOnlyMemory<byte> apdu)
    {
        apdu = default;
        if (!IsPresent(octets.Span)) return false;
        apdu = octets[Size..];
        return true;
    }
}
