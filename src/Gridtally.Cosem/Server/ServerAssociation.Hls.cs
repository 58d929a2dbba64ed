using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <content>High level security: the challenges, and passes 3 and 4.</content>
public sealed partial class ServerAssociation
{
    /// <summary>reply_to_HLS_authentication of the current association.</summary>
    private static readonly MethodRef ReplyToHls = new(15, new ObisCode(0, 0, 40, 0, 0, 255), 1);

    private SystemTitle _clientTitle;
    private byte[] _clientChallenge = [];
    private byte[] _serverChallenge = [];

    private bool IsHls => HlsProof.IsHls(_active.Mechanism);

    /// <summary>Mechanisms 5 and 7 prove with the keys of the ciphering, whatever the context is.</summary>
    private bool UsesCipher => _ciphered || _active.Mechanism is AuthenticationMechanism.HighLevelGmac or AuthenticationMechanism.HighLevelEcdsa;

    private HlsProof Hls => new()
    {
        Mechanism = _active.Mechanism,
        Secret = _active.Password.Span,
        Own = _active.SystemTitle,
        Peer = _clientTitle,
        Cipher = _cipher,
    };

    private ApduCipher NewCipher() => new(_active.Keys!, _active.SystemTitle, _counters)
    {
        Peer = _clientTitle,
        Random = _active.Random,
        TakesAnyTransaction = _active.TakesAnyTransaction,
    };

    /// <summary>HLS-7 needs the client's signing key: that of a certificate in the AARQ which is trusted, or the one known before.</summary>
    private bool KnowsSigner(ReadOnlySpan<byte> certificate)
    {
        if (_active.Mechanism != AuthenticationMechanism.HighLevelEcdsa) return true;
        return _cipher!.TryTrustSigner(certificate, _active.Trust);
    }

    /// <summary>Takes CtoS, and a challenge of the source, which must not be the same: a proof could then be played back.</summary>
    private void Challenge(ReadOnlySpan<byte> clientChallenge)
    {
        var challenge = _active.Challenge!();
        if (!HlsProof.IsChallenge(_active.Mechanism, challenge))
            throw new InvalidOperationException($"The source of challenges gave {challenge.Length} octets; {HlsProof.MinChallengeOf(_active.Mechanism)} to {HlsProof.MaxChallenge} are expected.");
        if (challenge.AsSpan().SequenceEqual(clientChallenge)) challenge = [.. challenge.Select(octet => (byte)~octet)];
        (_clientChallenge, _serverChallenge) = (clientChallenge.ToArray(), challenge);
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
        Span<byte> own = stackalloc byte[HlsProof.MaxSize];
        reader.TryReadOctets(out var proof);
        var result = Authenticate(proof, own, out var size);
        if (result == ActionResult.Success)
        {
            _answer.Clear();
            ActionResponse.WriteNormalHead(_answer, request.InvokeId);
            _answer.WriteOctetString(own[..size]);
        }
        else WriteActionResult(request.InvokeId, result);

        Send(_answer.Span, wrapping, response);
        if (result == ActionResult.Success) State = ServerAssociationState.Associated;
        else Reset();
    }

    /// <summary>Checks the client's proof f(StoC), and proves in turn with f(CtoS) who the server is.</summary>
    /// <param name="proof">What the client sent.</param>
    /// <param name="own">Receives f(CtoS).</param>
    /// <param name="size">Its octets.</param>
    /// <returns>read-write-denied for a wrong proof; other-reason where the own counter is used up.</returns>
    private ActionResult Authenticate(ReadOnlySpan<byte> proof, Span<byte> own, out int size)
    {
        size = 0;
        if (proof.IsEmpty || !Hls.Verify(_serverChallenge, _clientChallenge, proof))
        {
            _active.OnIncident?.Invoke(AssociationIncident.AuthenticationFailed);
            return ActionResult.ReadWriteDenied;
        }

        size = Hls.Prove(_clientChallenge, _serverChallenge, own);
        return size > 0 ? ActionResult.Success : ActionResult.OtherReason;
    }
}
