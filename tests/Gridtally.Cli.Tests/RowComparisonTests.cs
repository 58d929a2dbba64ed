using Gridtally.Cli.Demo;

namespace Gridtally.Cli.Tests;

public sealed class RowComparisonTests
{
    private static readonly string[] Captured = [Row("1", "00:30", "0201"), Row("1", "01:00", "0202"), Row("2", "00:30", "0203")];

    [Fact]
    public void The_same_rows_in_another_order_are_exact()
    {
        var comparison = RowComparison.Of(Captured, Captured.Reverse(), All);
        Assert.Equal(new(Captured: 3, Received: 3, Equal: 3, Missing: 0, Different: 0, Twice: 0, Unknown: 0), comparison);
        Assert.True(comparison.IsExact);
    }

    [Fact]
    public void A_missing_row_is_counted()
    {
        var comparison = RowComparison.Of(Captured, Captured[1..], All);
        Assert.Equal((2, 1), (comparison.Equal, comparison.Missing));
        Assert.False(comparison.IsExact);
    }

    [Fact]
    public void A_row_with_other_octets_is_different_and_not_missing()
    {
        var comparison = RowComparison.Of(Captured, [Row("1", "00:30", "02FF"), .. Captured[1..]], All);
        Assert.Equal((2, 1, 0), (comparison.Equal, comparison.Different, comparison.Missing));
        Assert.False(comparison.IsExact);
    }

    [Theory]
    [InlineData("0201")]
    [InlineData("02FF")]
    public void A_row_that_came_twice_is_counted_whether_or_not_its_octets_are_the_same(string second)
    {
        var comparison = RowComparison.Of(Captured, [.. Captured, Row("1", "00:30", second)], All);
        Assert.Equal((3, 1, 0), (comparison.Equal, comparison.Twice, comparison.Unknown));
        Assert.False(comparison.IsExact);
    }

    [Fact]
    public void A_row_captured_twice_is_counted()
    {
        var comparison = RowComparison.Of([.. Captured, Captured[0]], Captured, All);
        Assert.Equal((3, 3, 1), (comparison.Captured, comparison.Equal, comparison.Twice));
        Assert.False(comparison.IsExact);
    }

    [Theory]
    [InlineData("3", "00:30")]
    [InlineData("2", "01:00")]
    public void A_row_of_a_meter_or_a_time_that_nobody_captured_is_unknown(string meter, string time)
    {
        var comparison = RowComparison.Of(Captured, [.. Captured, Row(meter, time, "0201")], All);
        Assert.Equal((3, 0, 1), (comparison.Equal, comparison.Twice, comparison.Unknown));
        Assert.False(comparison.IsExact);
    }

    [Fact]
    public void Rows_that_are_not_wanted_do_not_count_on_either_side()
    {
        var comparison = RowComparison.Of(Captured, Captured[..2], line => line.StartsWith("1;", StringComparison.Ordinal));
        Assert.Equal((2, 2), (comparison.Captured, comparison.Received));
        Assert.True(comparison.IsExact);
    }

    [Fact]
    public void Nothing_against_nothing_proves_nothing() => Assert.False(RowComparison.Of([], [], All).IsExact);

    private static string Row(string meter, string time, string hex) => $"{meter};1-0:99.1.0.255;2026-01-01T{time}:00Z;{hex}";

    private static bool All(string line) => true;
}
