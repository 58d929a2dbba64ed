using System.Buffers;

namespace Gridtally.Storage.Blocks;

/// <summary>Numbers in as few octets as they need: seven bits each, least significant first (LEB128).</summary>
internal static class Varint
{
    private const int MaxSize = 10;

    public static void Write(IBufferWriter<byte> target, ulong value)
    {
        var span = target.GetSpan(MaxSize);
        var size = 0;
        while (value >= 0x80)
        {
            span[size++] = (byte)(value | 0x80);
            value >>= 7;
        }

        span[size++] = (byte)value;
        target.Advance(size);
    }

    /// <summary>Small magnitudes of either sign become small numbers.</summary>
    public static void WriteSigned(IBufferWriter<byte> target, long value) => Write(target, (ulong)(value << 1 ^ value >> 63));

    public static ulong Read(ref ReadOnlySpan<byte> source)
    {
        ulong value = 0;
        for (var i = 0; i < MaxSize; i++)
        {
            if (i >= source.Length) throw new InvalidDataException("The block ends within a number.");
            value |= (ulong)(source[i] & 0x7F) << 7 * i;
            if (source[i] >= 0x80) continue;
            source = source[(i + 1)..];
            return value;
        }

        throw new InvalidDataException("The block has a number of more than ten octets.");
    }

    public static long ReadSigned(ref ReadOnlySpan<byte> source)
    {
        var value = Read(ref source);
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    public static int ReadCount(ref ReadOnlySpan<byte> source, int maximum)
    {
        var value = Read(ref source);
        return value <= (ulong)maximum ? (int)value : throw new InvalidDataException($"The block counts {value}; at most {maximum} is possible.");
    }

    public static ReadOnlySpan<byte> ReadBytes(ref ReadOnlySpan<byte> source, int count)
    {
        if (count > source.Length) throw new InvalidDataException("The block ends within a value.");
        var bytes = source[..count];
        source = source[count..];
        return bytes;
    }
}
