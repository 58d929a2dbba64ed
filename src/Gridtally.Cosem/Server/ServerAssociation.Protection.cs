using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>What comes in is unprotected, what goes out is protected the same way.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Puts the plain APDU into its buffer; what comes back instead is the answer to one that can't be accepted.</summary>
    private ExceptionResponse? Unwrap(ApduTag tag, ReadOnlySpan<byte> apdu, out Wrapping wrapping)
    {
        wrapping = default;
        _plain.Clear();
        if (!ApduTags.IsCiphered(tag))
        {
            _plain.Append(apdu);
            return null;
        }

        if (_cipher is null || !_ciphered) return NotDecipherable;
        if (!CipheredApdu.TryRead(apdu, out var received, out _)) return NotDecodable;
        _cipher.TakesBroadcastKey = State == ServerAssociationState.Associated;
        return _cipher.Unprotect(received, _plain, out wrapping) is { } fault ? Refusal(fault, received.Tag) : null;
    }

    private ExceptionResponse Refusal(SecurityFault fault, ApduTag tag)
    {
        _active.OnIncident?.Invoke(fault == SecurityFault.Replayed ? AssociationIncident.Replay : AssociationIncident.DecipheringFailed);
        return fault switch
        {
            SecurityFault.Replayed => new(ExceptionState.ServiceNotAllowed, ExceptionService.InvocationCounterError, _cipher!.ExpectedCounter(tag)),
            SecurityFault.ProtectionTooWeak => NotPossible,
            _ => NotDecipherable,
        };
    }

    /// <summary>Octets of the largest plain APDU that may be sent so.</summary>
    private int MaxPlain(Wrapping wrapping)
    {
        var client = _clientMaxReceivePdu == 0 ? NoPduLimit : _clientMaxReceivePdu;
        return wrapping.MaxPlain(Math.Min(client, _active.MaxPdu));
    }

    private void Send(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (_silent) return;
        if (wrapping.Protection == Protection.None) response.Write(plain);
        else if (!_cipher!.TryProtect(plain, wrapping, response)) Refuse(NotDecodable, response);
    }

    /// <summary>
    /// True where the request was protected as the rights of an attribute or method demand it, and the response can be. The response is protected as
    /// well as the most demanding of them says.
    /// </summary>
    private bool Admits(AccessRights rights, ref Wrapping wrapping)
    {
        if (!rights.DemandsProtection) return true;
        const AccessMode signed = AccessMode.SignedRequest | AccessMode.SignedResponse;
        if ((rights.Mode & signed) != 0) return false;
        var request = ProtectionOf(rights.Mode, AccessMode.AuthenticatedRequest, AccessMode.EncryptedRequest);
        var response = ProtectionOf(rights.Mode, AccessMode.AuthenticatedResponse, AccessMode.EncryptedResponse);
        if ((_received & request) != request || (response != Protection.None && !_ciphered)) return false;
        wrapping = wrapping with { Protection = wrapping.Protection | response };
        return true;
    }

    private static Protection ProtectionOf(AccessMode mode, AccessMode authenticated, AccessMode encrypted) =>
        ((mode & authenticated) != 0 ? Protection.Authenticated : Protection.None) | ((mode & encrypted) != 0 ? Protection.Encrypted : Protection.None);
}
