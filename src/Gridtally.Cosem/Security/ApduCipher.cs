using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Security;

/// <summary>Protects and unprotects the APDUs between two parties: their keys, titles and counters. No I/O, no clock, not thread-safe.</summary>
/// <remarks>
/// Associations have one each; by itself it serves what needs no association, such as ciphered pushes and broadcasts.
/// IEC 62056-5-3: glo-*, ded-*, general-glo-, general-ded- and general-ciphering, general-signing. What is wrong with a peer's APDU is a
/// <see cref="SecurityFault"/>, never an exception.
/// </remarks>
public sealed partial class ApduCipher : IDisposable
{
    private readonly SecurityKeys _keys;
    private readonly IInvocationCounters _counters;
    private readonly GcmKey _unicast;
    private GcmKey? _broadcast;
    private GcmKey? _dedicated;
    private ECDsa? _signer;
    private ulong _dedicatedFloor;
    private byte[]? _staticSecret;
    private ApduBuffer? _signed;
    private ApduBuffer? _inbound;
    private bool _disposed;

    /// <summary>A cipher of one pair of parties.</summary>
    /// <param name="keys">Their keys; must outlive the cipher.</param>
    /// <param name="own">System title of this party.</param>
    /// <param name="counters">Invocation counters of the keys.</param>
    public ApduCipher(SecurityKeys keys, SystemTitle own, IInvocationCounters counters)
    {
        ArgumentNullException.ThrowIfNull(keys);
        ArgumentNullException.ThrowIfNull(counters);
        (_keys, Own, _counters) = (keys, own, counters);
        _unicast = keys.Rent();
    }

    /// <summary>System title of this party.</summary>
    public SystemTitle Own { get; }

    /// <summary>System title of the partner.</summary>
    public SystemTitle Peer { get; set; }

    /// <summary>The suite of the keys.</summary>
    public SecuritySuite Suite => _keys.Suite;

    /// <summary>
    /// True where APDUs under the broadcast key are taken. Every device of a network has that key, so it proves less than the unicast
    /// key: it neither opens an association nor speaks for one device.
    /// </summary>
    public bool TakesBroadcastKey { get; set; }

    /// <summary>True where APDUs with other than rising transaction-ids are taken; then a recorded one under a key of its own is taken again.</summary>
    public bool TakesAnyTransaction { get; set; }

    /// <summary>True on the side that asks: an answer must then have the transaction-id of the APDU that was sent last.</summary>
    public bool AwaitsAnswers { get; set; }

    /// <summary>Where fresh keys come from: needed to send with <see cref="KeyChoice.Wrapped"/> and <see cref="KeyChoice.OnePass"/>.</summary>
    public RandomSource? Random { get; set; }

    /// <summary>date-time of the general-ciphering and general-signing that is sent: twelve octets, or none.</summary>
    public ReadOnlyMemory<byte> DateTime { get; set; }

    /// <summary>other-information of the general-ciphering and general-signing that is sent; at most <see cref="GeneralHeader.MaxOtherInformation"/> octets.</summary>
    public ReadOnlyMemory<byte> OtherInformation { get; set; }

    /// <summary>True where a dedicated key is in use.</summary>
    public bool HasDedicatedKey => _dedicated is not null;

    /// <summary>After <see cref="SecurityFault.Replayed"/>: the lowest counter that would have been accepted.</summary>
    public uint ExpectedCounter { get; private set; }

    internal SecurityKeys Keys => _keys;

    /// <summary>Starts to use a dedicated key; what is accepted under it is counted as long as the association lives.</summary>
    /// <exception cref="ArgumentException">A key of another size than the suite's.</exception>
    public void UseDedicatedKey(ReadOnlySpan<byte> key)
    {
        _dedicated?.Dispose();
        _dedicated = new(key, _keys.Authentication, Suite);
        _dedicatedFloor = 0;
    }

    /// <summary>Takes the partner's signing key from its certificate, where that is trusted; it then counts before the one among the keys.</summary>
    /// <param name="certificate">X.509 in DER; empty where the partner sent none.</param>
    /// <param name="trust">Judges certificates; null to pass them over.</param>
    /// <returns>False where signatures of the partner can't be checked.</returns>
    public bool TryTrustSigner(ReadOnlySpan<byte> certificate, ICertificateTrust? trust)
    {
        if (trust is null || certificate.IsEmpty) return CanVerify;
        if (trust.SigningKeyOf(certificate, Peer, Suite) is not { } key || !EllipticCurves.TryVerification(Suite, key, out var signer)) return false;
        _signer?.Dispose();
        _signer = signer;
        return true;
    }

    private bool CanVerify => _signer is not null || _keys.Elliptic is { CanVerify: true };

    /// <summary>Checks a signature of the partner.</summary>
    internal bool VerifySignature(ReadOnlySpan<byte> data, ReadOnlySpan<byte> signature) => _signer is null
        ? _keys.Elliptic is { } elliptic && elliptic.Verify(data, signature)
        : signature.Length == Suite.SignatureSize() && _signer.VerifyData(data, signature, Suite.Hash());

    /// <summary>Writes the proof of HLS-5 for the partner's challenge. False where the counter is used up.</summary>
    internal bool TryProve(ReadOnlySpan<byte> challenge, Span<byte> proof)
    {
        if (!_counters.TryTakeSend(KeyRole.GlobalUnicast, out var counter)) return false;
        _unicast.Prove(Own, counter, challenge, proof);
        return true;
    }

    /// <summary>Checks the partner's proof of HLS-5 for the own challenge.</summary>
    /// <remarks>
    /// The proof's counter is not held against the floor: where the action that carries it is ciphered, that one's higher counter has
    /// been accepted already, and the fresh challenge keeps out a recorded proof. It only ever raises the floor.
    /// </remarks>
    internal bool Verify(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof) =>
        _unicast.Verify(Peer, challenge, proof, out var counter)
        && (counter < FloorOf(KeyRole.GlobalUnicast) || _counters.Accept(KeyRole.GlobalUnicast, Peer, counter));

    /// <summary>Frees the keys that were made for this cipher.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _keys.Return(_unicast);
        _broadcast?.Dispose();
        _dedicated?.Dispose();
        _signer?.Dispose();
        _signed?.Wipe();
        _inbound?.Wipe();
        CryptographicOperations.ZeroMemory(_staticSecret);
    }

    private GcmKey? KeyOf(KeyRole role) => role switch
    {
        KeyRole.Dedicated => _dedicated,
        KeyRole.GlobalBroadcast when !_keys.Broadcast.IsEmpty => _broadcast ??= new(_keys.Broadcast, _keys.Authentication, Suite),
        KeyRole.GlobalBroadcast => null,
        _ => _unicast,
    };

    private ulong FloorOf(KeyRole role) => role == KeyRole.Dedicated ? _dedicatedFloor : _counters.ReceiveFloor(role, Peer);

    private bool Accept(KeyRole role, uint counter)
    {
        if (role != KeyRole.Dedicated) return _counters.Accept(role, Peer, counter);
        _dedicatedFloor = counter + 1UL;
        return true;
    }

    /// <summary>Z of the two static keys, the same as long as the keys are.</summary>
    private byte[]? StaticSecret => _staticSecret ??= _keys.Elliptic is { } elliptic && !elliptic.PeerAgreement.IsEmpty ? elliptic.Agree(elliptic.PeerAgreement) : null;

    /// <summary>Makes the key of one APDU of an agreed secret.</summary>
    private GcmKey Derive(ReadOnlySpan<byte> secret, SystemTitle originator, SystemTitle recipient, TransactionId? transaction)
    {
        Span<byte> partyU = stackalloc byte[KeyDerivation.MaxPartySize];
        Span<byte> partyV = stackalloc byte[SystemTitle.Size];
        Span<byte> derived = stackalloc byte[SecuritySuites.MaxKeySize];
        var key = derived[..Suite.KeySize()];
        originator.Write(partyU);
        recipient.Write(partyV);
        var length = SystemTitle.Size;
        if (transaction is { } id)
        {
            partyU[length++] = id.Size;
            id.Write(partyU[length..]);
            length += id.Size;
        }

        KeyDerivation.Derive(Suite, secret, KeyDerivation.Ciphering(Suite), partyU[..length], partyV, key);
        var made = new GcmKey(key, _keys.Authentication, Suite);
        CryptographicOperations.ZeroMemory(key);
        return made;
    }
}
