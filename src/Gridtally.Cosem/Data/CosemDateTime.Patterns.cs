namespace Gridtally.Cosem.Data;

/// <summary>When a clock goes over to daylight saving and back, as patterns that hold for every year.</summary>
/// <param name="Begin">Local normal time at which daylight saving begins, such as the last Sunday of March, 02:00.</param>
/// <param name="End">Local summer time at which it ends, such as the last Sunday of October, 03:00.</param>
/// <param name="DeviationMinutes">What is added to local time meanwhile, minutes.</param>
/// <remarks>Attributes 5, 6 and 7 of Clock, Blue Book, class 8.</remarks>
public readonly record struct DaylightSaving(CosemDateTime Begin, CosemDateTime End, sbyte DeviationMinutes = 60)
{
    /// <summary>Local time at which daylight saving begins in a year; false where it does not.</summary>
    public bool TryGetBegin(int year, out DateTime local) => TryGet(Begin, year, out local);

    /// <summary>Local summer time at which daylight saving ends in a year; false where it does not.</summary>
    public bool TryGetEnd(int year, out DateTime local) => TryGet(End, year, out local);

    /// <summary>True while daylight saving is active.</summary>
    /// <param name="normal">Local time without daylight saving.</param>
    /// <remarks>South of the equator it ends earlier in the year than it begins.</remarks>
    public bool IsActive(DateTime normal)
    {
        if (!TryGetBegin(normal.Year, out var begin) || !TryGetEnd(normal.Year, out var end)) return false;
        var endNormal = end.AddMinutes(-DeviationMinutes);
        return begin < endNormal ? normal >= begin && normal < endNormal : normal >= begin || normal < endNormal;
    }

    internal bool TryGetDate(int year, bool begin, out DateOnly date)
    {
        var done = begin ? TryGetBegin(year, out var local) : TryGetEnd(year, out local);
        date = DateOnly.FromDateTime(local);
        return done;
    }

    private static bool TryGet(in CosemDateTime pattern, int year, out DateTime local)
    {
        local = default;
        if (pattern.Month is CosemDate.DaylightSavingBegin or CosemDate.DaylightSavingEnd) return false; // would refer to itself
        return pattern.TryGetNext(new DateTime(year, 1, 1).AddTicks(year == 1 ? 0 : -1), out local) && local.Year == year;
    }
}

public readonly partial record struct CosemDateTime
{
    /// <summary>Days within which every pattern of dates comes round again: 29 February, across a year such as 2100.</summary>
    private const int LongestWaitDays = 9 * 366;

    /// <summary>True for a local time that the pattern means; deviation and status are not looked at.</summary>
    /// <param name="local">Local time.</param>
    /// <param name="daylightSaving">When daylight saving begins and ends; without it, a pattern that names either means no time.</param>
    public bool Matches(DateTime local, DaylightSaving? daylightSaving = null) =>
        Time.Matches(TimeOnly.FromDateTime(local)) && Date.Matches(DateOnly.FromDateTime(local), daylightSaving);

    /// <summary>The next local time, after <paramref name="after"/>, at which the pattern begins to hold.</summary>
    /// <param name="after">Local time.</param>
    /// <param name="next">Local time, to the hundredth of a second.</param>
    /// <param name="daylightSaving">When daylight saving begins and ends, for patterns that name either.</param>
    /// <returns>False where there is none: a year that is past, 30 February, or a pattern that always holds.</returns>
    /// <remarks>
    /// Fields that are not specified after the last that is begin at 0: 10:*:* begins once a day, at 10:00:00. A date without time begins at
    /// midnight, and once for days in a row. Seasons and execution times need this.
    /// </remarks>
    public bool TryGetNext(DateTime after, out DateTime next, DaylightSaving? daylightSaving = null)
    {
        next = default;
        if (after.Ticks > DateTime.MaxValue.Ticks - TicksPerHundredth) return false;
        var from = new DateTime((after.Ticks / TicksPerHundredth + 1) * TicksPerHundredth);
        return Search(from, 1, daylightSaving, out next);
    }

    /// <summary>The last local time, at or before <paramref name="until"/>, at which the pattern began to hold.</summary>
    /// <param name="until">Local time.</param>
    /// <param name="previous">Local time, to the hundredth of a second.</param>
    /// <param name="daylightSaving">When daylight saving begins and ends, for patterns that name either.</param>
    /// <returns>False where there is none.</returns>
    /// <remarks>As <see cref="TryGetNext"/>: the season that is under way is the one whose start has the latest.</remarks>
    public bool TryGetPrevious(DateTime until, out DateTime previous, DaylightSaving? daylightSaving = null) => Search(until, -1, daylightSaving, out previous);

    private const long TicksPerHundredth = TimeSpan.TicksPerMillisecond * 10;

    private bool Search(DateTime from, int direction, DaylightSaving? daylightSaving, out DateTime found)
    {
        found = default;
        var (day, days) = SearchStart(DateOnly.FromDateTime(from), direction);
        var time = day == DateOnly.FromDateTime(from) ? TimeOnly.FromDateTime(from) : direction > 0 ? TimeOnly.MinValue : TimeOnly.MaxValue;
        for (; days > 0; days--)
        {
            if (Begins(day, daylightSaving) && (direction > 0 ? Time.FirstBeginning(time) : Time.LastBeginning(time)) is { } at && !(Time.IsAllDay && at != TimeOnly.MinValue))
            {
                found = day.ToDateTime(at);
                return true;
            }

            if (day == (direction > 0 ? DateOnly.MaxValue : DateOnly.MinValue)) return false;
            day = day.AddDays(direction);
            time = direction > 0 ? TimeOnly.MinValue : TimeOnly.MaxValue;
        }

        return false;
    }

    // A pattern of one year is looked for in that year; "first Sunday on or after 31 December" may be a week past it.
    private (DateOnly Day, int Days) SearchStart(DateOnly from, int direction)
    {
        if (Year == 0xFFFF) return (from, LongestWaitDays);
        if (Year is 0 or > 9998) return (from, 0);
        var (first, last) = (new DateOnly(Year, 1, 1), new DateOnly(Year + 1, 1, 7));
        return direction > 0
            ? (from < first ? first : from, from > last ? 0 : 366 + 7)
            : (from > last ? last : from, from < first ? 0 : 366 + 7);
    }

    private bool Begins(DateOnly day, DaylightSaving? daylightSaving)
    {
        var date = Date;
        if (!date.Matches(day, daylightSaving)) return false;
        return !Time.IsAllDay || day == DateOnly.MinValue || !date.Matches(day.AddDays(-1), daylightSaving);
    }
}
