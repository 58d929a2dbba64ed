using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Storage.Blocks;

/// <summary>A column of date-times (octet-string of twelve) as deltas of deltas of seconds.</summary>
/// <remarks>
/// Deviation, status and hundredths are deltas of their own, nearly always 0. Day of week is either what the calendar says or the same in
/// all rows. Whatever does not fit (a wildcard, a wrong day of week) makes the whole column raw: the caller asks with <see cref="TryWrite"/>.
/// </remarks>
internal static class TimeColumn
{
    private const int CellSize = 2 + CosemDateTime.Size;
    private const byte FromCalendar = 0;

    /// <summary>The column's octets, or null where they would not come back exactly.</summary>
    public static byte[]? TryWrite(ReadOnlyMemory<byte>[] cells)
    {
        foreach (var cell in cells)
        {
            if (!IsPlainTime(cell.Span)) return null;
        }

        var first = CosemDateTime.Read(cells[0].Span[2..]);
        var target = new ArrayBufferWriter<byte>();
        target.Write([first.DayOfWeek == CalendarDay(SecondsOf(first)) ? FromCalendar : first.DayOfWeek]);
        Write(target, cells);
        return ComesBack(target.WrittenSpan, cells) ? target.WrittenSpan.ToArray() : null;
    }

    public static ReadOnlyMemory<byte>[] Read(ref ReadOnlySpan<byte> source, int count)
    {
        var dayOfWeek = Varint.ReadBytes(ref source, 1)[0];
        var cells = new ReadOnlyMemory<byte>[count];
        var all = new byte[count * CellSize];
        long seconds = 0, step = 0, deviation = 0, status = 0, hundredths = 0;
        for (var i = 0; i < count; i++)
        {
            step += Varint.ReadSigned(ref source);
            seconds += step;
            deviation += Varint.ReadSigned(ref source);
            status += Varint.ReadSigned(ref source);
            hundredths += Varint.ReadSigned(ref source);
            if (seconds is < 0 or > 315_537_897_599) throw new InvalidDataException("The block has a time outside the calendar.");
            var time = DateTime.MinValue.AddSeconds(seconds);
            var value = new CosemDateTime((ushort)time.Year, (byte)time.Month, (byte)time.Day, dayOfWeek == FromCalendar ? CalendarDay(seconds) : dayOfWeek,
                (byte)time.Hour, (byte)time.Minute, (byte)time.Second, (byte)hundredths, (short)deviation, (ClockStatus)(byte)status);
            var cell = all.AsMemory(i * CellSize, CellSize);
            (cell.Span[0], cell.Span[1]) = ((byte)DataTag.OctetString, CosemDateTime.Size);
            value.Write(cell.Span[2..]);
            cells[i] = cell;
        }

        return cells;
    }

    private static void Write(ArrayBufferWriter<byte> target, ReadOnlyMemory<byte>[] cells)
    {
        long seconds = 0, step = 0, deviation = 0, status = 0, hundredths = 0;
        foreach (var cell in cells)
        {
            var value = CosemDateTime.Read(cell.Span[2..]);
            var (now, nowStep) = (SecondsOf(value), SecondsOf(value) - seconds);
            Varint.WriteSigned(target, nowStep - step);
            Varint.WriteSigned(target, value.DeviationMinutes - deviation);
            Varint.WriteSigned(target, (byte)value.Status - status);
            Varint.WriteSigned(target, value.Hundredths - hundredths);
            (seconds, step, deviation, status, hundredths) = (now, nowStep, value.DeviationMinutes, (byte)value.Status, value.Hundredths);
        }
    }

    private static bool IsPlainTime(ReadOnlySpan<byte> cell)
    {
        if (cell.Length != CellSize || cell[0] != (byte)DataTag.OctetString || cell[1] != CosemDateTime.Size) return false;
        var time = CosemDateTime.Read(cell[2..]);
        return time.Second <= 59 && (time with { Hundredths = 0, DeviationMinutes = 0 }).TryToUtc(out _);
    }

    private static bool ComesBack(ReadOnlySpan<byte> coded, ReadOnlyMemory<byte>[] cells)
    {
        var again = Read(ref coded, cells.Length);
        for (var i = 0; i < cells.Length; i++)
        {
            if (!again[i].Span.SequenceEqual(cells[i].Span)) return false;
        }

        return true;
    }

    // Seconds since year 1 of the fields as they stand, without the deviation: only their differences matter.
    private static long SecondsOf(in CosemDateTime value) =>
        new DateTime(value.Year, value.Month, value.Day, value.Hour, value.Minute, value.Second, DateTimeKind.Unspecified).Ticks / TimeSpan.TicksPerSecond;

    private static byte CalendarDay(long seconds) => (byte)((seconds / 86_400 % 7) + 1); // 1 January of year 1 was a Monday
}
