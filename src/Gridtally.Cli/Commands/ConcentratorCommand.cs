using System.CommandLine;
using Gridtally.Cli.Demo;
using Gridtally.Concentrator;
using Gridtally.Concentrator.Store;
using Gridtally.Concentrator.Uplink;
using Gridtally.Concentrator.Web;
using Gridtally.Metering;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally concentrator</c></summary>
internal static class ConcentratorCommand
{
    public static Command Create() => new("concentrator", "The data concentrator: reads meters, keeps what they say, hands it to the head end.") { CreateRun() };

    private static Command CreateRun()
    {
        var options = new RunOptions();
        var data = new Option<DirectoryInfo>("--data") { Description = "Folder for its database, keys, certificate and users.", Required = true };
        var command = new Command("run", "Runs the concentrator with its web interface. See docs/concentrator.md for the configuration file.") { data };
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) =>
            options.RunAsync(parsed, (context, stop) => RunAsync(context, parsed.GetValue(data)!.FullName, stop), cancellationToken));
        return command;
    }

    private static async Task RunAsync(RunContext context, string dataFolder, CancellationToken cancellationToken)
    {
        var config = ConcentratorConfig.Load(context.Config.FullName) with { DataFolder = dataFolder };
        await using var host = ConcentratorHost.Open(config, context.Clock, context.LineTime, context.Loggers);
        await using var web = await ConcentratorWeb.StartAsync(host.Services, () => UplinkView.Of(host.Uplink, host.Services), cancellationToken).ConfigureAwait(false);
        await context.RunAllAsync(() => StatusOf(host.Services, host.Uplink, context.StatusDay), cancellationToken, host.RunAsync).ConfigureAwait(false);
    }

    private static StageStatus StatusOf(ConcentratorServices services, UplinkService uplink, DateOnly? firstDay)
    {
        var now = services.Clock.GetUtcNow();
        var meters = services.Archive.Meters.Values.Where(m => m.Enabled).ToArray();
        var states = meters.Select(m => services.Archive.StatusOf(m.Id)).ToArray();
        var rows = default(RowCount);
        for (var day = StageStatus.FirstCountedDay(firstDay, now); day <= DateOnly.FromDateTime(now.UtcDateTime); day = day.AddDays(1)) rows += services.Completeness.OfAll(day);
        var failures = services.History.LatestFailures(1);
        var link = uplink.Status;
        return new()
        {
            Time = now,
            Rows = rows.Got,
            Expected = rows.Expected,
            Devices = meters.Length,
            Reachable = states.Count(s => s.Reachable == true),
            State = link.State == Concentrator.Uplink.UplinkState.Connected ? "reading, head end connected" : $"reading, head end {link.State.ToString().ToLowerInvariant()}",
            Errors = services.History.CountFailures(),
            LastError = failures.Count > 0 ? $"{meters.FirstOrDefault(m => m.Id == failures[0].MeterId)?.Number}: {failures[0].Text}" : link.LastError,
            CompleteMeters = firstDay is { } asked && now.UtcDateTime >= ReadingDays.Utc.EndOf(asked)
                ? meters.Count(m => services.Completeness.Of(m, asked) is { Expected: > 0 } count && count.Got == count.Expected)
                : 0,
        };
    }
}
