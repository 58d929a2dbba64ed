using Gridtally.Cli.Commands;
using Gridtally.Cli.Reading;
using Gridtally.Metering;

namespace Gridtally.Cli.Tests;

public sealed class ReadTargetTests
{
    private static readonly ObisCode Energy = new(1, 0, 1, 8, 0, 255);

    [Theory]
    [InlineData("1-0:1.8.0", null, null)]
    [InlineData("1-0:1.8.0.255", null, null)]
    [InlineData("1-0:1.8.0:3", null, 3)]
    [InlineData("1-0:1.8.0.255:3", null, 3)]
    [InlineData("3/1-0:1.8.0", 3, null)]
    [InlineData("3/1-0:1.8.0.255:2", 3, 2)]
    [InlineData("3/1-0:1.8.0.255:-1", 3, -1)]
    public void An_object_may_be_named_with_or_without_class_and_attribute(string text, int? classId, int? attribute) =>
        Assert.Equal(new(Energy, (ushort?)classId, (sbyte?)attribute), ReadTarget.Parse(text));

    [Fact]
    public void Each_word_is_an_attribute_of_a_class()
    {
        foreach (var (word, target) in ReadTarget.Words)
        {
            Assert.Same(target, ReadTarget.Parse(word));
            Assert.Equal((sbyte)2, target.AttributeId);
            Assert.NotNull(target.ClassId);
        }
    }

    [Theory]
    [InlineData("")]
    [InlineData("energie")]
    [InlineData("1-0:1.8.0:")]
    [InlineData("1-0:1.8.0:200")]
    [InlineData("/1-0:1.8.0")]
    [InlineData("70000/1-0:1.8.0")]
    [InlineData("3/")]
    [InlineData("1-0:1.8.256")]
    [InlineData("1-0:1.8.0.255.1")]
    [InlineData("1:8:0")]
    public void What_is_no_target_is_a_usage_error_that_repeats_it_and_says_what_is_expected(string text)
    {
        var error = Assert.Throws<CommandException>(() => ReadTarget.Parse(text));
        Assert.Equal(ExitCodes.Usage, error.ExitCode);
        Assert.StartsWith($"'{text}' is nothing to read; expected clock, energy,", error.Message);
    }
}
