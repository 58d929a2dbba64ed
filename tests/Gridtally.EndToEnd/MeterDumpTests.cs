using System.Net;
using System.Net.Sockets;
using System.Text.Json;
using Gridtally.Testing;

namespace Gridtally.EndToEnd;

/// <summary><c>gridtally write</c>, <c>invoke</c> and <c>read --all</c> against a running meter, and the template that comes of it.</summary>
public sealed class MeterDumpTests(RunningDemo demo) : IClassFixture<RunningDemo>, IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact, Shows("tool.dump", "tool.template", "tool.write", "tool.invoke")]
    public async Task A_meter_is_read_whole_and_served_again_by_a_template_that_can_be_read_written_and_invoked()
    {
        var file = _folder.File("meter.json");
        var (code, _, errors) = await GridtallyProcess.RunAsync("read", demo.Tcp, "--client", "read", "--keys", demo.KeysOf(demo.Meter), "--timeout", "30", "--all", "-o", file);
        Assert.True(code == 0, errors);
        Assert.Matches(@"\d+ objects, \d+ attributes read, 0 refused", errors);
        using var dump = JsonDocument.Parse(await File.ReadAllTextAsync(file));
        Assert.True(dump.RootElement.GetProperty("objects").GetArrayLength() > 50);

        // The relay is the meter's own; in the dump it may be made writable.
        var changed = (await File.ReadAllTextAsync(file)).Replace("\"name\": \"control_mode\",\n          \"access\": \"Read\"", "\"name\": \"control_mode\",\n          \"access\": \"Read, Write\"", StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, changed);
        var address = $"tcp://127.0.0.1:{FreePort()}";
        await using var meter = GridtallyProcess.Start("meter", "run", "--template", file, "--listen", address);
        await IsServedAsync(meter);

        (code, var output, errors) = await GridtallyProcess.RunAsync("read", address, "name", "clock", "energy", "profile", "--rows", "2");
        Assert.Equal((0, ""), (code, errors));
        Assert.Contains($"Logical device name: \"GTM000{demo.Meter}\"", output);
        Assert.Matches(@"Active energy import \(\+A\): \d+ Wh", output);
        Assert.Contains("2 rows, one every 1800 s", output);

        (code, output, _) = await GridtallyProcess.RunAsync("write", address, "0-0:96.3.10:control_mode", "2", "--json");
        Assert.Equal(0, code);
        Assert.True(JsonDocument.Parse(output).RootElement.GetProperty("ok").GetBoolean());
        (_, output, _) = await GridtallyProcess.RunAsync("read", address, "0-0:96.3.10:control_mode");
        Assert.Contains("Disconnect control: 2", output);

        (code, output, _) = await GridtallyProcess.RunAsync("write", address, "8/0-0:1.0.0.255:time_zone", "60");
        Assert.Equal(1, code);
        Assert.Contains("ReadWriteDenied", output);
        (code, output, _) = await GridtallyProcess.RunAsync("invoke", address, "0-0:96.3.10:remote_disconnect");
        Assert.Equal(1, code);
        Assert.Contains("ReadWriteDenied", output);
    }

    [Fact, Shows("tool.write", "tool.invoke")]
    public async Task The_management_client_writes_and_invokes_on_a_real_meter()
    {
        string[] management = ["--client", "management", "--keys", demo.ManagementKeysOf(demo.Meter), "--timeout", "30"];
        var (code, output, errors) = await GridtallyProcess.RunAsync(["write", demo.Tcp, "0-0:96.3.10:control_mode", "4", .. management]);
        Assert.True(code == 0, errors + output);
        Assert.Contains("70/0-0:96.3.10.255:4 (control_mode): written 4", output);
        foreach (var (number, method) in new[] { (1, "remote_disconnect"), (2, "remote_reconnect") })
        {
            (code, output, errors) = await GridtallyProcess.RunAsync(["invoke", demo.Tcp, $"70/0-0:96.3.10.255:{method}", .. management]);
            Assert.True(code == 0, errors + output);
            Assert.Contains($"70/0-0:96.3.10.255!{number} ({method}): done", output);
        }

        (code, output, errors) = await GridtallyProcess.RunAsync(["invoke", demo.Tcp, "0-0:96.3.10:explode", .. management]);
        Assert.Equal((2, ""), (code, output));
        Assert.Contains("class 70 has no method 'explode'; expected remote_disconnect, remote_reconnect.", errors);
    }

    [Fact, Shows("tool.read", "tool.decode")]
    public async Task Rows_come_as_csv_and_the_frames_of_a_trace_are_explained_with_the_keys()
    {
        var (code, output, trace) = await GridtallyProcess.RunAsync(
            "read", demo.Tcp, "--client", "read", "--keys", demo.KeysOf(demo.Meter), "--timeout", "30", "--profile", "1-0:99.1.0", "--entries", "1-2", "--csv", "--trace");
        Assert.Equal(0, code);
        var lines = output.TrimEnd().Split('\n');
        Assert.Equal(3, lines.Length);
        Assert.StartsWith("time,", lines[0], StringComparison.Ordinal);
        Assert.Matches(@"^\d{4}-\d\d-\d\dT\d\d:(00|30):00Z,", lines[1]);

        await File.WriteAllTextAsync(_folder.File("trace.txt"), trace);
        (code, output, _) = await GridtallyProcess.RunAsync("decode", _folder.File("trace.txt"), "--keys", demo.KeysOf(demo.Meter));
        Assert.True(code == 0, output);
        Assert.Contains("7/1-0:99.1.0.255:2 - Profile generic.buffer, Energy load profile", output);
        Assert.Contains("column 1: Clock", output);
    }

    [Fact, Shows("tool.template")]
    public async Task A_template_that_is_none_and_a_meter_without_one_are_named()
    {
        await File.WriteAllTextAsync(_folder.File("bad.json"), "{ }");
        var (code, _, errors) = await GridtallyProcess.RunAsync("meter", "run", "--template", _folder.File("bad.json"));
        Assert.Equal(1, code);
        Assert.Contains("expected \"format\": \"gridtally-meter\"", errors);
        (code, _, errors) = await GridtallyProcess.RunAsync("meter", "run");
        Assert.Equal(2, code);
        Assert.Contains("Option '--config' is required, or --template.", errors);
    }

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }

    private static async Task IsServedAsync(GridtallyProcess meter)
    {
        using var patience = new CancellationTokenSource(RunningDemo.Patience);
        while (!meter.Errors.Contains("are served at", StringComparison.Ordinal)) await Task.Delay(50, patience.Token);
    }
}
