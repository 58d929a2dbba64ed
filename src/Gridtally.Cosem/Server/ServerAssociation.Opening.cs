using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.ShortNames;

namespace Gridtally.Cosem.Server;

/// <content>AARQ and AARE, release.</content>
public sealed partial class ServerAssociation
{
    private bool UsesTitles => _ciphered || HlsProof.NeedsTitles(_active.Mechanism);

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

        _ciphered = IsCiphered(aarq.Context);
        _shortNames = aarq.Context is ApplicationContext.ShortName or ApplicationContext.ShortNameCiphered;
        if (UsesTitles) _clientTitle = TitleOf(aarq);
        if (UsesCipher) _cipher = NewCipher();
        if (!KnowsSigner(aarq.CallingAeQualifier))
        {
            Reject(aarq, AcseServiceUserDiagnostic.CallingAeQualifierNotRecognized, null, response);
            Reset();
            return;
        }

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
        var named = aarq.Context is ApplicationContext.LogicalName or ApplicationContext.LogicalNameCiphered
            || (aarq.Context is ApplicationContext.ShortName or ApplicationContext.ShortNameCiphered && _active.ShortNames is not null);
        var plain = named && !IsCiphered(aarq.Context) && _active.Policy == SecurityPolicy.None;
        var ciphered = named && IsCiphered(aarq.Context) && _active.Keys is not null;
        if (!plain && !ciphered) return AcseServiceUserDiagnostic.ApplicationContextNameNotSupported;
        if (aarq.Mechanism != _active.Mechanism)
        {
            return aarq.Mechanism == AuthenticationMechanism.None
                ? AcseServiceUserDiagnostic.AuthenticationMechanismNameRequired
                : AcseServiceUserDiagnostic.AuthenticationMechanismNameNotRecognised;
        }

        if ((ciphered || HlsProof.NeedsTitles(_active.Mechanism)) && !IsTitleAcceptable(aarq.CallingApTitle)) return AcseServiceUserDiagnostic.CallingApTitleNotRecognized;
        return IsAuthenticationValueAcceptable(aarq.AuthenticationValue) ? null : AuthenticationFailed();
    }

    private static bool IsCiphered(ApplicationContext context) => context is ApplicationContext.LogicalNameCiphered or ApplicationContext.ShortNameCiphered;

    private AcseServiceUserDiagnostic AuthenticationFailed()
    {
        _active.OnIncident?.Invoke(AssociationIncident.AuthenticationFailed);
        return AcseServiceUserDiagnostic.AuthenticationFailure;
    }

    private bool IsAuthenticationValueAcceptable(ReadOnlySpan<byte> value) => _active.Mechanism switch
    {
        AuthenticationMechanism.LowLevel => CryptographicOperations.FixedTimeEquals(value, _active.Password.Span),
        AuthenticationMechanism.None => true,
        _ => HlsProof.IsChallenge(_active.Mechanism, value),
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

        // The opening is ciphered with the global key; a signature is for what follows.
        var needed = _active.Policy.Request & Protection.AuthenticatedEncrypted;
        if (Unwrap(tag, information, needed, ApduTag.InitiateRequest, out wrapping) is { } refusal)
        {
            if (refusal.Service == ExceptionService.InvocationCounterError) counterError = refusal;
            return refusal == NotPossible ? ConfirmedServiceError.Refused : ConfirmedServiceError.DecipheringError;
        }

        if (!wrapping.Protection.Covers(needed) || _ciphered != (wrapping.Protection != Protection.None)) return ConfirmedServiceError.Refused;
        if (!InitiateRequest.TryRead(_plain.Span, out initiate, out _)) return ConfirmedServiceError.Refused;
        if (initiate.Version < InitiateRequest.DlmsVersion) return ConfirmedServiceError.VersionTooLow;
        if ((initiate.Conformance & Granted) == 0) return ConfirmedServiceError.IncompatibleConformance;
        if (initiate.MaxReceivePdu is not 0 and < AssociationSpec.MinPdu) return ConfirmedServiceError.PduSizeTooShort;
        var keyLength = initiate.DedicatedKey.Length;
        return keyLength == 0 || (_ciphered && keyLength == _active.Keys!.Suite.KeySize()) ? null : ConfirmedServiceError.Refused;
    }

    /// <summary>What the spec allows, without services that nobody here would carry out.</summary>
    private Conformance Granted => (_shortNames
        ? _active.ShortNameConformance & (Conformance.SupportedWithShortNames | Conformance.SupportedOnRequest)
        : _active.Conformance & (Conformance.Supported | Conformance.SupportedOnRequest)) | (_ciphered ? Conformance.GeneralProtection : Conformance.None);

    private void Accept(in Aarq aarq, in InitiateRequest initiate, Wrapping wrapping, IBufferWriter<byte> response)
    {
        NegotiatedConformance = initiate.Conformance & Granted;
        _clientMaxReceivePdu = initiate.MaxReceivePdu;
        if (!initiate.DedicatedKey.IsEmpty) _cipher!.UseDedicatedKey(initiate.DedicatedKey);
        var silent = initiate.ResponseForbidden && !IsHls;
        if (IsHls) Challenge(aarq.AuthenticationValue);

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

    private bool TryWriteInitiateResponse(Wrapping wrapping, ApduBuffer target)
    {
        _plain.Wipe(); // the InitiateRequest may have carried a dedicated key
        new InitiateResponse
        {
            Version = InitiateRequest.DlmsVersion,
            Conformance = NegotiatedConformance,
            MaxReceivePdu = _active.MaxPdu,
            VaaName = _shortNames ? ShortNameMap.Association : InitiateResponse.LogicalNameVaa,
        }.WriteTo(_plain);
        if (_ciphered) return _cipher!.Protect(_plain.Span, wrapping.Answer(_active.Policy.Response & Protection.AuthenticatedEncrypted), target) is null;
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

    private ApplicationContext OwnContext => _active.Policy == SecurityPolicy.None ? ApplicationContext.LogicalName : ApplicationContext.LogicalNameCiphered;

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
            RespondingApTitle = UsesTitles || _cipher is not null ? title : default,
            RespondingAeQualifier = pending && _active.Mechanism == AuthenticationMechanism.HighLevelEcdsa ? _active.Certificate.Span : default,
            Mechanism = pending ? _active.Mechanism : AuthenticationMechanism.None,
            AuthenticationValue = pending ? _serverChallenge : default,
            UserInformation = user,
        }.WriteTo(response);
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
            if (Unwrap((ApduTag)release.UserInformation[0], release.UserInformation, Protection.None, ApduTag.InitiateRequest, out var wrapping) is { } refusal)
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
