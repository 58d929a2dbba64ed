using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <content>What goes out is protected as the options ask, what comes in unprotected.</content>
public sealed partial class ClientAssociation
{
    private SecurityFault _sendFault;

    /// <summary>Octets of the largest APDU that the server takes.</summary>
    private int MaxApdu => ServerMaxReceivePdu == 0 ? NoPduLimit : ServerMaxReceivePdu;

    /// <summary>Octets of the largest plain APDU that may be sent. General blocks cut what is protected already, as long as it may be.</summary>
    private int MaxPlain => UsesGeneralBlocks ? Limits.MaxReassembly : MaxPlainInOneApdu;

    private int MaxPlainInOneApdu => RequestWrapping.MaxPlain(MaxApdu, _options.Keys?.Suite ?? default, _options.OtherInformation.Length);

    /// <summary>Puts the plain APDU into the response buffer.</summary>
    private SecurityFault? Unwrap(ReadOnlySpan<byte> apdu)
    {
        _response.Clear();
        var tag = apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0];
        if (!ApduTags.IsProtected(tag))
        {
            _response.Append(apdu);

            // ACSE protects itself, and a server that can't decipher can only complain in the clear.
            var mayBePlain = !_options.IsCiphered || tag is ApduTag.Aare or ApduTag.Rlre or ApduTag.ExceptionResponse;
            return mayBePlain ? null : SecurityFault.ProtectionTooWeak;
        }

        if (_cipher is null) return SecurityFault.NoKey;
        return _cipher.Unprotect(apdu, _response, out _, LeastOfResponses);
    }

    /// <summary>The least protection of a response. A server answers what it can't decipher in the clear; that is let through before.</summary>
    private Protection LeastOfResponses => _options.ResponseProtection ?? _options.Protection;

    /// <summary>Writes the APDU in the request buffer, protected as the options ask. False where it can't be: see <see cref="_sendFault"/>.</summary>
    private bool TrySend(IBufferWriter<byte> output, bool dedicated)
    {
        if (_options.IsCiphered) return TryProtect(dedicated || RequestWrapping.Key != KeyChoice.Dedicated ? RequestWrapping : RequestWrapping with { Key = KeyChoice.GlobalUnicast }, output);
        output.Write(_request.Span);
        return true;
    }

    private bool TryProtect(Wrapping wrapping, IBufferWriter<byte> output)
    {
        if (_cipher!.Protect(_request.Span, wrapping, output) is not { } fault) return true;
        _sendFault = fault;
        return false;
    }

    private Wrapping RequestWrapping
    {
        get
        {
            var wrapping = _options.Wrapping;
            if (wrapping is { Key: KeyChoice.GlobalUnicast, Envelope: not Envelope.GeneralCiphering } && _cipher is { HasDedicatedKey: true }) wrapping = wrapping with { Key = KeyChoice.Dedicated };
            var mayGive = wrapping is { Envelope: Envelope.General, IsSigned: false } && !GrantsGeneralProtection;
            if (mayGive) wrapping = wrapping with { Envelope = Envelope.Service };
            return _service == Service.Access ? wrapping.InGeneralEnvelope : wrapping;
        }
    }

    private bool GrantsGeneralProtection => (NegotiatedConformance & Conformance.GeneralProtection) != 0;

    /// <summary>True where the server grants the envelope of requests, or there is another that protects as much.</summary>
    private bool MayWrap => !_options.IsCiphered || GrantsGeneralProtection || _options.Wrapping is { Envelope: not Envelope.GeneralCiphering, IsSigned: false };

    /// <summary>An APDU that can't be trusted ends the opening, or the request under way.</summary>
    private ClientStep FailSecurity(SecurityFault fault) => State switch
    {
        ClientState.Busy => Refuse(new RequestFailure.Security(fault)),
        ClientState.Releasing => OnReleased(),
        _ => Fail(new AssociationFailure.Security(fault)),
    };
}
