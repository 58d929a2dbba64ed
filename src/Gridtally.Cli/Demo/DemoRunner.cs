using Gridtally.Cli.Commands;
using Spectre.Console;

namespace Gridtally.Cli.Demo;

/// <summary>Runs the demo: three products as three processes, one view.</summary>
internal sealed class DemoRunner(DemoOptions options, DemoState state, DemoFiles files, TimeProvider time, TextWriter output)
{
    private static readonly TimeSpan Refresh = TimeSpan.FromMilliseconds(500);

    // Beyond the length of the day itself: slow machines, a concentrator and a head end that are killed and started again.
    private static readonly TimeSpan OnceGrace = TimeSpan.FromMinutes(5);

    private readonly long _started = time.GetTimestamp();
    private readonly DateTimeOffset _realAnchor = time.GetUtcNow();
    private readonly List<ChildProcess> _stages = [];

    private DateTimeOffset CivilNow => state.CivilNow + time.GetElapsedTime(_started) * options.Speed;

    private DateOnly Day => DateOnly.FromDateTime(state.CivilStart.UtcDateTime);

    public async Task<int> RunAsync(CancellationToken cancellationToken)
    {
        StartStages();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = _stages.Select(s => s.RunAsync(stop.Token)).ToArray();
        var complete = false;
        try
        {
            complete = await WatchAsync(running, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            (state with { CivilNow = CivilNow, StoppedCleanly = true, Speed = options.Speed }).Save(options.DataFolder);
        }

        return options.Once && !cancellationToken.IsCancellationRequested ? Conclude(complete) : ExitCodes.Done;
    }

    private void StartStages()
    {
        var clock = ClockOption.Format(_realAnchor, state.CivilNow, options.Speed);
        foreach (var (name, arguments) in files.Commands)
        {
            string[] all = [.. arguments, "--clock", clock, "--status", "--status-day", Day.ToString("yyyy-MM-dd"), "--stop-with-input"];
            _stages.Add(new(name, all, Path.Combine(options.DataFolder, name.Replace(' ', '-') + ".log"), time));
        }
    }

    // True once the first day of every meter has arrived; only ends by that where --once was given.
    private async Task<bool> WatchAsync(Task[] running, CancellationToken cancellationToken)
    {
        var patience = (state.CivilStart.AddDays(1) - state.CivilNow) / options.Speed + OnceGrace;
        var complete = false;
        async Task Loop(Action<DemoSnapshot> show)
        {
            while (!cancellationToken.IsCancellationRequested)
            {
                await Task.Delay(Refresh, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                if (running.FirstOrDefault(r => r.IsFaulted) is { } failed) await failed.ConfigureAwait(false);
                var snapshot = Snapshot();
                show(snapshot);
                (state with { CivilNow = CivilNow, StoppedCleanly = false, Speed = options.Speed }).Save(options.DataFolder);
                complete = snapshot.Of(DemoFiles.HeadEndName)?.CompleteMeters == state.Meters;
                if (options.Once && (complete || time.GetElapsedTime(_started) > patience)) return;
            }
        }

        if (options.Json || !AnsiConsole.Profile.Capabilities.Interactive || Console.IsOutputRedirected) await LoopInLinesAsync(Loop).ConfigureAwait(false);
        else await AnsiConsole.Live(DemoView.Draw(Snapshot())).StartAsync(live => Loop(s => live.UpdateTarget(DemoView.Draw(s)))).ConfigureAwait(false);
        return complete;
    }

    private async Task LoopInLinesAsync(Func<Action<DemoSnapshot>, Task> loop)
    {
        var first = Snapshot();
        await output.WriteLineAsync($"concentrator {first.ConcentratorUrl}  head end {first.HeadEndUrl}  login {first.User} / {first.Password}  data {first.DataFolder}").ConfigureAwait(false);
        var lastLine = TimeSpan.MinValue;
        var interval = TimeSpan.FromSeconds(options.Json ? 1 : 5);
        await loop(snapshot =>
        {
            if (snapshot.Elapsed - (lastLine == TimeSpan.MinValue ? -interval : lastLine) < interval) return;
            lastLine = snapshot.Elapsed;
            output.WriteLine(options.Json ? DemoJson.Line(snapshot) : DemoView.Line(snapshot));
            output.Flush();
        }).ConfigureAwait(false);
    }

    private int Conclude(bool complete)
    {
        var comparison = files.Compare(Day);
        output.WriteLine();
        output.WriteLine($"One day ({Day:yyyy-MM-dd}) of {state.Meters} meters in {time.GetElapsedTime(_started):hh\\:mm\\:ss}.");
        output.WriteLine($"Rows: {comparison.Captured} captured by the meters, {comparison.Received} at the head end, "
            + $"{comparison.Equal} equal to the octet, {comparison.Missing} missing, {comparison.Different} different, {comparison.Twice} twice, {comparison.Unknown} unknown.");
        foreach (var stage in _stages.Where(s => s.Restarts > 0)) output.WriteLine($"The {stage.Name} was started again {stage.Restarts} times.");
        if (!complete) output.WriteLine("Not complete: see the errors above and the logs in " + options.DataFolder);
        return complete && comparison.IsExact ? ExitCodes.Done : ExitCodes.Failed;
    }

    private DemoSnapshot Snapshot() => new()
    {
        CivilTime = CivilNow,
        Speed = options.Speed,
        Elapsed = time.GetElapsedTime(_started),
        Meters = state.Meters,
        Stages = [.. _stages.Select(s => (s, s.Status))],
        ConcentratorUrl = $"https://localhost:{state.ConcentratorPort}/",
        HeadEndUrl = $"https://localhost:{state.HeadEndPort}/",
        User = DemoFiles.UserName,
        Password = files.Password,
        DataFolder = options.DataFolder,
    };
}
