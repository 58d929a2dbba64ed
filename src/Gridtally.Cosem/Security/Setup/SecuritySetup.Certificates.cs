using System.Buffers;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Security;

/// <content>Key pairs and certificates (version 1, suites 1 and 2).</content>
public sealed partial class SecuritySetup
{
    /// <summary>Certificates that a device keeps: its own three, those of a few clients, a chain of authorities.</summary>
    public const int MaxCertificates = 16;

    private void WriteCertificates(IBufferWriter<byte> output)
    {
        output.WriteArray(store.Certificates.Count);
        foreach (var stored in store.Certificates)
        {
            output.WriteStructure(6);
            output.WriteEnum((byte)stored.Entity);
            output.WriteEnum((byte)stored.Type);
            output.WriteOctetString(stored.Certificate.SerialNumber.Span);
            output.WriteOctetString(stored.Certificate.Issuer.Span);
            output.WriteOctetString(stored.Certificate.Subject.Span);
            output.WriteOctetString(stored.Certificate.SubjectAlternativeName.Span);
        }
    }

    private ActionResult GenerateKeyPair(ReadOnlySpan<byte> parameter)
    {
        if (!TryReadEnum(parameter, out var type) || type > (byte)CertificateType.Tls) return ActionResult.TypeUnmatched;
        if (!store.Suite.HasPublicKeys()) return ActionResult.OtherReason;
        var key = EllipticCurves.NewPrivateKey(store.Suite, store.FillRandom);
        var done = store.TryStoreKeyPair((CertificateType)type, key);
        CryptographicOperations.ZeroMemory(key);
        return done ? ActionResult.Success : ActionResult.OtherReason;
    }

    /// <summary>PKCS #10, made out to the server's system title and signed with the key that it asks to certify.</summary>
    private ActionResult RequestCertificate(ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (!TryReadEnum(parameter, out var type) || type > (byte)CertificateType.Tls) return ActionResult.TypeUnmatched;
        var key = store.PrivateKey((CertificateType)type);
        if (key.IsEmpty) return ActionResult.ObjectUnavailable;
        using var signing = EllipticCurves.Signing(store.Suite, key);
        var name = new X500DistinguishedNameBuilder();
        name.AddCommonName(store.ServerSystemTitle.ToString());
        output.WriteOctetString(new CertificateRequest(name.Build(), signing, store.Suite.Hash()).CreateSigningRequest());
        return ActionResult.Success;
    }

    /// <summary>
    /// An authority's certificate must be signed by one that is kept already, or by itself: who may import it is for the access rights to say.
    /// Any other must be signed by an authority that is kept; the server's own must be of a key pair that it has.
    /// </summary>
    private ActionResult ImportCertificate(ReadOnlySpan<byte> parameter)
    {
        var reader = new AxdrReader(parameter, "import_certificate");
        if (!reader.TryReadOctets(out var octets) || !reader.TryEnd()) return ActionResult.TypeUnmatched;
        if (!CosemCertificate.TryRead(octets, out var certificate) || certificate.Suite != store.Suite) return ActionResult.OtherReason;
        if (store.Now is { } now && !certificate.IsValidAt(now)) return ActionResult.OtherReason;
        var known = store.Certificates.Any(stored => stored.Entity == CertificateEntity.CertificationAuthority && certificate.IsSignedBy(stored.Certificate));
        if (!known && !(certificate.IsAuthority && certificate.IsSignedBy(certificate))) return ActionResult.OtherReason;
        var kept = new StoredCertificate(EntityOf(certificate), TypeOf(certificate), certificate);
        if (kept.Entity == CertificateEntity.Server && !IsOwnKey(kept)) return ActionResult.OtherReason;
        var replaces = store.Certificates.Any(other => IsSamePlace(other, kept));
        if (!replaces && store.Certificates.Count >= MaxCertificates) return ActionResult.OtherReason;
        return store.TryStore(kept) ? ActionResult.Success : ActionResult.OtherReason;
    }

    /// <summary>True where one certificate takes the place of the other: the same entity, type and name.</summary>
    public static bool IsSamePlace(StoredCertificate one, StoredCertificate other)
    {
        ArgumentNullException.ThrowIfNull(one);
        ArgumentNullException.ThrowIfNull(other);
        return (one.Entity, one.Type) == (other.Entity, other.Type) && one.Certificate.Subject.Span.SequenceEqual(other.Certificate.Subject.Span);
    }

    private ActionResult ExportCertificate(ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (!TryFind(parameter, out var found)) return ActionResult.TypeUnmatched;
        if (found is null) return ActionResult.ObjectUnavailable;
        output.WriteOctetString(found.Certificate.Octets.Span);
        return ActionResult.Success;
    }

    private ActionResult RemoveCertificate(ReadOnlySpan<byte> parameter)
    {
        if (!TryFind(parameter, out var found)) return ActionResult.TypeUnmatched;
        if (found is null) return ActionResult.ObjectUnavailable;
        return store.TryRemove(found) ? ActionResult.Success : ActionResult.OtherReason;
    }

    private CertificateEntity EntityOf(CosemCertificate certificate)
    {
        if (certificate.IsAuthority) return CertificateEntity.CertificationAuthority;
        if (certificate.Title == store.ServerSystemTitle) return CertificateEntity.Server;
        return certificate.Title is { } title && title == store.ClientSystemTitle ? CertificateEntity.Client : CertificateEntity.Other;
    }

    private static CertificateType TypeOf(CosemCertificate certificate) => certificate switch
    {
        { IsForTls: true } => CertificateType.Tls,
        { Use: var use } when (use & CertificateUse.DigitalSignature) != 0 => CertificateType.DigitalSignature,
        { Use: var use } when (use & CertificateUse.KeyAgreement) != 0 => CertificateType.KeyAgreement,
        _ => CertificateType.Other,
    };

    private bool IsOwnKey(StoredCertificate certificate)
    {
        var key = store.PrivateKey(certificate.Type);
        return !key.IsEmpty && EllipticCurves.PublicKeyOf(store.Suite, key).AsSpan().SequenceEqual(certificate.Certificate.PublicKey.Span);
    }

    /// <summary>Reads certificate_identification. False where it is not one; no certificate where none is meant.</summary>
    private bool TryFind(ReadOnlySpan<byte> parameter, out StoredCertificate? found)
    {
        found = null;
        var reader = new AxdrReader(parameter, "certificate_identification");
        if (!reader.TryReadStructureOf(2) || !reader.TryReadNumber(out var kind)) return false;
        if (kind == KeyParameters.ByEntity)
        {
            if (!reader.TryReadStructureOf(3) || !reader.TryReadNumber(out var entity) || !reader.TryReadNumber(out var type) || !reader.TryReadOctets(out var title) || !reader.TryEnd()) return false;
            SystemTitle? named = title.Length == SystemTitle.Size ? SystemTitle.Read(title) : null;
            found = store.Certificates.FirstOrDefault(c => (long)c.Entity == entity && (long)c.Type == type && (named is null || c.Certificate.Title == named));
            return title.Length is 0 or SystemTitle.Size;
        }

        if (kind != KeyParameters.BySerial || !reader.TryReadStructureOf(2) || !reader.TryReadOctets(out var serial) || !reader.TryReadOctets(out var issuer) || !reader.TryEnd()) return false;
        foreach (var stored in store.Certificates)
        {
            if (!stored.Certificate.SerialNumber.Span.SequenceEqual(serial) || !stored.Certificate.Issuer.Span.SequenceEqual(issuer)) continue;
            found = stored;
            break;
        }

        return true;
    }
}
