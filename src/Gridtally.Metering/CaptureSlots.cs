namespace Gridtally.Metering;

/// <summary>When rows of a periodic profile are due.</summary>
/// <remarks>
/// A row's time stamp is the end of its interval and a multiple of the period since midnight UTC. So the row stamped 00:00 belongs to
/// the day that ends then.
/// </remarks>
public static class CaptureSlots
{
    /// <summary>Rows due after <paramref name="after"/> and not later than <paramref name="upTo"/> (both UTC).</summary>
    public static int Count(DateTime after, DateTime upTo, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        return upTo <= after ? 0 : (int)(upTo.Ticks / period.Ticks - after.Ticks / period.Ticks);
    }

    /// <summary>The last time stamp due not later than <paramref name="time"/>.</summary>
    public static DateTime Last(DateTime time, TimeSpan period)
    {
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(period, TimeSpan.Zero);
        return new(time.Ticks - time.Ticks % period.Ticks, DateTimeKind.Utc);
    }
}

/// <summary>Which day a reading belongs to, in the time zone of those who bill it.</summary>
/// <param name="Zone">Where midnight is taken.</param>
public sealed record ReadingDays(TimeZoneInfo Zone)
{
    /// <summary>Midnight in UTC.</summary>
    public static ReadingDays Utc { get; } = new(TimeZoneInfo.Utc);

    /// <summary>The day of the interval that ends at <paramref name="stampUtc"/>; a row stamped 00:00 belongs to the day before.</summary>
    public DateOnly DayOf(DateTime stampUtc) => DateOnly.FromDateTime(TimeZoneInfo.ConvertTimeFromUtc(AsUtc(stampUtc).AddTicks(-1), Zone));

    /// <summary>The moment a day begins (UTC). Where its midnight does not exist, the first moment after the gap.</summary>
    public DateTime BeginOf(DateOnly day)
    {
        var local = day.ToDateTime(TimeOnly.MinValue);
        while (Zone.IsInvalidTime(local)) local = local.AddMinutes(15);
        return TimeZoneInfo.ConvertTimeToUtc(local, Zone);
    }

    /// <summary>The moment a day ends and the next begins (UTC).</summary>
    public DateTime EndOf(DateOnly day) => BeginOf(day.AddDays(1));

    private static DateTime AsUtc(DateTime time) => DateTime.SpecifyKind(time, DateTimeKind.Utc);
}
