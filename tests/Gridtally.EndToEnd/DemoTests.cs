using System.Diagnostics;
using System.Text.Json;
using Gridtally.Testing;

namespace Gridtally.EndToEnd;

/// <summary>The main job with real processes: what the meters captured is what the head end holds, whatever happens on the way.</summary>
public sealed class DemoTests : IDisposable
{
    private const int Meters = 6;

    // The day takes 86,400 / 1,200 = 72 s of real time; the rest is for killed processes and a loaded machine.
    private static readonly string[] OneDay = ["demo", "--once", "--json", "--speed", "1200", "--meters", $"{Meters}"];
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(7);

    private readonly TemporaryFolder _folder = new();

    [Fact]
    public async Task A_day_arrives_octet_for_octet_though_both_stores_are_killed_and_one_bus_loses_a_tenth_of_its_frames()
    {
        // Written to the output of a failed test, so that the run can be repeated.
        var seed = Environment.TickCount;
        var random = new Random(seed);
        await using var demo = GridtallyProcess.Start([.. OneDay, "--data", _folder.Path, "--bus-conditions", $"loss=0.1,seed={seed & 0xFFFF}"]);
        foreach (var stage in new[] { "concentrator", "head end", "concentrator", "head end" })
        {
            var rows = random.Next(5, 40);
            var line = await demo.UntilAsync(l => Rows(l, stage) is { } got && got.Rows >= rows && got.ProcessId is not null, Patience);
            Kill(Rows(line, stage)!.Value.ProcessId!.Value);
            await demo.UntilAsync(l => Rows(l, stage) is { Restarts: > 0, Rows: > 0 }, Patience);
        }

        var exitCode = await demo.WaitAsync(Patience);

        Assert.True(exitCode == 0, $"seed {seed}\n{demo.Output[^Math.Min(demo.Output.Length, 3000)..]}\n{demo.Errors}");
        Assert.Contains($"{Meters * 48} captured by the meters, {Meters * 48} at the head end, {Meters * 48} equal to the octet, 0 missing, 0 different", demo.Output);
    }

    public void Dispose() => _folder.Dispose();

    private static void Kill(int processId)
    {
        using var victim = Process.GetProcessById(processId);
        victim.Kill();
    }

    private static (long Rows, int? ProcessId, int Restarts)? Rows(JsonElement line, string stage)
    {
        var element = line.GetProperty("stages").GetProperty(stage);
        var status = element.GetProperty("status");
        if (status.ValueKind == JsonValueKind.Null) return null;
        var rows = status.TryGetProperty("rows", out var r) ? r.GetInt64() : 0;
        var id = element.GetProperty("processId");
        return (rows, id.ValueKind == JsonValueKind.Null ? null : id.GetInt32(), element.GetProperty("restarts").GetInt32());
    }
}
