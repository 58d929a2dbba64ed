using System.Collections.Concurrent;
using System.Diagnostics;
using System.Text.Json;

namespace Gridtally.EndToEnd;

/// <summary>The built executable, run as a user would run it.</summary>
internal sealed class GridtallyProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly ConcurrentQueue<string> _output = new();
    private readonly ConcurrentQueue<string> _errors = new();
    private readonly Lock _lock = new();
    private readonly List<(Func<JsonElement, bool> Condition, TaskCompletionSource<JsonElement> Met)> _waiting = [];
    private readonly Task _copying;

    private GridtallyProcess(Process process)
    {
        _process = process;
        _copying = Task.WhenAll(CopyAsync(process.StandardOutput, _output, Notice), CopyAsync(process.StandardError, _errors, _ => { }));
    }

    /// <summary>The executable that GRIDTALLY_EXECUTABLE names, as ./test does; else the one beside this test's own output.</summary>
    public static string Executable
    {
        get
        {
            if (Environment.GetEnvironmentVariable("GRIDTALLY_EXECUTABLE") is { Length: > 0 } named) return named;
            var own = new DirectoryInfo(AppContext.BaseDirectory);
            var path = Path.Combine(own.Parent!.Parent!.FullName, "Gridtally.Cli", own.Name, "gridtally");
            return File.Exists(path) ? path : throw new FileNotFoundException($"{path} is missing: build the solution first (./test does).");
        }
    }

    public int Id => _process.Id;

    public string Output => string.Join('\n', _output);

    public string Errors => string.Join('\n', _errors);

    public static GridtallyProcess Start(params string[] arguments)
    {
        // A shell that runs the tests in the background has them ignore Ctrl-C, and what is ignored is inherited.
        var start = new ProcessStartInfo("env", ["--default-signal=INT", Executable])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            RedirectStandardInput = true,
        };
        foreach (var argument in arguments) start.ArgumentList.Add(argument);
        return new(Process.Start(start)!);
    }

    /// <summary>Runs a command to its end.</summary>
    public static async Task<(int ExitCode, string Output, string Errors)> RunAsync(params string[] arguments)
    {
        await using var process = Start(arguments);
        var exitCode = await process.WaitAsync(TimeSpan.FromMinutes(1));
        return (exitCode, process.Output, process.Errors);
    }

    /// <summary>Waits for the end; a process that takes longer has hung, and its output says where.</summary>
    public async Task<int> WaitAsync(TimeSpan patience)
    {
        using var timeout = new CancellationTokenSource(patience);
        try
        {
            await _process.WaitForExitAsync(timeout.Token);
            await _copying;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Still running after {patience}.\n{Tail(_output)}\n{Tail(_errors)}");
        }

        return _process.ExitCode;
    }

    /// <summary>Waits for a line of JSON that meets a condition.</summary>
    public async Task<JsonElement> UntilAsync(Func<JsonElement, bool> condition, TimeSpan patience)
    {
        var met = new TaskCompletionSource<JsonElement>(TaskCreationOptions.RunContinuationsAsynchronously);
        lock (_lock) _waiting.Add((condition, met));
        if (await Task.WhenAny(met.Task, _copying, Task.Delay(patience)) != met.Task)
            throw new TimeoutException($"It did not come to that within {patience}.\n{Tail(_output)}\n{Tail(_errors)}");
        return await met.Task;
    }

    /// <summary>Ctrl-C.</summary>
    public void Interrupt() => Process.Start("kill", ["-INT", Id.ToString()]).WaitForExit();

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited) _process.Kill(entireProcessTree: true);
        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Notice(string line)
    {
        if (!line.StartsWith('{')) return;
        var element = JsonDocument.Parse(line).RootElement;
        lock (_lock)
        {
            foreach (var (condition, met) in _waiting.Where(w => w.Condition(element)).ToArray()) met.TrySetResult(element);
            _waiting.RemoveAll(w => w.Met.Task.IsCompleted);
        }
    }

    private static async Task CopyAsync(StreamReader from, ConcurrentQueue<string> to, Action<string> notice)
    {
        while (await from.ReadLineAsync() is { } line)
        {
            to.Enqueue(line);
            notice(line);
        }
    }

    private static string Tail(IEnumerable<string> lines) => string.Join('\n', lines.TakeLast(15));
}
