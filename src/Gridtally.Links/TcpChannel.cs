using System.Net;
using System.Net.Sockets;

namespace Gridtally.Links;

/// <summary>How TCP connections are made and watched.</summary>
public sealed record TcpOptions
{
    /// <summary>How long to wait for the connection. A GPRS meter takes up to 5 s.</summary>
    public TimeSpan ConnectTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Silence after which the other side is probed, so that a dead peer is noticed though nothing is sent.</summary>
    public TimeSpan KeepAliveTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Between two probes; after <see cref="KeepAliveProbes"/> without answer the connection is lost.</summary>
    public TimeSpan KeepAliveInterval { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Unanswered probes that mean the connection is lost.</summary>
    public int KeepAliveProbes { get; init; } = 5;
}

/// <summary>One TCP connection, dialled or accepted.</summary>
public sealed class TcpChannel : IByteChannel
{
    private readonly Socket _socket;

    internal TcpChannel(Socket socket, string name, TcpOptions options)
    {
        (_socket, Name) = (socket, name);
        // Requests are small and each waits for its answer: Nagle's algorithm would only add delay.
        socket.NoDelay = true;
        socket.SetSocketOption(SocketOptionLevel.Socket, SocketOptionName.KeepAlive, true);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveTime, (int)options.KeepAliveTime.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveInterval, (int)options.KeepAliveInterval.TotalSeconds);
        socket.SetSocketOption(SocketOptionLevel.Tcp, SocketOptionName.TcpKeepAliveRetryCount, options.KeepAliveProbes);
    }

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Connects to <paramref name="host"/>, a name or an address.</summary>
    /// <param name="host">Host name, IPv4 or IPv6 address.</param>
    /// <param name="port">Port, 1 to 65535.</param>
    /// <param name="options">Time limits; the defaults if null.</param>
    /// <param name="lineTime">Clock of the connect timeout; the system's if null.</param>
    /// <param name="cancellationToken">Gives up at once.</param>
    /// <exception cref="LinkException">It could not be connected.</exception>
    public static async ValueTask<TcpChannel> ConnectAsync(string host, int port, TcpOptions? options, TimeProvider? lineTime, CancellationToken cancellationToken)
    {
        options ??= new();
        var name = $"tcp {EndPointText.Format(host, port)}";
        var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        using var timeout = new CancellationTokenSource(options.ConnectTimeout, lineTime ?? TimeProvider.System);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            await socket.ConnectAsync(host, port, either.Token).ConfigureAwait(false);
            return new TcpChannel(socket, name, options);
        }
        catch (Exception e)
        {
            socket.Dispose();
            throw e switch
            {
                SocketException socketError => LinkErrors.Connecting(name, socketError),
                OperationCanceledException when !cancellationToken.IsCancellationRequested => new LinkException(
                    $"{name}: no connection within {options.ConnectTimeout.TotalSeconds:0.#} s. Check the address, the route and firewalls between.", e),
                _ => e,
            };
        }
    }

    /// <inheritdoc/>
    public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
    {
        try
        {
            return await _socket.ReceiveAsync(buffer, SocketFlags.None, cancellationToken).ConfigureAwait(false);
        }
        catch (SocketException e)
        {
            throw Lost(e);
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
            while (bytes.Length > 0)
            {
                bytes = bytes[await _socket.SendAsync(bytes, SocketFlags.None, cancellationToken).ConfigureAwait(false)..];
            }
        }
        catch (SocketException e)
        {
            throw Lost(e);
        }
        catch (ObjectDisposedException)
        {
            throw LinkErrors.Closed(Name);
        }
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        try
        {
            _socket.Shutdown(SocketShutdown.Both);
        }
        catch (SocketException)
        {
            // The other side was faster.
        }
        catch (ObjectDisposedException)
        {
            return ValueTask.CompletedTask;
        }

        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    private LinkException Lost(SocketException error) =>
        error.SocketErrorCode == SocketError.OperationAborted ? LinkErrors.Closed(Name) : LinkErrors.Lost(Name, error);
}

/// <summary>Dials one TCP address as often as needed.</summary>
/// <param name="host">Host name, IPv4 or IPv6 address.</param>
/// <param name="port">Port, 1 to 65535.</param>
/// <param name="options">Time limits; the defaults if null.</param>
/// <param name="lineTime">Clock of the connect timeout; the system's if null.</param>
public sealed class TcpChannelFactory(string host, int port, TcpOptions? options = null, TimeProvider? lineTime = null) : IChannelFactory
{
    /// <inheritdoc/>
    public string Name { get; } = $"tcp {EndPointText.Format(host, port)}";

    /// <inheritdoc/>
    public async ValueTask<IByteChannel> OpenAsync(CancellationToken cancellationToken) =>
        await TcpChannel.ConnectAsync(host, port, options, lineTime, cancellationToken).ConfigureAwait(false);
}

/// <summary>A TCP port that devices connect to.</summary>
public sealed class TcpByteListener : IByteListener
{
    // Connections that the kernel holds while we are busy: a district of meters that all come back after a power failure.
    private const int Backlog = 512;

    private readonly Socket _socket;
    private readonly TcpOptions _options;

    private TcpByteListener(Socket socket, string name, TcpOptions options) => (_socket, Name, _options) = (socket, name, options);

    /// <inheritdoc/>
    public string Name { get; }

    /// <summary>Where it listens; the port is the real one where 0 was asked for.</summary>
    public IPEndPoint LocalEndPoint => (IPEndPoint)_socket.LocalEndPoint!;

    /// <summary>Starts to listen.</summary>
    /// <param name="local">Address and port; port 0 takes a free one.</param>
    /// <param name="options">Keep-alive of the accepted connections; the defaults if null.</param>
    /// <exception cref="LinkException">The port can't be had; the message says why and what to do.</exception>
    public static TcpByteListener Listen(IPEndPoint local, TcpOptions? options = null)
    {
        var socket = new Socket(local.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(local);
            socket.Listen(Backlog);
            return new(socket, $"tcp {socket.LocalEndPoint}", options ?? new());
        }
        catch (SocketException e)
        {
            socket.Dispose();
            throw LinkErrors.Listening($"tcp {local}", local.Port, e);
        }
    }

    /// <inheritdoc/>
    public async ValueTask<IByteChannel> AcceptAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            try
            {
                var accepted = await _socket.AcceptAsync(cancellationToken).ConfigureAwait(false);
                if (TryWrap(accepted) is { } channel) return channel;
            }
            catch (SocketException e) when (e.SocketErrorCode is SocketError.ConnectionReset or SocketError.ConnectionAborted)
            {
                // It gave up before we got to it.
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
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    // A peer that is gone already makes the socket options fail; that is its own trouble and not the listener's.
    private TcpChannel? TryWrap(Socket accepted)
    {
        try
        {
            return new TcpChannel(accepted, $"tcp {accepted.RemoteEndPoint}", _options);
        }
        catch (SocketException)
        {
            accepted.Dispose();
            return null;
        }
    }
}

internal static class EndPointText
{
    /// <summary><c>host:port</c>, with brackets round an IPv6 address.</summary>
    public static string Format(string host, int port) => host.Contains(':') ? $"[{host}]:{port}" : $"{host}:{port}";
}
