using System.Net;
using System.Net.Sockets;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Meter.Fleet;
using Gridtally.Meter.Objects;
using Gridtally.Sessions;
using Gridtally.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Meter.Tests;

/// <summary>Fleets as they are served: real sockets and pseudo-terminals on this machine, civil time stands still unless moved.</summary>
public sealed class HostTests : IDisposable
{
    private static readonly SystemTitle HeadEnd = new(0x4854450000000001);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new(TestFleets.Start);
    private readonly CancellationTokenSource _stop = new(Patience);
    private readonly InMemoryInvocationCounters _counters = new();

    public void Dispose()
    {
        _stop.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public async Task The_read_client_reads_a_meter_over_tcp_with_hls_and_ciphering()
    {
        await using var running = await RunAsync(TestFleets.Config(_folder.Path, meters: 2), TimeSpan.FromMinutes(65));
        var core = running.Fleet.Meters[1].Core;

        await using var client = await ConnectAsync(running, "1002", VirtualMeter.ReadClient, Keys(0x20));

        Assert.Equal(core.Identity.SystemTitle, client.ServerSystemTitle);
        Assert.Equal(core.Get("1/0-0:42.0.0.255:2"), await GetAsync(client, "1/0-0:42.0.0.255:2"));
        Assert.Equal(core.Get("3/1-0:1.8.0.255:2"), await GetAsync(client, "3/1-0:1.8.0.255:2"));
        Assert.Equal(core.Get("7/1-0:99.1.0.255:2"), await GetAsync(client, "7/1-0:99.1.0.255:2"));
        Assert.Equal(core.Get("15/0-0:40.0.0.255:2", client: 2), await GetAsync(client, "15/0-0:40.0.0.255:2"));
        var refused = await client.SetAsync(TestMeters.Attribute("7/1-0:99.1.0.255:4"), Bytes.Written(w => w.WriteDoubleLongUnsigned(900)), _stop.Token);
        Assert.False(refused.Succeeded);
    }

    [Fact]
    public async Task The_management_client_sets_the_clock_and_opens_the_relay()
    {
        await using var running = await RunAsync(TestFleets.Config(_folder.Path), TimeSpan.FromMinutes(1));
        await using var client = await ConnectAsync(running, "1001", VirtualMeter.ManagementClient, Keys(0x00));
        var later = CosemDateTime.From(TestFleets.Start.AddHours(3));

        Assert.True((await client.SetAsync(TestMeters.Attribute("8/0-0:1.0.0.255:2"), Bytes.Written(w => w.WriteDateTime(later)), _stop.Token)).Succeeded);
        Assert.True((await client.InvokeAsync(new(70, TestMeters.Attribute("70/0-0:96.3.10.255:1").Instance, 1), Bytes.Written(w => w.WriteInteger(0)), _stop.Token)).Succeeded);

        Assert.Equal(Bytes.Written(w => w.WriteDateTime(later)), await GetAsync(client, "8/0-0:1.0.0.255:2"));
        Assert.Equal([0x03, 0x00], await GetAsync(client, "70/0-0:96.3.10.255:2"));
    }

    [Fact]
    public async Task The_public_client_reads_who_the_meter_is_and_not_what_it_measures()
    {
        await using var running = await RunAsync(TestFleets.Config(_folder.Path), TimeSpan.FromMinutes(1));
        await using var client = await ConnectAsync(running, "1001", VirtualMeter.PublicClient, null);

        Assert.Equal(Bytes.Hex("09 04 31303031"), await GetAsync(client, "1/0-0:96.1.0.255:2"));
        var energy = await client.GetAsync(TestMeters.Attribute("3/1-0:1.8.0.255:2"), _stop.Token);
        Assert.Equal(DataAccessResult.ObjectUndefined, Assert.IsType<RequestFailure.Refused>(energy.Failure).Result);
    }

    [Fact]
    public async Task New_keys_hold_from_the_next_association_and_the_old_ones_no_longer_open_one()
    {
        await using var running = await RunAsync(TestFleets.Config(_folder.Path), TimeSpan.FromMinutes(1));
        var (encryption, authentication) = (TestMeters.Key(0x60), TestMeters.Key(0x70));
        await using (var client = await ConnectAsync(running, "1001", VirtualMeter.ManagementClient, Keys(0x00)))
        {
            var transfer = await client.InvokeAsync(new(64, SecuritySetup(1), 2), Bytes.Written(w =>
            {
                w.WriteArray(2);
                foreach (var (id, key) in ((byte, byte[])[])[(0, encryption), (2, authentication)])
                {
                    w.WriteStructure(2);
                    w.WriteEnum(id);
                    w.WriteOctetString(KeyWrap.Wrap(TestMeters.MasterKey, key));
                }
            }), _stop.Token);
            Assert.True(transfer.Succeeded, transfer.ToString());

            // The association that is open goes on with the keys that it was opened with.
            Assert.Equal([0x16, 0x6C], await GetAsync(client, "64/0-0:43.0.1.255:2"));
        }

        await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(running, "1001", VirtualMeter.ManagementClient, Keys(0x00)));
        await using var renewed = await ConnectAsync(running, "1001", VirtualMeter.ManagementClient, new(encryption, authentication), new InMemoryInvocationCounters());
        Assert.Equal([0x16, 0x6C], await GetAsync(renewed, "64/0-0:43.0.1.255:2"));
    }

    [Fact]
    public async Task Meters_on_a_bus_answer_at_their_own_addresses()
    {
        var config = TestFleets.Config(_folder.Path, meters: 1);
        var path = _folder.File("bus1");
        config.Buses.Add(new() { Name = "bus1", Path = path, Conditions = "turnaround=1ms" });
        config.Meters.Add(TestFleets.Meter(2001, port: null, bus: "bus1", address: 17));
        config.Meters.Add(TestFleets.Meter(2002, port: null, bus: "bus1", address: 300));
        await using var running = await RunAsync(config, TimeSpan.FromMinutes(31));
        await using var port = SerialChannel.Open(new() { Path = path });

        foreach (var (address, number, hdlc) in ((ushort, string, HdlcClientOptions)[])[(17, "2001", new() { AddressLength = 2 }), (300, "2002", new() { AddressLength = 4 })])
        {
            await using var client = await DlmsClient.ConnectAsync(port, Options(VirtualMeter.ReadClient, Keys(0x20)) with
            {
                Peer = new(VirtualMeter.ReadClient, MeterObjects.LogicalDeviceSap, address),
                Framing = FramingKind.Hdlc,
                Hdlc = hdlc,
            }, _counters, TimeProvider.System, _stop.Token);
            Assert.Equal(Bytes.Written(w => w.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(number))), await GetAsync(client, "1/0-0:96.1.0.255:2"));
            var core = running.Fleet.Meters.Single(m => m.Number == number).Core;
            Assert.Equal(core.Get("7/1-0:99.1.0.255:2"), await GetAsync(client, "7/1-0:99.1.0.255:2"));
        }
    }

    [Fact]
    public async Task A_port_in_use_is_said_and_the_other_meters_go_on()
    {
        using var occupied = new TcpListener(IPAddress.Loopback, 0);
        occupied.Start();
        var config = TestFleets.Config(_folder.Path, meters: 2);
        config.Meters[0].TcpPort = (ushort)((IPEndPoint)occupied.LocalEndpoint).Port;
        var log = new Lines();

        await using var running = await RunAsync(config, TimeSpan.FromMinutes(1), log);
        await using var client = await ConnectAsync(running, "1002", VirtualMeter.ReadClient, Keys(0x20));

        Assert.Contains(log.Written, line => line.Contains($"{config.Meters[0].TcpPort}", StringComparison.Ordinal) && line.StartsWith("Error", StringComparison.Ordinal));
        Assert.Equal(Bytes.Hex("09 04 31303032"), await GetAsync(client, "1/0-0:96.1.0.255:2"));
    }

    [Fact]
    public async Task A_wrong_key_is_refused_and_logged_without_the_key()
    {
        var log = new Lines();
        await using var running = await RunAsync(TestFleets.Config(_folder.Path), TimeSpan.FromMinutes(1), log);

        await Assert.ThrowsAsync<AssociationException>(() => ConnectAsync(running, "1001", VirtualMeter.ReadClient, Keys(0x50)));
        await using var client = await ConnectAsync(running, "1001", VirtualMeter.ReadClient, Keys(0x20));

        Assert.Equal(Bytes.Hex("09 04 31303031"), await GetAsync(client, "1/0-0:96.1.0.255:2"));
        Assert.Contains(log.Written, line => line.Contains("1001", StringComparison.Ordinal) && line.StartsWith("Warning", StringComparison.Ordinal));
        Assert.DoesNotContain(log.Written, line => line.Contains("202122", StringComparison.Ordinal) || line.Contains("505152", StringComparison.Ordinal));
    }

    [Fact]
    public async Task A_client_goes_on_with_a_meter_that_was_killed_and_started_again()
    {
        var config = TestFleets.Config(_folder.Path);
        byte[] before;
        await using (var running = await RunAsync(config, TimeSpan.FromMinutes(65)))
        {
            await using var client = await ConnectAsync(running, "1001", VirtualMeter.ReadClient, Keys(0x20));
            before = await GetAsync(client, "7/1-0:99.1.0.255:2");
            running.Kill();
        }

        await using (var running = await RunAsync(config, TimeSpan.FromMinutes(10)))
        {
            await using var client = await ConnectAsync(running, "1001", VirtualMeter.ReadClient, Keys(0x20));
            Assert.Equal(before, await GetAsync(client, "7/1-0:99.1.0.255:2"));
        }
    }

    private static SecurityKeys Keys(byte first) => new(TestMeters.Key(first), TestMeters.Key((byte)(first + 0x10)));

    private static Metering.ObisCode SecuritySetup(byte client) => new(0, 0, 43, 0, client, 255);

    private static DlmsClientOptions Options(byte sap, SecurityKeys? keys) => new()
    {
        Peer = new(sap, MeterObjects.LogicalDeviceSap),
        Association = keys is null ? new() : new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Keys = keys,
            Protection = Protection.AuthenticatedEncrypted,
            SystemTitle = HeadEnd,
        },
        ResponseTimeout = TimeSpan.FromSeconds(10),
    };

    private async Task<DlmsClient> ConnectAsync(Running running, string number, byte sap, SecurityKeys? keys, IInvocationCounters? counters = null)
    {
        var factory = new TcpChannelFactory("127.0.0.1", running.Host.EndPoints[number].Port);
        return await DlmsClient.ConnectAsync(await factory.OpenAsync(_stop.Token), Options(sap, keys), counters ?? _counters, TimeProvider.System, _stop.Token);
    }

    private async Task<byte[]> GetAsync(DlmsClient client, string target)
    {
        var result = await client.GetAsync(TestMeters.Attribute(target), (SelectiveAccess?)null, _stop.Token);
        Assert.True(result.Succeeded, $"{target}: {result}");
        return result.Data.ToArray();
    }

    // The meters have measured for some time; then civil time stands still, so that what is read can be compared.
    private async Task<Running> RunAsync(FleetConfig config, TimeSpan history, ILoggerFactory? log = null)
    {
        var fleet = TestFleets.Open(config, _clock, log: log);
        _clock.Advance(history);
        var host = new MeterHost(fleet, config, TimeProvider.System, log ?? NullLoggerFactory.Instance);
        var running = new Running(fleet, host, CancellationTokenSource.CreateLinkedTokenSource(_stop.Token));
        running.Task = host.RunAsync(running.Stop.Token);
        await host.Started.WaitAsync(Patience);
        return running;
    }

    private sealed class Running(MeterFleet fleet, MeterHost host, CancellationTokenSource stop) : IAsyncDisposable
    {
        private bool _killed;

        public MeterFleet Fleet { get; } = fleet;

        public MeterHost Host { get; } = host;

        public CancellationTokenSource Stop { get; } = stop;

        public Task Task { get; set; } = Task.CompletedTask;

        public void Kill()
        {
            _killed = true;
            Fleet.Abandon();
        }

        public async ValueTask DisposeAsync()
        {
            await Stop.CancelAsync();
            await Task;
            if (!_killed) Fleet.Dispose();
            Stop.Dispose();
        }
    }

    private sealed class Lines : ILoggerFactory, ILogger
    {
        private readonly List<string> _lines = [];

        public string[] Written
        {
            get
            {
                lock (_lines) return [.. _lines];
            }
        }

        public void AddProvider(ILoggerProvider provider) { }

        public ILogger CreateLogger(string categoryName) => this;

        public void Dispose() { }

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter)
        {
            lock (_lines) _lines.Add($"{logLevel}: {formatter(state, exception)}");
        }
    }
}
