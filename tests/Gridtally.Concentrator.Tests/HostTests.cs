using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Storage;
using Gridtally.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Concentrator.Tests;

public sealed class HostTests : IDisposable
{
    private const string Key = "000102030405060708090A0B0C0D0E0F";

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task A_configuration_brings_settings_once_and_meters_with_sealed_keys()
    {
        File.WriteAllText(_folder.File("lab.json"), """{"format": "gridtally-settings", "version": 1, "system": [{"key": "store.days", "value": "40"}]}""");
        File.WriteAllText(_folder.File("concentrator.json"), $$"""
            { "serialNumber": "5500000527", "settings": "lab.json", // comments are fine
              "meters": [ { "meterNo": "0011539465", "channel": "485_1", "address": "17", "keys": { "encryptionKey": "{{Key}}", "authenticationKey": "{{Key}}" } } ] }
            """);
        var config = Load();
        await using (var host = Open(config))
        {
            var meter = host.Services.Archive.Find("0011539465")!;
            Assert.True(meter.HasKeys);
            using var keys = host.Services.Archive.KeysOf(meter);
            Assert.Equal(Convert.FromHexString(Key), keys!.Encryption.ToArray());
            Assert.Equal(40, host.Services.Settings.Current.System.Number("store.days"));
            Change(host, "50");
        }

        Assert.All(Directory.GetFiles(config.DataFolder), f => Assert.Equal(-1, File.ReadAllBytes(f).AsSpan().IndexOf(Convert.FromHexString(Key))));
        await using var again = Open(config);
        Assert.Equal(50, again.Services.Settings.Current.System.Number("store.days"));
        Assert.Single(again.Services.Archive.Meters);
        Assert.Contains(again.Services.Events.Latest(50), e => e.Code == EventCode.ParameterChange && e.Text.Contains("'40' → '50'", StringComparison.Ordinal) && e.User == "anna");
    }

    [Theory]
    [InlineData("{", "concentrator.json: line 1")]
    [InlineData("""{"serialNumber": "55 00"}""", "serialNumber is '55 00'; expected 1..16 letters and digits")]
    [InlineData("""{"serialNo": "1"}""", "serialNo")]
    [InlineData("""{"httpsPort": 70000}""", "httpsPort is 70000; expected 0..65535")]
    [InlineData("""{"httpsPort": "high"}""", "$.httpsPort")]
    [InlineData("""{"meters": [{"meterNo": "a b"}]}""", "meters, entry 1: meterNo is 'a b'")]
    [InlineData("""{"meters": [{"meterNo": "1", "keys": {"encryptionKey": "00", "authenticationKey": ""}}]}""", "encryptionKey has 2 characters; expected 32 hexadecimal digits")]
    public void A_bad_configuration_is_refused_with_file_place_and_what_is_allowed(string json, string expected)
    {
        File.WriteAllText(_folder.File("concentrator.json"), json);
        var error = Assert.Throws<SettingsException>(Load);
        Assert.Contains(expected, error.Message);
        Assert.Contains("concentrator.json", error.Message);
    }

    [Theory]
    [InlineData("485_1", "10.0.0.7:4059", "three_phase", "address is '10.0.0.7:4059'; expected an HDLC physical address 16..16381")]
    [InlineData("meter_tcp", "17", "three_phase", "address is '17'; expected host:port such as 10.0.0.7:4059")]
    [InlineData("tcp_client", "17", "three_phase", "channel is 'tcp_client'; expected one of 485_1")]
    [InlineData("485_1", "17", "no_task", "task is 'no_task'; expected one of empty_task")]
    public void A_meter_that_does_not_suit_its_channel_or_task_is_refused(string channel, string address, string task, string expected)
    {
        var config = new ConcentratorConfig { DataFolder = _folder.File("data"), Meters = [new() { MeterNo = "1", Channel = channel, Address = address, Task = task }] };
        Assert.Contains(expected, Assert.Throws<SettingsException>(() => Open(config)).Message);
    }

    [Fact]
    public async Task Two_concentrators_can_not_share_a_data_folder()
    {
        var config = new ConcentratorConfig { DataFolder = _folder.File("data") };
        await using var first = Open(config);
        Assert.Contains("Stop the other concentrator", Assert.Throws<StorageException>(() => Open(config)).Message);
    }

    [Fact]
    public async Task A_damaged_database_is_named_and_left_alone()
    {
        var config = new ConcentratorConfig { DataFolder = _folder.File("data") };
        await Open(config).DisposeAsync();
        var file = Path.Combine(config.DataFolder, ConcentratorSchema.FileName);
        File.WriteAllText(file, new string('x', 9000));
        var error = Assert.Throws<StorageException>(() => Open(config));
        Assert.Equal(StorageFault.Corrupt, error.Fault);
        Assert.Contains(file, error.Message);
        Assert.Equal(9000, new FileInfo(file).Length);
    }

    [Fact]
    public async Task A_removed_meter_loses_its_keys_and_keeps_its_rows_number()
    {
        await using var host = Open(new() { DataFolder = _folder.File("data") });
        var archive = host.Services.Archive;
        var meter = archive.Add(new("1") { Address = "10.0.0.7:4059" }, new() { EncryptionKey = new byte[16], AuthenticationKey = new byte[16] }, "anna");
        Assert.True(archive.Remove("1", "anna"));
        Assert.Null(archive.Find("1"));
        Assert.Null(archive.KeysOf(meter));
        Assert.Equal(meter.Id, archive.Add(new("1") { Address = "10.0.0.8:4059" }, null, "anna").Id);
        Assert.Equal(["Meter added", "Meter removed", "Meter added"], host.Services.Events.Latest(50, meter: "1").Select(e => e.Code.Name));
    }

    [Fact]
    public async Task Counters_go_on_under_the_same_key_and_begin_anew_under_another()
    {
        await using var host = Open(new() { DataFolder = _folder.File("data") });
        var archive = host.Services.Archive;
        var secrets = new MeterSecrets { EncryptionKey = new byte[16], AuthenticationKey = new byte[16] };
        var meter = archive.Add(new("1") { Address = "10.0.0.7:4059" }, secrets, "anna");
        archive.CountersOf(meter).RaiseSend(0, 5000);
        Assert.True(archive.CountersOf(meter).TryTakeSend(0, out var first));
        meter = archive.Change(meter, secrets, "anna");
        Assert.True(archive.CountersOf(meter).TryTakeSend(0, out var second));
        Assert.True(second > first);
        meter = archive.Change(meter, secrets with { EncryptionKey = [.. Enumerable.Repeat((byte)1, 16)] }, "anna");
        Assert.True(archive.CountersOf(meter).TryTakeSend(0, out var third));
        Assert.Equal(1u, third);
    }

    private static void Change(ConcentratorHost host, string days)
    {
        var settings = host.Services.Settings;
        var row = settings.Rows(SettingTables.System).First(r => r["key"] == "store.days");
        settings.Change(SettingTables.System, [(row.Id, new Dictionary<string, string> { ["value"] = days })], "anna");
    }

    private ConcentratorConfig Load() => ConcentratorConfig.Load(_folder.File("concentrator.json")) with { DataFolder = _folder.File("data") };

    private ConcentratorHost Open(ConcentratorConfig config) => ConcentratorHost.Open(config, _clock, _clock, NullLoggerFactory.Instance);
}
