using System.CommandLine;
using Gridtally.Links;

namespace Gridtally.Cli.Commands;

/// <summary>Parses, runs, and turns what goes wrong into one line and an exit code.</summary>
internal static class CommandRunner
{
    public static Task<int> RunAsync(RootCommand root, string[] args) => RunAsync(root, args, Console.Out, Console.Error);

    public static async Task<int> RunAsync(RootCommand root, string[] args, TextWriter output, TextWriter errors)
    {
        var parsed = root.Parse(args);
        if (parsed.Errors.Count > 0)
        {
            foreach (var error in parsed.Errors) await errors.WriteLineAsync($"gridtally: {error.Message}").ConfigureAwait(false);
            await errors.WriteLineAsync($"Run 'gridtally {PathOf(parsed.CommandResult.Command)}--help' to see what is expected.").ConfigureAwait(false);
            return ExitCodes.Usage;
        }

        if (parsed.CommandResult.Command is ExampledCommand exampled) exampled.ShowExamples();
        try
        {
            // Ctrl-C and SIGTERM cancel the command's token; it then has time to close files and say goodbye to peers.
            var configuration = new InvocationConfiguration { EnableDefaultExceptionHandler = false, ProcessTerminationTimeout = TimeSpan.FromSeconds(15), Output = output, Error = errors };
            return await parsed.InvokeAsync(configuration).ConfigureAwait(false);
        }
        catch (CommandException e)
        {
            return await FailAsync(errors, e.Message, e.ExitCode).ConfigureAwait(false);
        }
        catch (Exception e) when (IsExpected(e))
        {
            return await FailAsync(errors, e.Message, ExitCodes.Failed).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return ExitCodes.Failed;
        }
    }

    // Failures whose messages are written for the user; anything else is our fault and shows its stack.
    private static bool IsExpected(Exception e) =>
        e is LinkException or IOException or UnauthorizedAccessException or FormatException
        || e.GetType().Namespace?.StartsWith("Gridtally", StringComparison.Ordinal) == true;

    private static async Task<int> FailAsync(TextWriter errors, string message, int exitCode)
    {
        await errors.WriteLineAsync($"gridtally: {message}").ConfigureAwait(false);
        return exitCode;
    }

    private static string PathOf(Command command) => command is RootCommand ? "" : PathOf((Command)command.Parents.First()) + command.Name + " ";
}
