using System.CommandLine;
using Gridtally.Cli.Demo;
using Gridtally.Meter.Fleet;
using Gridtally.Metering;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally meter</c></summary>
internal static class MeterCommand
{
    public static Command Create() => new("meter", "Virtual three-phase meters, one or a fleet of them.") { CreateRun(), CreateExport() };

    private static Command CreateRun()
    {
        var options = new RunOptions();
        var command = new Command("run", "Runs the meters of a configuration file: real time, or faster with --clock. See docs/meter.md for the file.");
        options.AddTo(command);
        command.SetAction((parsed, cancellationToken) => options.RunAsync(parsed, RunAsync, cancellationToken));
        return command;
    }

    private static Command CreateExport()
    {
        var data = new Argument<DirectoryInfo>("data") { Description = "Data folder of a fleet; the fleet may be running." };
        var command = new Command("export", "Prints every row that the meters have captured: meterNumber;profileObis;UTC time;hex of the row's A-XDR structure.") { data };
        command.SetAction(parsed => MeterExport.WriteRows(RunOptions.ExistingFolder(parsed.GetValue(data)!), Console.Out) >= 0 ? ExitCodes.Done : ExitCodes.Failed);
        return command;
    }

    private static async Task RunAsync(RunContext context, CancellationToken cancellationToken)
    {
        var config = FleetConfig.Load(context.Config.FullName);
        var clock = config.Clock is { } own && ReferenceEquals(context.Clock, TimeProvider.System) ? own.ToTimeProvider() : context.Clock;
        using var fleet = MeterFleet.Open(config, clock, context.LineTime, context.Loggers);
        var host = new MeterHost(fleet, config, context.LineTime, context.Loggers);
        await context.RunAllAsync(() => StatusOf(fleet, clock, context.StatusDay), cancellationToken, host.RunAsync).ConfigureAwait(false);
    }

    private static StageStatus StatusOf(MeterFleet fleet, TimeProvider clock, DateOnly? day)
    {
        lock (fleet.Gate)
        {
            var rows = fleet.Meters.Sum(m => (long)m.Core.Profile.Rows.Count);
            return new()
            {
                Time = clock.GetUtcNow(),
                Rows = rows,
                Expected = rows,
                Devices = fleet.Meters.Count,
                Reachable = fleet.Meters.Count,
                State = fleet.MemoryFailed ? "memory file can't be written" : "measuring",
                Errors = fleet.MemoryFailed ? 1 : 0,
                CompleteMeters = day is { } asked ? fleet.Meters.Count(m => HasDay(m, asked)) : 0,
            };
        }
    }

    private static bool HasDay(FleetMeter meter, DateOnly day)
    {
        var (begin, end) = (ReadingDays.Utc.BeginOf(day), ReadingDays.Utc.EndOf(day));
        var due = CaptureSlots.Count(begin, end, TimeSpan.FromSeconds(meter.Core.Profile.Period));
        return meter.Core.Profile.Rows.Between(Seconds(begin) + 1, Seconds(end)).Count() == due;
    }

    private static long Seconds(DateTime utc) => new DateTimeOffset(utc).ToUnixTimeSeconds();
}
