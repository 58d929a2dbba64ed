using System.Buffers.Binary;

namespace Gridtally.Cosem.Data;

/// <summary>A date as on the wire: five octets, any field of which may be a wildcard.</summary>
/// <param name="Year">0..0xFFFE; 0xFFFF not specified.</param>
/// <param name="Month">1..12; <see cref="DaylightSavingEnd"/>, <see cref="DaylightSavingBegin"/>, 0xFF not specified.</param>
/// <param name="Day">1..31; <see cref="SecondLastDay"/>, <see cref="LastDay"/>, 0xFF not specified.</param>
/// <param name="DayOfWeek">1 Monday .. 7 Sunday; 0xFF not specified.</param>
/// <remarks>date, Blue Book 4.1.6.1. Equality is equality of the octets.</remarks>
public readonly record struct CosemDate(ushort Year, byte Month, byte Day, byte DayOfWeek)
{
    /// <summary>Octets on the wire.</summary>
    public const int Size = 5;

    /// <summary>As month: the date on which daylight saving ends.</summary>
    public const byte DaylightSavingEnd = 0xFD;

    /// <summary>As month: the date on which daylight saving begins.</summary>
    public const byte DaylightSavingBegin = 0xFE;

    /// <summary>As day: the second last day of the month.</summary>
    public const byte SecondLastDay = 0xFD;

    /// <summary>As day: the last day of the month.</summary>
    public const byte LastDay = 0xFE;

    /// <summary>Every field not specified.</summary>
    public static readonly CosemDate Unspecified = new(0xFFFF, 0xFF, 0xFF, 0xFF);

    /// <summary>One day, with its day of week.</summary>
    public static CosemDate From(DateOnly date) => new((ushort)date.Year, (byte)date.Month, (byte)date.Day, WeekdayOf(date));

    /// <summary>True where each field is one that the standard has; the date itself may still not exist (30 February).</summary>
    public bool IsValid => Month is (>= 1 and <= 12) or >= DaylightSavingEnd && Day is (>= 1 and <= 31) or >= SecondLastDay && DayOfWeek is (>= 1 and <= 7) or 0xFF;

    /// <summary>Reads five octets. Every pattern of octets is a date; whether it is a day is asked with <see cref="TryToDateOnly"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Fewer than five octets.</exception>
    public static CosemDate Read(ReadOnlySpan<byte> source)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(source.Length, Size, nameof(source));
        return new(BinaryPrimitives.ReadUInt16BigEndian(source), source[2], source[3], source[4]);
    }

    /// <summary>Writes five octets to the start of <paramref name="target"/>.</summary>
    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target, Year);
        (target[2], target[3], target[4]) = (Month, Day, DayOfWeek);
    }

    /// <summary>The day, where year, month and day are given; the day of week is not looked at.</summary>
    /// <returns>False where one of them is a wildcard, or there is no such day.</returns>
    public bool TryToDateOnly(out DateOnly date)
    {
        date = default;
        if (Year is 0 or > 9999 || Month is 0 or > 12 || Day is 0 || Day > DateTime.DaysInMonth(Year, Month)) return false;
        date = new(Year, Month, Day);
        return true;
    }

    /// <summary>True for a day that the pattern means.</summary>
    /// <param name="date">The day, local.</param>
    /// <param name="daylightSaving">When daylight saving begins and ends; without it, a pattern that names either means no day.</param>
    /// <remarks>
    /// A day of week with a day is the first such weekday on or after that day, which may be in the next month; with the last day it is the
    /// last such weekday of the month, with the second last day the second last.
    /// </remarks>
    public bool Matches(DateOnly date, DaylightSaving? daylightSaving = null)
    {
        if (DayOfWeek != 0xFF && DayOfWeek != WeekdayOf(date)) return false;
        if (DayOfWeek == 0xFF || Day is 0xFF or LastDay or SecondLastDay) return IsNamed(date, daylightSaving);
        for (var back = 0; back < 7 && date.DayNumber >= back; back++)
        {
            if (IsNamed(date.AddDays(-back), daylightSaving)) return true;
        }

        return false;
    }

    /// <summary><c>2026-01-15</c>, with <c>*</c> for wildcards, <c>last</c>, <c>second-last</c>, <c>dst-begin</c>, <c>dst-end</c>.</summary>
    public override string ToString()
    {
        var weekday = DayOfWeek == 0xFF ? "" : $" (weekday {DayOfWeek})";
        return $"{YearText}-{MonthText}-{DayText}{weekday}";
    }

    internal string YearText => Year == 0xFFFF ? "*" : Year.ToString("0000");

    internal string MonthText => Month switch { DaylightSavingEnd => "dst-end", DaylightSavingBegin => "dst-begin", 0xFF => "*", _ => Month.ToString("00") };

    internal string DayText => Day switch { SecondLastDay => "second-last", LastDay => "last", 0xFF => "*", _ => Day.ToString("00") };

    internal static byte WeekdayOf(DateOnly date) => date.DayOfWeek == System.DayOfWeek.Sunday ? (byte)7 : (byte)date.DayOfWeek;

    // Year, month and day; the day of week is the caller's business, apart from "last Sunday", which needs both.
    private bool IsNamed(DateOnly date, DaylightSaving? daylightSaving)
    {
        if (Year != 0xFFFF && Year != date.Year) return false;
        var (month, day) = (Month, Day);
        if (month is DaylightSavingBegin or DaylightSavingEnd)
        {
            if (daylightSaving is not { } rules || !rules.TryGetDate(date.Year, month == DaylightSavingBegin, out var change)) return false;
            month = (byte)change.Month;
            if (day == 0xFF) day = (byte)change.Day;
        }

        if (month != 0xFF && month != date.Month) return false;
        var fromEnd = DateTime.DaysInMonth(date.Year, date.Month) - date.Day;
        return day switch
        {
            0xFF => true,
            LastDay => DayOfWeek == 0xFF ? fromEnd == 0 : fromEnd < 7,
            SecondLastDay => DayOfWeek == 0xFF ? fromEnd == 1 : fromEnd is >= 7 and < 14,
            _ => day == date.Day,
        };
    }
}
