using Gridtally.HeadEnd.Web;
using Gridtally.Metering;
using Gridtally.Testing;

namespace Gridtally.HeadEnd.Tests.Web;

public sealed class RegisterValueTests
{
    [Theory]
    [InlineData("12 0900", -1, Unit.Volt, "230.4", "V", "230.4 V", "long-unsigned")]
    [InlineData("12 08FC", -1, Unit.Volt, "230.0", "V", "230.0 V", "long-unsigned")]
    [InlineData("06 0001E240", 1, Unit.WattHour, "1234560", "Wh", "1234560 Wh", "double-long-unsigned")]
    [InlineData("05 FFFFFFFF", 0, Unit.Watt, "-1", "W", "-1 W", "double-long")]
    [InlineData("15 FFFFFFFFFFFFFFFF", -3, Unit.WattHour, "18446744073709551.615", "Wh", "18446744073709551.615 Wh", "long64-unsigned")]
    [InlineData("16 02", 0, Unit.None, "2", "", "2", "enum")]
    public void A_number_is_scaled_exactly_and_written_with_its_unit(string data, sbyte scaler, Unit unit, string value, string symbol, string text, string type)
    {
        var view = View(data, new ScalerUnit(scaler, unit));

        Assert.Equal((value, symbol, text, type), (view.Value!.Value.GetRawText(), view.Unit, view.Text, view.DataType));
    }

    [Theory]
    [InlineData("00", null, "no value (null-data)", "null-data")]
    [InlineData("03 01", "true", "true", "boolean")]
    [InlineData("0A 03 414243", "ABC", "ABC", "visible-string")]
    [InlineData("09 04 30303137", "0017", "0017", "octet-string")]
    [InlineData("09 02 0001", "0001", "0001", "octet-string")]
    public void What_is_no_number_is_text(string data, string? value, string text, string type)
    {
        var view = View(data, null);

        Assert.Equal((value, text, type), (view.Value?.GetString(), view.Text, view.DataType));
    }

    [Fact]
    public void A_clock_is_written_as_date_and_time() =>
        Assert.StartsWith("2026-11-21 03:40:00", View("09 0C 07EA 0B 15 06 03 28 00 00 0000 00", null).Text);

    [Fact]
    public void What_is_no_data_is_shown_in_hex_with_the_fault()
    {
        var view = View("12 09", null);

        Assert.Equal("1209", view.Value!.Value.GetString());
        Assert.StartsWith("not valid Data", view.Text);
    }

    private static RegisterReadingView View(string data, ScalerUnit? scale) =>
        RegisterValue.View(new(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2), Bytes.Hex(data), scale, Journals.Midnight, TimeSpan.FromMilliseconds(12)));
}
