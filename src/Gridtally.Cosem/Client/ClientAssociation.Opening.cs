using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Cosem.Client;

/// <content>AARQ and AARE, the four passes of HLS, release.</content>
public sealed partial class ClientAssociation
{
    /// <summary>reply_to_HLS_authentication of the current association.</summary>
    private static readonly MethodRef ReplyToHls = new(15, new ObisCode(0, 0, 40, 0, 0, 255), 1);

    /// <summary>StoC is bounded by the standard: 8 to 64 octets.</summary>
    private const int MinChallenge = 8, MaxChallenge = 64;

    private static readonly InvokeIdAndPriority FirstInvokeId = InvokeIdAndPriority.Usual(1);

    private bool IsHls => _options.Mechanism == AuthenticationMechanism.HighLevelGmac;

    private Conformance Proposed => _options.ProposedConformance | (_options.UseGeneralCiphering ? Conformance.GeneralProtection : 0);

    private ClientStep SendAarq(IBufferWriter<byte> output)
    {
        Failure = null;
        ServerSystemTitle = _options.ServerSystemTitle;
        _invokeId = default;
        _cipher = _options.IsCiphered || IsHls ? new(_options.Keys!, _options.SystemTitle, _counters) : null;
        _response.Clear();
        if (!TryWriteInitiate(_options.DedicatedKey.Span, _response)) return Fail(new AssociationFailure.Security(SecurityFault.CounterExhausted));

        Span<byte> title = stackalloc byte[SystemTitle.Size];
        _options.SystemTitle.Write(title);
        new Aarq
        {
            Context = _options.IsCiphered ? ApplicationContext.LogicalNameCiphered : ApplicationContext.LogicalName,
            CallingApTitle = _cipher is null ? default : title,
            CallingAeInvocationId = _options.UserId,
            Mechanism = _options.Mechanism,
            AuthenticationValue = IsHls ? _options.Challenge.Span : _options.Password.Span,
            UserInformation = _response.Span,
        }.WriteTo(output);
        State = ClientState.Associating;
        return ClientStep.Send;
    }

    /// <summary>
    /// Writes the InitiateRequest. In a ciphered context it is authenticated and encrypted with the global key whatever the protection
    /// of requests is: meters expect that (three captured sessions agree), and it carries the dedicated key.
    /// </summary>
    private bool TryWriteInitiate(ReadOnlySpan<byte> dedicatedKey, ApduBuffer target)
    {
        _request.Clear();
        new InitiateRequest
        {
            DedicatedKey = dedicatedKey,
            Version = InitiateRequest.DlmsVersion,
            Conformance = Proposed,
            MaxReceivePdu = _options.MaxReceivePdu,
        }.WriteTo(_request);
        if (_options.IsCiphered) return _cipher!.Protect(_request.Span, new(Protection.AuthenticatedEncrypted), target) is null;
        target.Append(_request.Span);
        return true;
    }

    private ClientStep OnAare(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!Aare.TryRead(plain, out var aare, out var error)) return Fail(new AssociationFailure.Malformed(error));
        if (aare.Result != AssociationResult.Accepted) return OnRejected(aare);
        if (LearnServerTitle(aare.RespondingApTitle) is { } wrongTitle) return Fail(wrongTitle);
        if (ReadInitiateResponse(aare.UserInformation, out var response) is { } failure) return Fail(failure);

        NegotiatedConformance = response.Conformance & Proposed;
        ServerMaxReceivePdu = response.MaxReceivePdu;
        return IsHls ? SendPass3(aare, output) : FinishWithoutHls(aare);
    }

    private ClientStep OnRejected(in Aare aare)
    {
        ConfirmedServiceError? error = ConfirmedServiceError.TryRead(aare.UserInformation, out var read, out _) ? read : null;
        var ourFault = aare.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationFailure) || error == ConfirmedServiceError.DecipheringError;
        return Fail(ourFault
            ? new AssociationFailure.AuthenticationRefused(error is { } detail ? $"{aare.Diagnostic}, {detail}" : aare.Diagnostic.ToString())
            : new AssociationFailure.Refused(aare.Result, aare.Diagnostic, error));
    }

    private AssociationFailure? LearnServerTitle(ReadOnlySpan<byte> respondingApTitle)
    {
        if (respondingApTitle.Length == SystemTitle.Size)
        {
            var title = SystemTitle.Read(respondingApTitle);
            if (_options.ServerSystemTitle is { } known && known != title) return new AssociationFailure.Security(SecurityFault.WrongOriginator);
            ServerSystemTitle = title;
        }

        if (_cipher is null) return null;
        if (ServerSystemTitle is not { } server) return new AssociationFailure.OutOfPlace("an AARE with the server's system title", "an AARE without one");

        // The same title on both sides would make initialization vectors repeat.
        if (server == _options.SystemTitle) return new AssociationFailure.OutOfPlace("a server with a system title of its own", "our own system title");
        _cipher.Peer = server;
        return null;
    }

    private AssociationFailure? ReadInitiateResponse(ReadOnlySpan<byte> information, out InitiateResponse response)
    {
        response = default;
        var tag = information.IsEmpty ? ApduTag.None : (ApduTag)information[0];
        var plain = information;
        if (ApduTags.IsProtected(tag))
        {
            if (_cipher is null) return new AssociationFailure.Security(SecurityFault.NoKey);
            if (_cipher.Unprotect(information, _request, out var wrapping) is { } fault) return new AssociationFailure.Security(fault);
            if ((wrapping.Protection & _options.Protection) != _options.Protection) return new AssociationFailure.Security(SecurityFault.ProtectionTooWeak);
            plain = _request.Span;
        }
        else if (_options.IsCiphered && tag == ApduTag.InitiateResponse) return new AssociationFailure.Security(SecurityFault.ProtectionTooWeak);

        return InitiateResponse.TryRead(plain, out response, out var error) ? null : new AssociationFailure.Malformed(error);
    }

    private ClientStep FinishWithoutHls(in Aare aare) => aare.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationRequired)
        ? Fail(new AssociationFailure.OutOfPlace($"an AARE that finishes {_options.Mechanism} authentication", "one that asks for HLS"))
        : Associate();

    private ClientStep Associate()
    {
        if (!_options.DedicatedKey.IsEmpty) _cipher!.UseDedicatedKey(_options.DedicatedKey.Span);
        State = ClientState.Ready;
        return ClientStep.Associated;
    }

    private ClientStep SendPass3(in Aare aare, IBufferWriter<byte> output)
    {
        if (!aare.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationRequired))
            return Fail(new AssociationFailure.OutOfPlace("an AARE with authentication-required", $"one with {aare.Diagnostic}: the server would not prove who it is"));
        var challenge = aare.AuthenticationValue;
        if (challenge.Length is < MinChallenge or > MaxChallenge || challenge.SequenceEqual(_options.Challenge.Span))
            return Fail(new AssociationFailure.OutOfPlace($"a challenge StoC of {MinChallenge} to {MaxChallenge} octets other than CtoS", $"{challenge.Length} octets"));

        Span<byte> parameter = stackalloc byte[2 + GcmKey.ProofSize];
        (parameter[0], parameter[1]) = ((byte)DataTag.OctetString, GcmKey.ProofSize);
        if (!_cipher!.TryProve(challenge, parameter[2..])) return Fail(new AssociationFailure.Security(SecurityFault.CounterExhausted));
        _request.Clear();
        ActionRequest.WriteNormal(_request, FirstInvokeId, ReplyToHls, parameter);
        if (!TrySend(output, dedicated: false)) return Fail(new AssociationFailure.Security(SecurityFault.CounterExhausted));
        State = ClientState.Authenticating;
        return ClientStep.Send;
    }

    private ClientStep OnPass4(ReadOnlySpan<byte> plain)
    {
        if (!ActionResponse.TryRead(plain, out var response, out var error)) return Fail(new AssociationFailure.Malformed(error));
        if (response.Result != ActionResult.Success || response.ReturnResult != DataAccessResult.Success)
            return Fail(new AssociationFailure.AuthenticationRefused($"reply_to_HLS_authentication: {response.Result}"));
        var reader = new AxdrReader(response.Data);
        if (!reader.TryReadOctets(out var proof) || !_cipher!.Verify(_options.Challenge.Span, proof)) return Fail(new AssociationFailure.ServerNotAuthentic());
        return Associate();
    }

    private ClientStep SendRlrq(IBufferWriter<byte> output)
    {
        _response.Clear();

        // Ciphered, it shows the server that the release is not forged.
        if (_options.IsCiphered && !TryWriteInitiate(default, _response)) return Fail(new AssociationFailure.Security(SecurityFault.CounterExhausted));
        new Release { Reason = Acse.Release.Normal, UserInformation = _response.Span }.WriteTo(output);
        State = ClientState.Releasing;
        return ClientStep.Send;
    }
}
