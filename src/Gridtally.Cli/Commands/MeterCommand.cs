using System.CommandLine;
using System.CommandLine.Parsing;
using Gridtally.Cli.Demo;
using Gridtally.Cli.Reading;
using Gridtally.Meter.Fleet;
using Gridtally.Meter.Templates;
using Gridtally.Metering;
using Microsoft.Extensions.Logging;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally meter</c></summary>
internal static class MeterCommand
{
    public static Command Create() => new("meter", "Virtual three-phase meters, one or a fleet of them.") { CreateRun(), CreateExport() };

    private static readonly Option<FileInfo?> Template = new("--template") { Description = "Serve exactly the objects of this file, which 'gridtally read --all' has made." };

    private static readonly Option<string> Listen = new("--listen") { Description = "With --template: where to serve; tcp://, udp:// or a serial port.", DefaultValueFactory = _ => "tcp://127.0.0.1:4059" };

    private static readonly Option<bool> Hdlc = new("--hdlc") { Description = "With --template: HDLC over TCP; on a serial port it is used anyway." };

    private static readonly Option<FileInfo?> Keys = new("--keys") { Description = "With --template: clients must have these keys (HLS-5). Default: no security." };

    private static ExampledCommand CreateRun()
    {
        var options = new RunOptions(configOptional: true);
        const string Examples =
            "  gridtally meter run --config meters.json\n"
            + "  gridtally meter run --template meter-dump.json --listen tcp://127.0.0.1:4059";
        var command = new ExampledCommand("run", "Runs the meters of a configuration file: real time, or faster with --clock; or one meter of a template. See docs/meter.md.", Examples)
        {
            Template, Listen, Hdlc, Keys,
        };
        options.AddTo(command);
        command.Validators.Add(result =>
        {
            if (result.GetResult(Template) is null && result.Children.All(c => c is not OptionResult { Option.Name: "--config", Implicit: false })) result.AddError("Option '--config' is required, or --template.");
        });
        command.SetAction((parsed, cancellationToken) => options.RunAsync(
            parsed, (context, stop) => parsed.GetValue(Template) is { } template ? RunTemplateAsync(parsed, template, context, stop) : RunAsync(context, stop), cancellationToken));
        return command;
    }

    private static async Task RunTemplateAsync(ParseResult parsed, FileInfo file, RunContext context, CancellationToken cancellationToken)
    {
        if (!file.Exists) throw new CommandException($"--template: {file.FullName} does not exist.");
        var template = TemplateFile.Load(file.FullName);
        var address = parsed.GetValue(Listen)!;
        if (address.StartsWith('/')) address = "serial://" + address;
        using var keys = parsed.GetValue(Keys) is { } keyFile ? KeyFile.Load(keyFile) : null;
        var log = context.Loggers.CreateLogger("Gridtally.Meter.Template");
        var host = new TemplateHost(template, new()
        {
            Address = address,
            UsesHdlc = parsed.GetValue(Hdlc) || address.StartsWith("serial", StringComparison.OrdinalIgnoreCase),
            Keys = keys,
            OnReady = name => LogServing(log, template.Objects.Count, template.Source, name, null),
            OnFault = (name, fault) => LogFault(log, name, fault),
        });
        await host.RunAsync(context.LineTime, cancellationToken).ConfigureAwait(false);
    }

    private static readonly Action<ILogger, int, string, string, Exception?> LogServing =
        LoggerMessage.Define<int, string, string>(LogLevel.Information, new(1, nameof(LogServing)), "{Objects} objects of {Source} are served at {Address}");

    private static readonly Action<ILogger, string, Exception?> LogFault = LoggerMessage.Define<string>(LogLevel.Error, new(2, nameof(LogFault)), "A fault ended {Connection}");

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
