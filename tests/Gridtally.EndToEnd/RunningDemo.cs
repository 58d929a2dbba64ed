using System.Text.Json;
using Gridtally.Testing;

// Each class runs several processes of its own: one after the other, so that two cores are enough for all.
[assembly: CollectionBehavior(DisableTestParallelization = true)]

namespace Gridtally.EndToEnd;

/// <summary>A demo that runs while the tests of a class read its meters.</summary>
public sealed class RunningDemo : IAsyncLifetime, IDisposable
{
    /// <summary>For what takes a second on an idle machine.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly TemporaryFolder _folder = new();
    private GridtallyProcess? _demo;
    private JsonElement _fleet;

    internal GridtallyProcess Process => _demo!;

    public string Folder => _folder.Path;

    /// <summary>A meter with a TCP port and, on a line of its own, an RS-485 port.</summary>
    public string Meter => Both.GetProperty("number").GetString()!;

    public string Tcp => $"tcp://127.0.0.1:{Both.GetProperty("tcpPort")}";

    public string ServicePort => _folder.File("service-port");

    public string PhysicalAddress => Both.GetProperty("physicalAddress").ToString();

    private JsonElement Both => _fleet.GetProperty("meters").EnumerateArray().First(m => m.TryGetProperty("tcpPort", out _) && m.TryGetProperty("bus", out _));

    public string KeysOf(string meter) => Path.Combine(Folder, "keys", $"{meter}.read.json");

    public string ManagementKeysOf(string meter) => Path.Combine(Folder, "keys", $"{meter}.management.json");

    public async Task InitializeAsync()
    {
        _demo = GridtallyProcess.Start("demo", "--json", "--speed", "600", "--meters", "5", "--data", Folder);
        // Two rows of each meter at the head end: the whole chain works, and profiles have something to show.
        await RowsAsync(10);
        _fleet = JsonDocument.Parse(await File.ReadAllTextAsync(_folder.File("meters.json"))).RootElement;
    }

    public async Task DisposeAsync()
    {
        if (_demo is not null) await _demo.DisposeAsync();
    }

    public void Dispose() => _folder.Dispose();

    /// <summary>Waits until the head end has more rows than now: the chain goes on.</summary>
    public async Task GoesOnAsync()
    {
        var line = await Process.UntilAsync(l => Rows(l, "head end") > 0, Patience);
        await RowsAsync(Rows(line, "head end") + 1);
    }

    internal static long Rows(JsonElement line, string stage) =>
        line.GetProperty("stages").GetProperty(stage).GetProperty("status") is { ValueKind: JsonValueKind.Object } status ? status.GetProperty("rows").GetInt64() : 0;

    private Task<JsonElement> RowsAsync(long rows) => Process.UntilAsync(l => Rows(l, "head end") >= rows, Patience);
}
