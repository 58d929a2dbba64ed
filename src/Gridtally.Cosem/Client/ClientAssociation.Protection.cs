using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <content>What goes out is protected as the options ask, what comes in unprotected.</content>
public sealed partial class ClientAssociation
{
    /// <summary>Octets of the largest APDU that the server takes.</summary>
    private int MaxApdu => ServerMaxReceivePdu == 0 ? NoPduLimit : ServerMaxReceivePdu;

    /// <summary>Octets of the largest plain APDU that may be sent. General blocks cut what is protected already, as long as it may be.</summary>
    private int MaxPlain => UsesGeneralBlocks ? Limits.MaxReassembly : MaxPlainInOneApdu;

    private int MaxPlainInOneApdu => RequestWrapping.MaxPlain(MaxApdu);

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
        if (_cipher.Unprotect(apdu, _response, out var wrapping) is { } fault) return fault;
        return (wrapping.Protection & _options.Protection) == _options.Protection ? null : SecurityFault.ProtectionTooWeak;
    }

    /// <summary>Writes the APDU in the request buffer, protected as the options ask. False where the counter is used up.</summary>
    private bool TrySend(IBufferWriter<byte> output, bool dedicated)
    {
        if (_options.IsCiphered) return _cipher!.Protect(_request.Span, dedicated ? RequestWrapping : RequestWrapping with { Key = KeyChoice.GlobalUnicast }, output) is null;
        output.Write(_request.Span);
        return true;
    }

    private Wrapping RequestWrapping => new(
        _options.Protection, _cipher is { HasDedicatedKey: true } ? KeyChoice.Dedicated : KeyChoice.GlobalUnicast, _options.UseGeneralCiphering || _service == Service.Access ? Envelope.General : Envelope.Service);

    /// <summary>An APDU that can't be trusted ends the opening, or the request under way.</summary>
    private ClientStep FailSecurity(SecurityFault fault) => State switch
    {
        ClientState.Busy => Refuse(new RequestFailure.Security(fault)),
        ClientState.Releasing => OnReleased(),
        _ => Fail(new AssociationFailure.Security(fault)),
    };
}
