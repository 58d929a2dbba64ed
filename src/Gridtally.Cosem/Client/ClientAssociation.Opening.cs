using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <content>AARQ and AARE, release.</content>
public sealed partial class ClientAssociation
{
    private static readonly InvokeIdAndPriority FirstInvokeId = InvokeIdAndPriority.Usual(1);

    private bool UsesTitles => _options.IsCiphered || HlsProof.NeedsTitles(_options.Mechanism);

    private Conformance Proposed => (_options.UseShortNames ? _options.ShortNameConformance : _options.ProposedConformance) | (_options.UsesGeneralProtection ? Conformance.GeneralProtection : 0);

    private ClientStep SendAarq(IBufferWriter<byte> output)
    {
        Failure = null;
        ServerSystemTitle = _options.ServerSystemTitle;
        _invokeId = default;
        _cipher = UsesCipher ? NewCipher() : null;
        _response.Clear();
        if (!TryWriteInitiate(_options.DedicatedKey.Span, _response)) return Fail(new AssociationFailure.Security(_sendFault));

        Span<byte> title = stackalloc byte[SystemTitle.Size];
        _options.SystemTitle.Write(title);
        new Aarq
        {
            Context = ProposedContext,
            CallingApTitle = UsesTitles || _cipher is not null ? title : default,
            CallingAeQualifier = _options.Mechanism == AuthenticationMechanism.HighLevelEcdsa ? _options.Certificate.Span : default,
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
        if (_options.IsCiphered) return TryProtect(new(Protection.AuthenticatedEncrypted), target);
        target.Append(_request.Span);
        return true;
    }

    private ClientStep OnAare(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!Aare.TryRead(plain, out var aare, out var error)) return Fail(new AssociationFailure.Malformed(error));
        if (aare.Result != AssociationResult.Accepted) return OnRejected(aare);
        if (Downgraded(aare) is { } downgraded) return Fail(downgraded);
        if (LearnServerTitle(aare.RespondingApTitle) is { } wrongTitle) return Fail(wrongTitle);
        if (ReadInitiateResponse(aare.UserInformation, out var response) is { } failure) return Fail(failure);

        NegotiatedConformance = response.Conformance & Proposed;
        if (!MayWrap) return Fail(new AssociationFailure.OutOfPlace("a server that grants general-protection, as the envelope of requests needs", "one that does not"));
        ServerMaxReceivePdu = response.MaxReceivePdu;
        return IsHls ? SendPass3(aare, output) : FinishWithoutHls(aare);
    }

    /// <summary>A server must not talk the client into a weaker context or mechanism than it asked for.</summary>
    private AssociationFailure.OutOfPlace? Downgraded(in Aare aare)
    {
        if (aare.Context != ApplicationContext.Unknown && aare.Context != ProposedContext) return new($"the application context {ProposedContext}", $"{aare.Context}");
        return aare.Mechanism == AuthenticationMechanism.None || aare.Mechanism == _options.Mechanism
            ? null
            : new($"the authentication mechanism {_options.Mechanism}", $"{aare.Mechanism}");
    }

    private ApplicationContext ProposedContext => _options.UseShortNames
        ? _options.IsCiphered ? ApplicationContext.ShortNameCiphered : ApplicationContext.ShortName
        : _options.IsCiphered ? ApplicationContext.LogicalNameCiphered : ApplicationContext.LogicalName;

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

        if (!UsesTitles) return null;
        if (ServerSystemTitle is not { } server) return new AssociationFailure.OutOfPlace("an AARE with the server's system title", "an AARE without one");

        // The same title on both sides would make initialization vectors repeat.
        if (server == _options.SystemTitle) return new AssociationFailure.OutOfPlace("a server with a system title of its own", "our own system title");
        if (_cipher is not null) _cipher.Peer = server;
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
            if (_cipher.Unprotect(information, _request, out _, LeastOfResponses & Protection.AuthenticatedEncrypted) is { } fault) return new AssociationFailure.Security(fault);
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

    private ClientStep SendRlrq(IBufferWriter<byte> output)
    {
        _response.Clear();

        // Ciphered, it shows the server that the release is not forged.
        if (_options.IsCiphered && !TryWriteInitiate(default, _response)) return Fail(new AssociationFailure.Security(_sendFault));
        new Release { Reason = Acse.Release.Normal, UserInformation = _response.Span }.WriteTo(output);
        State = ClientState.Releasing;
        return ClientStep.Send;
    }
}
