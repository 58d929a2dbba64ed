using Gridtally.Links;

namespace Gridtally.Sessions;

/// <content>What is sent without an answer.</content>
public sealed partial class DlmsClient
{
    /// <summary>Sends one APDU of the unconfirmed service class to this client's device, between the requests of others, and waits for nothing.</summary>
    /// <param name="apdu">The APDU as it is to go out.</param>
    /// <param name="cancellationToken">Cancels the wait for its turn.</param>
    /// <exception cref="AssociationException">There is no association any more.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public async Task SendUnconfirmedAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken = default)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed is { } reason) throw new AssociationException(AssociationReason.LineError, $"{Name}: there is no association: {reason}. Connect anew.");
            await _transport.SendUnconfirmedAsync(apdu, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }
}
