using System.Net;

namespace Gridtally.Links.Tests;

public sealed class TcpTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task Octets_go_both_ways()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        await using var client = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using var server = await listener.AcceptAsync(Support.Soon());

        await client.WriteAsync(Support.AllOctets, Support.Soon());
        Assert.Equal(Support.AllOctets, await server.ReadExactlyAsync(256));
        await server.WriteAsync(new byte[] { 1, 2, 3 }, Support.Soon());
        Assert.Equal([1, 2, 3], await client.ReadExactlyAsync(3));
    }

    [Fact]
    public async Task A_factory_dials_the_address_as_often_as_asked()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        var factory = LinkAddress.Parse($"tcp://localhost:{listener.LocalEndPoint.Port}");
        for (var i = 0; i < 2; i++)
        {
            await using var client = await factory.OpenAsync(Support.Soon());
            await using var server = await listener.AcceptAsync(Support.Soon());
            await client.WriteAsync(new byte[] { 7 }, Support.Soon());
            Assert.Equal([7], await server.ReadExactlyAsync(1));
        }
    }

    [Fact]
    public async Task A_peer_that_closes_ends_the_reading_with_0()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        var client = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using var server = await listener.AcceptAsync(Support.Soon());

        await client.DisposeAsync();

        Assert.Equal(0, await server.ReadAsync(new byte[1], Support.Soon()));
    }

    [Fact]
    public async Task A_connection_closed_on_this_side_wakes_its_reader()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        var client = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        var reading = client.ReadAsync(new byte[1], Support.Soon()).AsTask();

        await client.DisposeAsync();

        // Shutting a socket down reads as the end or as an error, depending on who is faster.
        var outcome = await Record.ExceptionAsync(() => reading);
        Assert.True(outcome is null or LinkException, $"{outcome}");
        await Assert.ThrowsAsync<LinkException>(async () => await client.WriteAsync(new byte[1], Support.Soon()));
    }

    [Fact]
    public async Task A_cancelled_read_leaves_the_connection_usable()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        await using var client = await TcpChannel.ConnectAsync("127.0.0.1", listener.LocalEndPoint.Port, null, null, Support.Soon());
        await using var server = await listener.AcceptAsync(Support.Soon());
        using var cancel = new CancellationTokenSource();
        var reading = client.ReadAsync(new byte[1], cancel.Token).AsTask();
        await cancel.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);

        await server.WriteAsync(new byte[] { 9 }, Support.Soon());

        Assert.Equal([9], await client.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task A_refused_connection_says_that_nothing_listens_there()
    {
        int port;
        await using (var listener = TcpByteListener.Listen(AnyPort)) port = listener.LocalEndPoint.Port;

        var error = await Assert.ThrowsAsync<LinkException>(async () => await TcpChannel.ConnectAsync("127.0.0.1", port, null, null, Support.Soon()));

        Assert.Equal($"tcp 127.0.0.1:{port}: connection refused: nothing listens there. Check that the device is on, and the port number.", error.Message);
    }

    [Fact]
    public async Task An_unknown_host_is_named()
    {
        var error = await Assert.ThrowsAsync<LinkException>(async () => await TcpChannel.ConnectAsync("no-such-host.invalid", 4059, null, null, Support.Soon()));

        Assert.StartsWith("tcp no-such-host.invalid:4059: the host name ", error.Message);
    }

    [Fact]
    public async Task A_port_in_use_says_what_to_do()
    {
        await using var listener = TcpByteListener.Listen(AnyPort);
        var port = listener.LocalEndPoint.Port;

        var error = Assert.Throws<LinkException>(() => TcpByteListener.Listen(new(IPAddress.Loopback, port)));

        Assert.Equal($"tcp 127.0.0.1:{port}: port {port} is in use by another program; stop it or choose another with --port.", error.Message);
    }

    [Fact]
    public async Task A_port_can_be_listened_at_again_at_once_after_its_connections_were_cut()
    {
        int port;
        await using (var listener = TcpByteListener.Listen(AnyPort))
        {
            port = listener.LocalEndPoint.Port;
            await using var client = await TcpChannel.ConnectAsync("127.0.0.1", port, null, null, Support.Soon());
            await (await listener.AcceptAsync(Support.Soon())).DisposeAsync();
        }

        await using var again = TcpByteListener.Listen(new(IPAddress.Loopback, port));
        Assert.Equal(port, again.LocalEndPoint.Port);
    }

    [Fact]
    public async Task Disposing_of_a_listener_ends_the_waiting_for_connections()
    {
        var listener = TcpByteListener.Listen(AnyPort);
        var accepting = listener.AcceptAsync(Support.Soon()).AsTask();

        await listener.DisposeAsync();

        await Assert.ThrowsAsync<LinkException>(() => accepting);
    }
}
