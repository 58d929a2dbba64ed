using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>One encryption key with its authentication key, ready for AES-GCM. Not thread-safe; allocates nothing per APDU.</summary>
/// <remarks>
/// IEC 62056-5-3, suites 0 to 2. Initialization vector: system title of the originator || invocation counter. Additional data:
/// SC || AK, the fields of general-ciphering, and the APDU itself where it is authenticated but not encrypted. The tag has 12 octets.
/// </remarks>
public sealed class GcmKey : IDisposable
{
    /// <summary>Octets of a GMAC proof of HLS-5: SC, IC, tag.</summary>
    public const int ProofSize = CipheredApdu.HeaderSize + CipheredApdu.TagSize;

    private const int FirstAdditional = 128;
    private readonly GcmCipher _gcm;
    private readonly int _prefixSize;
    private byte[] _additional;

    /// <summary>Takes copies of both keys.</summary>
    /// <param name="encryption">Block cipher key.</param>
    /// <param name="authentication">Authentication key, of the same size.</param>
    /// <param name="suite">Decides the size of the keys: 16 octets, 32 in suite 2.</param>
    /// <exception cref="ArgumentException">A key of another size.</exception>
    public GcmKey(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, SecuritySuite suite = SecuritySuite.Suite0)
    {
        var size = suite.KeySize();
        if (encryption.Length != size || authentication.Length != size) throw new ArgumentException($"Keys of {suite} have {size} octets.");
        Suite = suite;
        _gcm = new(encryption);
        _prefixSize = 1 + size;
        _additional = new byte[FirstAdditional];
        authentication.CopyTo(_additional.AsSpan(1));
    }

    /// <summary>The suite of the keys.</summary>
    public SecuritySuite Suite { get; }

    /// <summary>Protects one APDU.</summary>
    /// <param name="control">Security control octet; bits 4 and 5 decide what is done.</param>
    /// <param name="originator">Own system title.</param>
    /// <param name="counter">A counter that was never used with this key and title.</param>
    /// <param name="apdu">The plain APDU.</param>
    /// <param name="content">Receives as many octets as <paramref name="apdu"/> has.</param>
    /// <param name="tag">Receives 12 octets where the control octet asks for authentication; else untouched.</param>
    /// <param name="fields">The fields of general-ciphering as they are sent; empty for all other envelopes.</param>
    public void Protect(SecurityControl control, SystemTitle originator, uint counter, ReadOnlySpan<byte> apdu, Span<byte> content, Span<byte> tag, ReadOnlySpan<byte> fields = default)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> unsent = stackalloc byte[CipheredApdu.TagSize];
        WriteNonce(nonce, originator, counter);
        switch (control.Protection)
        {
            case Protection.AuthenticatedEncrypted:
                _gcm.Encrypt(nonce, apdu, content, tag, Additional(control, fields, default));
                break;
            case Protection.Encrypted:
                _gcm.Encrypt(nonce, apdu, content, unsent);
                break;
            case Protection.Authenticated:
                _gcm.Encrypt(nonce, default, default, tag, Additional(control, fields, apdu));
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
        var fields = received.Header.Octets;
        switch (received.Control.Protection)
        {
            case Protection.AuthenticatedEncrypted:
                return _gcm.TryDecrypt(nonce, received.Content, received.AuthenticationTag, apdu, Additional(received.Control, fields, default));
            case Protection.Encrypted:
                // GCM enciphers with a key stream, so enciphering again deciphers; Decrypt would insist on the tag that was not sent.
                _gcm.Encrypt(nonce, received.Content, apdu, unsent);
                return true;
            case Protection.Authenticated:
                received.Content.CopyTo(apdu);
                return _gcm.TryDecrypt(nonce, default, received.AuthenticationTag, default, Additional(received.Control, fields, received.Content));
            default:
                received.Content.CopyTo(apdu);
                return true;
        }
    }

    /// <summary>Deciphers without looking at the tag, for tools that have no authentication key: what comes out is evidence of nothing.</summary>
    internal void ReadUnverified(scoped in CipheredApdu received, SystemTitle originator, Span<byte> apdu)
    {
        Span<byte> nonce = stackalloc byte[12];
        Span<byte> unsent = stackalloc byte[CipheredApdu.TagSize];
        WriteNonce(nonce, originator, received.InvocationCounter);
        _gcm.Encrypt(nonce, received.Content, apdu, unsent);
    }

    /// <summary>Proves to hold the keys: SC || IC || GMAC(SC || AK || challenge), 17 octets.</summary>
    /// <remarks>HLS mechanism 5, IEC 62056-5-3.</remarks>
    public void Prove(SystemTitle prover, uint counter, ReadOnlySpan<byte> challenge, Span<byte> proof)
    {
        var control = SecurityControl.Of(Protection.Authenticated, Suite);
        Span<byte> nonce = stackalloc byte[12];
        WriteNonce(nonce, prover, counter);
        proof[0] = control.Value;
        BinaryPrimitives.WriteUInt32BigEndian(proof[1..], counter);
        _gcm.Encrypt(nonce, default, default, proof.Slice(CipheredApdu.HeaderSize, CipheredApdu.TagSize), Additional(control, challenge, default));
    }

    /// <summary>Checks a proof in constant time.</summary>
    public bool Verify(SystemTitle prover, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> proof, out uint counter)
    {
        counter = 0;
        if (proof.Length != ProofSize || proof[0] != SecurityControl.Of(Protection.Authenticated, Suite).Value) return false;
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

    /// <summary>SC || AK || <paramref name="fields"/> || <paramref name="octets"/>, in a buffer that is used again.</summary>
    private ReadOnlySpan<byte> Additional(SecurityControl control, ReadOnlySpan<byte> fields, ReadOnlySpan<byte> octets)
    {
        var length = _prefixSize + fields.Length + octets.Length;
        if (_additional.Length < length)
        {
            var larger = new byte[2 * length];
            _additional.AsSpan(0, _prefixSize).CopyTo(larger);
            CryptographicOperations.ZeroMemory(_additional);
            _additional = larger;
        }

        _additional[0] = control.Value;
        fields.CopyTo(_additional.AsSpan(_prefixSize));
        octets.CopyTo(_additional.AsSpan(_prefixSize + fields.Length));
        return _additional.AsSpan(0, length);
    }
}
