using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>The key pairs of two parties in suites 1 and 2: own private keys, the partner's public ones. Never shown.</summary>
/// <remarks>
/// Signing keys serve general-signing, HLS-7 and the signatures over ephemeral keys; agreement keys serve C(1e,1s) and C(0e,2s).
/// IEC 62056-5-3 wants two pairs because one key must not do both. Not thread-safe.
/// </remarks>
public sealed class EllipticKeys : IDisposable
{
    private readonly ECDsa? _signing;
    private readonly ECDiffieHellman? _agreement;
    private readonly byte[] _peerAgreement;
    private readonly byte[] _peerSigning;
    private readonly ECDsa? _verification;

    /// <summary>Takes copies of the keys; each may be left empty where nothing needs it.</summary>
    /// <param name="suite">Suite 1 or 2.</param>
    /// <param name="signing">Own private signing key, 32 or 48 octets.</param>
    /// <param name="agreement">Own private key agreement key.</param>
    /// <param name="peerSigning">The partner's public signing key, x || y.</param>
    /// <param name="peerAgreement">The partner's public key agreement key, x || y.</param>
    /// <exception cref="ArgumentException">A key that does not belong to the suite.</exception>
    public EllipticKeys(
        SecuritySuite suite, ReadOnlySpan<byte> signing = default, ReadOnlySpan<byte> agreement = default,
        ReadOnlySpan<byte> peerSigning = default, ReadOnlySpan<byte> peerAgreement = default)
    {
        if (!suite.HasPublicKeys()) throw new ArgumentException($"{suite} has no public keys; expected suite 1 or 2.", nameof(suite));
        Suite = suite;
        _signing = signing.IsEmpty ? null : EllipticCurves.Signing(suite, signing);
        _agreement = agreement.IsEmpty ? null : EllipticCurves.Agreement(suite, agreement);
        _peerAgreement = peerAgreement.ToArray();
        _peerSigning = peerSigning.ToArray();
        _verification = peerSigning.IsEmpty ? null : Import(peerSigning, nameof(peerSigning));
        if (!peerAgreement.IsEmpty) Import(peerAgreement, nameof(peerAgreement)).Dispose();
    }

    /// <summary>The suite whose curve the keys are on.</summary>
    public SecuritySuite Suite { get; }

    /// <summary>True where there is an own signing key.</summary>
    public bool CanSign => _signing is not null;

    /// <summary>True where the partner's signing key is known.</summary>
    public bool CanVerify => _verification is not null;

    /// <summary>True where there is an own key agreement key.</summary>
    public bool CanAgree => _agreement is not null;

    /// <summary>The partner's public signing key; empty where it is not known.</summary>
    public ReadOnlySpan<byte> PeerSigning => _peerSigning;

    /// <summary>The partner's public key agreement key; empty where it is not known.</summary>
    public ReadOnlySpan<byte> PeerAgreement => _peerAgreement;

    /// <summary>Signs: R || S over the suite's hash.</summary>
    /// <param name="data">What is signed.</param>
    /// <param name="signature">Receives 64 or 96 octets.</param>
    /// <exception cref="InvalidOperationException">There is no own signing key.</exception>
    /// <remarks>ECDSA draws a fresh number for each signature inside the platform's library: the one thing that does not come in from outside.</remarks>
    public void Sign(ReadOnlySpan<byte> data, Span<byte> signature)
    {
        if (_signing is null) throw new InvalidOperationException("There is no own signing key.");
        _signing.TrySignData(data, signature, Suite.Hash(), out _);
    }

    /// <summary>Checks a signature of the partner.</summary>
    /// <returns>False where it does not verify, or the partner's key is not known.</returns>
    public bool Verify(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) =>
        _verification is not null && signature.Length == Suite.SignatureSize() && _verification.VerifyData(data, signature, Suite.Hash());

    /// <summary>Z of the own static key and a key of the partner, ephemeral or static.</summary>
    /// <param name="publicKey">x || y.</param>
    /// <returns>Null where there is no own key, or the other is not a point of the curve.</returns>
    internal byte[]? Agree(ReadOnlySpan<byte> publicKey) => _agreement is not null && EllipticCurves.TryAgree(Suite, _agreement, publicKey, out var secret) ? secret : null;

    /// <summary>Frees the keys.</summary>
    public void Dispose()
    {
        _signing?.Dispose();
        _agreement?.Dispose();
        _verification?.Dispose();
    }

    /// <summary>Says which keys there are, never what they are.</summary>
    public override string ToString() =>
        $"{Suite}:{(CanSign ? " signing" : "")}{(CanAgree ? " agreement" : "")}{(CanVerify ? " partner's signing" : "")}{(_peerAgreement.Length > 0 ? " partner's agreement" : "")} (hidden)";

    private ECDsa Import(ReadOnlySpan<byte> publicKey, string name) => EllipticCurves.TryVerification(Suite, publicKey, out var key)
        ? key
        : throw new ArgumentException($"A public key of {Suite} is a point of its curve, {Suite.PublicKeySize()} octets; this is none.", name);
}
