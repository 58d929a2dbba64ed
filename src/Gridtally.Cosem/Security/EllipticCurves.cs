using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>Fills a span with octets that nobody can guess. Keys and challenges come from outside, so that protocol code stays repeatable.</summary>
/// <param name="target">Filled completely.</param>
public delegate void RandomSource(Span<byte> target);

/// <summary>Keys on P-256 (suite 1) and P-384 (suite 2) in the form in which DLMS has them: x || y, and the private number.</summary>
/// <remarks>IEC 62056-5-3; FIPS 186-4. A key of a peer that is no point of the curve is a value (false), never an exception.</remarks>
public static class EllipticCurves
{
    // Random octets lie above the group's order less often than once in 2^32: a second try is unlikely, a ninth means a broken source.
    private const int MaxTries = 8;

    private static readonly byte[] OrderP256 = Convert.FromHexString("FFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551");

    private static readonly byte[] OrderP384 = Convert.FromHexString("FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFC7634D81F4372DDF581A0DB248B0A77AECEC196ACCC52973");

    /// <summary>Makes a private key of random octets.</summary>
    /// <param name="suite">Suite 1 or 2.</param>
    /// <param name="random">Source of octets.</param>
    /// <returns>32 or 48 octets.</returns>
    /// <exception cref="ArgumentException">A suite without public keys.</exception>
    /// <exception cref="InvalidOperationException">The source gives no usable number: it is not random.</exception>
    public static byte[] NewPrivateKey(SecuritySuite suite, RandomSource random)
    {
        ArgumentNullException.ThrowIfNull(random);
        RequirePublicKeys(suite);
        var key = new byte[suite.PrivateKeySize()];
        for (var i = 0; i < MaxTries; i++)
        {
            random(key);
            if (IsPrivateKey(suite, key)) return key;
        }

        throw new InvalidOperationException("The source of randomness gave no number below the order of the curve; expected a cryptographic generator.");
    }

    /// <summary>True for a number from 1 to the order of the curve less 1.</summary>
    public static bool IsPrivateKey(SecuritySuite suite, ReadOnlySpan<byte> key)
    {
        var order = suite == SecuritySuite.Suite2 ? OrderP384 : OrderP256;
        return suite.HasPublicKeys() && key.Length == suite.PrivateKeySize() && key.IndexOfAnyExcept((byte)0) >= 0 && key.SequenceCompareTo(order) < 0;
    }

    /// <summary>The public key of a private one.</summary>
    /// <returns>x || y.</returns>
    /// <exception cref="ArgumentException">Not a private key of that suite.</exception>
    public static byte[] PublicKeyOf(SecuritySuite suite, ReadOnlySpan<byte> privateKey)
    {
        using var key = Agreement(suite, privateKey);
        return Point(key.ExportParameters(false).Q);
    }

    /// <summary>x || y of a key that came in another form, such as a certificate.</summary>
    public static byte[] Point(ECPoint point) => [.. point.X!, .. point.Y!];

    /// <summary>Takes a private key for signing.</summary>
    /// <exception cref="ArgumentException">Not a private key of that suite. The message does not show it.</exception>
    public static ECDsa Signing(SecuritySuite suite, ReadOnlySpan<byte> privateKey) => ImportPrivate(suite, privateKey, ECDsa.Create);

    /// <summary>Takes a private key for key agreement.</summary>
    /// <exception cref="ArgumentException">Not a private key of that suite. The message does not show it.</exception>
    public static ECDiffieHellman Agreement(SecuritySuite suite, ReadOnlySpan<byte> privateKey) => ImportPrivate(suite, privateKey, ECDiffieHellman.Create);

    /// <summary>Takes a public key for checking signatures.</summary>
    /// <returns>False where it is not a point of the curve.</returns>
    public static bool TryVerification(SecuritySuite suite, ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out ECDsa? key) => TryImport(suite, publicKey, ECDsa.Create, out key);

    /// <summary>Agrees on the shared secret Z.</summary>
    /// <param name="suite">Suite 1 or 2.</param>
    /// <param name="own">Own private key.</param>
    /// <param name="publicKey">The partner's x || y.</param>
    /// <param name="secret">x coordinate of the product, 32 or 48 octets.</param>
    /// <returns>False where the partner's key is not a point of the curve.</returns>
    public static bool TryAgree(SecuritySuite suite, ECDiffieHellman own, ReadOnlySpan<byte> publicKey, [NotNullWhen(true)] out byte[]? secret)
    {
        ArgumentNullException.ThrowIfNull(own);
        secret = null;
        if (!TryImport(suite, publicKey, ECDiffieHellman.Create, out var partner)) return false;
        using (partner)
        {
            using var point = partner.PublicKey;
            try
            {
                secret = own.DeriveRawSecretAgreement(point);
                return true;
            }
            catch (CryptographicException)
            {
                return false;
            }
        }
    }

    private static T ImportPrivate<T>(SecuritySuite suite, ReadOnlySpan<byte> privateKey, Func<ECParameters, T> create)
    {
        RequirePublicKeys(suite);
        if (!IsPrivateKey(suite, privateKey)) throw new ArgumentException($"A private key of {suite} is a number of {suite.PrivateKeySize()} octets below the order of its curve; this one has {privateKey.Length} octets.", nameof(privateKey));
        var octets = privateKey.ToArray();
        try
        {
            return create(new() { Curve = suite.Curve(), D = octets });
        }
        finally
        {
            CryptographicOperations.ZeroMemory(octets);
        }
    }

    private static bool TryImport<T>(SecuritySuite suite, ReadOnlySpan<byte> publicKey, Func<ECParameters, T> create, [NotNullWhen(true)] out T? key)
        where T : class
    {
        key = null;
        if (!suite.HasPublicKeys() || publicKey.Length != suite.PublicKeySize()) return false;
        var half = publicKey.Length / 2;
        try
        {
            key = create(new() { Curve = suite.Curve(), Q = new() { X = publicKey[..half].ToArray(), Y = publicKey[half..].ToArray() } });
            return true;
        }
        catch (CryptographicException)
        {
            return false;
        }
    }

    private static void RequirePublicKeys(SecuritySuite suite)
    {
        if (!suite.HasPublicKeys()) throw new ArgumentException($"{suite} has no public keys; expected suite 1 or 2.", nameof(suite));
    }
}
