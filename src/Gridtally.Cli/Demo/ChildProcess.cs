using System.Diagnostics;

namespace Gridtally.Cli.Demo;

/// <summary>One product as a process of its own: started, watched, started again when it dies, stopped politely.</summary>
internal sealed class ChildProcess(string name, IReadOnlyList<string> arguments, string logFile, TimeProvider time) : IAsyncDisposable
{
    // A product that can't start fails within a second or two; restarting it faster than this only fills its log.
    private static readonly TimeSpan RestartDelay = TimeSpan.FromSeconds(1);

    // Flushing a store takes well under a second; a product that needs longer is stuck.
    private static readonly TimeSpan StopTimeout = TimeSpan.FromSeconds(10);

    // Deaths in a row without one status line: then it can't start at all, and the reason is in its last words.
    private const int MaxFailedStarts = 3;

    // A small nursery: these processes allocate little, and the default is made for servers. docs/performance.md has the figures.
    private static readonly (string Name, string Value)[] SmallMemory = [("DOTNET_GCgen0size", "0x200000")];

    private readonly Lock _lock = new();
    private readonly Queue<string> _lastWords = new();
    private Process? _process;
    private StageStatus? _status;

    public string Name => name;

    public int Restarts { get; private set; }

    public int? ProcessId
    {
        get { lock (_lock) return _process?.Id; }
    }

    public StageStatus? Status
    {
        get { lock (_lock) return _status; }
    }

    /// <summary>Runs until cancelled.</summary>
    /// <exception cref="Commands.CommandException">It died again and again without ever having worked.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        var failedStarts = 0;
        while (true)
        {
            var worked = await RunOnceAsync(cancellationToken).ConfigureAwait(false);
            if (cancellationToken.IsCancellationRequested) return;
            failedStarts = worked ? 0 : failedStarts + 1;
            if (failedStarts == MaxFailedStarts) throw new Commands.CommandException($"The {name} does not start: {LastWords()}\nIts log is {logFile}");
            Restarts++;
            await Task.Delay(RestartDelay, time, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (cancellationToken.IsCancellationRequested) return;
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock) _process?.Dispose();
        return ValueTask.CompletedTask;
    }

    // True when it said anything of itself before it ended.
    private async Task<bool> RunOnceAsync(CancellationToken cancellationToken)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        foreach (var (variable, value) in SmallMemory) start.Environment.TryAdd(variable, value);
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        using var process = Process.Start(start) ?? throw new Commands.CommandException($"The {name} could not be started from {Environment.ProcessPath}.");
        lock (_lock) (_process, _status) = (process, null);
        await using var log = new StreamWriter(logFile, append: true);
        var output = CopyAsync(process.StandardOutput, log);
        var errors = CopyAsync(process.StandardError, log);
        try
        {
            await process.WaitForExitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            await StopAsync(process).ConfigureAwait(false);
        }

        await Task.WhenAll(output, errors).ConfigureAwait(false);
        lock (_lock)
        {
            _process = null;
            return _status is not null;
        }
    }

    // The product stops when its standard input ends: that also happens by itself when this process is killed.
    private async Task StopAsync(Process process)
    {
        process.StandardInput.Close();
        using var patience = new CancellationTokenSource(StopTimeout, time);
        try
        {
            await process.WaitForExitAsync(patience.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            await process.WaitForExitAsync(CancellationToken.None).ConfigureAwait(false);
        }
    }

    private async Task CopyAsync(StreamReader from, StreamWriter log)
    {
        while (await from.ReadLineAsync().ConfigureAwait(false) is { } line)
        {
            if (StageStatus.TryParse(line) is { } status)
            {
                lock (_lock) _status = status;
                continue;
            }

            lock (_lock)
            {
                log.WriteLine(line);
                log.Flush();
                _lastWords.Enqueue(line);
                if (_lastWords.Count > 3) _lastWords.Dequeue();
            }
        }
    }

    private string LastWords()
    {
        lock (_lock) return _lastWords.Count == 0 ? "it said nothing" : string.Join(" / ", _lastWords);
    }
}
