using System.Net;
using Gridtally.Links;

namespace Gridtally.Sessions.Tests;

/// <summary>Limits of a server, and that one bad peer or device concerns nobody else.</summary>
public sealed class DlmsServerTests
{
    private readonly Bench _bench = new();

    [Fact]
    public Task A_connection_that_says_nothing_is_closed_after_the_idle_timeout() => _bench.RunAsync(async () =>
    {
        var channel = _bench.Wrapper("", o => o with { IdleTimeout = TimeSpan.FromMinutes(2) });
        await using var client = await _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Public));
        await Task.Delay(TimeSpan.FromSeconds(119), _bench.Clock);
        Assert.Equal(4711u, await client.ReadRegisterAsync());
        await Task.Delay(TimeSpan.FromSeconds(121), _bench.Clock);

        await Assert.ThrowsAsync<LinkException>(() => client.ReadRegisterAsync());
    });

    [Fact]
    public Task A_fault_in_the_code_of_one_device_leaves_the_others_of_the_bus_alone() => _bench.RunAsync(async () =>
    {
        var bus = _bench.Hdlc("", (17, new TestMeter(1)), (18, new TestMeter(2)));
        await using (var first = await _bench.ConnectAsync(bus, Bench.OverHdlc(TestMeter.Client(TestMeter.Public, 17)) with { SendRetry = 1 }))
        {
            await Assert.ThrowsAsync<AssociationException>(() => first.GetAsync(TestMeter.Broken, default));
        }

        await using var second = await _bench.ConnectAsync(bus, Bench.OverHdlc(TestMeter.Client(TestMeter.Public, 18)));
        Assert.Equal(2u, await second.ReadRegisterAsync());
        Assert.Contains("A fault in the device's code", Assert.Single(_bench.Faults).Message);
    });

    [Fact]
    public async Task A_peer_that_sends_nonsense_loses_its_connection_and_the_others_are_served()
    {
        using var stop = new CancellationTokenSource();
        await using var listener = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        var faults = new TaskCompletionSource<(string Name, Exception Fault)>();
        var server = new DlmsServer(new() { Resolve = _bench.Meter.Resolve, OnFault = (name, e) => faults.TrySetResult((name, e)) }, TimeProvider.System);
        var serving = server.ServeAsync(listener, stop.Token);
        await using var good = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using var client = await DlmsClient.ConnectAsync(good, TestMeter.Client(TestMeter.Public), _bench.Counters, TimeProvider.System, Support.Soon());
        await using var bad = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());

        await bad.WriteAsync("GET / HTTP/1.1\r\n\r\n"u8.ToArray(), Support.Soon());

        var ended = await Record.ExceptionAsync(async () => Assert.Equal(0, await bad.ReadAsync(new byte[1], Support.Soon())));
        Assert.True(ended is null or LinkException, $"{ended}");
        Assert.Contains("expected the DLMS wrapper", (await faults.Task.WaitAsync(Support.Soon())).Fault.Message);
        Assert.Equal(4711u, await client.ReadRegisterAsync(Support.Soon()));
        await client.DisposeAsync();
        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Connections_beyond_the_limit_are_closed_at_once_and_there_is_room_again_when_one_ends()
    {
        using var stop = new CancellationTokenSource();
        await using var listener = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        var server = new DlmsServer(new() { Resolve = _bench.Meter.Resolve, MaxConnections = 1 }, TimeProvider.System);
        var serving = server.ServeAsync(listener, stop.Token);
        var first = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await (await DlmsClient.ConnectAsync(first, TestMeter.Client(TestMeter.Public), _bench.Counters, TimeProvider.System, Support.Soon())).DisposeAsync();

        await using (var second = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon()))
        {
            Assert.Equal(0, await second.ReadAsync(new byte[1], Support.Soon()));
        }

        Assert.Equal(1, server.Refused);
        await first.DisposeAsync();
        while (server.Connections > 0) await Task.Yield();
        await using var third = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using (var client = await DlmsClient.ConnectAsync(third, TestMeter.Client(TestMeter.Public), _bench.Counters, TimeProvider.System, Support.Soon()))
        {
            Assert.Equal(4711u, await client.ReadRegisterAsync(Support.Soon()));
        }

        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public Task A_client_that_connects_anew_over_the_same_link_has_a_fresh_association() => _bench.RunAsync(async () =>
    {
        var bus = _bench.Hdlc();
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Public));

        // The first client vanishes in mid-way without a word; the second one's SNRM ends its link and association.
        var vanished = await _bench.ConnectAsync(bus, options);
        Assert.True(vanished.IsOpen);
        await using var client = await _bench.ConnectAsync(bus, options);

        Assert.Equal(4711u, await client.ReadRegisterAsync());
    });

    [Fact]
    public Task A_client_that_is_not_allowed_gets_no_answer_and_costs_nothing() => _bench.RunAsync(async () =>
    {
        var channel = _bench.Wrapper();

        var error = await Assert.ThrowsAsync<AssociationException>(() => _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Public) with { Peer = new(77, 1), SendRetry = 0 }));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        await using var allowed = await _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Public));
        Assert.Equal(4711u, await allowed.ReadRegisterAsync());
    });
}
