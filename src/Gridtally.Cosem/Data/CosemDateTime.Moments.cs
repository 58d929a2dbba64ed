namespace Gridtally.Cosem.Data;

/// <summary>How a meter's clock is to be understood where the standard or the makers leave it open.</summary>
/// <param name="AssumedDeviationMinutes">UTC minus local time, minutes, for date-times that give none.</param>
/// <param name="DeviationExcludesDst">
/// True for clocks whose deviation stays that of winter while daylight saving is active. The standard's deviation includes it.
/// </param>
/// <param name="DstMinutes">What daylight saving adds to local time, minutes; used where <paramref name="DeviationExcludesDst"/> is true.</param>
public readonly record struct ClockConvention(short AssumedDeviationMinutes = 0, bool DeviationExcludesDst = false, short DstMinutes = 60);

public readonly partial record struct CosemDateTime
{
    /// <summary>The moment in UTC, where year, month, day, hour and minute are given.</summary>
    /// <param name="utc">The moment. Seconds and hundredths that are not specified count as 0; the day of week is not looked at.</param>
    /// <param name="assumedDeviationMinutes">Deviation to use where the value gives none (UTC minus local, minutes).</param>
    /// <returns>False where a field is a wildcard or out of range.</returns>
    public bool TryToUtc(out DateTime utc, short assumedDeviationMinutes = 0) => TryToUtc(out utc, new ClockConvention(assumedDeviationMinutes));

    /// <summary>As <see cref="TryToUtc(out DateTime, short)"/>, for a clock with a convention of its own.</summary>
    public bool TryToUtc(out DateTime utc, in ClockConvention convention)
    {
        utc = default;
        if (!TryToLocal(out var local) || !TryGetDeviation(convention, out var deviation)) return false;
        if (local.Year == 1 && deviation < 0) return false;
        utc = new(local.Ticks + deviation * TimeSpan.TicksPerMinute, DateTimeKind.Utc);
        return true;
    }

    /// <summary>The moment with its offset from UTC, where year, month, day, hour and minute are given.</summary>
    /// <param name="moment">The moment. Seconds and hundredths that are not specified count as 0.</param>
    /// <param name="convention">What to assume; by default, that a missing deviation is 0.</param>
    /// <returns>False where a field is a wildcard or out of range.</returns>
    public bool TryToDateTimeOffset(out DateTimeOffset moment, in ClockConvention convention = default)
    {
        moment = default;
        if (!TryToLocal(out var local) || !TryGetDeviation(convention, out var deviation)) return false;
        if (local.Year == 1 && deviation < 0) return false;
        moment = new(local, new TimeSpan(-deviation * TimeSpan.TicksPerMinute));
        return true;
    }

    /// <summary>Date and time as the meter's display shows them, where year, month, day, hour and minute are given.</summary>
    /// <param name="local">Local time, <see cref="DateTimeKind.Unspecified"/>.</param>
    /// <returns>False where a field is a wildcard or out of range.</returns>
    public bool TryToLocal(out DateTime local)
    {
        local = default;
        if (Year is 0 or > 9998 || Month is 0 or > 12 || Day is 0 || Day > DateTime.DaysInMonth(Year, Month) || Hour > 23 || Minute > 59) return false;
        var second = Second == 0xFF ? 0 : Second;
        var hundredths = Hundredths == 0xFF ? 0 : Hundredths;
        if (second > 59 || hundredths > 99) return false;
        local = new(Year, Month, Day, Hour, Minute, second, hundredths * 10);
        return true;
    }

    /// <summary>The first and the last moment that the value can mean, where what is not specified comes last: 2026-01 is all of January.</summary>
    /// <param name="first">First moment, UTC.</param>
    /// <param name="last">Last moment, UTC, to the tick.</param>
    /// <param name="convention">What to assume of the clock.</param>
    /// <returns>
    /// False where a field is specified after one that is not (each day at 10:00), or is out of range. Every field unspecified is all of time.
    /// </returns>
    public bool TryGetInterval(out DateTime first, out DateTime last, in ClockConvention convention = default)
    {
        (first, last) = (DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));
        if (Year == 0xFFFF) return Month == 0xFF && Day == 0xFF && Time == CosemTime.Unspecified && DayOfWeek == 0xFF;
        if (Month != 0xFF && Month > 12 || Day != 0xFF && Day > 31) return false;
        if (Day == 0xFF && DayOfWeek != 0xFF || !AreLast([Month, Day, Hour, Minute, Second, Hundredths])) return false;
        var low = new CosemDateTime(Year, Or(Month, 1), Or(Day, 1), 0xFF, Or(Hour, 0), Or(Minute, 0), Or(Second, 0), Or(Hundredths, 0), DeviationMinutes, Status);
        if (!low.TryToUtc(out first, convention)) return false;
        var next = (Month, Day, Hour, Minute, Second, Hundredths) switch
        {
            (0xFF, _, _, _, _, _) => first.AddYears(1),
            (_, 0xFF, _, _, _, _) => first.AddDays(DateTime.DaysInMonth(Year, Month)),
            (_, _, 0xFF, _, _, _) => first.AddDays(1),
            (_, _, _, 0xFF, _, _) => first.AddHours(1),
            (_, _, _, _, 0xFF, _) => first.AddMinutes(1),
            (_, _, _, _, _, 0xFF) => first.AddSeconds(1),
            _ => first.AddMilliseconds(10),
        };
        last = next.AddTicks(-1);
        return true;

        static byte Or(byte value, byte otherwise) => value == 0xFF ? otherwise : value;
    }

    /// <summary>Compares field by field, year first; a field that either does not specify counts as equal.</summary>
    /// <returns>Less than, equal to or greater than 0, as <paramref name="left"/> is before, at or after <paramref name="right"/>.</returns>
    /// <remarks>
    /// For the ends of ranges (Blue Book, class 7). Where both give their deviation and are complete to the minute, they are compared as moments;
    /// else as local times. The day of week takes the place of a day that is not specified.
    /// </remarks>
    public static int CompareSpecified(in CosemDateTime left, in CosemDateTime right)
    {
        var other = right.ShiftedTo(left);
        if (left.Year != 0xFFFF && other.Year != 0xFFFF && left.Year != other.Year) return left.Year.CompareTo(other.Year);
        if (Compare(left.Month, other.Month) is var month and not 0) return month;
        var day = left.Day == 0xFF || other.Day == 0xFF ? Compare(left.DayOfWeek, other.DayOfWeek) : left.Day.CompareTo(other.Day);
        if (day != 0) return day;
        if (Compare(left.Hour, other.Hour) is var hour and not 0) return hour;
        if (Compare(left.Minute, other.Minute) is var minute and not 0) return minute;
        return Compare(left.Second, other.Second) is var second and not 0 ? second : Compare(left.Hundredths, other.Hundredths);

        static int Compare(byte a, byte b) => a == 0xFF || b == 0xFF ? 0 : a.CompareTo(b);
    }

    // The same moment with the deviation of another, where both have one; else as it is.
    private CosemDateTime ShiftedTo(in CosemDateTime other)
    {
        if (DeviationMinutes == other.DeviationMinutes || DeviationMinutes == NoDeviation || other.DeviationMinutes == NoDeviation
            || !other.TryToLocal(out _) || !TryToLocal(out var local)) return this;
        var shifted = local.AddMinutes(DeviationMinutes - other.DeviationMinutes);
        return this with
        {
            Year = (ushort)shifted.Year,
            Month = (byte)shifted.Month,
            Day = (byte)shifted.Day,
            Hour = (byte)shifted.Hour,
            Minute = (byte)shifted.Minute,
            DeviationMinutes = other.DeviationMinutes,
        };
    }

    private bool TryGetDeviation(in ClockConvention convention, out int deviation)
    {
        deviation = DeviationMinutes == NoDeviation ? convention.AssumedDeviationMinutes : DeviationMinutes;
        if (deviation is < -840 or > 840) return false;
        if (convention.DeviationExcludesDst && Status != ClockStatus.NotSpecified && (Status & ClockStatus.DaylightSavingActive) != 0)
            deviation -= convention.DstMinutes;
        return deviation is >= -840 and <= 840;
    }

    private static bool AreLast(ReadOnlySpan<byte> fields)
    {
        var first = fields.IndexOf((byte)0xFF);
        return first < 0 || !fields[first..].ContainsAnyExcept((byte)0xFF);
    }
}
