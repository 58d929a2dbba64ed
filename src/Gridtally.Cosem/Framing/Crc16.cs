namespace Gridtally.Cosem.Framing;

/// <summary>The check sequence of HDLC: CRC-16/X-25.</summary>
/// <remarks>
/// Polynomial 0x1021 reflected, start and final XOR 0xFFFF; sent low octet first. ISO/IEC 13239, used by IEC 62056-46 for HCS
/// and FCS. Four octets a step (slicing by four): a bus of a thousand stations checks every frame.
/// </remarks>
public static class Crc16
{
    /// <summary>What <see cref="Update"/> starts with.</summary>
    public const ushort Start = 0xFFFF;

    /// <summary>What <see cref="Update"/> gives over data followed by its own check sequence, where nothing is damaged.</summary>
    public const ushort Residue = 0xF0B8;

    private static readonly ushort[] Table = BuildTable();

    /// <summary>The check sequence of <paramref name="data"/>; 0x906E for the ASCII digits 1 to 9.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => (ushort)~Update(Start, data);

    /// <summary>True where <paramref name="data"/> ends with its own check sequence.</summary>
    public static bool Verify(ReadOnlySpan<byte> data) => data.Length >= 2 && Update(Start, data) == Residue;

    /// <summary>Carries a sum on over more octets; without the final XOR.</summary>
    public static ushort Update(ushort sum, ReadOnlySpan<byte> data)
    {
        var table = Table;
        while (data.Length >= 4)
        {
            var mixed = sum ^ (data[0] | data[1] << 8);
            sum = (ushort)(table[0x300 + (mixed & 0xFF)] ^ table[0x200 + (mixed >> 8)] ^ table[0x100 + data[2]] ^ table[data[3]]);
            data = data[4..];
        }

        foreach (var octet in data) sum = (ushort)(sum >> 8 ^ table[(sum ^ octet) & 0xFF]);
        return sum;
    }

    private static ushort[] BuildTable()
    {
        var table = new ushort[4 * 256];
        for (var i = 0; i < 256; i++)
        {
            var sum = i;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? sum >> 1 ^ 0x8408 : sum >> 1;
            table[i] = (ushort)sum;
        }

        // Row n holds what an octet does to the sum when n more octets follow it.
        for (var i = 256; i < table.Length; i++) table[i] = (ushort)(table[i - 256] >> 8 ^ table[table[i - 256] & 0xFF]);
        return table;
    }
}
