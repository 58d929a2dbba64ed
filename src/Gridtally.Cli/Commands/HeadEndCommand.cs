using System.CommandLine;
using Gridtally.Cli.Demo;
using Gridtally.HeadEnd;
using Gridtally.HeadEnd.Acquisition;
using Gridtally.HeadEnd.Store;
using Gridtally.HeadEnd.Web;
using Gridtally.Metering;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally headend</c></summary>
internal static class HeadEndCommand
{
    public static Command Create() => new("headend", "The head end: collects the concentrators' journals and shows what is there and what is missing.") { CreateRun(), CreateExport() };

    private static Command CreateRun()
    {
        var options = new RunOptions();
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for its database, keys, certificate and users.", Required = true };
        var command = new Command("run", "Runs the head end with its web interface. See docs/headend.md for the configuration file.") { data };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            options.RunAsync(parsed, (context, stop) => RunAsync(context, parsed.GetValue(data)!.FullName, stop), cancellationToken));
        return command;
    }

    private static Command CreateExport()
    {
        var data = new Argument<DirectoryInfo>("data") { Description = "Data folder of a head end; it may be running." };
        var command = new Command("export", "Prints every row that the head end has: meterNumber;profileObis;UTC time;hex of the row's A-XDR structure.") { data };
        command.SetAction(parsed =>
        {
            HeadEndExport.WriteRows(RunOptions.ExistingFolder(parsed.GetValue(data)!), Console.Out);
            return ExitCodes.Done;
        });
        return command;
    }

    private static async Task RunAsync(RunContext context, string dataFolder, CancellationToken cancellationToken)
    {
        var config = HeadEndConfig.Load(context.Config.FullName);
        await using var host = HeadEndHost.Create(config, dataFolder, context.Clock, context.LineTime, context.Loggers);
        await using var web = await HeadEndWeb.StartAsync(host.Services, cancellationToken).ConfigureAwait(false);
        await context.RunAllAsync(() => StatusOf(host.Services, context.StatusDay), cancellationToken, host.RunAsync).ConfigureAwait(false);
    }

    private static StageStatus StatusOf(HeadEndServices services, DateOnly? day)
    {
        var now = services.Clock.GetUtcNow();
        var concentrators = services.Acquisition.Statuses;
        var figures = services.Store.Figures();
        var counted = Total(services.Store.Completeness.Read(StageStatus.FirstCountedDay(day, now), DateOnly.FromDateTime(now.UtcDateTime), now.UtcDateTime));
        var online = concentrators.Count(c => c.State == ConcentratorState.Online);
        var last = concentrators.Where(c => c.LastError is not null).Select(c => c.LastError!).MaxBy(f => f.Time);
        return new()
        {
            Time = now,
            Rows = counted.Got,
            Expected = counted.Expected,
            Devices = concentrators.Count,
            Reachable = online,
            State = online == concentrators.Count ? "collecting" : "waiting for concentrators",
            Errors = figures.Discrepancies + figures.Quarantined,
            LastError = online == concentrators.Count ? null : last?.Text,
            CompleteMeters = day is { } asked && now.UtcDateTime >= ReadingDays.Utc.EndOf(asked)
                ? services.Store.Completeness.Read(asked, asked, now.UtcDateTime).Count(m => m.Days[0] is { Expected: > 0 } d && d.Got == d.Expected)
                : 0,
        };
    }

    private static Completeness Total(IReadOnlyList<MeterCompleteness> meters) =>
        meters.SelectMany(m => m.Days).Aggregate(default(Completeness), (sum, one) => sum + one);
}
