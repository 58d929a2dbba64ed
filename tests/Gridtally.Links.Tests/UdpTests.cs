using System.Net;

namespace Gridtally.Links.Tests;

public sealed class UdpTests
{
    private static readonly IPEndPoint AnyPort = new(IPAddress.Loopback, 0);

    [Fact]
    public async Task Each_sender_is_a_channel_and_gets_its_own_answers()
    {
        await using var listener = UdpByteListener.Listen(AnyPort);
        await using var first = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());
        await using var second = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());

        await first.WriteAsync(new byte[] { 1 }, Support.Soon());
        await using var toFirst = await listener.AcceptAsync(Support.Soon());
        await second.WriteAsync(new byte[] { 2 }, Support.Soon());
        await using var toSecond = await listener.AcceptAsync(Support.Soon());
        Assert.Equal([1], await toFirst.ReadExactlyAsync(1));
        Assert.Equal([2], await toSecond.ReadExactlyAsync(1));

        await toSecond.WriteAsync(new byte[] { 22 }, Support.Soon());
        await toFirst.WriteAsync(new byte[] { 11 }, Support.Soon());
        Assert.Equal([11], await first.ReadExactlyAsync(1));
        Assert.Equal([22], await second.ReadExactlyAsync(1));
    }

    [Fact]
    public async Task One_write_is_one_datagram_and_one_read_returns_one()
    {
        await using var listener = UdpByteListener.Listen(AnyPort);
        await using var client = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());

        await client.WriteAsync(new byte[] { 1, 2, 3 }, Support.Soon());
        await client.WriteAsync(new byte[] { 4 }, Support.Soon());
        await using var server = await listener.AcceptAsync(Support.Soon());
        var buffer = new byte[100];

        Assert.Equal(3, await server.ReadAsync(buffer, Support.Soon()));
        Assert.Equal(1, await server.ReadAsync(buffer, Support.Soon()));
        Assert.Equal(4, buffer[0]);
        Assert.True(client.IsDatagram && server.IsDatagram);
    }

    [Fact]
    public async Task Datagrams_beyond_the_queue_of_a_peer_are_dropped_and_counted()
    {
        await using var listener = UdpByteListener.Listen(AnyPort);
        await using var client = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());
        await using var other = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());

        for (byte i = 0; i < UdpByteListener.MaxQueuedDatagrams + 5; i++) await client.WriteAsync(new[] { i }, Support.Soon());
        await using var flooded = await listener.AcceptAsync(Support.Soon());
        await other.WriteAsync(new byte[] { 99 }, Support.Soon()); // loopback keeps the order: when this is there, so were the others
        await using var quiet = await listener.AcceptAsync(Support.Soon());
        Assert.Equal([99], await quiet.ReadExactlyAsync(1));

        Assert.Equal(5, listener.Dropped);
        Assert.Equal(Enumerable.Range(0, UdpByteListener.MaxQueuedDatagrams).Select(i => (byte)i), await flooded.ReadExactlyAsync(UdpByteListener.MaxQueuedDatagrams));
    }

    [Fact]
    public async Task A_port_that_nobody_listens_at_is_a_lost_link()
    {
        int port;
        await using (var listener = UdpByteListener.Listen(AnyPort)) port = listener.LocalEndPoint.Port;
        await using var client = await UdpChannel.OpenAsync("127.0.0.1", port, Support.Soon());
        await client.WriteAsync(new byte[] { 1 }, Support.Soon());

        var error = await Assert.ThrowsAsync<LinkException>(async () => await client.ReadAsync(new byte[1], Support.Soon()));

        Assert.Contains($"udp 127.0.0.1:{port}: nothing listens there", error.Message);
    }

    [Fact]
    public async Task A_port_in_use_says_what_to_do()
    {
        await using var listener = UdpByteListener.Listen(AnyPort);
        var port = listener.LocalEndPoint.Port;

        var error = Assert.Throws<LinkException>(() => UdpByteListener.Listen(new(IPAddress.Loopback, port)));

        Assert.Equal($"udp 127.0.0.1:{port}: port {port} is in use by another program; stop it or choose another with --port.", error.Message);
    }

    [Fact]
    public async Task A_peer_that_was_disposed_of_is_a_new_channel_when_it_sends_again()
    {
        await using var listener = UdpByteListener.Listen(AnyPort);
        await using var client = await UdpChannel.OpenAsync("127.0.0.1", listener.LocalEndPoint.Port, Support.Soon());
        for (byte i = 1; i <= 2; i++)
        {
            await client.WriteAsync(new[] { i }, Support.Soon());
            await using var server = await listener.AcceptAsync(Support.Soon());
            Assert.Equal([i], await server.ReadExactlyAsync(1));
        }
    }
}
