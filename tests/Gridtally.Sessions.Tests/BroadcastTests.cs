using Gridtally.Cosem.Framing;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>What is sent to all, and what nobody answers.</summary>
public sealed class BroadcastTests
{
    //                                             SET 1 unconfirmed, class 1, 0-0:96.1.2.255, attribute 2, no selection, unsigned 42
    private static readonly byte[] SetSetting = Bytes.Hex("C1 01 81 0001 0000600102FF 02 00 11 2A");

    private readonly Bench _bench = new();

    [Fact, Shows("hdlc.broadcast", "hdlc.multidrop", "hdlc.ui")]
    public Task A_broadcast_reaches_every_meter_of_the_bus_and_none_answers() => _bench.RunAsync(async () =>
    {
        var meters = Enumerable.Range(0, 4).Select(i => (Physical: (ushort)(17 + i), Meter: new TestMeter((uint)i))).ToArray();
        var bus = _bench.Hdlc("", meters);
        var received = 0;
        foreach (var (physical, _) in meters) await AssociateAsync(bus, physical);

        await Broadcast.SendAsync(Route(bus, () => received++), new(TestMeter.Public, HdlcAddress.All7, HdlcAddress.All7), SetSetting);
        await Task.Delay(TimeSpan.FromSeconds(1), _bench.Clock);

        Assert.All(meters, m => Assert.Equal([0x11, 42], m.Meter.Stored));
        Assert.Equal(0, received);
    });

    [Fact, Shows("hdlc.broadcast")]
    public Task A_broadcast_to_the_devices_at_one_address_leaves_the_others_alone() => _bench.RunAsync(async () =>
    {
        var (first, second) = (new TestMeter(1), new TestMeter(2));
        var bus = _bench.Hdlc("", (17, first), (18, second));
        await AssociateAsync(bus, 17);
        await AssociateAsync(bus, 18);

        await Broadcast.SendAsync(Route(bus), new(TestMeter.Public, HdlcAddress.All7, 18), SetSetting);

        Assert.Equal([0], first.Stored);
        Assert.Equal([0x11, 42], second.Stored);
    });

    [Fact, Shows("wrapper.udp")]
    public Task A_broadcast_to_wport_7F_is_served_and_not_answered() => _bench.RunAsync(async () =>
    {
        var channel = _bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "", datagrams: true);
        await using var connection = new WrapperConnection(channel, _bench.Clock);
        await using var client = await DlmsClient.ConnectAsync(connection, TestMeter.Client(TestMeter.Public), _bench.Counters, _bench.Clock, default);
        var before = client.Statistics.BytesReceived;

        await Broadcast.SendAsync(connection, new(TestMeter.Public, WrapperHeader.AllDevices), SetSetting);

        Assert.Equal([0x11, 42], _bench.Meter.Stored);
        Assert.Equal((before, 0), (client.Statistics.BytesReceived, connection.Unclaimed));
    });

    [Fact]
    public Task The_server_decides_whom_a_broadcast_means() => _bench.RunAsync(async () =>
    {
        var asked = new List<PeerAddress>();
        var channel = _bench.Wrapper("", o => o with
        {
            Expand = to =>
            {
                asked.Add(to);
                return [];
            },
        });
        await using var connection = new WrapperConnection(channel, _bench.Clock);
        await using var client = await DlmsClient.ConnectAsync(connection, TestMeter.Client(TestMeter.Public), _bench.Counters, _bench.Clock, default);

        await Broadcast.SendAsync(connection, new(TestMeter.Public, WrapperHeader.AllDevices), SetSetting);

        Assert.Equal([new PeerAddress(TestMeter.Public, WrapperHeader.AllDevices)], asked);
        Assert.Equal([0], _bench.Meter.Stored);
    });

    [Theory, InlineData(true), InlineData(false), Shows("hdlc.ui")]
    public Task A_client_sends_without_waiting_between_its_requests(bool hdlc) => _bench.RunAsync(async () =>
    {
        var channel = hdlc ? _bench.Hdlc() : _bench.Wrapper();
        var options = TestMeter.Client(TestMeter.Public);
        await using var client = await _bench.ConnectAsync(channel, hdlc ? Bench.OverHdlc(options) : options);

        await client.SetUnconfirmedAsync(TestMeter.Setting, new byte[] { 0x11, 42 });
        Assert.Equal(4711u, await client.ReadRegisterAsync());

        Assert.Equal([0x11, 42], _bench.Meter.Stored);
    });

    [Fact, Shows("hdlc.ui", "hdlc.inactivity")]
    public Task Pushes_in_ui_frames_are_heard_for_as_long_as_it_takes_and_the_link_lives_on() => _bench.RunAsync(async () =>
    {
        var (near, far) = MemoryLine.CreatePair("line");
        var server = new DlmsServer(
            new() { CreateFraming = _ => new HdlcServerLine(new() { Serves = (_, _) => true }), Resolve = _bench.Meter.Resolve, IdleTimeout = TimeSpan.Zero }, _bench.Clock);
        _ = server.ServeAsync(far, CancellationToken.None);
        await using var client = await _bench.ConnectAsync(near, Bench.OverHdlc(TestMeter.Client(TestMeter.Public)));
        var heard = new List<string>();
        client.Notified += apdu => heard.Add(Convert.ToHexString(apdu.Span));
        using var enough = new CancellationTokenSource(TimeSpan.FromMinutes(21), _bench.Clock);
        var listening = client.ReceiveNotificationsAsync(enough.Token);
        for (var i = 0; i < 4; i++)
        {
            // Longer than the inactivity timeout of the device.
            await Task.Delay(TimeSpan.FromMinutes(5), _bench.Clock);
            await far.WriteAsync(Bytes.Written(w => PushFramer.Write(w, PushFraming.Hdlc, new(TestMeter.Public, 1, 17), Bytes.Hex($"0F 0000000{i} 00 11 2A"))), default);
        }

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => listening);

        Assert.Equal(["0F0000000000112A", "0F0000000100112A", "0F0000000200112A", "0F0000000300112A"], heard);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    private HdlcRoute Route(IByteChannel bus, Action? onReceived = null) => new(
        bus, new() { AddressLength = 2 }, _bench.Clock, trace => { if (trace.Direction == TraceDirection.Received) onReceived?.Invoke(); });

    private async Task AssociateAsync(IByteChannel bus, ushort physical)
    {
        // Left without a word: the meter keeps link and association.
        var transport = Route(bus).To(new(TestMeter.Public, 1, physical), TimeSpan.FromSeconds(1), 0);
        await transport.ConnectAsync(default);
        var aarq = Vectors.ById("hdlc-i-aarq").Octets[12..^3];
        var answer = await transport.ExchangeAsync(aarq, default);
        Assert.Equal(0x61, answer.Span[0]);
    }
}
