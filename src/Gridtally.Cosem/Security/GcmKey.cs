using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>One encryption key with its authentication key, ready for AES-GCM as suite 0 uses it. Not thread-safe; allocates nothing per APDU.</summary>
/// <remarks>
/// IEC 62056-5-3, security suite 0. Initialization vector: system title of the originator || invocation counter. Additional data:
/// SC || AK, and the APDU itself where it is authenticated but not encrypted. The tag has 12 octets.
/// </remarks>
public sealed class GcmKey : IDisposable
{
    /// <summary>Octets of a GMAC proof of HLS-5: SC, IC, tag.</summary>
    public const int ProofSize = CipheredApdu.HeaderSize + CipheredApdu.TagSize;

    private const int PrefixSize = 1 + SecurityKeys.KeySize;
    private readonly AesGcm _gcm;
    private byte[] _additional;

    /// <summary>Takes copies of both keys.</summary>
    /// <exception cref="ArgumentException">A key that is not 16 octets long.</exception>
    public GcmKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication)
    {
        if (encryption.Length != SecurityKeys.KeySize || authentication.Length != SecurityKeys.KeySize) throw new ArgumentException($"Keys of suite 0 have {SecurityKeys.KeySize} octets.");
        _gcm = new(encryption, CipheredApdu.TagSize);
        _additional = new byte[256];
        authentication.CopyTo(_additional.AsSpan(1));
    }

    /// <summary>Protects one APDU.</summary>
    /// <param name="control">Security control octet; bits 4 and 5 decide what is done.</param>
    /// <param name="originator">Own system title.</param>
    /// <param name="counter">A counter that was never used with this key and title.</param>
    /// <param name="apdu">The plain APDU.</param>
    /// <param name="content">Receives as many octets as <paramref name="apdu"/> has.</param>
    /// <param name="tag">Receives 12 octets where the control octet asks for authentication; else untouched.</param>
    public void Protect(SecurityControl control, SystemTitle originator, uint counter, ReadOnlySpan<byte> apdu, Span<byte> content, Span<byte> tag)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> unsent = stackalloc byte[CipheredApdu.TagSize];
        WriteNonce(nonce, originator, counter);
        switch (control.Protection)
        {
            case Protection.AuthenticatedEncrypted:
                _gcm.Encrypt(nonce, apdu, content, tag, Additional(control, default));
                break;
            case Protection.Encrypted:
                _gcm.Encrypt(nonce, apdu, content, unsent);
                break;
            case Protection.Authenticated:
                _gcm.Encrypt(nonce, default, default, tag, Additional(control, apdu));
                apdu.CopyTo(content);
                break;
            default:
                apdu.CopyTo(content);
                break;
        }
    }

    /// <summary>Verifies and deciphers one APDU.</summary>
    /// <param name="received">The APDU taken apart.</param>
    /// <param name="originator">System title of its sender.</param>
    /// <param name="apdu">Receives as many octets as <see cref="CipheredApdu.Content"/> has; not to be used unless the result is true.</param>
    /// <returns>False where the tag does not verify. Encryption alone has no tag, so any key "works": check what comes out.</returns>
    public bool TryUnprotect(scoped in CipheredApdu received, SystemTitle originator, Span<byte> apdu)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> unsent = stackalloc byte[CipheredApdu.TagSize];
        WriteNonce(nonce, originator, received.InvocationCounter);
        switch (received.Control.Protection)
        {
            case Protection.AuthenticatedEncrypted:
                return TryDecrypt(nonce, received.Content, received.AuthenticationTag, apdu, Additional(received.Control, default));
            case Protection.Encrypted:
                // GCM enciphers with a key stream, so enciphering again deciphers; Decrypt would insist on the tag that was not sent.
                _gcm.Encrypt(nonce, received.Content, apdu, unsent);
                return true;
            case Protection.Authenticated:
                received.Content.CopyTo(apdu);
                return TryDecrypt(nonce, default, received.AuthenticationTag, default, Additional(received.Control, received.Content));
            default:
                received.Content.CopyTo(apdu);
                return true;
        }
    }

    /// <summary>Proves to hold the keys: SC || IC || GMAC(SC || AK || challenge), 17 octets.</summary>
    /// <remarks>HLS mechanism 5, IEC 62056-5-3.</remarks>
    public void Prove(SystemTitle prover, uint counter, ReadOnlySpan<byte> challenge, Span<byte> proof)
    {
        var control = new SecurityControl((byte)Protection.Authenticated);
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce, prover, counter);
        proof[0] = control.Value;
        BinaryPrimitives.WriteUInt32BigEndian(proof[1..], counter);
        _gcm.Encrypt(nonce, default, default, proof.Slice(CipheredApdu.HeaderSize, CipheredApdu.TagSize), Additional(control, challenge));
    }

    /// <summary>Checks a proof in constant time.</summary>
    public bool Verify(SystemTitle prover, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof, out uint counter)
    {
        counter = 0;
        if (proof.Length != ProofSize || proof[0] != (byte)Protection.Authenticated) return false;
        counter = BinaryPrimitives.ReadUInt32BigEndian(proof[1..]);
        Span<byte> expected = stackalloc byte[ProofSize];
        Prove(prover, counter, challenge, expected);
        return CryptographicOperations.FixedTimeEquals(expected, proof);
    }

    /// <summary>Clears the keys.</summary>
    public void Dispose()
    {
        _gcm.Dispose();
        CryptographicOperations.ZeroMemory(_additional);
    }

    private static void WriteNonce(Span<byte> nonce, SystemTitle originator, uint counter)
    {
        originator.Write(nonce);
        BinaryPrimitives.WriteUInt32BigEndian(nonce[SystemTitle.Size..], counter);
    }

    private bool TryDecrypt(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, ReadOnlySpan<byte> tag, Span<byte> apdu, ReadOnlySpan<byte> additional)
    {
        try
        {
            _gcm.Decrypt(nonce, content, tag, apdu, additional);
            return true;
        }
        catch (AuthenticationTagMismatchException)
        {
            return false;
        }
    }

    /// <summary>SC || AK || <paramref name="octets"/>, in a buffer that is used again.</summary>
    private ReadOnlySpan<byte> Additional(SecurityControl control, ReadOnlySpan<byte> octets)
    {
        if (_additional.Length < PrefixSize + octets.Length)
        {
            var larger = new byte[PrefixSize + (octets.Length * 2)];
            _additional.AsSpan(0, PrefixSize).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_additional);
            _additional = larger;
        }

        _additional[0] = control.Value;
        octets.CopyTo(_additional.AsSpan(PrefixSize));
        return _additional.AsSpan(0, PrefixSize + octets.Length);
    }
}
