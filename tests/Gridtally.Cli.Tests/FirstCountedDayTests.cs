using Gridtally.Cli.Demo;

namespace Gridtally.Cli.Tests;

public class FirstCountedDayTests
{
    private static readonly DateTimeOffset Now = new(2026, 3, 31, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("2026-03-30", "2026-03-30")]
    [InlineData("2026-03-01", "2026-03-01")]
    [InlineData("2026-01-01", "2026-03-01")]
    [InlineData("2026-04-01", "2026-03-31")]
    [InlineData(null, "2026-03-31")]
    public void A_status_counts_from_the_first_day_but_not_more_than_a_month(string? first, string expected) =>
        Assert.Equal(DateOnly.Parse(expected), StageStatus.FirstCountedDay(first is null ? null : DateOnly.Parse(first), Now));
}
