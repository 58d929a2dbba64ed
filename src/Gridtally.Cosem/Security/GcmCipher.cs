using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>AES-GCM with one key and the sizes that DLMS has: nonces of 12 octets, tags of 12.</summary>
/// <remarks>
/// APDUs are short: through the platform's library, setting up each message costs several times its encryption. Where the processor has
/// instructions for AES and for GHASH, they are used directly (<see cref="GcmInstructions"/>); the platform's library everywhere else.
/// </remarks>
internal sealed class GcmCipher : IDisposable
{
    /// <summary>Runtime switch for those who may use validated cryptographic modules only.</summary>
    public const string PlatformOnly = "Gridtally.Cosem.PlatformCipherOnly";

    private static readonly bool InstructionsAllowed = !(AppContext.TryGetSwitch(PlatformOnly, out var only) && only);

    private readonly GcmInstructions? _instructions;
    private readonly AesGcm? _platform;

    /// <param name="key">16 or 32 octets.</param>
    /// <param name="useInstructions">False for the platform's library on any processor.</param>
    public GcmCipher(ReadOnlySpan<byte> key, bool useInstructions = true)
    {
        if (useInstructions && InstructionsAllowed && GcmInstructions.IsSupported) _instructions = new(key);
        else _platform = new(key, CipheredApdu.TagSize);
    }

    /// <summary>Enciphers and authenticates. <paramref name="content"/> has the length of <paramref name="plain"/>.</summary>
    public void Encrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> plain, Span<byte> content, Span<byte> tag, ReadOnlySpan<byte> additional = default)
    {
        if (_instructions is null) _platform!.Encrypt(nonce, plain, content, tag, additional);
        else
        {
            _instructions.Cipher(nonce, plain, content);
            _instructions.Authenticate(nonce, content, additional, tag);
        }
    }

    /// <summary>Verifies and deciphers. Where the tag does not verify, <paramref name="plain"/> is not to be used.</summary>
    public bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> additional)
    {
        if (_instructions is null) return TryDecryptByPlatform(nonce, content, tag, plain, additional);
        Span<byte> expected = stackalloc byte[CipheredApdu.TagSize];
        _instructions.Authenticate(nonce, content, additional, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, tag)) return false;
        _instructions.Cipher(nonce, content, plain);
        return true;
    }

    /// <summary>Clears the key.</summary>
    public void Dispose()
    {
        _instructions?.Dispose();
        _platform?.Dispose();
    }

    private bool TryDecryptByPlatform(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, ReadOnlySpan<byte> tag, Span<byte> plain, ReadOnlySpan<byte> additional)
    {
        try
        {
            _platform!.Decrypt(nonce, content, tag, plain, additional);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }
}
