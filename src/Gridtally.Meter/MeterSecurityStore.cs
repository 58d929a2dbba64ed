using Gridtally.Cosem.Security;

namespace Gridtally.Meter;

/// <summary>What the meter lends to the security setup of one client. Suite 0: no key pairs, no certificates.</summary>
internal sealed class MeterSecurityStore(VirtualMeter meter, ClientSecurity client) : ISecuritySetupStore
{
    public SecuritySuite Suite => SecuritySuite.Suite0;

    public SecurityPolicy Policy => client.SecurityPolicy;

    public SystemTitle? ClientSystemTitle => client.Counters.LastOriginator;

    public SystemTitle ServerSystemTitle => meter.Identity.SystemTitle;

    public ReadOnlySpan<byte> MasterKey => meter.MasterKey;

    public ReadOnlySpan<byte> ClientSigningKey => default;

    public IReadOnlyList<StoredCertificate> Certificates => [];

    public DateTimeOffset? Now => null;

    public void FillRandom(Span<byte> target) => throw new InvalidOperationException("Suite 0 makes no keys of its own.");

    public ReadOnlySpan<byte> PrivateKey(CertificateType type) => default;

    public bool TryActivate(SecurityPolicy policy)
    {
        client.Activate(policy);
        meter.Touch();
        return true;
    }

    public bool TryRenew(IReadOnlyList<NewKey> keys)
    {
        meter.RenewKeys(client, keys);
        return true;
    }

    public bool TryStoreKeyPair(CertificateType type, ReadOnlySpan<byte> privateKey) => false;

    public bool TryStore(StoredCertificate certificate) => false;

    public bool TryRemove(StoredCertificate certificate) => false;
}
