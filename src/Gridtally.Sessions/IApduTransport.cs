using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>Carries APDUs between one client and one logical device. One exchange at a time; not thread-safe.</summary>
public interface IApduTransport : IAsyncDisposable
{
    /// <summary>For messages: channel and addresses.</summary>
    string Name { get; }

    /// <summary>What it has moved so far.</summary>
    SessionStatistics Statistics { get; }

    /// <summary>True while APDUs can be exchanged. False before <see cref="ConnectAsync"/>, and after a fault that ends the link.</summary>
    bool IsUp { get; }

    /// <summary>Sets the link up; where there is none to set up (wrapper), does nothing.</summary>
    /// <exception cref="AssociationException">The device does not answer, or refuses the link.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    ValueTask ConnectAsync(CancellationToken cancellationToken);

    /// <summary>Sends one APDU, again if need be, and waits for one.</summary>
    /// <returns>The answer, valid until the next call.</returns>
    /// <exception cref="AssociationException">No answer in time, or the link has ended.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    ValueTask<ReadOnlyMemory<byte>> ExchangeAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken);

    /// <summary>Sends one APDU that others follow at once: only the last of a stream is answered.</summary>
    /// <exception cref="AssociationException">The link has ended.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    ValueTask SendAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken);

    /// <summary>Waits on for an answer to the same APDU: the last one was not it, or not all of it.</summary>
    /// <inheritdoc cref="ExchangeAsync"/>
    ValueTask<ReadOnlyMemory<byte>> ReceiveAsync(CancellationToken cancellationToken);

    /// <summary>Waits for what the device says unasked, for as long as it takes.</summary>
    /// <returns>The APDU, valid until the next call.</returns>
    /// <exception cref="AssociationException">The link has ended; or, where a transport knows no better, no APDU within the answer's time.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    ValueTask<ReadOnlyMemory<byte>> ListenAsync(CancellationToken cancellationToken) => ReceiveAsync(cancellationToken);

    /// <summary>Takes an APDU that has come while nobody waited for one; false where there is none.</summary>
    /// <param name="apdu">The APDU, valid until the next call.</param>
    bool TryTake(out ReadOnlyMemory<byte> apdu)
    {
        apdu = default;
        return false;
    }

    /// <summary>Sends one APDU that nobody will answer: to a broadcast address, or of the unconfirmed service class.</summary>
    /// <exception cref="InvalidOperationException">The APDU does not fit in one frame.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    ValueTask SendUnconfirmedAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken);

    /// <summary>Takes the link down, politely where the device listens.</summary>
    ValueTask CloseAsync(CancellationToken cancellationToken);
}

/// <summary>Makes transports to the logical devices at the other end of one line or connection, one per client and device.</summary>
public interface IApduRoute
{
    /// <summary>For messages: the channel, and the meter behind a gateway.</summary>
    string Name { get; }

    /// <summary>A transport for one client and one logical device.</summary>
    /// <param name="peer">Who talks to whom.</param>
    /// <param name="responseTimeout">How long an answer (on HDLC: a frame) may take.</param>
    /// <param name="retries">How often it is sent again after that.</param>
    /// <exception cref="InvalidOperationException">This route already has such a transport.</exception>
    IApduTransport To(PeerAddress peer, TimeSpan responseTimeout, int retries);
}
