using System.Security.Cryptography;
using Gridtally.Cosem.Acse;

namespace Gridtally.Cosem.Security;

/// <summary>What one party knows when it proves who it is: passes 3 and 4 of high level security. Both sides use it.</summary>
/// <remarks>
/// IEC 62056-5-3. f(challenge) is, by mechanism: 2 (the manufacturer's own) the AES-128-ECB encipherment of the challenge, both padded with
/// zeros, as stacks agree to do it; 3 MD5 and 4 SHA-1 of challenge || secret; 5 GMAC; 6 SHA-256 of secret || own title || partner's title ||
/// challenge || other challenge; 7 the ECDSA signature over the same without the secret.
/// </remarks>
internal readonly ref struct HlsProof
{
    /// <summary>A challenge is bounded by the standard: 8 to 64 octets, from 32 with ECDSA.</summary>
    public const int MinChallenge = 8, MinChallengeEcdsa = 32, MaxChallenge = 64;

    /// <summary>Octets of a secret; the standard has no maximum, visible passwords have 32 at most.</summary>
    public const int MaxSecret = 64;

    /// <summary>Octets of the longest proof: a signature of suite 2.</summary>
    public const int MaxSize = SecuritySuites.MaxSignatureSize;

    private const int AesBlock = 16, MaxInput = MaxSecret + 2 * SystemTitle.Size + 2 * MaxChallenge;

    /// <summary>HLS, 2 to 7.</summary>
    public AuthenticationMechanism Mechanism { get; init; }

    /// <summary>The shared secret of mechanisms 2, 3, 4 and 6.</summary>
    public ReadOnlySpan<byte> Secret { get; init; }

    /// <summary>Own system title.</summary>
    public SystemTitle Own { get; init; }

    /// <summary>The partner's system title.</summary>
    public SystemTitle Peer { get; init; }

    /// <summary>The keys of mechanisms 5 and 7.</summary>
    public ApduCipher? Cipher { get; init; }

    /// <summary>True for mechanisms 2 to 7.</summary>
    public static bool IsHls(AuthenticationMechanism mechanism) => mechanism is >= AuthenticationMechanism.HighLevelManufacturer and <= AuthenticationMechanism.HighLevelEcdsa;

    /// <summary>True for the mechanisms whose proof binds the system titles.</summary>
    public static bool NeedsTitles(AuthenticationMechanism mechanism) => mechanism is >= AuthenticationMechanism.HighLevelGmac and <= AuthenticationMechanism.HighLevelEcdsa;

    /// <summary>True for the mechanisms with a secret beside the keys.</summary>
    public static bool NeedsSecret(AuthenticationMechanism mechanism) => IsHls(mechanism) && mechanism is not (AuthenticationMechanism.HighLevelGmac or AuthenticationMechanism.HighLevelEcdsa);

    /// <summary>The fewest octets of a challenge of this mechanism.</summary>
    public static int MinChallengeOf(AuthenticationMechanism mechanism) => mechanism == AuthenticationMechanism.HighLevelEcdsa ? MinChallengeEcdsa : MinChallenge;

    /// <summary>True for a challenge that the standard allows with this mechanism.</summary>
    public static bool IsChallenge(AuthenticationMechanism mechanism, ReadOnlySpan<byte> challenge) => challenge.Length >= MinChallengeOf(mechanism) && challenge.Length <= MaxChallenge;

    /// <summary>Writes the own proof.</summary>
    /// <param name="challenge">The partner's challenge, which is proved.</param>
    /// <param name="other">The own challenge.</param>
    /// <param name="proof">Receives at most <see cref="MaxSize"/> octets.</param>
    /// <returns>How many octets; 0 where the invocation counter is used up or the key is missing.</returns>
    public int Prove(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> other, Span<byte> proof)
    {
        switch (Mechanism)
        {
            case AuthenticationMechanism.HighLevelGmac:
                return Cipher is not null && Cipher.TryProve(challenge, proof) ? GcmKey.ProofSize : 0;
            case AuthenticationMechanism.HighLevelEcdsa:
                if (Cipher?.Keys.Elliptic is not { CanSign: true } elliptic) return 0;
                Span<byte> input = stackalloc byte[MaxInput];
                elliptic.Sign(input[..Gather(input, default, Own, Peer, challenge, other)], proof[..elliptic.Suite.SignatureSize()]);
                return elliptic.Suite.SignatureSize();
            default:
                return Digest(Own, Peer, challenge, other, proof);
        }
    }

    /// <summary>Checks the partner's proof, in constant time.</summary>
    /// <param name="challenge">The own challenge, which the partner proves.</param>
    /// <param name="other">The partner's challenge.</param>
    /// <param name="proof">What it sent.</param>
    public bool Verify(ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> other, ReadOnlySpan<byte> proof)
    {
        switch (Mechanism)
        {
            case AuthenticationMechanism.HighLevelGmac:
                return Cipher is not null && Cipher.Verify(challenge, proof);
            case AuthenticationMechanism.HighLevelEcdsa:
                Span<byte> input = stackalloc byte[MaxInput];
                return Cipher is not null && Cipher.VerifySignature(input[..Gather(input, default, Peer, Own, challenge, other)], proof);
            default:
                Span<byte> expected = stackalloc byte[MaxSize];
                return CryptographicOperations.FixedTimeEquals(expected[..Digest(Peer, Own, challenge, other, expected)], proof);
        }
    }

#pragma warning disable CA5350, CA5351 // MD5, SHA-1 and ECB are what mechanisms 2 to 4 are; meters in the field have nothing better
    private int Digest(SystemTitle prover, SystemTitle verifier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> other, Span<byte> digest)
    {
        Span<byte> input = stackalloc byte[MaxInput];
        var length = 0;
        switch (Mechanism)
        {
            case AuthenticationMechanism.HighLevelManufacturer:
                return Encipher(challenge, digest);
            case AuthenticationMechanism.HighLevelMd5:
                Append(input, ref length, challenge);
                Append(input, ref length, Secret);
                return MD5.HashData(input[..length], digest);
            case AuthenticationMechanism.HighLevelSha1:
                Append(input, ref length, challenge);
                Append(input, ref length, Secret);
                return SHA1.HashData(input[..length], digest);
            default:
                return SHA256.HashData(input[..Gather(input, Secret, prover, verifier, challenge, other)], digest);
        }
    }

    private int Encipher(ReadOnlySpan<byte> challenge, Span<byte> enciphered)
    {
        Span<byte> key = stackalloc byte[AesBlock];
        Secret[..Math.Min(Secret.Length, AesBlock)].CopyTo(key);
        var size = (challenge.Length + AesBlock - 1) / AesBlock * AesBlock;
        Span<byte> padded = stackalloc byte[MaxChallenge];
        challenge.CopyTo(padded);
        using var aes = Aes.Create();
        aes.SetKey(key);
        return aes.EncryptEcb(padded[..size], enciphered, PaddingMode.None);
    }
#pragma warning restore CA5350, CA5351

    private static int Gather(Span<byte> target, ReadOnlySpan<byte> secret, SystemTitle prover, SystemTitle verifier, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> other)
    {
        var length = 0;
        Append(target, ref length, secret);
        prover.Write(target[length..]);
        length += SystemTitle.Size;
        verifier.Write(target[length..]);
        length += SystemTitle.Size;
        Append(target, ref length, challenge);
        Append(target, ref length, other);
        return length;
    }

    private static void Append(Span<byte> target, ref int length, ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(target[length..]);
        length += octets.Length;
    }
}
