using System.Globalization;
using Gridtally.Concentrator.Tasks;

namespace Gridtally.Concentrator.Tests;

public sealed class CronTests
{
    private static readonly TimeZoneInfo Riga = TimeZoneInfo.FindSystemTimeZoneById("Europe/Riga");

    // The examples of the SX5D1 manual, chapter 12.
    [Theory]
    [InlineData("0 6 * * *", "2026-01-15 05:59", "2026-01-15 06:00", "2026-01-16 06:00")]
    [InlineData("0 */2 * * *", "2026-01-15 00:00", "2026-01-15 02:00", "2026-01-15 04:00")]
    [InlineData("0 23-7/2, 8 * * *", "2026-01-15 00:00", "2026-01-15 01:00", "2026-01-15 03:00", "2026-01-15 05:00", "2026-01-15 07:00", "2026-01-15 08:00", "2026-01-15 23:00", "2026-01-16 01:00")]
    [InlineData("0 11 4 * 1-3", "2026-02-01 00:00", "2026-02-02 11:00", "2026-02-03 11:00", "2026-02-04 11:00", "2026-02-09 11:00")]
    [InlineData("0 11 4 * 1-3", "2026-03-31 12:00", "2026-04-01 11:00", "2026-04-04 11:00", "2026-04-06 11:00")]
    [InlineData("0 4 1 1 *", "2026-01-01 04:00", "2027-01-01 04:00", "2028-01-01 04:00")]
    [InlineData("10/5 * * * *", "2026-01-15 00:00", "2026-01-15 00:10", "2026-01-15 00:15")]
    [InlineData("10/5 * * * *", "2026-01-15 00:50", "2026-01-15 00:55", "2026-01-15 01:10")]
    [InlineData("0 */1 1-5 * *", "2026-01-05 23:00", "2026-02-01 00:00", "2026-02-01 01:00")]
    [InlineData("0 */4 6-31 * *", "2026-02-28 20:00", "2026-03-06 00:00", "2026-03-06 04:00")]
    [InlineData("0 10 */2 * *", "2026-01-30 00:00", "2026-01-31 10:00", "2026-02-01 10:00", "2026-02-03 10:00")]
    public void The_manuals_examples_run_when_the_manual_says(string text, string after, params string[] runs)
    {
        var got = CronExpression.Parse(text).NextRuns(Utc(after), TimeZoneInfo.Utc, runs.Length);
        Assert.Equal(runs.Select(Utc), got);
    }

    [Theory]
    [InlineData("0 0 31 * *", "2026-01-31 00:00", "2026-03-31 00:00")]
    [InlineData("0 0 29 2 *", "2026-01-01 00:00", "2028-02-29 00:00")]
    [InlineData("0 0 29 2 *", "2096-03-01 00:00", "2104-02-29 00:00")]
    [InlineData("59 23 * * 0", "2026-01-17 00:00", "2026-01-18 23:59")]
    [InlineData("*/15 * * * *", "2026-12-31 23:45", "2027-01-01 00:00")]
    [InlineData("5-50/15,0 * * * *", "2026-01-01 00:00", "2026-01-01 00:05")]
    [InlineData("0 0 * 11-2 *", "2026-03-01 00:00", "2026-11-01 00:00")]
    [InlineData("0,   30 * * * *", "2026-03-01 00:00", "2026-03-01 00:30")]
    public void The_calendar_is_kept(string text, string after, string next) => Assert.Equal(Utc(next), CronExpression.Parse(text).Next(Utc(after), TimeZoneInfo.Utc));

    [Fact]
    public void A_time_of_day_that_daylight_saving_skips_runs_at_the_moment_of_the_change()
    {
        // In Riga 03:00 becomes 04:00 on 29 March 2026, at 01:00 UTC.
        var cron = CronExpression.Parse("30 3 * * *");
        Assert.Equal(Utc("2026-03-29 01:00"), cron.Next(Utc("2026-03-28 12:00"), Riga));
        Assert.Equal(Utc("2026-03-30 00:30"), cron.Next(Utc("2026-03-29 01:00"), Riga));
    }

    [Fact]
    public void A_time_of_day_that_comes_twice_runs_once()
    {
        // In Riga 04:00 becomes 03:00 on 25 October 2026, at 01:00 UTC: 03:30 is 00:30 and 01:30 UTC.
        var cron = CronExpression.Parse("30 3 * * *");
        Assert.Equal([Utc("2026-10-25 00:30"), Utc("2026-10-26 01:30")], cron.NextRuns(Utc("2026-10-24 12:00"), Riga, 2));
    }

    [Fact]
    public void An_interval_goes_on_through_both_changes()
    {
        var cron = CronExpression.Parse("0 * * * *");
        Assert.Equal(Hours("2026-03-29 00:00", 4), cron.NextRuns(Utc("2026-03-28 23:30"), Riga, 4));
        Assert.Equal(Hours("2026-10-25 00:00", 4), cron.NextRuns(Utc("2026-10-24 23:30"), Riga, 4));
    }

    [Theory]
    [InlineData("0 6 * *", "has 4 fields; expected 5")]
    [InlineData("", "has 0 fields")]
    [InlineData("60 * * * *", "field 'minute' has '60'; allowed are * or numbers 0-59")]
    [InlineData("0 24 * * *", "field 'hour' has '24'")]
    [InlineData("0 0 0 * *", "field 'day of month' has '0'; allowed are * or numbers 1-31")]
    [InlineData("0 0 * 13 *", "field 'month' has '13'")]
    [InlineData("0 0 * * 7", "field 'day of week' has '7'; allowed are * or numbers 0-6")]
    [InlineData("*/0 * * * *", "field 'minute' has '*/0'")]
    [InlineData("1--3 * * * *", "field 'minute' has '1--3'")]
    [InlineData("1, * * * *", "has 4 fields")]
    [InlineData(", * * * *", "has 4 fields")]
    [InlineData("a * * * *", "field 'minute' has 'a'")]
    [InlineData("0 0 31 2,4 *", "never comes")]
    public void An_error_names_the_field_what_it_has_and_what_is_allowed(string text, string expected)
    {
        Assert.False(CronExpression.TryParse(text, out _, out var problem));
        Assert.Contains(expected, problem);
    }

    [Fact]
    public void Every_run_of_a_random_text_is_the_first_minute_that_matches()
    {
        var random = new Random(42);
        for (var i = 0; i < 40; i++)
        {
            var text = $"{random.Next(60)}/{random.Next(1, 30)} {random.Next(24)}-{random.Next(24)}/{random.Next(1, 6)} {(random.Next(2) == 0 ? "*" : $"{random.Next(1, 29)}")} * {(random.Next(2) == 0 ? "*" : $"{random.Next(7)}-{random.Next(7)}")}";
            var cron = CronExpression.Parse(text);
            var after = Utc("2026-01-01 00:00").AddMinutes(random.Next(500_000));
            var next = cron.Next(after, TimeZoneInfo.Utc);
            for (var t = next.AddMinutes(-1); t > after && t > next.AddHours(-3); t = t.AddMinutes(-1)) Assert.Equal(next, cron.Next(t.AddSeconds(-1), TimeZoneInfo.Utc));
        }
    }

    private static DateTimeOffset Utc(string text) => DateTimeOffset.Parse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal);

    private static IEnumerable<DateTimeOffset> Hours(string first, int count) => Enumerable.Range(0, count).Select(h => Utc(first).AddHours(h));
}
