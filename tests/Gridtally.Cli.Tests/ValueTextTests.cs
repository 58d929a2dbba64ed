using Gridtally.Cli.Commands;
using Gridtally.Cli.Reading;
using Gridtally.Cosem.Classes;
using Gridtally.Testing;

namespace Gridtally.Cli.Tests;

public sealed class ValueTextTests
{
    [Theory, Shows("tool.write")]
    [InlineData(8, 3, "-60", "10FFC4")]
    [InlineData(70, 4, "4", "1604")]
    [InlineData(8, 8, "true", "0301")]
    [InlineData(8, 2, "2026-01-15T06:30:00+01:00", "090C07EA010F04061E0000FFC400")]
    [InlineData(8, 2, "2026-01-15T06:30:00", "090C07EA010F04061E0000800000")]
    [InlineData(8, 2, "07EA010F04061E0000FFC400", "090C07EA010F04061E0000FFC400")]
    [InlineData(15, 9, "0-0:43.0.0", "090600002B0000FF")]
    [InlineData(20, 6, "\"Summer\"", "090653756D6D6572")]
    [InlineData(20, 6, "53756D6D6572", "090653756D6D6572")]
    [InlineData(23, 2, "9600 baud", "1605")]
    [InlineData(41, 2, "4059", "120FDB")]
    public void A_value_has_the_type_of_its_attribute(int classId, int attribute, string text, string data)
    {
        var value = ValueText.FromClass(text, ClassNames.TypeOf(new Cosem.AttributeRef((ushort)classId, default, (sbyte)attribute)));
        Assert.Equal(data, Convert.ToHexString(ValueText.Encode(value!.Value).Span));
    }

    [Theory, Shows("tool.write")]
    [InlineData("long64-unsigned", "18446744073709551615", "15FFFFFFFFFFFFFFFF")]
    [InlineData("bit-string", "101", "0403A0")]
    [InlineData("visible-string", "a\"b", "0A03612262")]
    [InlineData("float32", "1.5", "173FC00000")]
    [InlineData("null-data", "", "00")]
    [InlineData("boolean", "1", "0301")]
    public void A_value_may_be_given_a_type_by_name(string type, string text, string data) =>
        Assert.Equal(data, Convert.ToHexString(ValueText.Encode(ValueText.Of(ValueText.TypeOf(type), text)).Span));

    [Theory]
    [InlineData("unsigned", "300")]
    [InlineData("unsigned", "many")]
    [InlineData("bit-string", "102")]
    [InlineData("boolean", "yes")]
    public void A_value_that_does_not_fit_is_a_usage_error_that_repeats_it(string type, string text)
    {
        var error = Assert.Throws<CommandException>(() => ValueText.Of(ValueText.TypeOf(type), text));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.Contains($"'{text}' is no {type}", error.Message);
    }

    [Fact]
    public void A_word_that_an_enumeration_does_not_have_lists_those_that_it_has() =>
        Assert.Contains("5 (9600 baud)", Assert.Throws<CommandException>(() => ValueText.FromClass("fast", ClassNames.TypeOf(new Cosem.AttributeRef(23, default, 2)))).Message);

    [Fact]
    public void Json_says_its_type_itself()
    {
        Assert.True(ValueText.IsJson(" { \"unsigned\": 5 }"));
        Assert.Equal("020211051201F4", Convert.ToHexString(ValueText.Encode(ValueText.FromJson("{ \"structure\": [ { \"unsigned\": 5 }, { \"long-unsigned\": 500 } ] }")).Span));
        Assert.Contains("docs/data-formats.md", Assert.Throws<CommandException>(() => ValueText.FromJson("{ \"number\": 5 }")).Message);
    }

    [Fact]
    public void A_type_that_the_table_leaves_open_is_left_open() => Assert.Null(ValueText.FromClass("5", ClassNames.TypeOf(new Cosem.AttributeRef(1, default, 2))));
}
