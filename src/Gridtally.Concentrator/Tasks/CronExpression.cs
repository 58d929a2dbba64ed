using System.Diagnostics.CodeAnalysis;

namespace Gridtally.Concentrator.Tasks;

/// <summary>When a task item runs: minute, hour, day of month, month, day of week (0 = Sunday).</summary>
/// <remarks>
/// <para>
/// The cron of the SX5D1 manual, chapter 12: <c>*</c>, numbers, ranges, wrapped ranges (<c>23-7/2</c> is 23, 1, 3, 5, 7), steps
/// (<c>10/5</c> is every fifth from 10 on), lists, with or without a space after the comma.
/// </para>
/// <para>
/// Where both day fields are restricted, either is enough: the manual's <c>0 11 4 * 1-3</c> is the 4th and also every Monday to
/// Wednesday, as in classic cron. A field that lets every value through is not restricted.
/// </para>
/// <para>
/// Daylight saving: a time that the clock skips runs at the moment of the change. A time that comes twice runs the first time only,
/// unless the hour field begins with <c>*</c>: then it is an interval rather than a time of day, and runs both times.
/// </para>
/// </remarks>
public sealed class CronExpression
{
    // 29 February is at most eight years away (around 2100).
    private const int MaxDays = 366 * 9;

    private readonly ulong _minutes, _hours, _days, _months, _weekdays;
    private readonly bool _daysRestricted, _weekdaysRestricted, _interval;

    private CronExpression(string text, ulong[] masks)
    {
        Text = text;
        (_minutes, _hours, _days, _months, _weekdays) = (masks[0], masks[1], masks[2], masks[3], masks[4]);
        _daysRestricted = _days != CronField.All[2].Full;
        _weekdaysRestricted = _weekdays != CronField.All[4].Full;
        _interval = Split(text)[1].StartsWith('*');
    }

    /// <summary>The text it was read from.</summary>
    public string Text { get; }

    /// <inheritdoc/>
    public override string ToString() => Text;

    /// <summary>Reads a cron text.</summary>
    /// <exception cref="FormatException">It is none; the message names the field, what it has and what is allowed.</exception>
    public static CronExpression Parse(string text) => TryParse(text, out var cron, out var problem) ? cron : throw new FormatException(problem);

    /// <summary>Reads a cron text.</summary>
    /// <param name="text">Five fields.</param>
    /// <param name="cron">The expression.</param>
    /// <param name="problem">For people: the field, what it has, what is allowed.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out CronExpression? cron, out string problem)
    {
        cron = null;
        var fields = Split(text);
        if (fields.Length != 5)
        {
            problem = $"cron '{text}' has {fields.Length} fields; expected 5: minute, hour, day of month, month, day of week";
            return false;
        }

        var masks = new ulong[5];
        for (var i = 0; i < 5; i++)
        {
            if (CronField.All[i].Parse(fields[i], out var reason) is not { } mask)
            {
                problem = $"cron '{text}': {reason}";
                return false;
            }

            masks[i] = mask;
        }

        cron = new(text, masks);
        problem = cron.EverComes() ? "" : $"cron '{text}' never comes: none of its months has such a day of month";
        if (problem.Length > 0) cron = null;
        return cron is not null;
    }

    /// <summary>The first run after a moment.</summary>
    /// <param name="after">A moment; a run at exactly this moment does not count.</param>
    /// <param name="zone">In whose local time the text is meant.</param>
    public DateTimeOffset Next(DateTimeOffset after, TimeZoneInfo zone)
    {
        var utc = after.UtcDateTime;
        var first = TimeZoneInfo.ConvertTimeFromUtc(utc, zone).Date;

        // A run of the day before may be pushed past midnight by a skipped hour.
        for (var i = -1; i < MaxDays; i++)
        {
            var day = first.AddDays(i);
            if (!Matches(day)) continue;
            if (FirstRunOn(day, utc, zone) is { } run) return new(run, TimeSpan.Zero);
        }

        throw new InvalidOperationException($"Cron '{Text}' has no run within nine years after {after:O}."); // ruled out by EverComes
    }

    /// <summary>The next runs, for people to check a text by.</summary>
    public IReadOnlyList<DateTimeOffset> NextRuns(DateTimeOffset after, TimeZoneInfo zone, int count = 5)
    {
        var runs = new List<DateTimeOffset>(count);
        while (runs.Count < count) runs.Add(after = Next(after, zone));
        return runs;
    }

    private static string[] Split(string text)
    {
        var joined = text;
        while (joined.Contains(", ", StringComparison.Ordinal)) joined = joined.Replace(", ", ",", StringComparison.Ordinal);
        return joined.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
    }

    private bool EverComes() =>
        _weekdaysRestricted || Enumerable.Range(1, 12).Any(m => Has(_months, m) && CronField.NextIn(_days, 1) <= DateTime.DaysInMonth(2024, m));

    private bool Matches(DateTime day)
    {
        if (!Has(_months, day.Month)) return false;
        var (dayFits, weekdayFits) = (Has(_days, day.Day), Has(_weekdays, (int)day.DayOfWeek));
        return _daysRestricted && _weekdaysRestricted ? dayFits || weekdayFits : dayFits && weekdayFits;
    }

    private DateTime? FirstRunOn(DateTime day, DateTime afterUtc, TimeZoneInfo zone)
    {
        DateTime? best = null;
        for (var hour = CronField.NextIn(_hours, 0); hour >= 0; hour = CronField.NextIn(_hours, hour + 1))
        {
            for (var minute = CronField.NextIn(_minutes, 0); minute >= 0; minute = CronField.NextIn(_minutes, minute + 1))
            {
                foreach (var run in MomentsOf(day.AddMinutes(hour * 60 + minute), zone))
                {
                    if (run > afterUtc && (best is null || run < best)) best = run;
                }
            }
        }

        return best;
    }

    private IEnumerable<DateTime> MomentsOf(DateTime local, TimeZoneInfo zone)
    {
        if (zone.IsInvalidTime(local))
        {
            // The clock jumps over this minute: the moment of the jump has the offset from before it.
            var jump = local;
            while (zone.IsInvalidTime(jump)) jump = jump.AddMinutes(1);
            yield return TimeZoneInfo.ConvertTimeToUtc(jump, zone);
        }
        else if (zone.IsAmbiguousTime(local))
        {
            var offsets = zone.GetAmbiguousTimeOffsets(local);
            yield return DateTime.SpecifyKind(local - offsets.Max(), DateTimeKind.Utc);
            if (_interval) yield return DateTime.SpecifyKind(local - offsets.Min(), DateTimeKind.Utc);
        }
        else yield return TimeZoneInfo.ConvertTimeToUtc(local, zone);
    }

    private static bool Has(ulong mask, int value) => (mask >> value & 1) != 0;
}
