namespace Gridtally.Metering.Tests;

public sealed class QuantityNamesTests
{
    [Theory]
    [InlineData("1-0:1.8.0.255", "Active energy import (+A)", QuantityKind.Cumulative)]
    [InlineData("1-0:2.8.3.255", "Active energy export (-A), tariff 3", QuantityKind.Cumulative)]
    [InlineData("1-0:1.4.0.255", "Active demand import (+P)", QuantityKind.Interval)]
    [InlineData("1-0:9.4.0.255", "Apparent demand import (+S)", QuantityKind.Interval)]
    [InlineData("1-0:4.6.0.255", "Maximum reactive demand export (-Q)", QuantityKind.Interval)]
    [InlineData("1-0:21.7.0.255", "Active power import (+P) L1", QuantityKind.Instant)]
    [InlineData("1-0:5.8.0.255", "Reactive energy quadrant 1", QuantityKind.Cumulative)]
    [InlineData("1-0:32.7.0.255", "Voltage L1", QuantityKind.Instant)]
    [InlineData("1-0:72.3.0.255", "Minimum voltage L3", QuantityKind.Interval)]
    [InlineData("1-0:91.7.0.255", "Current neutral", QuantityKind.Instant)]
    [InlineData("1-0:14.7.0.255", "Frequency", QuantityKind.Instant)]
    [InlineData("0-0:96.10.1.255", "Energy profile status", QuantityKind.Status)]
    [InlineData("1-0:99.1.0.255", "Energy load profile", QuantityKind.Instant)]
    [InlineData("7-0:3.1.0.255", "7-0:3.1.0.255", QuantityKind.Instant)]
    [InlineData("1-0:0.2.0.255", "1-0:0.2.0.255", QuantityKind.Instant)]
    public void An_object_is_called_by_its_quantity_processing_phase_and_tariff(string code, string name, QuantityKind kind)
    {
        Assert.Equal(name, QuantityNames.Of(ObisCode.Parse(code)));
        Assert.Equal(kind, QuantityNames.KindOf(ObisCode.Parse(code)));
    }
}
