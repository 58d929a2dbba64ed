using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <content>What comes in is unprotected, what goes out is protected the same way.</content>
public sealed partial class ServerAssociation
{
    /// <summary>Puts the plain APDU into its buffer; what comes back instead is the answer to one that can't be accepted.</summary>
    /// <remarks>What is protected less than <paramref name="least"/>, or is another APDU than <paramref name="only"/>, moves no counter.</remarks>
    private ExceptionResponse? Unwrap(ApduTag tag, ReadOnlySpan<byte> apdu, Protection least, ApduTag only, out Wrapping wrapping)
    {
        wrapping = default;
        _plain.Clear();
        if (!ApduTags.IsProtected(tag))
        {
            _plain.Append(apdu);
            return null;
        }

        if (_cipher is null || !_ciphered) return NotDecipherable;
        if (State != ServerAssociationState.Idle && NeedsGeneralProtection(tag) && !Grants(Conformance.GeneralProtection)) return NotSupported;
        _cipher.TakesBroadcastKey = State == ServerAssociationState.Associated;
        return _cipher.Unprotect(apdu, _plain, out wrapping, least, only) is { } fault ? Refusal(fault) : null;
    }

    private static bool NeedsGeneralProtection(ApduTag tag) =>
        tag is ApduTag.GeneralGloCiphering or ApduTag.GeneralDedCiphering or ApduTag.GeneralCiphering or ApduTag.GeneralSigning;

    private ExceptionResponse Refusal(SecurityFault fault)
    {
        _active.OnIncident?.Invoke(fault == SecurityFault.Replayed ? AssociationIncident.Replay : AssociationIncident.DecipheringFailed);
        return fault switch
        {
            SecurityFault.Replayed => new(ExceptionState.ServiceNotAllowed, ExceptionService.InvocationCounterError, _cipher!.ExpectedCounter),
            SecurityFault.ProtectionTooWeak => NotPossible,
            SecurityFault.Malformed or SecurityFault.CounterNotStored => NotDecodable,
            _ => NotDecipherable,
        };
    }

    /// <summary>Octets of the largest APDU that may be sent.</summary>
    private int MaxApdu => Math.Min(_clientMaxReceivePdu == 0 ? NoPduLimit : _clientMaxReceivePdu, _active.MaxPdu);

    /// <summary>Octets of the largest plain APDU that may be sent so. General blocks cut what is protected already, as long as it may be.</summary>
    private int MaxPlain(Wrapping wrapping) => UsesGeneralBlocks ? Limits.MaxReassembly : MaxWhole(wrapping);

    /// <summary>Octets of the largest plain APDU that fits in one APDU when sent so.</summary>
    private int MaxWhole(Wrapping wrapping) => wrapping.MaxPlain(MaxApdu, _cipher?.Suite ?? default);

    private void Send(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (_silent) return;
        if (wrapping.Protection == Protection.None) response.Write(plain);
        else if (_cipher!.Protect(plain, wrapping, response) is not null) Refuse(NotDecodable, response);
    }

    /// <summary>
    /// True where the request was protected as the rights of an attribute or method demand it, and the response can be. The response is protected as
    /// well as the most demanding of them says.
    /// </summary>
    private bool Admits(AccessRights rights, ref Wrapping wrapping)
    {
        if (!rights.DemandsProtection) return true;

        // The protection bits of access_mode are those of security_policy.
        SecurityPolicy.TryFromVersion1((byte)(rights.Mode & AccessMode.Protection), out var demanded);
        if (!_received.Protection.Covers(demanded.Request) || !CanProtect(demanded.Response)) return false;
        wrapping = (wrapping with { Protection = wrapping.Protection | demanded.Response }).Consistent;
        return true;
    }

    private bool CanProtect(Protection response) =>
        response == Protection.None || (_ciphered && ((response & Protection.Signed) == 0 || _active.Keys?.Elliptic is { CanSign: true }));
}
