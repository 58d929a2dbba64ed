using System.CommandLine;
using Gridtally.Cli.Demo;

namespace Gridtally.Cli.Commands;

/// <summary><c>gridtally demo</c></summary>
internal static class DemoCommand
{
    public static Command Create()
    {
        var meters = new Option<int>("--meters")
        {
            Description = $"Number of meters, 1 to {DemoOptions.MaxMeters}; two in five of them hang on two RS-485 buses, the others on TCP.",
            DefaultValueFactory = _ => DemoOptions.DefaultMeters,
        };
        meters.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<int>() is < 1 or > DemoOptions.MaxMeters) result.AddError($"--meters: expected 1 to {DemoOptions.MaxMeters}.");
        });
        var speed = new Option<double>("--speed")
        {
            Description = "Civil seconds per real second, above 0 and at most 3600. The lines keep their real speed.",
            DefaultValueFactory = _ => DemoOptions.DefaultSpeed,
        };
        speed.Validators.Add(result =>
        {
            if (result.GetValueOrDefault<double>() is not (> 0 and <= 3600)) result.AddError("--speed: expected a factor above 0 and at most 3600.");
        });
        var data = new Option<DirectoryInfo>("--data")
        {
            Description = "Folder for everything that the demo makes: keys, certificates, passwords, stores, logs. A second start goes on from there.",
            DefaultValueFactory = _ => new DirectoryInfo(DefaultFolder()),
        };
        var once = new Option<bool>("--once")
        {
            Description = "Stop when one day of every meter has arrived, compare it octet for octet, print a summary. Exit code 0: complete and equal.",
        };
        var json = new Option<bool>("--json") { Description = "Print a line of JSON each second instead of the live view." };
        var bus = new Option<string?>("--bus-conditions")
        {
            Description = "Worsens the first bus: loss=0.1 loses one frame in ten; also noise=, latency=, outage= … (docs/line-emulator.md).",
            HelpName = "conditions",
        };
        const string Examples =
            "Prints the addresses of the two web interfaces and the login. Ctrl-C stops all of it cleanly; a second start goes on from there.\n\n"
            + "  gridtally demo\n"
            + "  gridtally demo --once --speed 600\n"
            + "  gridtally demo --data /tmp/bad-line --meters 10 --bus-conditions loss=0.1,noise=1e-4";
        var command = new ExampledCommand("demo", "The whole chain on this machine: meters, a concentrator, a head end, and one view of it.", Examples)
        {
            meters, speed, data, once, json, bus,
        };
        command.SetAction((parsed, cancellationToken) =>
        {
            var options = new DemoOptions
            {
                Meters = parsed.GetValue(meters),
                Speed = parsed.GetValue(speed),
                DataFolder = parsed.GetValue(data)!.FullName,
                Once = parsed.GetValue(once),
                Json = parsed.GetValue(json),
                BusConditions = parsed.GetValue(bus),
            };
            var chosen = parsed.GetResult(meters) is { Implicit: false };
            return DemoSetup.RunAsync(options, metersChosen: chosen, cancellationToken);
        });
        return command;
    }

    // Where programs keep what can be thrown away but should survive a restart.
    private static string DefaultFolder() =>
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.Create), "gridtally", "demo");
}
