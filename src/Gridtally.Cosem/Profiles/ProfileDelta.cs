using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>What a row's cell means that refers to the row before: the difference to its number, or one period after its clock.</summary>
/// <remarks>delta-value-encoding and null-data in profile buffers, IEC 62056-5-3 and Blue Book, class 7.</remarks>
internal static class ProfileDelta
{
    public static bool IsDelta(DataTag tag) => tag is >= DataTag.DeltaInteger and <= DataTag.DeltaDoubleLongUnsigned;

    /// <summary>Adds a difference to a number; false where the sum does not fit in the number's type, or that is no integer's.</summary>
    public static bool TryAdd(DataTag type, long value, long difference, out long sum)
    {
        sum = unchecked(value + difference);
        return type switch
        {
            DataTag.Integer => sum is >= sbyte.MinValue and <= sbyte.MaxValue,
            DataTag.Long => sum is >= short.MinValue and <= short.MaxValue,
            DataTag.DoubleLong => sum is >= int.MinValue and <= int.MaxValue,
            DataTag.Unsigned or DataTag.Enum or DataTag.Bcd => sum is >= 0 and <= byte.MaxValue,
            DataTag.LongUnsigned => sum is >= 0 and <= ushort.MaxValue,
            DataTag.DoubleLongUnsigned => sum is >= 0 and <= uint.MaxValue,
            DataTag.Long64 => ((value ^ sum) & (difference ^ sum)) >= 0,
            // The number's 64 bits, taken as unsigned.
            DataTag.Long64Unsigned => difference >= 0 ? (ulong)sum >= (ulong)value : (ulong)sum < (ulong)value,
            _ => false,
        };
    }

    /// <summary>Writes the number that a delta makes of the cell before; false where it makes none.</summary>
    public static bool TryExpand(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> delta, IBufferWriter<byte> output)
    {
        var tag = (DataTag)earlier[0];
        if (!TryGetBits(earlier, out var value) || !new AxdrReader(delta).TryReadNumber(out var difference) || !TryAdd(tag, value, difference, out var sum)) return false;
        output.WriteByte((byte)tag);
        for (var shift = 8 * AxdrReader.FixedSize(tag) - 8; shift >= 0; shift -= 8) output.WriteByte((byte)(sum >> shift));
        return true;
    }

    /// <summary>Writes a cell as the shortest delta to the one before; false where that is not shorter, or can't be.</summary>
    public static bool TryWrite(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> cell, IBufferWriter<byte> output)
    {
        if (earlier[0] != cell[0] || !TryGetBits(earlier, out var before) || !TryGetBits(cell, out var now)) return false;
        var difference = unchecked(now - before);
        var (tag, size) = difference switch
        {
            >= 0 and <= byte.MaxValue => (DataTag.DeltaUnsigned, 1),
            >= sbyte.MinValue and < 0 => (DataTag.DeltaInteger, 1),
            >= 0 and <= ushort.MaxValue => (DataTag.DeltaLongUnsigned, 2),
            >= short.MinValue and < 0 => (DataTag.DeltaLong, 2),
            >= 0 and <= uint.MaxValue => (DataTag.DeltaDoubleLongUnsigned, 4),
            >= int.MinValue and < 0 => (DataTag.DeltaDoubleLong, 4),
            _ => (DataTag.NullData, int.MaxValue),
        };
        if (size >= cell.Length - 1 || !TryAdd((DataTag)cell[0], before, difference, out _)) return false;
        output.WriteByte((byte)tag);
        for (var shift = 8 * size - 8; shift >= 0; shift -= 8) output.WriteByte((byte)(difference >> shift));
        return true;
    }

    /// <summary>The clock one period later: date, time and weekday move, deviation and status stay. False where the clock is not complete.</summary>
    public static bool TryGetNext(in CosemDateTime stamp, uint periodSeconds, out CosemDateTime next)
    {
        next = default;
        if (!stamp.TryToLocal(out var local) || local.Year > 9990) return false;
        var moved = local.AddSeconds(periodSeconds);
        var weekday = stamp.DayOfWeek == 0xFF ? (byte)0xFF : CosemDate.From(DateOnly.FromDateTime(moved)).DayOfWeek;
        next = new((ushort)moved.Year, (byte)moved.Month, (byte)moved.Day, weekday, (byte)moved.Hour, (byte)moved.Minute,
            stamp.Second == 0xFF && periodSeconds % 60 == 0 ? (byte)0xFF : (byte)moved.Second, stamp.Hundredths, stamp.DeviationMinutes, stamp.Status);
        return true;
    }

    // The number of an integer's cell; of long64-unsigned its bits.
    private static bool TryGetBits(ReadOnlySpan<byte> cell, out long bits)
    {
        bits = 0;
        if (cell[0] != (byte)DataTag.Long64Unsigned) return (DataTag)cell[0] is not DataTag.Boolean && new AxdrReader(cell).TryReadNumber(out bits);
        bits = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(cell[1..]);
        return true;
    }
}
