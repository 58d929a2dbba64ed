using System.Net;
using System.Net.Sockets;
using Gridtally.Testing;

namespace Gridtally.EndToEnd;

/// <summary>What the products say, and how they end, when they are started with what can't be.</summary>
public sealed class BadInputTests : IDisposable
{
    private const string Key = "000102030405060708090A0B0C0D0E0F";
    private const string LoadHeader = "timestamp,active_power_kw,reactive_power_kvar,voltage_v,current_a";

    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_malformed_load_file_is_named_with_line_and_column()
    {
        Write("load.csv", $"{LoadHeader}\n2007-02-19T00:00:00,0.356,0.190,242.56,1.6\n2007-02-19T00:01:00,0.314,much,242.59,1.4\n");
        Write("meters.json", Fleet());
        Fails(await RunAsync("meter"), $"{_folder.File("load.csv")}, line 3, column 3 (reactive_power_kvar): expected ", "got \"much\".");
    }

    [Theory]
    [InlineData("meter", "{ \"dataFolder\": \"data\",\n  \"loadFile\": 5 }", "line 2", "loadFile")]
    [InlineData("meter", "{ \"dataFolder\": \"data\", \"loadFile\": \"load.csv\",\n\n  \"meters\": [ }", "line 3")]
    [InlineData("concentrator", "{ \"serialNumber\": \"5500000527\",\n  \"httpsPort\": \"high\" }", "line 2", "$.httpsPort")]
    [InlineData("concentrator", "{ \"httpPort\": 8443 }", "line 1", "httpPort")]
    [InlineData("headend", "{ \"listen\": {\n  \"port\": \"high\" } }", "line 2", "$.listen.port")]
    [InlineData("headend", "{ \"listen\": { \"port\": 70000 } }", "listen.port: expected 0..65535, got '70000'")]
    public async Task A_malformed_configuration_is_named_with_line_or_property(string product, string json, params string[] expected)
    {
        Write(ConfigOf(product), json);
        Fails(await RunAsync(product), [_folder.File(ConfigOf(product)), .. expected]);
    }

    [Theory]
    [InlineData("meter")]
    [InlineData("concentrator")]
    [InlineData("headend")]
    public async Task A_configuration_that_is_not_there_is_named(string product) => Fails(await RunAsync(product), $"--config: {_folder.File(ConfigOf(product))} does not exist.");

    [Theory]
    [InlineData("{ \"format\": \"gridtally-settings\",\n  \"version\": 1,\n  \"task\": [ }", "line 3")]
    [InlineData("{ \"format\": \"gridtally-settings\", \"version\": 1, \"tasks\": [] }", "there is no table 'tasks'")]
    [InlineData("{ \"format\": \"gridtally-settings\", \"version\": 1, \"system\": [ { \"key\": \"store.days\", \"value\": \"many\" } ] }", "store.days")]
    public async Task A_malformed_settings_template_is_named_with_its_place_and_read_when_it_is_right(string template, string expected)
    {
        Write("lab.json", template);
        Write("concentrator.json", "{ \"settings\": \"lab.json\", \"httpsPort\": 0 }");
        Fails(await RunAsync("concentrator"), _folder.File("lab.json"), expected);

        // Nothing of it has stuck: the corrected template is imported as at a first start.
        Write("lab.json", "{ \"format\": \"gridtally-settings\", \"version\": 1 }");
        await RunsAsync("concentrator");
    }

    [Theory]
    [InlineData("concentrator", "{ \"httpsPort\": PORT }")]
    [InlineData("headend", "{ \"listen\": { \"port\": 0 }, \"web\": { \"port\": PORT } }")]
    [InlineData("headend", "{ \"listen\": { \"port\": PORT }, \"web\": { \"port\": 0 } }")]
    public async Task A_port_in_use_is_named_and_had_once_it_is_free(string product, string json)
    {
        using (var other = new TcpListener(IPAddress.Loopback, 0))
        {
            other.Start();
            var port = ((IPEndPoint)other.LocalEndpoint).Port;
            Write(ConfigOf(product), json.Replace("PORT", $"{port}", StringComparison.Ordinal));
            Fails(await RunAsync(product), $"{port}", "use");
        }

        await RunsAsync(product);
    }

    [Theory]
    [InlineData("meter", "meters.memory")]
    [InlineData("concentrator", "concentrator.db")]
    [InlineData("headend", "headend.db")]
    public async Task A_damaged_store_is_named_and_left_as_it_is(string product, string store)
    {
        Write("load.csv", string.Concat(Enumerable.Range(0, 1440).Select(m => $"\n2007-02-19T{m / 60:00}:{m % 60:00}:00,0.356,0.190,242.56,1.6").Prepend(LoadHeader)));
        Write(ConfigOf(product), product switch
        {
            "meter" => Fleet(),
            "concentrator" => "{ \"httpsPort\": 0 }",
            _ => "{ \"listen\": { \"port\": 0 }, \"web\": { \"port\": 0 } }",
        });
        Directory.CreateDirectory(_folder.File("data"));
        var (path, damaged) = (Path.Combine(_folder.File("data"), store), new string('x', 9000));
        File.WriteAllText(path, damaged);
        Fails(await RunAsync(product), path);
        Assert.Equal(damaged, File.ReadAllText(path));
    }

    [Theory]
    [InlineData("meter")]
    [InlineData("headend")]
    public async Task An_export_of_a_folder_that_is_not_there_fails_and_makes_none(string product)
    {
        var result = await GridtallyProcess.RunAsync(product, "export", _folder.File("nowhere"));
        Fails(result, $"{_folder.File("nowhere")} does not exist");
        Assert.Empty(Directory.GetFileSystemEntries(_folder.Path));
    }

    private static void Fails((int ExitCode, string Output, string Errors) result, params string[] expected)
    {
        Assert.Equal((1, ""), (result.ExitCode, result.Output));
        var message = result.Errors.Split('\n').Single(l => l.StartsWith("gridtally: ", StringComparison.Ordinal));
        Assert.All(expected, part => Assert.Contains(part, message, StringComparison.Ordinal));
        Assert.DoesNotContain("   at ", result.Errors);
    }

    private static string Fleet() =>
        $$"""
        { "dataFolder": "data", "loadFile": "load.csv",
          "meters": [ { "number": "0011539465", "tcpPort": 0, "masterKey": "{{Key}}",
            "read": { "encryptionKey": "{{Key}}", "authenticationKey": "{{Key}}" }, "management": { "encryptionKey": "{{Key}}", "authenticationKey": "{{Key}}" } } ] }
        """;

    private static string ConfigOf(string product) => product == "meter" ? "meters.json" : $"{product}.json";

    private string[] Run(string product) =>
        product == "meter" ? [product, "run", "--config", _folder.File(ConfigOf(product))] : [product, "run", "--config", _folder.File(ConfigOf(product)), "--data", _folder.File("data")];

    private Task<(int ExitCode, string Output, string Errors)> RunAsync(string product) => GridtallyProcess.RunAsync(Run(product));

    // Runs until it says how it is, then stops it.
    private async Task RunsAsync(string product)
    {
        await using var process = GridtallyProcess.Start([.. Run(product), "--status"]);
        await process.UntilAsync(l => l.TryGetProperty("state", out _), RunningDemo.Patience);
        process.Interrupt();
        Assert.Equal(0, await process.WaitAsync(RunningDemo.Patience));
    }

    private void Write(string name, string text) => File.WriteAllText(_folder.File(name), text);
}
