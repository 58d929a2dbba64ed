using System.Net;
using System.Net.Sockets;
using Gridtally.Cli.Commands;
using Gridtally.Metering;

namespace Gridtally.Cli.Demo;

/// <summary>Begins a demo, or goes on with the one that the folder holds.</summary>
internal static class DemoSetup
{
    // Ports are taken from here upwards where these are free; below the range that the system gives to outgoing connections.
    private const int PreferredPort = 8443;
    private const int HighestFirstPort = 30_000;

    // Killed, not stopped: the state file may be this much older than what the meters have seen.
    private static readonly TimeSpan LostBySigkill = TimeSpan.FromSeconds(2);

    public static async Task<int> RunAsync(DemoOptions options, bool metersChosen, CancellationToken cancellationToken)
    {
        // As in the products: signals are handled from here on.
        await Task.Yield();
        PrivateFolder.Create(options.DataFolder);
        using var owner = Own(options.DataFolder);
        var state = DemoState.Load(options.DataFolder);
        DemoFiles files;
        if (state is null)
        {
            state = Begin(options);
            files = DemoFiles.Create(options, state);
            state.Save(options.DataFolder);
        }
        else
        {
            state = GoOn(state, options, metersChosen);
            files = DemoFiles.Open(options.DataFolder);
        }

        var runner = new DemoRunner(options with { Meters = state.Meters }, state, files, TimeProvider.System, Console.Out);
        return await runner.RunAsync(cancellationToken).ConfigureAwait(false);
    }

    // The lock goes with the process, however it ends.
    private static FileStream Own(string folder)
    {
        var path = Path.Combine(folder, "demo.lock");
        try
        {
            return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
        }
        catch (IOException)
        {
            throw new CommandException($"A demo is running in {folder} already. Stop it, or choose another folder with --data.");
        }
    }

    private static DemoState Begin(DemoOptions options)
    {
        if (Directory.EnumerateFileSystemEntries(options.DataFolder).Any(e => Path.GetFileName(e) != "demo.lock" && !e.EndsWith(".log", StringComparison.Ordinal)))
            throw new CommandException($"{options.DataFolder} holds other files and no demo. Choose an empty folder with --data.");
        var midnight = new DateTimeOffset(TimeProvider.System.GetUtcNow().UtcDateTime.Date, TimeSpan.Zero);
        return new()
        {
            Meters = options.Meters,
            Speed = options.Speed,
            CivilStart = midnight,
            CivilNow = midnight,
            StoppedCleanly = true,
            FirstPort = FreePorts(DemoState.PortsFor(options.Meters)),
        };
    }

    private static DemoState GoOn(DemoState state, DemoOptions options, bool metersChosen)
    {
        if (metersChosen && options.Meters != state.Meters)
            throw new CommandException($"The demo in {options.DataFolder} has {state.Meters} meters, not {options.Meters}. Leave --meters out to go on with it, or choose another folder with --data.");
        if (options.BusConditions is not null)
            throw new CommandException("--bus-conditions are chosen when a demo begins. Choose another folder with --data to begin one.");
        return state.StoppedCleanly ? state : state with { CivilNow = state.CivilNow + LostBySigkill * Math.Max(options.Speed, state.Speed) };
    }

    // A range of ports that nobody listens on now.
    private static int FreePorts(int count)
    {
        for (var first = PreferredPort; first + count < HighestFirstPort; first += count)
        {
            if (Enumerable.Range(first, count).All(IsFree)) return first;
        }

        throw new CommandException($"No {count} ports in a row are free between {PreferredPort} and {HighestFirstPort}; stop something, or use fewer meters.");
    }

    private static bool IsFree(int port)
    {
        try
        {
            using var listener = new TcpListener(IPAddress.Loopback, port);
            listener.Start();
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
