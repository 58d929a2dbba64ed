using System.Buffers.Binary;
using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>Wraps a key with a key-encrypting key, for key_transfer and for keeping keys on disk.</summary>
/// <remarks>AES Key Wrap, RFC 3394 (suite 0). The BCL has only the padded variant of RFC 5649, which is another algorithm.</remarks>
public static class KeyWrap
{
    /// <summary>Octets that wrapping adds.</summary>
    public const int Overhead = 8;

    // A key has at most 32 octets (suite 2); nothing longer is wrapped by DLMS.
    private const int MaxBlocks = 4;
    private const ulong InitialValue = 0xA6A6A6A6A6A6A6A6;

    /// <summary>Wraps <paramref name="key"/>.</summary>
    /// <param name="kek">Key-encrypting key: 16, 24 or 32 octets.</param>
    /// <param name="key">16, 24 or 32 octets.</param>
    /// <returns>Eight octets more than the key.</returns>
    /// <exception cref="ArgumentException">A key of another length.</exception>
    public static byte[] Wrap(ReadOnlySpan<byte> kek, ReadOnlySpan<byte> key)
    {
        if (key.Length is not (16 or 24 or 32)) throw new ArgumentException($"A key to wrap has 16, 24 or 32 octets; this one has {key.Length}.", nameof(key));
        using var aes = Cipher(kek);
        var wrapped = new byte[key.Length + Overhead];
        key.CopyTo(wrapped.AsSpan(Overhead));
        var check = InitialValue;
        var blocks = key.Length / 8;
        Span<byte> block = stackalloc byte[16];
        for (var step = 1; step <= 6 * blocks; step++)
        {
            var register = wrapped.AsSpan(Overhead + (step - 1) % blocks * 8, 8);
            BinaryPrimitives.WriteUInt64BigEndian(block, check);
            register.CopyTo(block[8..]);
            aes.EncryptEcb(block, block, PaddingMode.None);
            check = BinaryPrimitives.ReadUInt64BigEndian(block) ^ (uint)step;
            block[8..].CopyTo(register);
        }

        BinaryPrimitives.WriteUInt64BigEndian(wrapped, check);
        return wrapped;
    }

    /// <summary>Unwraps a key.</summary>
    /// <param name="kek">Key-encrypting key: 16, 24 or 32 octets.</param>
    /// <param name="wrapped">24, 32 or 40 octets.</param>
    /// <param name="key">The key.</param>
    /// <returns>False where the length is another, or the check value says that it was not wrapped with this key.</returns>
    /// <exception cref="ArgumentException"><paramref name="kek"/> is not a key.</exception>
    public static bool TryUnwrap(ReadOnlySpan<byte> kek, ReadOnlySpan<byte> wrapped, [NotNullWhen(true)] out byte[]? key)
    {
        key = null;
        var blocks = wrapped.Length / 8 - 1;
        if (wrapped.Length % 8 != 0 || blocks is < 2 or > MaxBlocks) return false;
        using var aes = Cipher(kek);
        var plain = wrapped[Overhead..].ToArray();
        var check = BinaryPrimitives.ReadUInt64BigEndian(wrapped);
        Span<byte> block = stackalloc byte[16];
        for (var step = 6 * blocks; step >= 1; step--)
        {
            var register = plain.AsSpan((step - 1) % blocks * 8, 8);
            BinaryPrimitives.WriteUInt64BigEndian(block, check ^ (uint)step);
            register.CopyTo(block[8..]);
            aes.DecryptEcb(block, block, PaddingMode.None);
            check = BinaryPrimitives.ReadUInt64BigEndian(block);
            block[8..].CopyTo(register);
        }

        if (check != InitialValue)
        {
            CryptographicOperations.ZeroMemory(plain);
            return false;
        }

        key = plain;
        return true;
    }

    private static Aes Cipher(ReadOnlySpan<byte> kek)
    {
        if (kek.Length is not (16 or 24 or 32)) throw new ArgumentException($"A key-encrypting key has 16, 24 or 32 octets; this one has {kek.Length}.", nameof(kek));
        var aes = Aes.Create();
        aes.SetKey(kek);
        return aes;
    }
}
