using System.Net;
using System.Net.Sockets;

namespace Gridtally.Links;

/// <summary>Datagrams to and from one UDP address.</summary>
public sealed class UdpChannel : IByteChannel
{
    private readonly Socket _socket;

    private UdpChannel(Socket socket, string name) => (_socket, Name) = (socket, name);

    /// <inheritdoc/>
    public string Name { get; }

    /// <inheritdoc/>
    public bool IsDatagram => true;

    /// <summary>Opens a socket that talks to <paramref name="host"/> only. Nothing is sent yet.</summary>
    /// <exception cref="LinkException">The host name is not known, or there is no route.</exception>
    public static async ValueTask<UdpChannel> OpenAsync(string host, int port, CancellationToken cancellationToken)
    {
        var name = $"udp {EndPointText.Format(host, port)}";
        Socket? socket = null;
        try
        {
            var addresses = await Dns.GetHostAddressesAsync(host, cancellationToken).ConfigureAwait(false);
            if (addresses.Length == 0) throw new SocketException((int)SocketError.HostNotFound);
            socket = new Socket(addresses[0].AddressFamily, SocketType.Dgram, ProtocolType.Udp);
            await socket.ConnectAsync(new IPEndPoint(addresses[0], port), cancellationToken).ConfigureAwait(false);
            return new(socket, name);
        }
        catch (SocketException e)
        {
            socket?.Dispose();
            throw LinkErrors.Connecting(name, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            while (true)
            {
                var count = await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
                // An empty datagram carries nothing, and 0 would mean that the peer has closed.
                if (count > 0) return count;
            }
        }
        catch (SocketException e)
        {
            throw e.SocketErrorCode == SocketError.OperationAborted ? LinkErrors.Closed(Name) : LinkErrors.Lost(Name, e);
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
    {
        try
        {
            await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw LinkErrors.Lost(Name, e);
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }
}

/// <summary>Opens a UDP address as often as needed.</summary>
/// <param name="host">Host name, IPv4 or IPv6 address.</param>
/// <param name="port">Port, 1 to 65535.</param>
public sealed class UdpChannelFactory(string host, int port) : IChannelFactory
{
    /// <inheritdoc/>
    public string Name { get; } = $"udp {EndPointText.Format(host, port)}";

    /// <inheritdoc/>
    public async ValueTask<IByteChannel> OpenAsync(CancellationToken cancellationToken) =>
        await UdpChannel.OpenAsync(host, port, cancellationToken).ConfigureAwait(false);
}
