using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>What an agreed key is for: last arc of the algorithm's name 2.16.756.5.8.3.n.</summary>
/// <remarks>Cryptographic algorithm ids, IEC 62056-5-3.</remarks>
public enum KeyAlgorithm : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    AesGcm128 = 0, AesGcm256 = 1, AesWrap128 = 2, AesWrap256 = 3,
#pragma warning restore CS1591
}

/// <summary>Makes a symmetric key of the shared secret of a key agreement.</summary>
/// <remarks>Single-step KDF of NIST SP 800-56A: Hash(00000001 || Z || AlgorithmID || PartyU || PartyV), cut to the size of the key.</remarks>
public static class KeyDerivation
{
    /// <summary>transaction-id of C(0e,2s) in PartyU: length octet and up to eight octets.</summary>
    public const int MaxPartySize = SystemTitle.Size + 1 + TransactionId.MaxSize;

    private const int CounterSize = 4;

    private static ReadOnlySpan<byte> Arc => [0x60, 0x85, 0x74, 0x05, 0x08, 0x03];

    /// <summary>The algorithm of keys that protect APDUs in this suite.</summary>
    public static KeyAlgorithm Ciphering(SecuritySuite suite) => suite == SecuritySuite.Suite2 ? KeyAlgorithm.AesGcm256 : KeyAlgorithm.AesGcm128;

    /// <summary>The algorithm of keys that wrap keys in this suite.</summary>
    public static KeyAlgorithm Wrapping(SecuritySuite suite) => suite == SecuritySuite.Suite2 ? KeyAlgorithm.AesWrap256 : KeyAlgorithm.AesWrap128;

    /// <summary>Derives a key.</summary>
    /// <param name="suite">Suite 1 hashes with SHA-256, suite 2 with SHA-384.</param>
    /// <param name="secret">Z: the x coordinate of the agreed point.</param>
    /// <param name="algorithm">What the key is for.</param>
    /// <param name="partyU">System title of the originator; for C(0e,2s) followed by the transaction-id with its length.</param>
    /// <param name="partyV">System title of the recipient.</param>
    /// <param name="key">Receives 16 octets in suite 1, 32 in suite 2.</param>
    /// <exception cref="ArgumentException">Suite 0, or an argument of a size that the standard does not have.</exception>
    public static void Derive(SecuritySuite suite, ReadOnlySpan<byte> secret, KeyAlgorithm algorithm, ReadOnlySpan<byte> partyU, ReadOnlySpan<byte> partyV, Span<byte> key)
    {
        if (!suite.HasPublicKeys()) throw new ArgumentException("Keys are agreed in suites 1 and 2 only.", nameof(suite));
        if (secret.Length != suite.PrivateKeySize() || key.Length != suite.KeySize()) throw new ArgumentException($"In {suite} the secret has {suite.PrivateKeySize()} octets and the key {suite.KeySize()}.");
        if (partyU.Length > MaxPartySize || partyV.Length > MaxPartySize) throw new ArgumentException($"PartyU and PartyV have at most {MaxPartySize} octets.");
        Span<byte> input = stackalloc byte[CounterSize + SecuritySuites.MaxPrivateKeySize + 7 + 2 * MaxPartySize];
        var length = CounterSize;
        (input[0], input[1], input[2], input[3]) = (0, 0, 0, 1);
        Append(input, ref length, secret);
        Append(input, ref length, Arc);
        input[length++] = (byte)algorithm;
        Append(input, ref length, partyU);
        Append(input, ref length, partyV);
        Span<byte> hash = stackalloc byte[48];
        var size = CryptographicOperations.HashData(suite.Hash(), input[..length], hash);
        hash[..Math.Min(size, key.Length)].CopyTo(key);
        CryptographicOperations.ZeroMemory(input);
        CryptographicOperations.ZeroMemory(hash);
    }

    private static void Append(Span<byte> target, ref int length, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(target[length..]);
        length += octets.Length;
    }
}
