namespace Gridtally.Metering.Tests;

public sealed class ScalerUnitTests
{
    [Theory]
    [InlineData(-2, 23012, 230.12)]
    [InlineData(0, -7, -7)]
    [InlineData(3, 5, 5000)]
    public void A_raw_value_is_scaled_by_a_power_of_ten(sbyte scaler, long raw, double expected)
    {
        var scale = new ScalerUnit(scaler, Unit.WattHour);

        Assert.Equal((decimal)expected, scale.Scale(raw));
        Assert.Equal(expected, scale.ScaleForChart(raw));
    }

    [Theory]
    [InlineData(-28, 1, "0.0000000000000000000000000001")]
    [InlineData(-30, 1500, "0.0000000000000000000000000015")] // the zeros count for two places
    [InlineData(-128, 0, "0")]
    [InlineData(-18, long.MaxValue, "9.223372036854775807")]
    [InlineData(9, long.MaxValue, "9223372036854775807000000000")]
    [InlineData(-29, 1, null)]                                  // rounded to nothing before
    [InlineData(-30, 15, null)]
    [InlineData(10, long.MaxValue, null)]
    public void A_scaled_value_is_exact_or_refused(sbyte scaler, long raw, string? expected)
    {
        var scale = new ScalerUnit(scaler, Unit.WattHour);

        if (expected is null) Assert.Throws<OverflowException>(() => scale.Scale(raw));
        else Assert.Equal(decimal.Parse(expected, null), scale.Scale(raw));
    }

    [Fact]
    public void A_quantity_that_no_decimal_holds_is_no_point_of_a_chart()
    {
        var scale = new ScalerUnit(sbyte.MaxValue, Unit.WattHour);

        Assert.Null(scale.ScaleForChart(1));
        Assert.Throws<OverflowException>(() => scale.Scale(1));
    }
}
