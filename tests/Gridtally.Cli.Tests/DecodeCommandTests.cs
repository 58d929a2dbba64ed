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

    [Fact, Shows("tool.decode")]
    public async Task A_file_may_hold_digits_with_comments_a_trace_or_the_octets_themselves()
    {
        var octets = Convert.FromHexString("7EA00802232193BD647E");
        File.WriteAllText(_folder.File("digits.txt"), "# from the bench\n7EA00802 # begins\n232193BD647E\n");
        File.WriteAllText(_folder.File("trace.txt"), "07:00:01.123 → 7EA008022321\n07:00:01.200 ← 93BD647E\n");
        File.WriteAllBytes(_folder.File("octets.bin"), octets);
        foreach (var name in new[] { "digits.txt", "trace.txt", "octets.bin" })
        {
            var (code, output, errors) = await RunAsync(_folder.File(name));
            Assert.Equal((0, ""), (code, errors));
            Assert.Contains("SNRM", output);
        }
    }

    [Theory]
    [InlineData("", "nothing to decode")]
    [InlineData("7EA0\n08zz", "line 2, column 3: 'z' is not a hexadecimal digit")]
    [InlineData("7EA0\n08F", "line 2, column 3: 7 hexadecimal digits are not whole octets")]
    public async Task A_file_that_is_none_is_named_with_line_and_column(string text, string expected)
    {
        File.WriteAllText(_folder.File("bad.hex"), text);
        var (code, output, errors) = await RunAsync("--file", _folder.File("bad.hex"));
        Assert.Equal((2, ""), (code, output));
        Assert.Contains(_folder.File("bad.hex"), errors);
        Assert.Contains(expected, errors);
    }

    [Fact]
    public async Task A_file_that_is_not_there_is_named() => Assert.Contains("/nowhere/capture.pcap does not exist", (await RunAsync("/nowhere/capture.pcap")).Errors);

    [Fact, Shows("tool.decode.damaged")]
    public async Task Octets_of_no_protocol_are_told_apart_and_take_few_lines()
    {
        var noise = new byte[8 * 1024 * 1024];
        new Random(7).NextBytes(noise);
        noise[0] = 0x55;
        File.WriteAllBytes(_folder.File("noise.bin"), noise);
        var (code, output, _) = await RunAsync(_folder.File("noise.bin"));
        Assert.Equal(1, code);
        Assert.Contains("PROBLEM", output);
        Assert.InRange(output.Length, 1, noise.Length / 4);
    }

    [Fact, Shows("tool.decode.ciphered")]
    public async Task Keys_on_the_command_line_decipher_and_wrong_ones_fail_without_being_shown()
    {
        const string Apdu = "C81E3001234567411312FF935A47566827C467BC7D825C3BE4A77C3FCC056B6B";
        const string Ek = "000102030405060708090A0B0C0D0E0F", Ak = "D0D1D2D3D4D5D6D7D8D9DADBDCDDDEDF";
        var (code, output, _) = await RunAsync(Apdu, "--ek", Ek, "--ak", Ak, "--system-title", "4D4D4D0000BC614E");
        Assert.Equal(0, code);
        Assert.Contains("8/0-0:1.0.0.255:2 - Clock.time", output);

        (code, output, _) = await RunAsync(Apdu, "--ek", Ek[..^1] + "E", "--ak", Ak, "--system-title", "4D4D4D0000BC614E");
        Assert.Equal(1, code);
        Assert.Contains("Does not verify: a wrong key", output);

        (code, _, var errors) = await RunAsync(Apdu, "--ek", Ek + "00");
        Assert.Equal(2, code);
        Assert.Equal($"gridtally: --ek: expected 32 hexadecimal digits (64 in suite 2), got 34 characters.{Environment.NewLine}", errors);
    }

    [Fact, Shows("tool.decode.lines")]
    public async Task Each_line_gives_one_object_and_a_bad_line_does_not_end_the_run()
    {
        File.WriteAllText(_folder.File("lines.hex"), "7EA00802232193BD647E\n\n# a comment\nnonsense\n7EA00802232193BD657E\n" + Convert.ToHexString(Vectors.ById("push-tirol-plain").Octets));
        var (code, output, errors) = await RunAsync("--lines", _folder.File("lines.hex"));
        Assert.Equal((1, ""), (code, errors));
        var lines = output.TrimEnd().Split('\n').Select(l => System.Text.Json.JsonDocument.Parse(l).RootElement).ToArray();
        Assert.Equal([1, 4, 5, 6], lines.Select(l => l.GetProperty("line").GetInt32()));
        Assert.Equal([true, false, false, true], lines.Select(l => l.GetProperty("ok").GetBoolean()));
        Assert.Equal("column 1: 'n' is not a hexadecimal digit", lines[1].GetProperty("error").GetString());
        Assert.StartsWith("FCS expected ", lines[2].GetProperty("problems")[0].GetProperty("problem").GetString(), StringComparison.Ordinal);
        var energy = lines[3].GetProperty("values").EnumerateArray().Single(v => v.GetProperty("object").GetString() == "1-0:1.8.0.255");
        Assert.Equal((9108m, "Wh", "Active energy import (+A)"), (energy.GetProperty("scaled").GetDecimal(), energy.GetProperty("unit").GetString(), energy.GetProperty("name").GetString()));
        Assert.Equal("input", lines[3].GetProperty("tree").GetProperty("name").GetString());
    }

    [Fact, Shows("tool.decode.lines")]
    public async Task Lines_without_trees_are_short()
    {
        File.WriteAllText(_folder.File("lines.hex"), string.Concat(Enumerable.Repeat("7EA00802232193BD647E\n", 5000)));
        var (code, output, _) = await RunAsync("--lines", "--no-tree", _folder.File("lines.hex"));
        Assert.Equal(0, code);
        Assert.Equal(5000, output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Count(l => l.EndsWith("\"ok\":true,\"values\":[]}", StringComparison.Ordinal)));
    }

    private static Task<(int Code, string Output, string Errors)> RunAsync(params string[] arguments) => Runs.RunAsync(new("Root.") { DecodeCommand.Create() }, ["decode", .. arguments]);
}
