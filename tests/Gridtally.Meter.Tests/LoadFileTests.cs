using System.Globalization;
using Gridtally.Meter.Load;

namespace Gridtally.Meter.Tests;

public class LoadFileTests
{
    private const string Good = "2007-02-19T00:00:00,0.326,0.128,243.15,1.4";

    [Fact]
    public void The_sample_week_has_seven_days_and_two_bridged_minutes()
    {
        var file = TestMeters.Household.Value;

        Assert.Equal(new DateTime(2007, 2, 19), file.Start);
        Assert.Equal(7 * 1440, file.Minutes);
        Assert.Equal(2, file.MissingMinutes);
        Assert.True(new FileInfo(TestMeters.SampleFile).Length < 1024 * 1024);
    }

    [Fact]
    public void Minutes_without_measurement_lie_on_a_straight_line_between_their_neighbours()
    {
        var file = LoadFile.Read(new StringReader(Day(minute => minute switch
        {
            10 => "1.000,0.100,240.00,4.0",
            11 or 12 or 13 => ",,,",
            14 => "3.000,0.500,236.00,12.0",
            _ => "0.500,0.000,240.00,2.0",
        })), "day.csv");

        Assert.Equal([1000, 1500, 2000, 2500, 3000], Enumerable.Range(10, 5).Select(file.ActivePower));
        Assert.Equal([240, 239, 238, 237, 236], Enumerable.Range(10, 5).Select(file.Voltage));
        Assert.Equal(3, file.MissingMinutes);
    }

    [Fact]
    public void Missing_minutes_at_the_ends_hold_the_nearest_value()
    {
        var file = LoadFile.Read(new StringReader(Day(minute => minute is 0 or 1439 ? ",,," : minute < 700 ? "1.0,0.1,240,4" : "2.0,0.1,240,8")), "day.csv");

        Assert.Equal(1000, file.ActivePower(0));
        Assert.Equal(2000, file.ActivePower(1439));
    }

    [Theory]
    [InlineData("", 1, 1, "an empty file")]
    [InlineData("time,active_power_kw,reactive_power_kvar,voltage_v,current_a", 1, 1, "\"time\"")]
    [InlineData("timestamp,active_power_kw,reactive_power_kvar,voltage_v", 1, 5, "end of the line")]
    [InlineData("timestamp,active_power_kw,reactive_power_kvar,voltage_v,current_a,more", 1, 6, "\"more\"")]
    [InlineData(LoadFile.Header + "\n2007-02-19 00:00,0.326,0.128,243.15,1.4", 2, 1, "\"2007-02-19 00:00\"")]
    [InlineData(LoadFile.Header + "\n" + Good + "\n2007-02-19T00:02:00,0.326,0.128,243.15,1.4", 3, 1, "2007-02-19T00:01:00")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,?,0.128,243.15,1.4", 2, 2, "\"?\"")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,0.326,NaN,243.15,1.4", 2, 3, "\"NaN\"")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,0.326,0.128,0,1.4", 2, 4, "\"0\"")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,0.326,0.128,243.15,-1", 2, 5, "\"-1\"")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,0.326,0.128,,1.4", 2, 4, "an empty field")]
    [InlineData(LoadFile.Header + "\n2007-02-19T00:00:00,0.326,0.128", 2, 4, "3")]
    [InlineData(LoadFile.Header + "\n" + Good, 2, 1, "after 1 minutes")]
    public void What_is_wrong_with_a_file_is_said_with_line_and_column(string text, int line, int column, string got)
    {
        var error = Assert.Throws<LoadFileException>(() => LoadFile.Read(new StringReader(text), "load.csv"));

        Assert.Equal((line, column), (error.Line, error.Column));
        Assert.StartsWith($"load.csv, line {line}, column {column}", error.Message, StringComparison.Ordinal);
        Assert.Contains("expected", error.Message, StringComparison.Ordinal);
        Assert.Contains(got, error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_file_without_any_measurement_is_refused()
    {
        var error = Assert.Throws<LoadFileException>(() => LoadFile.Read(new StringReader(Day(_ => ",,,")), "load.csv"));

        Assert.Contains("at least one measured minute", error.Message, StringComparison.Ordinal);
    }

    private static string Day(Func<int, string> values)
    {
        var start = new DateTime(2007, 2, 19);
        var rows = Enumerable.Range(0, 1440).Select(i => $"{start.AddMinutes(i).ToString("yyyy-MM-dd'T'HH:mm:ss", CultureInfo.InvariantCulture)},{values(i)}");
        return string.Join('\n', [LoadFile.Header, .. rows]);
    }
}
