using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Cosem.Client;

/// <content>High level security: passes 3 and 4.</content>
public sealed partial class ClientAssociation
{
    /// <summary>reply_to_HLS_authentication of the current association.</summary>
    private static readonly MethodRef ReplyToHls = new(15, new ObisCode(0, 0, 40, 0, 0, 255), 1);

    // StoC, which the server's proof of mechanisms 6 and 7 covers too.
    private readonly byte[] _serverChallenge = new byte[HlsProof.MaxChallenge];
    private int _serverChallengeSize;

    private bool IsHls => HlsProof.IsHls(_options.Mechanism);

    /// <summary>Mechanisms 5 and 7 prove with the keys of the ciphering, whatever the context is.</summary>
    private bool UsesCipher => _options.IsCiphered || _options.Mechanism is AuthenticationMechanism.HighLevelGmac or AuthenticationMechanism.HighLevelEcdsa;

    private HlsProof Hls => new()
    {
        Mechanism = _options.Mechanism,
        Secret = _options.Password.Span,
        Own = _options.SystemTitle,
        Peer = ServerSystemTitle.GetValueOrDefault(),
        Cipher = _cipher,
    };

    private ApduCipher NewCipher() => new(_options.Keys!, _options.SystemTitle, _counters)
    {
        AwaitsAnswers = true,
        Random = _options.Random,
        OtherInformation = _options.OtherInformation,
    };

    private ClientStep SendPass3(in Aare aare, IBufferWriter<byte> output)
    {
        if (!aare.Diagnostic.Is(AcseServiceUserDiagnostic.AuthenticationRequired))
            return Fail(new AssociationFailure.OutOfPlace("an AARE with authentication-required", $"one with {aare.Diagnostic}: the server would not prove who it is"));
        var challenge = aare.AuthenticationValue;
        if (!HlsProof.IsChallenge(_options.Mechanism, challenge) || challenge.SequenceEqual(_options.Challenge.Span))
            return Fail(new AssociationFailure.OutOfPlace($"a challenge StoC of {HlsProof.MinChallengeOf(_options.Mechanism)} to {HlsProof.MaxChallenge} octets other than CtoS", $"{challenge.Length} octets"));
        if (_options.Mechanism == AuthenticationMechanism.HighLevelEcdsa && !_cipher!.TryTrustSigner(aare.RespondingAeQualifier, _options.Trust))
            return Fail(new AssociationFailure.OutOfPlace("a certificate of the server that is trusted", aare.RespondingAeQualifier.IsEmpty ? "none" : "one that is not"));

        challenge.CopyTo(_serverChallenge);
        _serverChallengeSize = challenge.Length;
        Span<byte> proof = stackalloc byte[HlsProof.MaxSize];
        if (!TryProve(proof, out var size)) return Fail(new AssociationFailure.Security(SecurityFault.CounterExhausted));
        Span<byte> parameter = stackalloc byte[2 + HlsProof.MaxSize];
        (parameter[0], parameter[1]) = ((byte)DataTag.OctetString, (byte)size);
        proof[..size].CopyTo(parameter[2..]);
        _request.Clear();
        if (UsesShortNames) WriteNamedPass3(parameter[..(2 + size)]);
        else ActionRequest.WriteNormal(_request, FirstInvokeId, ReplyToHls, parameter[..(2 + size)]);
        if (!TrySend(output, dedicated: false)) return Fail(new AssociationFailure.Security(_sendFault));
        State = ClientState.Authenticating;
        return ClientStep.Send;
    }

    private ClientStep OnPass4(ReadOnlySpan<byte> plain)
    {
        if (!ActionResponse.TryRead(plain, out var response, out var error)) return Fail(new AssociationFailure.Malformed(error));
        if (response.Result != ActionResult.Success || response.ReturnResult != DataAccessResult.Success)
            return Fail(new AssociationFailure.AuthenticationRefused($"reply_to_HLS_authentication: {response.Result}"));
        var reader = new AxdrReader(response.Data);
        return reader.TryReadOctets(out var proof) && IsProved(proof) ? Associate() : Fail(new AssociationFailure.ServerNotAuthentic());
    }

    /// <summary>f(StoC). False where the invocation counter is used up.</summary>
    private bool TryProve(Span<byte> proof, out int size)
    {
        size = Hls.Prove(_serverChallenge.AsSpan(0, _serverChallengeSize), _options.Challenge.Span, proof);
        return size > 0;
    }

    /// <summary>True where the server's f(CtoS) is right.</summary>
    private bool IsProved(ReadOnlySpan<byte> proof) =>
        !proof.IsEmpty && Hls.Verify(_options.Challenge.Span, _serverChallenge.AsSpan(0, _serverChallengeSize), proof);
}
