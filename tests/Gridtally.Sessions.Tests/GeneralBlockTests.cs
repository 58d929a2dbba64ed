using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>General block transfer over the wrapper, datagrams that get lost, and HDLC, where a device speaks only when polled.</summary>
public sealed class GeneralBlockTests
{
    private const Conformance WithBlocks = Conformance.Supported | Conformance.GeneralBlockTransfer;

    private readonly Bench _bench = new();

    [Theory]
    [InlineData(1)]
    [InlineData(8)]
    [InlineData(63)]
    [Shows("gbt.streaming.client", "gbt.streaming.server")]
    public Task A_table_and_a_long_value_go_through_the_wrapper_in_streams(byte window) => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(change: options => options with { Resolve = ResolveWith(window) }), Client(window));

        var table = await client.GetAsync(TestMeter.Table, default);
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
        var value = Support.OctetString(_bench.Meter.TableOctets[..5000]);
        Assert.True((await client.SetAsync(TestMeter.Setting, value, default)).Succeeded);
        Assert.Equal(value, _bench.Meter.Stored);
        Assert.Empty(_bench.Faults);
    });

    [Theory]
    [InlineData(1, "latency=20ms,loss=5%,seed=1")]
    [InlineData(3, "latency=20ms,loss=5%,seed=2")]
    [InlineData(8, "latency=20ms,jitter=30ms,loss=5%,duplicate=5%,seed=3")]
    [InlineData(63, "latency=20ms,jitter=30ms,loss=2%,duplicate=5%,seed=4")]
    [Shows("gbt.lost-block.client", "gbt.lost-block.server")]
    public Task Datagrams_may_be_lost_doubled_and_overtaken(byte window, string line) => _bench.RunAsync(async () =>
    {
        var channel = _bench.Serve(
            new() { Resolve = ResolveWith(window), CreateFraming = _ => new WrapperServer(datagrams: true), IdleTimeout = TimeSpan.Zero, OnFault = (_, e) => _bench.Faults.Add(e) }, line, datagrams: true);
        await using var client = await _bench.ConnectAsync(channel, Client(window) with { ResponseTimeout = TimeSpan.FromMilliseconds(500), SendRetry = 10 });

        for (var i = 0; i < 3; i++)
        {
            var table = await client.GetAsync(TestMeter.Table, default);
            Assert.True(table.Succeeded, $"{table.Failure}");
            Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
            var value = Support.OctetString(_bench.Meter.TableOctets[i..(5000 + i)]);
            Assert.True((await client.SetAsync(TestMeter.Setting, value, default)).Succeeded);
            Assert.Equal(value, _bench.Meter.Stored);
        }

        Assert.Empty(_bench.Faults);
    });

    [Theory]
    [InlineData(1, "")]
    [InlineData(8, "")]
    [InlineData(63, "")]
    [InlineData(8, "baud=9600,loss=5%,seed=5")]
    public Task On_HDLC_the_device_is_polled_for_each_block_of_a_stream(byte window, string line) => _bench.RunAsync(async () =>
    {
        var options = new DlmsServerOptions
        {
            CreateFraming = _ => new HdlcServerLine(new() { Serves = (device, physical) => device == 1 && physical == 17 }),
            Resolve = ResolveWith(window),
            IdleTimeout = TimeSpan.Zero,
            OnFault = (_, e) => _bench.Faults.Add(e),
        };
        await using var client = await _bench.ConnectAsync(_bench.Serve(options, line, datagrams: false), Bench.OverHdlc(Client(window)) with { SendRetry = 10 });

        var table = await client.GetAsync(TestMeter.Table, default);
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
        var value = Support.OctetString(_bench.Meter.TableOctets[..5000]);
        Assert.True((await client.SetAsync(TestMeter.Setting, value, default)).Succeeded);
        Assert.Equal(value, _bench.Meter.Stored);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
        Assert.Empty(_bench.Faults);
    });

    [Fact]
    public Task Progress_is_told_while_a_stream_comes_in() => _bench.RunAsync(async () =>
    {
        await using var client = await _bench.ConnectAsync(_bench.Wrapper(change: options => options with { Resolve = ResolveWith(63) }), Client(63));
        var told = new List<long>();
        await client.GetAsync(TestMeter.Table, null, new Told(told), default);

        Assert.True(told.Count > 10, $"{told.Count}");
        Assert.Equal(told.Order(), told);
    });

    private Func<PeerAddress, ServedAssociation?> ResolveWith(byte window) => peer => new(
        new ServerAssociation(new() { Conformance = WithBlocks, GeneralBlockWindow = window }, peer.Client, _bench.Meter, new InMemoryInvocationCounters()));

    private static DlmsClientOptions Client(byte window)
    {
        var options = TestMeter.Client(TestMeter.Public);
        return options with { Association = options.Association with { ProposedConformance = WithBlocks, GeneralBlockWindow = window, MaxReceivePdu = 512 } };
    }

    private sealed class Told(List<long> octets) : IProgress<TransferProgress>
    {
        public void Report(TransferProgress value) => octets.Add(value.Octets);
    }
}
