using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace Gridtally.Links;

/// <summary>A UDP port: each remote address that sends something becomes one channel until that channel is disposed of.</summary>
public sealed class UdpByteListener : IByteListener
{
    /// <summary>Remote addresses at a time. Sender addresses are easily forged; without a bound a flood of them takes all memory.</summary>
    public const int MaxPeers = 1024;

    /// <summary>Datagrams that wait for their reader, per peer. A request waits for its answer, so more is a peer that floods.</summary>
    public const int MaxQueuedDatagrams = 32;

    private const int MaxDatagram = 65_535;

    private readonly Socket _socket;
    private readonly Dictionary<IPEndPoint, Peer> _peers = [];
    private readonly Channel<IByteChannel> _accepted = Channel.CreateUnbounded<IByteChannel>(); // bounded by MaxPeers
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _receiving;
    private long _dropped;

    private UdpByteListener(Socket socket, string name)
    {
        (_socket, Name) = (socket, name);
        _receiving = Task.Run(ReceiveAsync);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Datagrams thrown away because <see cref="MaxPeers"/> or <see cref="MaxQueuedDatagrams"/> was reached.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Starts to listen.</summary>
    /// <param name="local">Address and port; port 0 takes a free one.</param>
    /// <exception cref="LinkException">The port can't be had; the message says why and what to do.</exception>
    public static UdpByteListener Listen(IPEndPoint local)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Dgram, ProtocolType.Udp);
        try
        {
            socket.Bind(local);
            return new(socket, $"udp {socket.LocalEndPoint}");
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw LinkErrors.Listening($"udp {local}", local.Port, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IByteChannel> AcceptAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _accepted.Reader.ReadAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (ChannelClosedException)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        if (_stop.IsCancellationRequested) return;
        await _stop.CancelAsync().ConfigureAwait(false);
        await _receiving.ConfigureAwait(false);
        _socket.Dispose();
    }

    private async Task ReceiveAsync()
    {
        var buffer = new byte[MaxDatagram];
        EndPoint any = new IPEndPoint(_socket.AddressFamily == AddressFamily.InterNetworkV6 ? IPAddress.IPv6Any : IPAddress.Any, 0);
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                var got = await _socket.ReceiveFromAsync(buffer, SocketFlags.None, any, _stop.Token).ConfigureAwait(false);
                if (got.ReceivedBytes > 0) Deliver((IPEndPoint)got.RemoteEndPoint, buffer.AsSpan(0, got.ReceivedBytes));
            }
            catch (OperationCanceledException)
            {
                break;
            }
            catch (SocketException)
            {
                // One peer's port is unreachable for what we sent to it; the others are not concerned.
            }
        }

        _accepted.Writer.TryComplete();
        foreach (var peer in PeersNow()) peer.Complete();
    }

    private void Deliver(IPEndPoint from, ReadOnlySpan<byte> datagram)
    {
        Peer? peer;
        lock (_peers)
        {
            if (!_peers.TryGetValue(from, out peer))
            {
                if (_peers.Count < MaxPeers)
                {
                    _peers.Add(from, peer = new(this, from));
                    _accepted.Writer.TryWrite(peer);
                }
            }
        }

        if (peer is null || !peer.TryDeliver(datagram.ToArray())) Interlocked.Increment(ref _dropped);
    }

    private Peer[] PeersNow()
    {
        lock (_peers) return [.. _peers.Values];
    }

    private void Forget(IPEndPoint remote)
    {
        lock (_peers) _peers.Remove(remote);
    }

    private sealed class Peer(UdpByteListener listener, IPEndPoint remote) : IByteChannel
    {
        private readonly Channel<byte[]> _datagrams = Channel.CreateBounded<byte[]>(MaxQueuedDatagrams);

        public string Name { get; } = $"udp {remote}";

        public bool IsDatagram => true;

        public bool TryDeliver(byte[] datagram) => _datagrams.Writer.TryWrite(datagram);

        public void Complete() => _datagrams.Writer.TryComplete();

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            if (!await _datagrams.Reader.WaitToReadAsync(cancellationToken).ConfigureAwait(false)) return 0;
            if (!_datagrams.Reader.TryRead(out var datagram)) return 0;
            var count = Math.Min(datagram.Length, buffer.Length);
            datagram.AsMemory(0, count).CopyTo(buffer);
            return count;
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            try
            {
                await listener._socket.SendToAsync(bytes, SocketFlags.None, remote, cancellationToken).ConfigureAwait(false);
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

        public ValueTask DisposeAsync()
        {
            listener.Forget(remote);
            Complete();
            return ValueTask.CompletedTask;
        }
    }
}
