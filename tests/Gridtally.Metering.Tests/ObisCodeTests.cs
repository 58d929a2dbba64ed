using static Gridtally.Testing.Bytes;

namespace Gridtally.Metering.Tests;

public class ObisCodeTests
{
    [Theory]
    [InlineData("1-0:1.8.0.255", "0100010800FF")]
    [InlineData("1.0.1.8.0.255", "0100010800FF")]
    [InlineData("1-0:1.8.0", "0100010800FF")]
    [InlineData("1-0:1.8.0*255", "0100010800FF")]
    [InlineData("0-0:96.3.10.255", "0000600 30AFF")]
    public void All_usual_notations_mean_the_same_six_octets(string text, string octets)
    {
        var code = ObisCode.Parse(text);
        var wire = new byte[ObisCode.Size];
        code.Write(wire);

        Assert.Equal(Hex(octets), wire);
        Assert.Equal(code, ObisCode.Read(wire));
        Assert.Equal(code, ObisCode.FromUInt64(code.ToUInt64()));
    }

    [Theory]
    [InlineData("")]
    [InlineData("1-0:1.8")]
    [InlineData("1-0:1.8.0.256")]
    [InlineData("1-0:1.8.0.255.1")]
    [InlineData("1-0:x.8.0.255")]
    [InlineData("1-0:+1.8.0.255")]
    public void Anything_else_is_refused_and_the_message_shows_it(string text)
    {
        Assert.False(ObisCode.TryParse(text, null, out _));
        Assert.Contains($"'{text}'", Assert.Throws<FormatException>(() => ObisCode.Parse(text)).Message);
    }

    [Fact]
    public void Codes_sort_by_value_group() =>
        Assert.True(ObisCode.Parse("1-0:1.8.0.255") < ObisCode.Parse("1-0:2.8.0.255") && ObisCode.Parse("0-0:255.8.0.255") < ObisCode.Parse("1-0:1.8.0.255"));
}
