using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gridtally.Testing;

namespace Gridtally.EndToEnd;

/// <summary>Ctrl-C and a second start.</summary>
public sealed class StopTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Ctrl_C_stops_all_and_a_second_start_goes_on_with_nothing_lost_and_nothing_twice()
    {
        await RunUntilAsync(l => RunningDemo.Rows(l, "head end") >= 8);
        var (first, captured) = (State(), await CapturedAsync());
        Assert.True(first.GetProperty("stoppedCleanly").GetBoolean());
        Assert.NotEmpty(captured);

        // What the meters had captured at the end of the first run, and more.
        await RunUntilAsync(l => RunningDemo.Rows(l, "head end") >= captured.Length + 8);

        var second = State();
        foreach (var same in new[] { "meters", "firstPort", "civilStart" }) Assert.Equal(first.GetProperty(same).ToString(), second.GetProperty(same).ToString());
        Assert.True(second.GetProperty("civilNow").GetDateTimeOffset() > first.GetProperty("civilNow").GetDateTimeOffset());
        var (all, received) = (await CapturedAsync(), await ExportAsync("headend"));
        Assert.Empty(captured.Except(all));
        Assert.Empty(captured.Except(received));
        Assert.Empty(received.Except(all));
        Assert.Equal(received.Length, received.Select(KeyOf).Distinct().Count());
    }

    [Fact]
    public async Task A_demo_is_not_started_twice_in_one_folder_nor_gone_on_with_as_another()
    {
        await using (var demo = GridtallyProcess.Start(Demo("--meters", "2")))
        {
            await demo.UntilAsync(l => RunningDemo.Rows(l, "meters") >= 0, RunningDemo.Patience);
            var (code, _, errors) = await GridtallyProcess.RunAsync(Demo());
            Assert.Equal(1, code);
            Assert.Contains($"A demo is running in {_folder.Path} already", errors);
            demo.Interrupt();
            Assert.Equal(0, await demo.WaitAsync(RunningDemo.Patience));
        }

        var (other, _, why) = await GridtallyProcess.RunAsync(Demo("--meters", "3"));
        Assert.Equal(1, other);
        Assert.Contains("has 2 meters, not 3", why);
    }

    [Fact]
    public async Task A_demo_whose_port_was_taken_meanwhile_says_which_and_by_what_it_was_needed()
    {
        await using (var demo = GridtallyProcess.Start(Demo("--meters", "1")))
        {
            await demo.UntilAsync(l => RunningDemo.Rows(l, "meters") >= 0, RunningDemo.Patience);
            demo.Interrupt();
            Assert.Equal(0, await demo.WaitAsync(RunningDemo.Patience));
        }

        var port = State().GetProperty("firstPort").GetInt32();
        using var other = new TcpListener(IPAddress.Loopback, port);
        other.Start();
        var (code, _, errors) = await GridtallyProcess.RunAsync(Demo());
        Assert.Equal(1, code);
        Assert.Contains("The concentrator does not start", errors);
        Assert.Contains($"another program uses port {port}", errors);
        Assert.Contains(_folder.File("concentrator.log"), errors);
    }

    private string[] Demo(params string[] more) => ["demo", "--json", "--speed", "600", "--data", _folder.Path, .. more];

    private async Task RunUntilAsync(Func<JsonElement, bool> condition)
    {
        await using var demo = GridtallyProcess.Start(File.Exists(_folder.File("demo.json")) ? Demo() : Demo("--meters", "4"));
        var line = await demo.UntilAsync(condition, RunningDemo.Patience);
        var children = line.GetProperty("stages").EnumerateObject().Select(s => s.Value.GetProperty("processId").GetInt32()).ToArray();
        Assert.Equal(3, children.Length);
        demo.Interrupt();
        Assert.Equal(0, await demo.WaitAsync(RunningDemo.Patience));
        Assert.All(children, id => Assert.False(Directory.Exists($"/proc/{id}"), $"Process {id} is left."));
    }

    private JsonElement State() => JsonDocument.Parse(File.ReadAllText(_folder.File("demo.json"))).RootElement;

    private Task<string[]> CapturedAsync() => ExportAsync("meter");

    private async Task<string[]> ExportAsync(string product)
    {
        var (code, output, errors) = await GridtallyProcess.RunAsync(product, "export", _folder.File(product == "meter" ? "meters" : product));
        Assert.Equal((0, ""), (code, errors));
        return output.Split('\n', StringSplitOptions.RemoveEmptyEntries);
    }

    private static string KeyOf(string line) => line[..line.LastIndexOf(';')];
}
