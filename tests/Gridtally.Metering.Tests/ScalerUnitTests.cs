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

    [Fact]
    public void A_quantity_that_no_decimal_holds_is_no_point_of_a_chart()
    {
        var scale = new ScalerUnit(sbyte.MaxValue, Unit.WattHour);

        Assert.Null(scale.ScaleForChart(1));
        Assert.Throws<OverflowException>(() => scale.Scale(1));
    }
}
