using System.Globalization;
using Gridtally.Cli.Commands;

namespace Gridtally.Cli.Tests;

public sealed class ClockOptionTests
{
    private static readonly DateTimeOffset Civil = new(2007, 2, 1, 0, 0, 0, TimeSpan.Zero);

    [Fact]
    public void Two_processes_with_the_same_anchor_agree_on_the_time()
    {
        // Half a minute ago at 60 times: half an hour of civil time, plus what passes between the calls.
        var text = ClockOption.Format(TimeProvider.System.GetUtcNow().AddSeconds(-30), Civil, 60);
        var (one, other) = (ClockOption.Parse(text), ClockOption.Parse(text));
        var (earlier, between, later) = (one.GetUtcNow(), other.GetUtcNow(), one.GetUtcNow());
        Assert.True(earlier >= Civil.AddMinutes(30));
        Assert.InRange(between, earlier, later.AddSeconds(1));
    }

    [Theory]
    [InlineData(0.5)]
    [InlineData(1)]
    [InlineData(1234.5)]
    [InlineData(100_000)]
    public void What_is_formatted_is_read_whatever_the_culture(double speed)
    {
        var culture = Thread.CurrentThread.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            comma.NumberFormat.NumberDecimalSeparator = ",";
            Thread.CurrentThread.CurrentCulture = comma;
            var text = ClockOption.Format(Civil, Civil, speed);
            Assert.Equal(3, text.Split(',').Length);
            Assert.NotNull(ClockOption.Parse(text));
        }
        finally
        {
            Thread.CurrentThread.CurrentCulture = culture;
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("60")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,0")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,-60")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,100001")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,NaN")]
    [InlineData("yesterday,2007-02-01T00:00:00Z,60")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-30T00:00:00Z,60")]
    [InlineData("2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,60,1")]
    public void What_is_no_anchor_is_a_usage_error_that_shows_one(string text)
    {
        var error = Assert.Throws<CommandException>(() => ClockOption.Parse(text));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.Contains($"--clock: '{text}' is not an anchor", error.Message);
        Assert.Contains("such as 2026-01-01T12:00:00Z,2007-02-01T00:00:00Z,60", error.Message);
    }
}
