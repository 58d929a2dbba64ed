using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <content>AARQ and AARE, the four passes of HLS, release.</content>
public sealed partial class ServerAssociation
{
    /// <summary>reply_to_HLS_authentication of the current association.</summary>
    private static readonly MethodRef ReplyToHls = new(15, new ObisCode(0, 0, 40, 0, 0, 255), 1);

    /// <summary>CtoS is bounded by the standard: 8 to 64 octets.</summary>
    private const int MinChallenge = 8, MaxChallenge = 64;

    private bool IsHls => _active.Mechanism == AuthenticationMechanism.HighLevelGmac;

    private void OnAarq(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        // A second AARQ ends the association before it.
        Reset();
        _active = _spec;
        if (!Aarq.TryRead(apdu, out var aarq, out _))
        {
            NotDecodable.WriteTo(response);
            return;
        }

        if (CheckAcse(aarq) is { } diagnostic)
        {
            Reject(aarq, diagnostic, null, response);
            return;
        }

        _ciphered = aarq.Context == ApplicationContext.LogicalNameCiphered;
        if (_ciphered || IsHls) _cipher = new(_active.Keys!, _active.SystemTitle, _counters) { Peer = TitleOf(aarq) };
        if (ReadInitiate(aarq.UserInformation, out var initiate, out var wrapping, out var counterError) is { } error)
        {
            if (counterError is { } exception) exception.WriteTo(response);
            else Reject(aarq, AcseServiceUserDiagnostic.NoReasonGiven, error, response);
            Reset();
        }
        else Accept(aarq, initiate, wrapping, response);
    }

    private AcseServiceUserDiagnostic? CheckAcse(in Aarq aarq)
    {
        var plain = aarq.Context == ApplicationContext.LogicalName && _active.RequiredProtection == Protection.None;
        var ciphered = aarq.Context == ApplicationContext.LogicalNameCiphered && _active.Keys is not null;
        if (!plain && !ciphered) return AcseServiceUserDiagnostic.ApplicationContextNameNotSupported;
        if (aarq.Mechanism != _active.Mechanism)
        {
            return aarq.Mechanism == AuthenticationMechanism.None
                ? AcseServiceUserDiagnostic.AuthenticationMechanismNameRequired
                : AcseServiceUserDiagnostic.AuthenticationMechanismNameNotRecognised;
        }

        if ((ciphered || IsHls) && !IsTitleAcceptable(aarq.CallingApTitle)) return AcseServiceUserDiagnostic.CallingApTitleNotRecognized;
        return IsAuthenticationValueAcceptable(aarq.AuthenticationValue) ? null : AuthenticationFailed();
    }

    private AcseServiceUserDiagnostic AuthenticationFailed()
    {
        _active.OnIncident?.Invoke(AssociationIncident.AuthenticationFailed);
        return AcseServiceUserDiagnostic.AuthenticationFailure;
    }

    private bool IsAuthenticationValueAcceptable(ReadOnlySpan<byte> value) => _active.Mechanism switch
    {
        AuthenticationMechanism.LowLevel => CryptographicOperations.FixedTimeEquals(value, _active.Password.Span),
        AuthenticationMechanism.HighLevelGmac => value.Length is >= MinChallenge and <= MaxChallenge,
        _ => true,
    };

    /// <summary>The client must have a title, and not the server's: initialization vectors would repeat.</summary>
    private bool IsTitleAcceptable(ReadOnlySpan<byte> title)
    {
        if (title.IsEmpty) return _active.ClientSystemTitle is not null;
        if (title.Length != SystemTitle.Size) return false;
        var client = SystemTitle.Read(title);
        return client != _active.SystemTitle && client == (_active.ClientSystemTitle ?? client);
    }

    private SystemTitle TitleOf(in Aarq aarq) => aarq.CallingApTitle.IsEmpty ? _active.ClientSystemTitle!.Value : SystemTitle.Read(aarq.CallingApTitle);

    /// <summary>Reads and checks the InitiateRequest.</summary>
    private ConfirmedServiceError? ReadInitiate(ReadOnlySpan<byte> information, out InitiateRequest initiate, out Wrapping wrapping, out ExceptionResponse? counterError)
    {
        initiate = default;
        counterError = null;
        var tag = information.IsEmpty ? ApduTag.None : (ApduTag)information[0];
        if (Unwrap(tag, information, out wrapping) is { } refusal)
        {
            if (refusal.Service == ExceptionService.InvocationCounterError) counterError = refusal;
            return ConfirmedServiceError.DecipheringError;
        }

        var needed = _active.RequiredProtection;
        if ((wrapping.Protection & needed) != needed || _ciphered != (wrapping.Protection != Protection.None)) return ConfirmedServiceError.Refused;
        if (!InitiateRequest.TryRead(_plain.Span, out initiate, out _)) return ConfirmedServiceError.Refused;
        if (initiate.Version < InitiateRequest.DlmsVersion) return ConfirmedServiceError.VersionTooLow;
        if ((initiate.Conformance & Granted) == 0) return ConfirmedServiceError.IncompatibleConformance;
        if (initiate.MaxReceivePdu is not 0 and < AssociationSpec.MinPdu) return ConfirmedServiceError.PduSizeTooShort;
        var keyLength = initiate.DedicatedKey.Length;
        return keyLength == 0 || (keyLength == SecurityKeys.KeySize && _ciphered) ? null : ConfirmedServiceError.Refused;
    }

    /// <summary>What the spec allows, without services that nobody here would carry out.</summary>
    private Conformance Granted => _active.Conformance & (Conformance.Supported | Conformance.SupportedOnRequest | (_ciphered ? Conformance.GeneralProtection : Conformance.None));

    private void Accept(in Aarq aarq, in InitiateRequest initiate, Wrapping wrapping, IBufferWriter<byte> response)
    {
        NegotiatedConformance = initiate.Conformance & Granted;
        _clientMaxReceivePdu = initiate.MaxReceivePdu;
        if (!initiate.DedicatedKey.IsEmpty) _cipher!.UseDedicatedKey(initiate.DedicatedKey);
        var silent = initiate.ResponseForbidden && !IsHls;
        if (IsHls) (_clientChallenge, _serverChallenge) = (aarq.AuthenticationValue.ToArray(), FreshChallenge(aarq.AuthenticationValue));

        _block.Clear();
        if (!TryWriteInitiateResponse(wrapping, _block))
        {
            Reset();
            NotDecodable.WriteTo(response);
            return;
        }

        State = IsHls ? ServerAssociationState.AuthenticationPending : ServerAssociationState.Associated;
        if (silent) return;
        WriteAare(aarq.Context, AssociationResult.Accepted, IsHls ? AcseServiceUserDiagnostic.AuthenticationRequired : AcseServiceUserDiagnostic.Null, _block.Span, response);
    }

    /// <summary>A challenge of the source, which must not be the client's own: a proof could then be played back.</summary>
    private byte[] FreshChallenge(ReadOnlySpan<byte> clientChallenge)
    {
        var challenge = _active.Challenge!();
        if (challenge.Length is < MinChallenge or > MaxChallenge) throw new InvalidOperationException($"The source of challenges gave {challenge.Length} octets; {MinChallenge} to {MaxChallenge} are expected.");
        if (challenge.AsSpan().SequenceEqual(clientChallenge)) challenge = [.. challenge.Select(octet => (byte)~octet)];
        return challenge;
    }

    private bool TryWriteInitiateResponse(Wrapping wrapping, ApduBuffer target)
    {
        _plain.Wipe(); // the InitiateRequest may have carried a dedicated key
        new InitiateResponse
        {
            Version = InitiateRequest.DlmsVersion,
            Conformance = NegotiatedConformance,
            MaxReceivePdu = _active.MaxPdu,
            VaaName = InitiateResponse.LogicalNameVaa,
        }.WriteTo(_plain);
        if (_ciphered) return _cipher!.Protect(_plain.Span, wrapping.Answer(_active.RequiredProtection), target) is null;
        target.Append(_plain.Span);
        return true;
    }

    private void Reject(in Aarq aarq, AcseServiceUserDiagnostic diagnostic, ConfirmedServiceError? error, IBufferWriter<byte> response)
    {
        _block.Clear();
        error?.WriteTo(_block);
        var context = aarq.Context == ApplicationContext.Unknown || diagnostic == AcseServiceUserDiagnostic.ApplicationContextNameNotSupported ? OwnContext : aarq.Context;
        WriteAare(context, AssociationResult.RejectedPermanent, diagnostic, _block.Span, response);
    }

    private ApplicationContext OwnContext => _active.RequiredProtection == Protection.None ? ApplicationContext.LogicalName : ApplicationContext.LogicalNameCiphered;

    private void WriteAare(ApplicationContext context, AssociationResult result, AcseServiceUserDiagnostic diagnostic, ReadOnlySpan<byte> user, IBufferWriter<byte> response)
    {
        var pending = diagnostic == AcseServiceUserDiagnostic.AuthenticationRequired;
        Span<byte> title = stackalloc byte[SystemTitle.Size];
        _active.SystemTitle.Write(title);
        new Aare
        {
            Context = context,
            Result = result,
            Diagnostic = AcseDiagnostic.User(diagnostic),
            RespondingApTitle = _cipher is null ? default : title,
            Mechanism = pending ? AuthenticationMechanism.HighLevelGmac : AuthenticationMechanism.None,
            AuthenticationValue = pending ? _serverChallenge : default,
            UserInformation = user,
        }.WriteTo(response);
    }

    /// <summary>While authentication is pending, pass 3 is all that is served; a wrong proof ends the association.</summary>
    private void OnPass3(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        if (!ActionRequest.TryRead(plain, out var request, out _) || request.Target != ReplyToHls)
        {
            NotPossible.WriteTo(response);
            return;
        }

        var reader = new AxdrReader(request.Parameter);
        var authentic = reader.TryReadOctets(out var proof) && _cipher!.Verify(_serverChallenge, proof);
        var result = authentic ? WritePass4(request.InvokeId) : ActionResult.ReadWriteDenied;
        if (result != ActionResult.Success) WriteActionResult(request.InvokeId, result);
        if (!authentic) _active.OnIncident?.Invoke(AssociationIncident.AuthenticationFailed);
        Send(_answer.Span, wrapping, response);
        if (result == ActionResult.Success) State = ServerAssociationState.Associated;
        else Reset();
    }

    /// <summary>Proves to the client that the server has the keys too. Impossible once the own counter is used up.</summary>
    private ActionResult WritePass4(InvokeIdAndPriority invokeId)
    {
        Span<byte> proof = stackalloc byte[GcmKey.ProofSize];
        if (!_cipher!.TryProve(_clientChallenge, proof)) return ActionResult.OtherReason;
        _answer.Clear();
        ActionResponse.WriteNormalHead(_answer, invokeId);
        _answer.WriteOctetString(proof);
        return ActionResult.Success;
    }

    /// <summary>Ends the association. One that is sent ciphered must be authentic; a plain one is served too, as many clients send it.</summary>
    private void OnRlrq(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        if (!Release.TryRead(apdu, out var release, out _))
        {
            NotDecodable.WriteTo(response);
            return;
        }

        _block.Clear();
        if (_ciphered && !release.UserInformation.IsEmpty)
        {
            if (Unwrap((ApduTag)release.UserInformation[0], release.UserInformation, out var wrapping) is { } refusal)
            {
                refusal.WriteTo(response);
                return;
            }

            if (wrapping.Protection != Protection.None) TryWriteInitiateResponse(wrapping, _block);
        }

        new Release { IsResponse = true, Reason = Release.Normal, UserInformation = _block.Span }.WriteTo(response);
        Reset();
    }
}
