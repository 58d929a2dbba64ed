namespace Gridtally.Metering.Tests;

public class CaptureSlotsTests
{
    private static readonly TimeSpan HalfHour = TimeSpan.FromMinutes(30);

    [Fact]
    public void A_day_of_half_hours_has_48_rows_and_the_one_at_midnight_belongs_to_it()
    {
        var begin = new DateTime(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

        Assert.Equal(48, CaptureSlots.Count(begin, begin.AddDays(1), HalfHour));
        Assert.Equal(0, CaptureSlots.Count(begin, begin.AddMinutes(29), HalfHour));
        Assert.Equal(new DateOnly(2026, 1, 14), ReadingDays.Utc.DayOf(begin));
        Assert.Equal(new DateOnly(2026, 1, 15), ReadingDays.Utc.DayOf(begin.AddTicks(1)));
    }

    [Fact]
    public void The_last_row_due_is_never_later_than_now()
    {
        var now = new DateTime(2026, 1, 15, 10, 59, 59, DateTimeKind.Utc);

        Assert.Equal(new DateTime(2026, 1, 15, 10, 30, 0, DateTimeKind.Utc), CaptureSlots.Last(now, HalfHour));
    }

    [Theory]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    [InlineData("2026-06-01", 24)]
    public void Days_of_a_zone_with_daylight_saving_have_their_hours(string day, int hours)
    {
        var days = new ReadingDays(TimeZoneInfo.FindSystemTimeZoneById("Europe/Paris"));
        var date = DateOnly.Parse(day);

        Assert.Equal(TimeSpan.FromHours(hours), days.EndOf(date) - days.BeginOf(date));
        Assert.Equal(date, days.DayOf(days.EndOf(date)));
    }
}
