using System.CommandLine;
using Gridtally.Cli.Commands;
using Gridtally.Links;

namespace Gridtally.Cli.Tests;

public sealed class CommandRunnerTests
{
    [Fact]
    public async Task A_command_that_does_its_work_ends_with_its_own_code()
    {
        Assert.Equal((0, "", ""), await RunAsync(_ => 0, "try"));
        Assert.Equal((1, "", ""), await RunAsync(_ => 1, "try"));
    }

    [Fact]
    public async Task A_command_line_that_can_not_be_read_says_which_word_and_where_help_is()
    {
        var (code, output, errors) = await RunAsync(_ => 0, "try", "--depht", "3");
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("gridtally: ", errors);
        Assert.Contains("--depht", errors);
        Assert.Contains("Run 'gridtally try --help' to see what is expected.", errors);
    }

    [Fact]
    public async Task Without_a_command_help_is_pointed_to()
    {
        var (code, _, errors) = await RunAsync(_ => 0);
        Assert.Equal(2, code);
        Assert.Contains("Run 'gridtally --help'", errors);
    }

    [Fact]
    public async Task Help_is_no_failure_and_shows_examples_once_per_command()
    {
        var (code, output, errors) = await RunAsync(_ => 0, "try", "--help");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains("gridtally try --depth 3", output);
        Assert.DoesNotContain("gridtally try --depth 3", (await RunAsync(_ => 0, "--help")).Output);
    }

    [Theory]
    [InlineData(ExitCodes.Failed)]
    [InlineData(ExitCodes.Usage)]
    public async Task What_a_command_can_not_do_is_said_in_one_line_with_its_code(int expected) =>
        Assert.Equal((expected, "", $"gridtally: No such meter.{Environment.NewLine}"), await RunAsync(_ => throw new CommandException("No such meter.", expected), "try"));

    [Fact]
    public async Task A_failure_of_files_or_lines_is_said_in_one_line()
    {
        Exception[] failures = [new LinkException("/dev/ttyUSB0 is gone."), new IOException("meters.json is locked."), new UnauthorizedAccessException("/root is not yours."), new FormatException("'x' is no address.")];
        foreach (var failure in failures)
            Assert.Equal((1, "", $"gridtally: {failure.Message}{Environment.NewLine}"), await RunAsync(_ => throw failure, "try"));
    }

    [Fact]
    public async Task A_fault_of_our_own_is_not_dressed_up_as_the_users() =>
        await Assert.ThrowsAsync<InvalidOperationException>(() => RunAsync(_ => throw new InvalidOperationException("The queue is empty."), "try"));

    [Fact]
    public async Task A_command_that_was_cancelled_has_failed() => Assert.Equal((1, "", ""), await RunAsync(_ => throw new OperationCanceledException(), "try"));

    private static async Task<(int Code, string Output, string Errors)> RunAsync(Func<ParseResult, int> action, params string[] arguments)
    {
        var command = new ExampledCommand("try", "Tries.", "  gridtally try --depth 3") { new Option<int>("--depth") };
        command.SetAction(action);
        return await Runs.RunAsync(new("Root.") { command }, arguments);
    }
}

/// <summary>Runs a command line and keeps what it says.</summary>
internal static class Runs
{
    public static async Task<(int Code, string Output, string Errors)> RunAsync(RootCommand root, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();
        var code = await CommandRunner.RunAsync(root, arguments, output, errors);
        return (code, output.ToString(), errors.ToString());
    }
}
