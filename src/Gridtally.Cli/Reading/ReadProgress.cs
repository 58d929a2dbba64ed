using Gridtally.Sessions;
using Spectre.Console;

namespace Gridtally.Cli.Reading;

/// <summary>A bar on standard error for what takes long, where a person looks at it.</summary>
internal static class ReadProgress
{
    /// <summary>Runs something that tells how many octets have come; how many there will be, nobody knows.</summary>
    public static async Task<T> RunAsync<T>(bool shows, string what, Func<IProgress<TransferProgress>?, Task<T>> run)
    {
        if (!shows) return await run(null).ConfigureAwait(false);
        return await Bars(new TaskDescriptionColumn(), new SpinnerColumn()).StartAsync(async context =>
        {
            var task = context.AddTask(Markup.Escape(what));
            task.IsIndeterminate = true;
            return await run(new Reporter(task, what)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    /// <summary>Runs something that has a known number of steps.</summary>
    public static async Task<T> RunAsync<T>(bool shows, Func<Action<string, int, int>, Task<T>> run)
    {
        if (!shows) return await run(static (_, _, _) => { }).ConfigureAwait(false);
        return await Bars(new TaskDescriptionColumn(), new ProgressBarColumn(), new PercentageColumn(), new RemainingTimeColumn()).StartAsync(async context =>
        {
            var task = context.AddTask("reading");
            return await run((what, done, all) => (task.Description, task.MaxValue, task.Value) = (Markup.Escape(what), all, done)).ConfigureAwait(false);
        }).ConfigureAwait(false);
    }

    private static Progress Bars(params ProgressColumn[] columns) =>
        AnsiConsole.Create(new() { Out = new AnsiConsoleOutput(Console.Error) }).Progress().AutoClear(true).Columns(columns);

    private sealed class Reporter(ProgressTask task, string what) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => task.Description = Markup.Escape($"{what}: {value.Octets} octets in {value.RoundTrips} round trips");
    }
}
