using Gridtally.Companion;
using Gridtally.Concentrator;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Uplink;
using Gridtally.Metering;
using Gridtally.Storage;
using Gridtally.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.HeadEnd.Tests;

/// <summary>A concentrator with a real store, journal, device and uplink; what its channels would read is put into the store by hand.</summary>
internal sealed class TestConcentrator : IAsyncDisposable
{
    // Waits between tries are whole seconds; so fast they don't hold a test up.
    private static readonly TimeProvider LineTime = new ScaledTimeProvider(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch, speed: 20);

    private readonly ConcentratorHost _host;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;

    private TestConcentrator(ConcentratorHost host, IMeterGate gate)
    {
        _host = host;
        Services = host.Services with { MeterGate = gate };
        Uplink = new(Services);
    }

    public ConcentratorServices Services { get; }

    public UplinkService Uplink { get; }

    /// <summary>Opens a data folder, new or used.</summary>
    public static TestConcentrator Open(string folder, string serial, ManualTimeProvider clock, IMeterGate? gate = null, string encryptionKey = TestRegistry.EncryptionKey)
    {
        var config = new Concentrator.ConcentratorConfig
        {
            SerialNumber = serial,
            DataFolder = folder,
            HeadEnd = new() { EncryptionKey = encryptionKey, AuthenticationKey = TestRegistry.AuthenticationKey },
        };
        Directory.CreateDirectory(folder);
        return new(ConcentratorHost.Open(config, clock, LineTime, NullLoggerFactory.Instance), gate ?? new NoGate());
    }

    /// <summary>Dials these head ends, the second when the first can't be reached.</summary>
    public TestConcentrator Dial(params int[] ports)
    {
        Set("tcp_client", "ip.size", ports.Length.ToString());
        for (var i = 0; i < ports.Length; i++)
        {
            Set("tcp_client", $"ip.{i + 1}", "127.0.0.1");
            Set("tcp_client", $"port.{i + 1}", ports[i].ToString());
        }

        return Run();
    }

    /// <summary>Runs the uplink with the settings as they are.</summary>
    public TestConcentrator Run()
    {
        _running = Uplink.RunAsync(_stop.Token);
        return this;
    }

    public void Set(string channel, string key, string value)
    {
        var row = Services.Settings.Rows(SettingTables.ChannelAttribute).Single(r => r.Cells["channel"] == channel && r.Cells["key"] == key);
        Services.Settings.Change(SettingTables.ChannelAttribute, [(row.Id, new Dictionary<string, string> { ["value"] = value })], "test");
    }

    public void Enable(string channel)
    {
        var row = Services.Settings.Rows(SettingTables.Channel).Single(r => r.Cells["name"] == channel);
        Services.Settings.Change(SettingTables.Channel, [(row.Id, new Dictionary<string, string> { ["status"] = "Enable" })], "test");
    }

    /// <summary>Puts a meter into the archive and rows of it into the store, as if they had been read.</summary>
    public void Store(string meter, params byte[][] rows)
    {
        var record = Services.Archive.Find(meter)
            ?? Services.Archive.Add(new(meter) { Address = $"127.0.0.1:{4000 + Services.Archive.Meters.Count}", Channel = "meter_tcp", Task = "three_phase", Phase = 3 }, null, "test");
        var now = Services.Clock.GetUtcNow().UtcDateTime;
        var layout = Services.Store.StoreLayout(record.Id, Journals.Layout, now);
        (DateTime, ReadOnlyMemory<byte>)[] timed = [.. rows.Select(r => (Journals.TimeOf(r), (ReadOnlyMemory<byte>)r))];
        Services.Database.Write(session => Services.Store.StoreRows(session, record.Id, layout, timed, new Concentrator.Store.Span(timed[0].Item1.AddMinutes(-30), timed[^1].Item1), now));
    }

    /// <summary>Every row that the store holds, in the format of the exports.</summary>
    public string Export()
    {
        var lines = from meter in Services.Archive.Meters.Values
                    from row in Services.Store.Rows(meter.Id, Journals.LoadProfile, DateTime.UnixEpoch, DateTime.MaxValue)
                    select $"{meter.Number};{Journals.LoadProfile};{row.Utc:yyyy-MM-ddTHH:mm:ssZ};{Convert.ToHexString(row.Octets.Span)}\n";
        return string.Concat(lines);
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        Uplink.Dispose();
        await _host.DisposeAsync();
        _stop.Dispose();
    }

    private sealed class NoGate : IMeterGate
    {
        public Task<byte[]> ExchangeAsync(string meterNumber, ushort clientSap, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken) =>
            throw new MeterGateException(FailureReason.NoAnswer, $"Meter {meterNumber} did not answer.");
    }
}

/// <summary>A head end that runs on a free port.</summary>
internal sealed class TestHeadEnd : IAsyncDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _running;
    private readonly string _folder;

    private TestHeadEnd(HeadEndHost host, string folder)
    {
        (Host, _folder) = (host, folder);
        _running = host.RunAsync(_stop.Token);
    }

    public HeadEndHost Host { get; }

    public HeadEndServices Services => Host.Services;

    public int Port => Host.ListenEndPoint.Port;

    public static TestHeadEnd Start(string folder, ManualTimeProvider clock, HeadEndConfig config, int port = 0, DatabaseOptions? options = null)
    {
        config = config with { Listen = new() { Port = port }, Acquisition = new() { PollSeconds = 0.02, ArchiveSeconds = 0.02, ResponseTimeoutSeconds = 10, MeterTimeoutSeconds = 5 } };
        return new(HeadEndHost.Create(config, folder, clock, TimeProvider.System, NullLoggerFactory.Instance, options), folder);
    }

    public static HeadEndConfig Knowing(params string[] serials) => new()
    {
        Concentrators = [.. serials.Select(s => new ConcentratorConfig
        {
            Serial = s,
            LogicalDeviceName = ConcentratorIdentity.LogicalDeviceName(s),
            EncryptionKey = TestRegistry.EncryptionKey,
            AuthenticationKey = TestRegistry.AuthenticationKey,
        })],
    };

    public string Export()
    {
        var text = new StringWriter();
        HeadEndExport.WriteRows(_folder, text);
        return text.ToString();
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _running;
        await Host.DisposeAsync();
        _stop.Dispose();
    }
}

internal static class Eventually
{
    private static readonly TimeSpan Limit = TimeSpan.FromSeconds(30);

    /// <summary>Waits until something holds that other threads bring about; fails with <paramref name="what"/> after a minute.</summary>
    public static async Task Holds(Func<bool> condition, string what)
    {
        for (var began = TimeProvider.System.GetTimestamp(); !condition(); await Task.Delay(5))
        {
            Assert.True(TimeProvider.System.GetElapsedTime(began) < Limit, $"Did not happen within {Limit.TotalSeconds} s: {what}");
        }
    }
}
