using Gridtally.Cosem.Data;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Data;

public class DateTimePatternTests
{
    // EU: last Sunday of March 02:00 to last Sunday of October 03:00.
    private static readonly DaylightSaving Europe = new(Pattern("FFFF 03 FE 07 02 00 00 00"), Pattern("FFFF 0A FE 07 03 00 00 00"));

    private static CosemDateTime Pattern(string eightOctets) => CosemDateTime.Read(Hex(eightOctets + "8000 FF"));

    private static DateTime At(string text) => DateTime.Parse(text, null);

    [Theory, Shows("data.date-time.patterns")]
    //          year  mo da wd ho mi se hu
    [InlineData("07EA 01 0F FF 0A 0F 00 00", "2026-01-15 10:15", true)]
    [InlineData("07EA 01 0F FF 0A 0F 00 00", "2026-01-15 10:16", false)]
    [InlineData("07EA 01 0F 04 FF FF FF FF", "2026-01-15 23:59:59.99", true)]  // a Thursday
    [InlineData("07EA 01 0F 05 FF FF FF FF", "2026-01-16", true)]              // first Friday on or after the 15th
    [InlineData("07EA 01 0F 05 FF FF FF FF", "2026-01-15", false)]
    [InlineData("07EA 01 0F 05 FF FF FF FF", "2026-01-23", false)]
    [InlineData("07EA 01 1F 07 FF FF FF FF", "2026-02-01", true)]              // first Sunday on or after 31 January
    [InlineData("FFFF 03 FE 07 02 00 00 FF", "2026-03-29 02:00", true)]        // last Sunday of March, the vector dt-last-sunday-march-dst
    [InlineData("FFFF 03 FE 07 02 00 00 FF", "2026-03-22 02:00", false)]
    [InlineData("FFFF 03 FD 07 FF FF FF FF", "2026-03-22", true)]              // second last Sunday
    [InlineData("FFFF 03 FD 07 FF FF FF FF", "2026-03-29", false)]
    [InlineData("FFFF 02 FE FF FF FF FF FF", "2026-02-28", true)]
    [InlineData("FFFF 02 FE FF FF FF FF FF", "2028-02-28", false)]
    [InlineData("FFFF 02 FD FF FF FF FF FF", "2028-02-28", true)]
    [InlineData("FFFF FF FF 01 08 FF FF FF", "2026-01-19 08:59:59", true)]     // Mondays at eight
    [InlineData("FFFF FF FF 01 08 FF FF FF", "2026-01-20 08:00", false)]
    [InlineData("FFFF FE FF FF FF FF FF FF", "2026-03-29", true)]              // the day on which daylight saving begins
    [InlineData("FFFF FE FF FF FF FF FF FF", "2026-03-28", false)]
    [InlineData("FFFF FD FF FF 03 00 00 00", "2026-10-25 03:00", true)]
    [InlineData("FFFF FE 01 FF FF FF FF FF", "2026-03-01", true)]              // the first of the month in which it begins
    [InlineData("FFFF FF FF FF FF FF FF FF", "2026-07-01 12:34:56.78", true)]
    [InlineData("FFFF 02 1E FF FF FF FF FF", "2026-03-02", false)]             // 30 February
    public void A_pattern_means_the_times_whose_specified_fields_it_has(string pattern, string local, bool expected) =>
        Assert.Equal(expected, Pattern(pattern).Matches(At(local), Europe));

    [Fact]
    public void A_pattern_that_names_daylight_saving_means_nothing_without_its_rules() =>
        Assert.False(Pattern("FFFF FE FF FF FF FF FF FF").Matches(At("2026-03-29")));

    [Theory, Shows("data.date-time.patterns")]
    [InlineData("FFFF FF FF FF 00 00 00 00", "2026-01-15 00:00", "2026-01-16 00:00", "2026-01-15 00:00")] // daily at midnight
    [InlineData("FFFF FF FF FF FF 0F 00 FF", "2026-01-15 23:20", "2026-01-16 00:15", "2026-01-15 23:15")] // at a quarter past each hour
    [InlineData("FFFF FF FF FF 0A FF FF FF", "2026-01-15 10:30", "2026-01-16 10:00", "2026-01-15 10:00")] // begins once, at ten
    [InlineData("FFFF FF FF FF FF FF 1E FF", "2026-01-15 10:30:30", "2026-01-15 10:31:30", "2026-01-15 10:30:30")]
    [InlineData("FFFF 04 01 FF FF FF FF FF", "2026-04-01 12:00", "2027-04-01 00:00", "2026-04-01 00:00")] // a season's start without time
    [InlineData("FFFF 04 FF FF FF FF FF FF", "2026-04-20 12:00", "2027-04-01 00:00", "2026-04-01 00:00")] // all of April
    [InlineData("FFFF 03 FE 07 02 00 00 FF", "2026-03-29 02:00", "2027-03-28 02:00", "2026-03-29 02:00")]
    [InlineData("FFFF 02 1D FF 00 00 00 00", "2096-03-01 00:00", "2104-02-29 00:00", "2096-02-29 00:00")] // eight years apart, over 2100
    [InlineData("07E9 0C 1F 07 00 00 00 00", "2026-01-01 00:00", "2026-01-04 00:00", null)]               // first Sunday on or after 31 December 2025
    [InlineData("07E9 0C 1F 07 00 00 00 00", "2026-06-01 00:00", null, "2026-01-04 00:00")]
    [InlineData("07EA 01 0F FF 0A 00 00 00", "2026-01-15 10:00", null, "2026-01-15 10:00")]
    [InlineData("07EA 01 0F FF 0A 00 00 00", "2026-01-15 09:59:59.99", "2026-01-15 10:00", null)]
    [InlineData("FFFF FF FF FF FF FF FF FF", "2026-01-15", null, null)]                                   // always: never begins
    [InlineData("FFFF 02 1E FF 00 00 00 00", "2026-01-15", null, null)]                                   // 30 February
    [InlineData("FFFF FF FF FF 18 00 00 00", "2026-01-15", null, null)]                                   // hour 24
    public void The_next_and_the_previous_beginning_are_found(string pattern, string from, string? next, string? previous)
    {
        Assert.Equal(next is not null, Pattern(pattern).TryGetNext(At(from), out var found, Europe));
        if (next is not null) Assert.Equal(At(next), found);
        Assert.Equal(previous is not null, Pattern(pattern).TryGetPrevious(At(from), out found, Europe));
        if (previous is not null) Assert.Equal(At(previous), found);
    }

    [Fact]
    public void Random_patterns_begin_where_a_walk_through_time_says()
    {
        // The slow model: the pattern begins at each minute that it means, where it does not mean the minute before.
        var random = new Random(20260115);
        for (var round = 0; round < 300; round++)
        {
            byte Some(int from, int below, int wildcards = 2) => random.Next(wildcards) == 0 ? (byte)0xFF : (byte)random.Next(from, below);
            var day = random.Next(6) switch { 0 => (byte)0xFE, 1 => (byte)0xFD, _ => Some(1, 32) };
            var pattern = new CosemDateTime(random.Next(3) == 0 ? (ushort)2026 : (ushort)0xFFFF, Some(1, 13), day, Some(1, 8), Some(0, 24), Some(0, 60), 0xFF, 0xFF, CosemDateTime.NoDeviation, ClockStatus.NotSpecified);
            var start = new DateTime(2026, random.Next(1, 13), random.Next(1, 28), random.Next(24), random.Next(60), 0);
            var end = start.AddDays(40);
            DateTime? model = null;
            var days = new Dictionary<DateTime, bool>(); // what the calendar says changes once a day, not once a minute
            for (var minute = start.AddMinutes(1); minute <= end && model is null; minute = minute.AddMinutes(1))
            {
                if (Means(pattern, minute, days) && !Means(pattern, minute.AddMinutes(-1), days)) model = minute;
            }

            var found = pattern.TryGetNext(start, out var next) && next <= end;
            Assert.True(found == model is not null && (!found || next == model), $"round {round}: {pattern} (weekday {pattern.DayOfWeek}) from {start:s}: {next:s}, not {model:s}");

            // Backwards from just before the next to the last before the start.
            if (found && pattern.TryGetPrevious(next, out var same)) Assert.Equal(next, same);
            if (found && pattern.TryGetPrevious(next.AddTicks(-1), out var earlier)) Assert.True(earlier <= start, $"round {round}");
        }
    }

    private static bool Means(in CosemDateTime pattern, DateTime time, Dictionary<DateTime, bool> days)
    {
        var (hour, minute) = (pattern.Hour, pattern.Minute);
        if (hour != 0xFF && hour != time.Hour || minute != 0xFF && minute != time.Minute) return false;
        if (!days.TryGetValue(time.Date, out var means)) days[time.Date] = means = MeansDay(pattern, time.Date);
        return means;
    }

    // Written from the Blue Book's words alone, by listing the days of a year.
    private static bool MeansDay(in CosemDateTime pattern, DateTime time)
    {
        foreach (var (year, month) in ((int, int)[])[(time.Year, time.Month), (time.AddMonths(-1).Year, time.AddMonths(-1).Month)])
        {
            if (pattern.Year != 0xFFFF && pattern.Year != year || pattern.Month != 0xFF && pattern.Month != month) continue;
            var days = Enumerable.Range(0, DateTime.DaysInMonth(year, month)).Select(d => new DateTime(year, month, 1).AddDays(d)).ToList();
            var weekday = pattern.DayOfWeek;
            var named = weekday == 0xFF ? days : [.. days.Where(d => ((int)d.DayOfWeek + 6) % 7 + 1 == weekday)];
            IEnumerable<DateTime> meant = pattern.Day switch
            {
                0xFF => named,
                0xFE => [named[^1]],
                0xFD => [named[^2]],
                var n when n > days.Count => [],
                var n when weekday == 0xFF => [days[n - 1]],
                var n => [Enumerable.Range(0, 7).Select(d => days[n - 1].AddDays(d)).Single(d => ((int)d.DayOfWeek + 6) % 7 + 1 == weekday)],
            };
            if (meant.Contains(time.Date)) return true;
        }

        return false;
    }

    [Theory, Shows("data.date-time")]
    //          year mo da wd ho mi se hu dev  st
    [InlineData("07EA 01 0F FF 0A 0F 00 00 FFC4 00", "2026-01-15T10:15:00+01:00")]
    [InlineData("07EA 07 0F FF 0A 0F 00 00 FF88 80", "2026-07-15T10:15:00+02:00")]
    [InlineData("07EA 01 0F FF 0A 0F FF FF 8000 00", "2026-01-15T10:15:00+00:00")]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 0348 00", "2026-01-15T10:15:00-14:00")]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 FCB8 FF", "2026-01-15T10:15:00+14:00")]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 0349 00", null)]
    [InlineData("07EA 02 1E FF 0A 0F 00 00 0000 00", null)]
    [InlineData("FFFF 01 0F FF 0A 0F 00 00 0000 00", null)]
    [InlineData("0001 01 01 FF 00 00 00 00 FFC4 00", null)]
    [InlineData("07EA 01 0F FF 18 0F 00 00 0000 00", null)]
    public void A_complete_date_time_is_a_moment_with_its_offset(string octets, string? expected)
    {
        var done = CosemDateTime.Read(Hex(octets)).TryToDateTimeOffset(out var moment);

        Assert.Equal(expected is not null, done);
        if (expected is not null) Assert.Equal(DateTimeOffset.Parse(expected, null), moment);
        if (expected is not null) Assert.Equal(DateTimeOffset.Parse(expected, null).Offset, moment.Offset);
    }

    [Fact, Shows("data.date-time")]
    public void A_deviation_without_daylight_saving_is_corrected_where_the_clock_says_so()
    {
        // dt-dst: a meter that keeps FFC4 (UTC+1) with status 80 in summer
        var time = CosemDateTime.Read(Vectors.ById("dt-dst").Octets);

        Assert.True(time.TryToUtc(out var asSent));
        Assert.Equal(new DateTime(2017, 9, 30, 23, 0, 0, DateTimeKind.Utc), asSent);
        Assert.True(time.TryToUtc(out var corrected, new ClockConvention(DeviationExcludesDst: true)));
        Assert.Equal(new DateTime(2017, 9, 30, 22, 0, 0, DateTimeKind.Utc), corrected);
        Assert.True(time.TryToDateTimeOffset(out var moment, new ClockConvention(DeviationExcludesDst: true)));
        Assert.Equal(TimeSpan.FromHours(2), moment.Offset);

        // In winter, and where the status is not known, nothing is corrected.
        Assert.True((time with { Status = ClockStatus.NotSpecified }).TryToUtc(out var unknown, new ClockConvention(DeviationExcludesDst: true)));
        Assert.Equal(asSent, unknown);
    }

    [Theory]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 0000 00", "07EA 01 0F FF 0A 10 00 00 0000 00", -1)]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 FFC4 00", "07EA 01 0F FF 09 0F 00 00 0000 00", 0)]  // the same moment
    [InlineData("07EA 01 01 FF 00 30 00 00 FFC4 00", "07E9 0C 1F FF 17 30 00 00 0000 00", 0)]  // over the year's end
    [InlineData("07EA 01 0F FF 0A 0F 00 00 FFC4 00", "07EA 01 0F FF 09 0F 00 00 8000 00", 1)]  // no deviation: local times
    [InlineData("07EA 01 0F FF 0A 0F 1E 05 0000 00", "07EA 01 0F FF 0A 0F FF FF 0000 00", 0)]
    [InlineData("07EA 01 0F FF 0A 0F 00 00 8000 00", "FFFF FF FF FF 08 00 FF FF 8000 00", 1)]
    [InlineData("07EA 01 0F 04 0A 0F 00 00 8000 00", "FFFF FF FF 05 FF FF FF FF 8000 00", -1)] // Thursday before Friday
    [InlineData("07EA 01 0F 04 0A 0F 00 00 8000 00", "FFFF FF FF FF FF FF FF FF 8000 00", 0)]
    public void Ends_of_ranges_are_compared_by_what_both_specify(string left, string right, int expected)
    {
        var (a, b) = (CosemDateTime.Read(Hex(left)), CosemDateTime.Read(Hex(right)));

        Assert.Equal(expected, Math.Sign(CosemDateTime.CompareSpecified(a, b)));
        Assert.Equal(-expected, Math.Sign(CosemDateTime.CompareSpecified(b, a)));
    }

    [Theory]
    [InlineData("07EA 01 0F FF 0A 0F 00 00", "2026-01-15 10:15", "2026-01-15 10:15:00.01")]
    [InlineData("07EA 01 0F 04 0A 0F 00 FF", "2026-01-15 10:15", "2026-01-15 10:15:01")]
    [InlineData("07EA 01 0F FF 0A FF FF FF", "2026-01-15 10:00", "2026-01-15 11:00")]
    [InlineData("07EA 01 0F FF FF FF FF FF", "2026-01-15 00:00", "2026-01-16 00:00")]
    [InlineData("07EA 02 FF FF FF FF FF FF", "2026-02-01 00:00", "2026-03-01 00:00")]
    [InlineData("07EA FF FF FF FF FF FF FF", "2026-01-01 00:00", "2027-01-01 00:00")]
    [InlineData("07EA FF 0F FF FF FF FF FF", null, null)]
    [InlineData("07EA 01 FF 04 FF FF FF FF", null, null)]
    [InlineData("07EA 01 0F FF FF 00 FF FF", null, null)]
    [InlineData("FFFF 01 0F FF 0A 0F 00 00", null, null)]
    [InlineData("07EA 02 1E FF 0A 0F 00 00", null, null)]
    public void What_is_not_specified_last_makes_an_interval(string pattern, string? first, string? behind)
    {
        Assert.Equal(first is not null, Pattern(pattern).TryGetInterval(out var from, out var to));
        if (first is not null) Assert.Equal((At(first), At(behind!)), (from, to.AddTicks(1)));
        Assert.True(CosemDateTime.Unspecified.TryGetInterval(out from, out to));
        Assert.Equal((DateTime.MinValue, DateTime.MaxValue), (from, to));
    }

    [Theory]
    [InlineData("2026-03-29 01:59:59", false)]
    [InlineData("2026-03-29 02:00", true)]
    [InlineData("2026-10-25 01:59", true)]   // normal time: 02:59 in summer time
    [InlineData("2026-10-25 02:00", false)]
    public void Daylight_saving_is_active_between_its_changes(string normal, bool expected)
    {
        Assert.Equal(expected, Europe.IsActive(At(normal)));

        // South of the equator the same rules the other way round.
        var south = new DaylightSaving(Pattern("FFFF 0A FE 07 02 00 00 00"), Pattern("FFFF 03 FE 07 03 00 00 00"));
        Assert.True(south.IsActive(At("2026-12-31")));
        Assert.False(south.IsActive(At("2026-07-01")));
    }

    [Fact]
    public void Dates_and_times_of_their_own_are_read_and_written()
    {
        var reader = new AxdrReader(Hex("1A 07E80B15FF 09 05 07E80B15FF 1B 081E0F17 09 04 081E0F17 09 04 07E80B15"));
        Assert.True(reader.TryReadDate(out var date));
        Assert.True(reader.TryReadDate(out var same));
        Assert.True(reader.TryReadTime(out var time));
        Assert.True(reader.TryReadTime(out var sameTime));
        Assert.False(reader.TryReadDate(out _));
        Assert.Equal(DecodeFault.BadLength, reader.Error.Fault);

        Assert.Equal((date, time), (same, sameTime));
        Assert.True(date.TryToDateOnly(out var day));
        Assert.Equal(new DateOnly(2024, 11, 21), day);
        Assert.Equal(CosemDate.From(day), date with { DayOfWeek = 4 });
        Assert.True(time.TryToTimeOnly(out var at));
        Assert.Equal(new TimeOnly(8, 30, 15, 230), at);
        Assert.Equal(CosemTime.From(at), time);
        var octets = new byte[CosemDate.Size + CosemTime.Size];
        date.Write(octets);
        time.Write(octets.AsSpan(CosemDate.Size));
        Assert.Equal(Hex("07E80B15FF 081E0F17"), octets);
        Assert.False(CosemDate.Unspecified.TryToDateOnly(out _));
        Assert.False(CosemTime.Unspecified.TryToTimeOnly(out _));
    }
}
