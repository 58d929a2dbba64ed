namespace Gridtally.Links;

/// <summary>One way to another device: bytes out, bytes in, in order. Knows no protocol's meaning.</summary>
/// <remarks>
/// One reader and one writer may use a channel at the same time. A lost link is a <see cref="LinkException"/> that names the
/// channel; what the peer sends is never an exception. On a datagram channel one write is one datagram and one read returns one.
/// </remarks>
public interface IByteChannel : IAsyncDisposable
{
    /// <summary>What people call it: <c>tcp 10.0.0.7:4059</c>, <c>serial /dev/ttyS1 9600 8N1</c>.</summary>
    string Name { get; }

    /// <summary>True where one write is one datagram and one read returns one; false for a stream, which may be cut anywhere.</summary>
    bool IsDatagram => false;

    /// <summary>Waits for bytes from the peer.</summary>
    /// <returns>The number of bytes read, at least 1; 0 when the peer has closed.</returns>
    /// <exception cref="LinkException">The link was lost.</exception>
    ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken);

    /// <summary>Sends all of <paramref name="bytes"/>.</summary>
    /// <exception cref="LinkException">The link was lost.</exception>
    ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken);

    /// <summary>Changes baud rate and character format of a serial port, once all that was written is on the line.</summary>
    /// <returns>False where there is nothing to set, as on TCP: then nothing happens.</returns>
    /// <exception cref="LinkException">The port refuses the settings, or was lost.</exception>
    ValueTask<bool> SetLineAsync(SerialSettings settings, CancellationToken cancellationToken) => new(false);
}

/// <summary>Waits for other devices to connect.</summary>
public interface IByteListener : IAsyncDisposable
{
    /// <summary>What people call it: <c>tcp 0.0.0.0:4059</c>.</summary>
    string Name { get; }

    /// <summary>Waits for the next device that connects.</summary>
    /// <exception cref="LinkException">Listening is not possible any more.</exception>
    ValueTask<IByteChannel> AcceptAsync(CancellationToken cancellationToken);
}

/// <summary>Opens one channel as often as it is needed: an address that can be dialled, a port that can be opened again.</summary>
public interface IChannelFactory
{
    /// <summary>What people call what it opens.</summary>
    string Name { get; }

    /// <summary>Opens the channel.</summary>
    /// <exception cref="LinkException">It could not be opened; the message says why and what to do.</exception>
    ValueTask<IByteChannel> OpenAsync(CancellationToken cancellationToken);
}

/// <summary>A link could not be opened, or was lost. The message names it and says what to do.</summary>
public sealed class LinkException : IOException
{
    /// <summary>Says which link failed and why.</summary>
    public LinkException(string message, Exception? inner = null) : base(message, inner) { }

    /// <inheritdoc cref="LinkException(string, Exception)"/>
    public LinkException() : this("The link failed.") { }

    /// <inheritdoc cref="LinkException(string, Exception)"/>
    public LinkException(string message) : base(message) { }
}
