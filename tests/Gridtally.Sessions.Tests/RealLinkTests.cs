using System.Net;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>Client and server over the real things: TCP, UDP, and serial ports joined by socat.</summary>
public sealed class RealLinkTests
{
    private readonly TestMeter _meter = new(value: 4711);
    private readonly InMemoryInvocationCounters _counters = new();

    [Fact]
    public async Task Over_tcp_with_keys()
    {
        await using var listener = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        await ServedAsync(listener, async () =>
        {
            await using var channel = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
            await using var client = await ConnectAsync(channel, TestMeter.Client(TestMeter.Management) with { UseDedicatedKey = true });
            await ReadAllAsync(client);
        });
        Assert.Empty(_meter.Incidents);
    }

    [Fact]
    public async Task Over_tcp_for_several_callers_that_take_turns()
    {
        await using var listener = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        await ServedAsync(listener, async () =>
        {
            await using var channel = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
            await using var client = await ConnectAsync(channel, TestMeter.Client(TestMeter.Management));
            await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => ReadAllAsync(client))));
        });
    }

    [Fact]
    public async Task Over_udp()
    {
        await using var listener = UdpByteListener.Listen(new(IPAddress.Loopback, 0));
        await ServedAsync(listener, async () =>
        {
            await using var channel = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());
            await using var client = await ConnectAsync(channel, TestMeter.Client(TestMeter.Management));
            await ReadAllAsync(client);
        });
    }

    [Fact]
    public async Task Over_hdlc_on_serial_ports_joined_by_socat()
    {
        using var folder = new TemporaryFolder();
        using var cable = new SocatCable(folder);
        using var stop = new CancellationTokenSource();
        await using var meterPort = SerialChannel.Open(new() { Path = cable.B });
        var serving = HdlcServer().ServeAsync(meterPort, stop.Token);

        await using (var port = SerialChannel.Open(new() { Path = cable.A }))
        {
            await using var client = await ConnectAsync(port, Bench.OverHdlc(TestMeter.Client(TestMeter.Management)));
            await ReadAllAsync(client);
        }

        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task Over_hdlc_on_a_pseudo_terminal_that_is_opened_anew_for_each_session()
    {
        using var stop = new CancellationTokenSource();
        await using var line = PseudoTerminal.Create();
        var serving = HdlcServer().ServeAsync(line, stop.Token);

        for (var session = 0; session < 3; session++)
        {
            await using var port = await LinkAddress.Parse($"serial://{line.SlavePath}?baud=9600").OpenAsync(Support.Soon());
            await using var client = await ConnectAsync(port, Bench.OverHdlc(TestMeter.Client(TestMeter.Public)));
            await ReadAllAsync(client);
        }

        await stop.CancelAsync();
        await serving;
    }

    [Fact]
    public async Task The_side_that_dialled_may_be_the_server()
    {
        // As a concentrator does: it dials the head end, which is the DLMS client on that connection.
        using var stop = new CancellationTokenSource();
        await using var headEnd = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        await using var dialled = await TcpChannel.ConnectAsync("127.0.0.1", headEnd.LocalEndPoint.Port, null, null, Support.Soon());
        var serving = new DlmsServer(new() { Resolve = _meter.Resolve }, TimeProvider.System).ServeAsync(dialled, stop.Token);

        await using (var connection = new WrapperConnection(await headEnd.AcceptAsync(Support.Soon()), TimeProvider.System))
        {
            await using var client = await DlmsClient.ConnectAsync(connection, TestMeter.Client(TestMeter.Management), _counters, TimeProvider.System, Support.Soon());
            await ReadAllAsync(client);
        }

        await serving.WaitAsync(Support.Soon()); // the head end has hung up
    }

    [Fact]
    public async Task A_server_that_hangs_up_in_mid_block_is_a_lost_link()
    {
        await using var listener = TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        using var stop = new CancellationTokenSource();
        var requests = 0;
        var server = new DlmsServer(
            new()
            {
                Resolve = _meter.Resolve,
                Trace = frame =>
                {
                    if (frame.Direction == TraceDirection.Received && ++requests == 5) stop.Cancel();
                },
            },
            TimeProvider.System);
        var serving = server.ServeAsync(listener, stop.Token);
        await using var channel = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using var client = await ConnectAsync(channel, TestMeter.Client(TestMeter.Public));

        var error = await Assert.ThrowsAsync<LinkException>(() => client.GetAsync(TestMeter.Table, Support.Soon()));

        Assert.StartsWith($"tcp 127.0.0.1:{listener.LocalEndPoint.Port}: ", error.Message);
        Assert.False(client.IsOpen);
        await serving;
    }

    private DlmsServer HdlcServer() => new(
        new()
        {
            CreateFraming = _ => new HdlcServerLine(new() { Serves = static (device, physical) => device == 1 && physical == 17 }),
            Resolve = _meter.Resolve,
            IdleTimeout = TimeSpan.Zero,
        },
        TimeProvider.System);

    private async Task ServedAsync(IByteListener listener, Func<Task> test)
    {
        using var stop = new CancellationTokenSource();
        var serving = new DlmsServer(new() { Resolve = _meter.Resolve }, TimeProvider.System).ServeAsync(listener, stop.Token);
        await test();
        await stop.CancelAsync();
        await serving;
    }

    private Task<DlmsClient> ConnectAsync(IByteChannel channel, DlmsClientOptions options) =>
        DlmsClient.ConnectAsync(channel, options, _counters, TimeProvider.System, Support.Soon());

    private async Task ReadAllAsync(DlmsClient client)
    {
        Assert.Equal(4711u, await client.ReadRegisterAsync(Support.Soon()));
        var table = await client.GetAsync(TestMeter.Table, Support.Soon());
        Assert.Equal(Support.OctetString(_meter.TableOctets), table.Data.ToArray());
    }
}
