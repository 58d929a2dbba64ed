using Gridtally.Cli.Commands;
using Gridtally.Testing;

namespace Gridtally.Cli.Tests;

public sealed class DecodeCommandTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData("7EA00802232193BD647E")]
    [InlineData("7E A0 08 02 23 21 93 BD 64 7E")]
    [InlineData("0x7E,0xA0,0x08,0x02,0x23,0x21,0x93,0xBD,0x64,0x7E")]
    [InlineData("7e:a0:08:02:23:21:93:bd:64:7e")]
    public async Task A_frame_is_explained_however_its_octets_are_written(string hex)
    {
        var (code, output, errors) = await RunAsync(hex);
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("SNRM", output);
    }

    [Fact]
    public async Task A_damaged_frame_is_explained_and_fails()
    {
        var (code, output, _) = await RunAsync("7EA00802232193BD657E");
        Assert.Equal(1, code);
        Assert.Contains("64", output);
    }

    [Theory]
    [InlineData("7EG0", "the octets: column 3: 'G' is not a hexadecimal digit.")]
    [InlineData("7EA", "the octets: column 3: 3 hexadecimal digits are not whole octets; one is missing or too many.")]
    [InlineData("0x", "the octets: nothing to decode; give hexadecimal digits, a file, or octets on standard input.")]
    public async Task Octets_that_are_none_are_a_usage_error_that_says_where(string hex, string expected)
    {
        var (code, output, errors) = await RunAsync(hex);
        Assert.Equal((2, "", $"gridtally: {expected}{Environment.NewLine}"), (code, output, errors));
    }

    [Fact]
    public async Task A_system_title_of_the_wrong_length_is_a_usage_error() =>
        Assert.Equal((2, "", $"gridtally: --server-title: expected 16 hexadecimal digits.{Environment.NewLine}"), await RunAsync("7EA0", "--server-title", "4754"));

    [Fact]
    public async Task A_dedicated_key_that_is_none_is_named_and_not_shown()
    {
        File.WriteAllText(_folder.File("dedicated.txt"), "SECRET");
        var (code, _, errors) = await RunAsync("7EA0", "--dedicated-key-file", _folder.File("dedicated.txt"));
        Assert.Equal(2, code);
        Assert.Contains("--dedicated-key-file", errors);
        Assert.DoesNotContain("SECRET", errors);
    }

    [Fact]
    public async Task Json_is_json()
    {
        var (code, output, _) = await RunAsync("--json", "7EA00802232193BD647E");
        Assert.Equal(0, code);
        using var document = System.Text.Json.JsonDocument.Parse(output);
        Assert.Contains("SNRM", output);
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => Runs.RunAsync(new("Root.") { DecodeCommand.Create() }, ["decode", .. arguments]);
}
