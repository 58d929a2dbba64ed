using System.CommandLine;
using Gridtally.Cli.Demo;
using Microsoft.Extensions.Logging;

namespace Gridtally.Cli.Commands;

/// <summary>What the three products' <c>run</c> commands have in common.</summary>
/// <param name="configOptional">True where the command may do without a configuration file.</param>
internal sealed class RunOptions(bool configOptional = false)
{
    private readonly ClockOption _clock = new();

    private readonly Option<FileInfo> _config = new("--config", "-c")
    {
        Description = "The product's JSON configuration file.",
        Required = !configOptional,
    };

    private readonly Option<LogLevel> _logLevel = new("--log-level")
    {
        Description = "How much is written to standard error: Trace, Debug, Information, Warning, Error.",
        DefaultValueFactory = _ => LogLevel.Information,
    };

    private readonly Option<bool> _status = new("--status") { Hidden = true, Description = "Print a line of JSON each second (the demo reads it)." };

    private readonly Option<DateOnly?> _statusDay = new("--status-day") { Hidden = true, Description = "The day whose complete meters the status counts." };

    private readonly Option<bool> _stopWithInput = new("--stop-with-input") { Hidden = true, Description = "Stop when standard input ends." };

    public void AddTo(Command command)
    {
        foreach (var option in new Option[] { _config, _clock.Option, _logLevel, _status, _statusDay, _stopWithInput }) command.Add(option);
    }

    /// <summary>The path of a folder that is only read: a mistyped one must not look like one without rows, nor be made.</summary>
    public static string ExistingFolder(DirectoryInfo folder) =>
        folder.Exists ? folder.FullName : throw new CommandException($"{folder.FullName} does not exist; expected the data folder of a product that has run.");

    /// <summary>Runs a product until Ctrl-C, SIGTERM or, for the demo, the end of standard input.</summary>
    /// <param name="parsed">The command line.</param>
    /// <param name="run">The product: configuration file, civil clock, loggers, what to call when it is up, when to stop.</param>
    /// <param name="cancellationToken">Ctrl-C or SIGTERM.</param>
    public async Task<int> RunAsync(ParseResult parsed, Func<RunContext, CancellationToken, Task> run, CancellationToken cancellationToken)
    {
        // Signals are handled from when this method first waits: until then Ctrl-C would end the process without a goodbye.
        await Task.Yield();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        if (parsed.GetValue(_stopWithInput)) StopWithInput(stop);
        using var loggers = LoggerFactory.Create(builder => builder
            .SetMinimumLevel(parsed.GetValue(_logLevel))
            .AddFilter("Microsoft", LogLevel.Warning)
            .AddFilter("Microsoft.Extensions.Hosting", LogLevel.None) // what stops the web server is thrown, and said once
            .AddSimpleConsole(console => (console.SingleLine, console.TimestampFormat) = (true, "yyyy-MM-dd HH:mm:ss "))
            .AddConsole(console => console.LogToStandardErrorThreshold = LogLevel.Trace));
        var context = new RunContext(parsed.GetValue(_config) ?? new("none"), _clock.Get(parsed), TimeProvider.System, loggers)
        {
            StatusDay = parsed.GetValue(_statusDay),
            ReportsStatus = parsed.GetValue(_status),
        };
        if (parsed.GetValue(_config) is not null && !context.Config.Exists) throw new CommandException($"--config: {context.Config.FullName} does not exist.");
        try
        {
            await run(context, stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop, and stopped.
        }

        return ExitCodes.Done;
    }

    private static void StopWithInput(CancellationTokenSource stop)
    {
        var thread = new Thread(() =>
        {
            while (Console.In.Read() >= 0) { }

            try
            {
                stop.Cancel();
            }
            catch (ObjectDisposedException)
            {
                // Stopped already.
            }
        })
        { IsBackground = true, Name = "stop with input" };
        thread.Start();
    }
}

/// <summary>What a product is run with.</summary>
internal sealed record RunContext(FileInfo Config, TimeProvider Clock, TimeProvider LineTime, ILoggerFactory Loggers)
{
    private static readonly TimeSpan StatusInterval = TimeSpan.FromSeconds(1);

    public DateOnly? StatusDay { get; init; }

    public bool ReportsStatus { get; init; }

    /// <summary>Runs the parts of a product, and its status lines, until one of them ends or all are told to.</summary>
    public async Task RunAllAsync(Func<StageStatus> status, CancellationToken cancellationToken, params Func<CancellationToken, Task>[] parts)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = parts.Select(part => part(stop.Token)).ToList();
        var reporting = ReportAsync(status, stop.Token);
        try
        {
            // A part that ends before it is told to has failed: then the product ends, and whoever watches it starts it anew.
            await (await Task.WhenAny(running).ConfigureAwait(false)).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Append(reporting)).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReportAsync(Func<StageStatus> status, CancellationToken cancellationToken)
    {
        if (!ReportsStatus) return;
        while (!cancellationToken.IsCancellationRequested)
        {
            await Console.Out.WriteLineAsync((status() with { ResidentBytes = Environment.WorkingSet }).ToJson()).ConfigureAwait(false);
            await Task.Delay(StatusInterval, LineTime, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }
}
