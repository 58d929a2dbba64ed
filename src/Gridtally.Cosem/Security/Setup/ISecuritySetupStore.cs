namespace Gridtally.Cosem.Security;

/// <summary>The symmetric keys that Security setup renews.</summary>
/// <remarks>key_id, Blue Book, class 64.</remarks>
public enum KeyId : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    GlobalUnicastEncryption = 0, GlobalBroadcastEncryption = 1, Authentication = 2, Master = 3,
#pragma warning restore CS1591
}

/// <summary>Whose certificate it is.</summary>
/// <remarks>certificate_entity, Blue Book, class 64 version 1.</remarks>
public enum CertificateEntity : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Server = 0, Client = 1, CertificationAuthority = 2, Other = 3,
#pragma warning restore CS1591
}

/// <summary>What a key pair and its certificate are for.</summary>
/// <remarks>certificate_type and key_pair, Blue Book, class 64 version 1.</remarks>
public enum CertificateType : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    DigitalSignature = 0, KeyAgreement = 1, Tls = 2, Other = 3,
#pragma warning restore CS1591
}

/// <summary>A key that takes the place of the one that was there. Never shown.</summary>
/// <param name="Id">Which key.</param>
/// <param name="Key">Its octets.</param>
public readonly record struct NewKey(KeyId Id, byte[] Key)
{
    /// <summary>Which key, never what it is.</summary>
    public override string ToString() => $"{Id} (hidden)";
}

/// <summary>A certificate that a device keeps.</summary>
/// <param name="Entity">Whose it is.</param>
/// <param name="Type">What its key is for.</param>
/// <param name="Certificate">The certificate itself.</param>
public sealed record StoredCertificate(CertificateEntity Entity, CertificateType Type, CosemCertificate Certificate);

/// <summary>What a device lends to <see cref="SecuritySetup"/>: the keys, policy and certificates of one client, and how they are kept.</summary>
/// <remarks>
/// What a method with Try changes is durable when it returns true; when it returns false nothing has changed. New keys and a new policy
/// hold from the next association on: the open one goes on with those that it was opened with, so that its answer can still be read.
/// </remarks>
public interface ISecuritySetupStore
{
    /// <summary>security_suite.</summary>
    SecuritySuite Suite { get; }

    /// <summary>security_policy.</summary>
    SecurityPolicy Policy { get; }

    /// <summary>client_system_title; null where no client has been seen.</summary>
    SystemTitle? ClientSystemTitle { get; }

    /// <summary>server_system_title.</summary>
    SystemTitle ServerSystemTitle { get; }

    /// <summary>KEK; empty where there is none.</summary>
    ReadOnlySpan<byte> MasterKey { get; }

    /// <summary>The client's public signing key, x || y; empty where it is not known.</summary>
    ReadOnlySpan<byte> ClientSigningKey { get; }

    /// <summary>certificates.</summary>
    IReadOnlyList<StoredCertificate> Certificates { get; }

    /// <summary>The present moment, for the validity of certificates; null where the device has no clock that can be relied on.</summary>
    DateTimeOffset? Now { get; }

    /// <summary>Fills a span with octets that nobody can guess.</summary>
    void FillRandom(Span<byte> target);

    /// <summary>A private key of the device; empty where there is none.</summary>
    ReadOnlySpan<byte> PrivateKey(CertificateType type);

    /// <summary>Makes the policy stronger.</summary>
    bool TryActivate(SecurityPolicy policy);

    /// <summary>Takes new keys, all of them or none. Counters of a key that is changed begin anew; the same key again keeps them.</summary>
    bool TryRenew(IReadOnlyList<NewKey> keys);

    /// <summary>Takes a new private key; certificates of the one before are void.</summary>
    bool TryStoreKeyPair(CertificateType type, ReadOnlySpan<byte> privateKey);

    /// <summary>Keeps a certificate, in place of one of the same entity, type and title.</summary>
    bool TryStore(StoredCertificate certificate);

    /// <summary>Forgets a certificate of <see cref="Certificates"/>.</summary>
    bool TryRemove(StoredCertificate certificate);
}
