using System.Diagnostics.CodeAnalysis;
using System.Formats.Asn1;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>What a certificate's key may be used for, as far as DLMS knows it.</summary>
[Flags]
public enum CertificateUse : byte
{
    /// <summary>Nothing that DLMS knows.</summary>
    None = 0,
    /// <summary>digitalSignature.</summary>
    DigitalSignature = 1,
    /// <summary>keyAgreement.</summary>
    KeyAgreement = 2,
    /// <summary>keyCertSign: the key of a certification authority.</summary>
    CertificateSigning = 4,
}

/// <summary>An X.509 version 3 certificate as suites 1 and 2 use it: an elliptic key, made out to a system title.</summary>
/// <remarks>IEC 62056-5-3, public key certificates. Read strictly (DER) and without touching any certificate store.</remarks>
public sealed class CosemCertificate
{
    /// <summary>Octets of the longest certificate that is read; those of DLMS have some 500.</summary>
    public const int MaxSize = 4096;

    private const string KeyUsage = "2.5.29.15", BasicConstraints = "2.5.29.19", AlternativeName = "2.5.29.17", ExtendedUsage = "2.5.29.37", CommonName = "2.5.4.3";
    private const string EllipticKey = "1.2.840.10045.2.1", P256 = "1.2.840.10045.3.1.7", P384 = "1.3.132.0.34", Sha256 = "1.2.840.10045.4.3.2", Sha384 = "1.2.840.10045.4.3.3";

    private readonly byte[] _octets;
    private ReadOnlyMemory<byte> _signedPart;
    private byte[] _signature = [];
    private HashAlgorithmName _hash;

    private CosemCertificate(byte[] octets) => _octets = octets;

    /// <summary>The whole certificate, DER.</summary>
    public ReadOnlyMemory<byte> Octets => _octets;

    /// <summary>serialNumber, as DER has it.</summary>
    public ReadOnlyMemory<byte> SerialNumber { get; private set; }

    /// <summary>issuer, DER.</summary>
    public ReadOnlyMemory<byte> Issuer { get; private set; }

    /// <summary>subject, DER.</summary>
    public ReadOnlyMemory<byte> Subject { get; private set; }

    /// <summary>subjectAltName, DER; empty where there is none.</summary>
    public ReadOnlyMemory<byte> SubjectAlternativeName { get; private set; }

    /// <summary>The system title that it is made out to: the common name, sixteen hexadecimal digits; null for authorities.</summary>
    public SystemTitle? Title { get; private set; }

    /// <summary>First moment of its validity.</summary>
    public DateTimeOffset NotBefore { get; private set; }

    /// <summary>Last moment of its validity.</summary>
    public DateTimeOffset NotAfter { get; private set; }

    /// <summary>Suite 1 for a key on P-256, suite 2 on P-384.</summary>
    public SecuritySuite Suite { get; private set; }

    /// <summary>The key, x || y.</summary>
    public ReadOnlyMemory<byte> PublicKey { get; private set; }

    /// <summary>keyUsage.</summary>
    public CertificateUse Use { get; private set; }

    /// <summary>True where extKeyUsage is given: DLMS has it in TLS certificates only.</summary>
    public bool IsForTls { get; private set; }

    /// <summary>True for the certificate of a certification authority.</summary>
    public bool IsAuthority { get; private set; }

    /// <summary>Reads a certificate.</summary>
    /// <returns>False where it is not DER, not X.509 version 3, not on one of the two curves, or too long.</returns>
    public static bool TryRead(ReadOnlySpan<byte> der, [NotNullWhen(true)] out CosemCertificate? certificate)
    {
        certificate = null;
        if (der.Length is 0 or > MaxSize) return false;
        var read = new CosemCertificate(der.ToArray());
        try
        {
            if (!read.TryRead()) return false;
            certificate = read;
            return true;
        }
        catch (Exception e) when (e is AsnContentException or CryptographicException or ArgumentException)
        {
            return false;
        }
    }

    /// <summary>True where <paramref name="issuer"/> is an authority of that name and has signed this.</summary>
    public bool IsSignedBy(CosemCertificate issuer)
    {
        ArgumentNullException.ThrowIfNull(issuer);
        if (!issuer.IsAuthority || !issuer.Subject.Span.SequenceEqual(Issuer.Span)) return false;
        if (!EllipticCurves.TryVerification(issuer.Suite, issuer.PublicKey.Span, out var key)) return false;
        using (key) return key.VerifyData(_signedPart.Span, _signature, _hash, DSASignatureFormat.Rfc3279DerSequence);
    }

    /// <summary>True where it is valid at that moment.</summary>
    public bool IsValidAt(DateTimeOffset moment) => NotBefore <= moment && moment <= NotAfter;

    /// <summary>Whose it is, never its octets.</summary>
    public override string ToString() => $"certificate {Convert.ToHexString(SerialNumber.Span)} of {(Title is { } title ? title.ToString() : IsAuthority ? "an authority" : "another")}";

    private bool TryRead()
    {
        var outer = new AsnReader(_octets, AsnEncodingRules.DER);
        var certificate = outer.ReadSequence();
        outer.ThrowIfNotEmpty();
        _signedPart = certificate.PeekEncodedValue();
        var content = certificate.ReadSequence();
        var algorithm = certificate.ReadSequence().ReadObjectIdentifier();
        _hash = algorithm == Sha384 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;
        _signature = certificate.ReadBitString(out _);
        certificate.ThrowIfNotEmpty();
        return algorithm is Sha256 or Sha384 && TryReadContent(content);
    }

    private bool TryReadContent(AsnReader content)
    {
        var versionTag = new Asn1Tag(TagClass.ContextSpecific, 0);
        if (!content.PeekTag().HasSameClassAndValue(versionTag)) return false;
        if (!content.ReadSequence(versionTag).TryReadInt32(out var version) || version != 2) return false;
        SerialNumber = content.ReadIntegerBytes();
        content.ReadSequence();
        Issuer = content.ReadEncodedValue();
        var validity = content.ReadSequence();
        (NotBefore, NotAfter) = (ReadTime(validity), ReadTime(validity));
        Subject = content.ReadEncodedValue();
        Title = ReadTitle(Subject);
        if (!TryReadKey(content.ReadSequence())) return false;
        var extensionsTag = new Asn1Tag(TagClass.ContextSpecific, 3);
        while (content.HasData)
        {
            if (content.PeekTag().HasSameClassAndValue(extensionsTag)) ReadExtensions(content.ReadSequence(extensionsTag).ReadSequence());
            else content.ReadEncodedValue();
        }

        return true;
    }

    private static DateTimeOffset ReadTime(AsnReader reader) =>
        reader.PeekTag().HasSameClassAndValue(Asn1Tag.UtcTime) ? reader.ReadUtcTime() : reader.ReadGeneralizedTime();

    private static SystemTitle? ReadTitle(ReadOnlyMemory<byte> name)
    {
        var names = new AsnReader(name, AsnEncodingRules.DER).ReadSequence();
        while (names.HasData)
        {
            var set = names.ReadSetOf();
            while (set.HasData)
            {
                var pair = set.ReadSequence();
                if (pair.ReadObjectIdentifier() != CommonName) continue;
                var tag = pair.PeekTag();
                return tag.TagValue is (int)UniversalTagNumber.UTF8String or (int)UniversalTagNumber.PrintableString
                    && SystemTitle.TryParse(pair.ReadCharacterString((UniversalTagNumber)tag.TagValue), out var title) ? title : null;
            }
        }

        return null;
    }

    private bool TryReadKey(AsnReader key)
    {
        var algorithm = key.ReadSequence();
        if (algorithm.ReadObjectIdentifier() != EllipticKey) return false;
        SecuritySuite? suite = algorithm.ReadObjectIdentifier() switch { P256 => SecuritySuite.Suite1, P384 => SecuritySuite.Suite2, _ => null };
        if (suite is not { } known) return false;
        Suite = known;
        var point = key.ReadBitString(out _);
        if (point.Length != 1 + Suite.PublicKeySize() || point[0] != 4) return false; // uncompressed
        PublicKey = point.AsMemory(1);
        return true;
    }

    private void ReadExtensions(AsnReader extensions)
    {
        while (extensions.HasData)
        {
            var extension = extensions.ReadSequence();
            var name = extension.ReadObjectIdentifier();
            if (extension.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean)) extension.ReadBoolean();
            var value = new AsnReader(extension.ReadOctetString(), AsnEncodingRules.DER);
            switch (name)
            {
                case KeyUsage: Use = ReadUse(value.ReadBitString(out _)); break;
                case ExtendedUsage: IsForTls = true; break;
                case AlternativeName: SubjectAlternativeName = value.ReadEncodedValue(); break;
                case BasicConstraints:
                    var constraints = value.ReadSequence();
                    IsAuthority = constraints.HasData && constraints.PeekTag().HasSameClassAndValue(Asn1Tag.Boolean) && constraints.ReadBoolean();
                    break;
                default: break;
            }
        }
    }

    /// <summary>Bit 0 digitalSignature, 4 keyAgreement, 5 keyCertSign, the first bit being the most significant.</summary>
    private static CertificateUse ReadUse(byte[] bits) => bits.Length == 0 ? CertificateUse.None
        : ((bits[0] & 0x80) != 0 ? CertificateUse.DigitalSignature : 0) | ((bits[0] & 0x08) != 0 ? CertificateUse.KeyAgreement : 0) | ((bits[0] & 0x04) != 0 ? CertificateUse.CertificateSigning : 0);
}

/// <summary>Believes certificates that a known authority has signed, made out to the right title, for signatures, and valid at the moment.</summary>
/// <param name="authorities">Certificates of authorities, roots and those below them; each of them is believed.</param>
/// <param name="now">The present moment; null where there is no clock, then validity is not looked at.</param>
public sealed class CertificateTrust(IReadOnlyList<CosemCertificate> authorities, Func<DateTimeOffset>? now = null) : ICertificateTrust
{
    /// <inheritdoc/>
    public byte[]? SigningKeyOf(ReadOnlySpan<byte> certificate, SystemTitle subject, SecuritySuite suite)
    {
        if (!CosemCertificate.TryRead(certificate, out var read) || read.Title != subject || read.Suite != suite) return null;
        if ((read.Use & CertificateUse.DigitalSignature) == 0 || read.IsAuthority) return null;
        var moment = now?.Invoke();
        if (moment is { } known && !read.IsValidAt(known)) return null;
        return authorities.Any(authority => (moment is not { } at || authority.IsValidAt(at)) && read.IsSignedBy(authority)) ? read.PublicKey.ToArray() : null;
    }
}
