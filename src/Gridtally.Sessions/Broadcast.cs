using Gridtally.Cosem.Framing;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>Sends what nobody answers: to all devices of a line or network, or to one without waiting.</summary>
/// <remarks>
/// On HDLC a UI frame, which needs no link; in the wrapper an APDU like any other (wPort 007F means all logical devices). The APDU is one of the
/// unconfirmed service class (invoke id without its bit "confirmed"), protected already where it is to be: to several with the broadcast key.
/// </remarks>
public static class Broadcast
{
    /// <summary>Sends one APDU.</summary>
    /// <param name="route">The line, or the connection.</param>
    /// <param name="peer">From which client to whom. All logical devices: 7F in HDLC addresses of one or two octets and in the wrapper, 3FFF in those of four.</param>
    /// <param name="apdu">The APDU.</param>
    /// <param name="cancellationToken">Cancels the sending.</param>
    /// <exception cref="InvalidOperationException">The APDU does not fit in one frame.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public static async Task SendAsync(IApduRoute route, PeerAddress peer, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken = default)
    {
        var transport = route.To(peer, TimeSpan.FromSeconds(1), 0);
        await using (transport.ConfigureAwait(false))
        {
            // Not connected: a UI frame goes without a link, and setting one up would be an exchange.
            await transport.SendUnconfirmedAsync(apdu, cancellationToken).ConfigureAwait(false);
        }
    }
}
