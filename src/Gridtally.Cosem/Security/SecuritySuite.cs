using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>Which algorithms protect APDUs: bits 3..0 of the security control octet, attribute 3 of Security setup.</summary>
/// <remarks>Security suites, IEC 62056-5-3.</remarks>
public enum SecuritySuite : byte
{
    /// <summary>AES-GCM-128; keys travel by AES-128 key wrap. No signatures, no key agreement.</summary>
    Suite0 = 0,
    /// <summary>AES-GCM-128, ECDSA and ECDH on P-256, SHA-256.</summary>
    Suite1 = 1,
    /// <summary>AES-GCM-256, ECDSA and ECDH on P-384, SHA-384.</summary>
    Suite2 = 2,
}

/// <summary>The sizes that follow from a security suite.</summary>
/// <remarks>IEC 62056-5-3. All in octets.</remarks>
public static class SecuritySuites
{
    /// <summary>The largest symmetric key of any suite.</summary>
    public const int MaxKeySize = 32;

    /// <summary>The largest signature, and the largest public key, of any suite.</summary>
    public const int MaxSignatureSize = 96;

    /// <summary>The largest private key, and the largest shared secret Z, of any suite.</summary>
    public const int MaxPrivateKeySize = 48;

    /// <summary>True for suites 0, 1 and 2.</summary>
    public static bool IsKnown(this SecuritySuite suite) => suite <= SecuritySuite.Suite2;

    /// <summary>Octets of each symmetric key: EK, AK, KEK, dedicated key.</summary>
    public static int KeySize(this SecuritySuite suite) => suite == SecuritySuite.Suite2 ? 32 : 16;

    /// <summary>True where the suite has signatures and key agreement.</summary>
    public static bool HasPublicKeys(this SecuritySuite suite) => suite is SecuritySuite.Suite1 or SecuritySuite.Suite2;

    /// <summary>Octets of a private key and of the shared secret Z: one coordinate of the curve.</summary>
    public static int PrivateKeySize(this SecuritySuite suite) => suite == SecuritySuite.Suite2 ? 48 : 32;

    /// <summary>Octets of a public key: x || y.</summary>
    public static int PublicKeySize(this SecuritySuite suite) => 2 * suite.PrivateKeySize();

    /// <summary>Octets of a signature: R || S.</summary>
    public static int SignatureSize(this SecuritySuite suite) => 2 * suite.PrivateKeySize();

    internal static HashAlgorithmName Hash(this SecuritySuite suite) => suite == SecuritySuite.Suite2 ? HashAlgorithmName.SHA384 : HashAlgorithmName.SHA256;

    internal static ECCurve Curve(this SecuritySuite suite) => suite == SecuritySuite.Suite2 ? ECCurve.NamedCurves.nistP384 : ECCurve.NamedCurves.nistP256;
}
