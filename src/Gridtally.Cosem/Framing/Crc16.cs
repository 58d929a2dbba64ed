using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gridtally.Cosem.Framing;

/// <summary>The check sequence of HDLC: CRC-16/X-25.</summary>
/// <remarks>
/// Polynomial 0x1021 reflected, start and final XOR 0xFFFF; sent low octet first. ISO/IEC 13239, used by IEC 62056-46 for HCS
/// and FCS. Eight octets a step from tables (slicing by eight); where the processor multiplies without carry, sixteen octets a
/// step: a bus of a thousand stations checks every frame.
/// </remarks>
public static class Crc16
{
    /// <summary>What <see cref="Update"/> starts with.</summary>
    public const ushort Start = 0xFFFF;

    /// <summary>What <see cref="Update"/> gives over data followed by its own check sequence, where nothing is damaged.</summary>
    public const ushort Residue = 0xF0B8;

    /// <summary>The polynomial x^16 + x^12 + x^5 + 1, and the same with its bits reversed.</summary>
    private const int Polynomial = 0x1021, Reflected = 0x8408;

    /// <summary>Below two blocks of 16 there is nothing to fold.</summary>
    private const int MinFolded = 32;

    private const int Slices = 8;

    private static readonly ushort[] Table = BuildTable();

    private static readonly Vector128<ulong> FoldFactors = Vector128.Create(ReflectedPower(191), ReflectedPower(127));

    /// <summary>The check sequence of <paramref name="data"/>; 0x906E for the ASCII digits 1 to 9.</summary>
    public static ushort Compute(ReadOnlySpan<byte> data) => (ushort)~Update(Start, data);

    /// <summary>True where <paramref name="data"/> ends with its own check sequence.</summary>
    public static bool Verify(ReadOnlySpan<byte> data) => data.Length >= 2 && Update(Start, data) == Residue;

    /// <summary>Carries a sum on over more octets; without the final XOR.</summary>
    public static ushort Update(ushort sum, ReadOnlySpan<byte> data) =>
        data.Length >= MinFolded && Pclmulqdq.IsSupported ? UpdateFolding(sum, data) : UpdateSlicing(sum, data);

    /// <summary>As <see cref="Update"/>, from tables: what every processor can do.</summary>
    internal static ushort UpdateSlicing(ushort sum, ReadOnlySpan<byte> data)
    {
        ref var table = ref MemoryMarshal.GetArrayDataReference(Table);
        while (data.Length >= Slices)
        {
            sum = Slice(ref table, BinaryPrimitives.ReadUInt64LittleEndian(data) ^ sum);
            data = data[Slices..];
        }

        foreach (var octet in data) sum = (ushort)(sum >> 8 ^ Unsafe.Add(ref table, (byte)(sum ^ octet)));
        return sum;
    }

    /// <summary>As <see cref="Update"/>, by carry-less multiplication; for at least 16 octets, where the processor can.</summary>
    /// <remarks>
    /// Sixteen octets are a polynomial of degree 127 with the first bit on top. Moving it on by sixteen octets multiplies it by x^128:
    /// its halves by x^192 and x^128, each reduced modulo the polynomial beforehand. A product of reflected halves comes out one
    /// place too low, hence 191 and 127. What is left is a block with the same remainder as all before it, and goes through the tables.
    /// </remarks>
    internal static ushort UpdateFolding(ushort sum, ReadOnlySpan<byte> data)
    {
        var factors = FoldFactors;
        var block = Vector128.Create(data).AsUInt64() ^ Vector128.CreateScalar((ulong)sum);
        data = data[16..];
        while (data.Length >= 16)
        {
            block = Pclmulqdq.CarrylessMultiply(block, factors, 0x00) ^ Pclmulqdq.CarrylessMultiply(block, factors, 0x11) ^ Vector128.Create(data).AsUInt64();
            data = data[16..];
        }

        ref var table = ref MemoryMarshal.GetArrayDataReference(Table);
        sum = Slice(ref table, block.GetElement(0));
        sum = Slice(ref table, block.GetElement(1) ^ sum);
        return UpdateSlicing(sum, data);
    }

    /// <summary>What eight octets come to, the sum before them mixed into the first two.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ushort Slice(ref ushort table, ulong octets) => (ushort)(
        Unsafe.Add(ref table, 0x700 + (int)(byte)octets) ^ Unsafe.Add(ref table, 0x600 + (int)(byte)(octets >> 8))
        ^ Unsafe.Add(ref table, 0x500 + (int)(byte)(octets >> 16)) ^ Unsafe.Add(ref table, 0x400 + (int)(byte)(octets >> 24))
        ^ Unsafe.Add(ref table, 0x300 + (int)(byte)(octets >> 32)) ^ Unsafe.Add(ref table, 0x200 + (int)(byte)(octets >> 40))
        ^ Unsafe.Add(ref table, 0x100 + (int)(byte)(octets >> 48)) ^ Unsafe.Add(ref table, (int)(octets >> 56)));

    private static ushort[] BuildTable()
    {
        var table = new ushort[Slices * 256];
        for (var i = 0; i < 256; i++)
        {
            var sum = i;
            for (var bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? sum >> 1 ^ Reflected : sum >> 1;
            table[i] = (ushort)sum;
        }

        // Row n holds what an octet does to the sum when n more octets follow it.
        for (var i = 256; i < table.Length; i++) table[i] = (ushort)(table[i - 256] >> 8 ^ table[table[i - 256] & 0xFF]);
        return table;
    }

    /// <summary>x^exponent modulo the polynomial, its bits reversed in 64: degree d at bit 63 - d.</summary>
    private static ulong ReflectedPower(int exponent)
    {
        var power = 1;
        for (var i = 0; i < exponent; i++) power = (power & 0x8000) != 0 ? power << 1 & 0xFFFF ^ Polynomial : power << 1;
        ulong reflected = 0;
        for (var degree = 0; degree < 16; degree++) reflected |= (ulong)(power >> degree & 1) << (63 - degree);
        return reflected;
    }
}
