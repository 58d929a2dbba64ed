using System.Collections.Concurrent;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem.Framing;
using Gridtally.Links;
using Gridtally.Sessions;
using Gridtally.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Concentrator.Tests;

/// <summary>A concentrator with meters on in-memory lines, under two clocks that are moved by hand.</summary>
internal sealed class Lab : IChannelOpener, IAsyncDisposable
{
    public static readonly DateTime Start = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);

    // Only a test that fails waits so long; a busy machine must not make it fail.
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private readonly ConcurrentDictionary<string, ProfileMeter> _meters = new();
    private readonly Traffic _traffic = new();
    private readonly CancellationTokenSource _servers = new();
    private CancellationTokenSource _stop = new();
    private ConcentratorHost? _host;
    private Task _running = Task.CompletedTask;

    public TemporaryFolder Folder { get; } = new();

    public ManualTimeProvider Clock { get; } = new(new DateTimeOffset(Start));

    public ManualTimeProvider Line { get; } = new(new DateTimeOffset(Start));

    public ConcentratorServices Services => _host!.Services;

    /// <summary>What stands between concentrator and meter or bus; the name is the meter's number or the channel's.</summary>
    public Func<string, IByteChannel, IByteChannel> Wrap { get; set; } = static (_, channel) => channel;

    /// <summary>Meters and buses that can't be opened.</summary>
    public ConcurrentDictionary<string, bool> Broken { get; } = new();

    public DateTime Now => Clock.GetUtcNow().UtcDateTime;

    public void Open(ConcentratorConfig? config = null)
    {
        _host = ConcentratorHost.Open((config ?? new()) with { DataFolder = Folder.File("data") }, Clock, Line, NullLoggerFactory.Instance, this);
        foreach (var task in (string[])["single_phase", "three_phase"]) OnlyEnergy(task);
    }

    /// <summary>Runs what was opened.</summary>
    public void Run()
    {
        _stop = new();
        _running = Task.Run(() => _host!.RunAsync(_stop.Token));
    }

    /// <summary>A clean stop; the data folder stays.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
        if (_host is not null) await _host.DisposeAsync();
        _host = null;
    }

    public ProfileMeter AddTcp(string number, Action<ProfileMeter>? set = null)
    {
        var meter = Known(number, set);
        Services.Archive.Add(new(number) { Channel = "meter_tcp", Address = "meters.test:4059", Task = "three_phase" }, Keys(meter), "test");
        return meter;
    }

    public ProfileMeter AddOnBus(string number, int physical, Action<ProfileMeter>? set = null)
    {
        var meter = Known(number, set);
        _meters[$"bus {physical}"] = meter;
        Services.Archive.Add(new(number) { Channel = "485_1", Address = $"{physical}", Task = "three_phase" }, Keys(meter), "test");
        return meter;
    }

    public void Set(TableSpec table, string by, string name, string column, string value, Func<SettingRow, bool>? which = null) => Services.Settings.Change(
        table, [.. Services.Settings.Rows(table).Where(r => r[by] == name && (which is null || which(r))).Select(r => (r.Id, (IReadOnlyDictionary<string, string>)new Dictionary<string, string> { [column] = value }))], "test");

    public void SetKey(TableSpec table, string owner, string key, string value) =>
        Set(table, table == SettingTables.ChannelAttribute ? "channel" : "protocol", owner, "value", value, r => r["key"] == key);

    public MeterRecord Archived(ProfileMeter meter) => Services.Archive.Find(meter.Number)!;

    public IReadOnlyList<StoredRow> Stored(ProfileMeter meter) => Services.Store.Rows(Archived(meter).Id, ProfileMeter.Profile, DateTime.MinValue.AddYears(1), DateTime.MaxValue.AddYears(-1));

    public bool HasAll(params ProfileMeter[] meters) => meters.All(m => Stored(m).Count == m.Rows.Count);

    public void AssertSame(ProfileMeter meter) =>
        Assert.Equal(meter.Rows.Select(r => (r.Key, Convert.ToHexString(r.Value))), Stored(meter).Select(r => (r.Utc, Convert.ToHexString(r.Octets.Span))));

    public IReadOnlyList<Communication> History(ProfileMeter meter) => Services.History.Latest(Archived(meter).Id);

    public bool HasEvent(EventCode code, string? meter = null) => Services.Events.Latest(500, meter: meter).Any(e => e.Code == code);

    /// <summary>Waits for what happens on other threads; nothing depends on how long it takes.</summary>
    /// <param name="condition">What must come true.</param>
    /// <param name="lineMoves">Line time to pass meanwhile, in steps, so that timeouts fire. It passes only while the lines are quiet: a meter is not late because the machine is busy.</param>
    public async Task UntilAsync(Func<bool> condition, TimeSpan lineMoves = default)
    {
        using var limit = new CancellationTokenSource(Patience);
        var seen = _traffic.Moves;
        while (!condition())
        {
            if (limit.IsCancellationRequested) Assert.Fail($"It did not happen. History: {string.Join(" | ", Services.History.LatestFailures(5).Select(c => c.Text))}; events: {string.Join(" | ", Services.Events.Latest(8).Select(e => e.Text))}");
            await Task.Delay(2, CancellationToken.None);
            var moves = _traffic.Moves;
            if (lineMoves > TimeSpan.Zero && moves == seen && _traffic.MetersAtWork == 0) Line.Advance(lineMoves);
            seen = moves;
        }
    }

    public IChannelFactory Bus(ChannelSettings channel) => new Factory(channel.Name, () => OpenLine(channel.Name, new()
    {
        CreateFraming = _ => new HdlcServerLine(new() { Serves = (device, physical) => device == 1 && _meters.ContainsKey($"bus {physical}") }),
        Resolve = peer => _meters.TryGetValue($"bus {peer.Physical}", out var meter) ? meter.Resolve(peer) : null,
        IdleTimeout = TimeSpan.Zero,
    }));

    public IChannelFactory Meter(ChannelSettings channel, MeterRecord meter) => new Factory(meter.Number, () => OpenLine(meter.Number, new() { Resolve = peer => _meters[meter.Number].Resolve(peer), IdleTimeout = TimeSpan.Zero }));

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        await _servers.CancelAsync();
        Folder.Dispose();
        _stop.Dispose();
        _servers.Dispose();
    }

    private ProfileMeter Known(string number, Action<ProfileMeter>? set)
    {
        var meter = new ProfileMeter(number);
        set?.Invoke(meter);
        return _meters[number] = meter;
    }

    private static MeterSecrets Keys(ProfileMeter meter) => new() { EncryptionKey = meter.Ek, AuthenticationKey = meter.Ak };

    // The other items of the built-in tasks read profiles that these meters do not have.
    private void OnlyEnergy(string task)
    {
        Set(SettingTables.TaskItem, "task", task, "status", "Disable");
        Set(SettingTables.TaskItem, "task", task, "status", "Enable", r => r["name"] == "energy profile");
        Set(SettingTables.TaskItem, "task", task, "cron", "*/15 * * * *", r => r["name"] == "energy profile");
    }

    private IByteChannel OpenLine(string name, DlmsServerOptions options)
    {
        if (Broken.ContainsKey(name)) throw new LinkException($"{name}: connection refused. Nobody listens there.");
        var (a, b) = MemoryLine.CreatePair(name);
        var (near, far) = (new WatchedChannel(a, _traffic, isMeter: false), new WatchedChannel(b, _traffic, isMeter: true));
        _ = Task.Run(async () =>
        {
            try
            {
                await new DlmsServer(options, Line).ServeAsync(far, _servers.Token);
            }
            catch (LinkException)
            {
                // The concentrator hung up.
            }

            await far.DisposeAsync();
        });
        return Wrap(name, near);
    }

    private sealed class Factory(string name, Func<IByteChannel> open) : IChannelFactory
    {
        public string Name => name;

        public ValueTask<IByteChannel> OpenAsync(CancellationToken cancellationToken) => new(open());
    }
}

/// <summary>A channel whose received octets pass through a function: cut, altered, held back.</summary>
internal sealed class TamperedChannel(IByteChannel inner, Func<byte[], byte[]?> received) : IByteChannel
{
    public string Name => inner.Name;

    public bool IsDatagram => inner.IsDatagram;

    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        while (true)
        {
            var count = await inner.ReadAsync(buffer, cancellationToken);
            if (count == 0) return 0;
            if (received(buffer[..count].ToArray()) is not { Length: > 0 } passed) continue;
            passed.CopyTo(buffer);
            return passed.Length;
        }
    }

    public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => inner.WriteAsync(bytes, cancellationToken);

    public ValueTask DisposeAsync() => inner.DisposeAsync();
}
