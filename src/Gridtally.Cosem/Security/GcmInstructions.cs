using System.Buffers.Binary;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Gridtally.Cosem.Security;

/// <summary>AES-GCM by the processor's own instructions (AES-NI, PCLMULQDQ): no table and no branch depends on key or data.</summary>
/// <remarks>
/// NIST SP 800-38D. GHASH works on octets in reversed order, as the carry-less multiplication wants them; four blocks are
/// multiplied by powers of H and reduced together. Tests hold it against the platform's AES-GCM, and against published vectors.
/// </remarks>
internal sealed class GcmInstructions : IDisposable
{
    private const int BlockSize = 16, Together = 4;

    private readonly Vector128<byte>[] _rounds;
    private readonly Vector128<ulong>[] _powers = new Vector128<ulong>[Together];
    private bool _disposed;

    /// <summary>Expands the key.</summary>
    /// <param name="key">16 or 32 octets.</param>
    public GcmInstructions(ReadOnlySpan<byte> key)
    {
        _rounds = key.Length switch
        {
            16 => Expand128(key),
            32 => Expand256(key),
            _ => throw new ArgumentException($"A key has 16 or 32 octets, not {key.Length}.", nameof(key)),
        };
        _powers[0] = Reversed(Encrypt(Vector128<byte>.Zero));
        for (var i = 1; i < Together; i++) _powers[i] = Multiply(_powers[i - 1], _powers[0]);
    }

    /// <summary>True where the processor has the instructions.</summary>
    public static bool IsSupported => Aes.IsSupported && Pclmulqdq.IsSupported && Ssse3.IsSupported;

    /// <summary>Enciphers or deciphers: the key stream of counters from 2 on, added.</summary>
    public void Cipher(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> source, Span<byte> target)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        target = target[..source.Length];
        var counter = CounterBlock(nonce);
        uint number = 2;
        while (source.Length >= Together * BlockSize)
        {
            var (a, b, c, d) = (At(counter, number), At(counter, number + 1), At(counter, number + 2), At(counter, number + 3));
            number += Together;
            Encrypt(ref a, ref b, ref c, ref d);
            (Vector128.Create(source) ^ a).CopyTo(target);
            (Vector128.Create(source[BlockSize..]) ^ b).CopyTo(target[BlockSize..]);
            (Vector128.Create(source[(2 * BlockSize)..]) ^ c).CopyTo(target[(2 * BlockSize)..]);
            (Vector128.Create(source[(3 * BlockSize)..]) ^ d).CopyTo(target[(3 * BlockSize)..]);
            source = source[(Together * BlockSize)..];
            target = target[(Together * BlockSize)..];
        }

        for (; source.Length >= BlockSize; source = source[BlockSize..], target = target[BlockSize..])
            (Vector128.Create(source) ^ Encrypt(At(counter, number++))).CopyTo(target);
        if (source.IsEmpty) return;
        Span<byte> last = stackalloc byte[BlockSize];
        last.Clear();
        source.CopyTo(last);
        (Vector128.Create((ReadOnlySpan<byte>)last) ^ Encrypt(At(counter, number))).CopyTo(last);
        last[..source.Length].CopyTo(target);
    }

    /// <summary>The tag over additional data and ciphertext, as many octets of it as <paramref name="tag"/> has.</summary>
    public void Authenticate(ReadOnlySpan<byte> nonce, ReadOnlySpan<byte> content, ReadOnlySpan<byte> additional, Span<byte> tag)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var hash = Hash(Hash(Vector128<ulong>.Zero, additional), content);
        var lengths = Vector128.Create((ulong)content.Length * 8, (ulong)additional.Length * 8);
        hash = Multiply(hash ^ lengths, _powers[0]);
        Span<byte> whole = stackalloc byte[BlockSize];
        (Reversed(hash).AsByte() ^ Encrypt(At(CounterBlock(nonce), 1))).CopyTo(whole);
        whole[..tag.Length].CopyTo(tag);
    }

    /// <summary>Clears the key.</summary>
    public void Dispose()
    {
        _disposed = true;
        Array.Clear(_rounds);
        Array.Clear(_powers);
    }

    private Vector128<ulong> Hash(Vector128<ulong> hash, ReadOnlySpan<byte> octets)
    {
        for (; octets.Length >= Together * BlockSize; octets = octets[(Together * BlockSize)..])
        {
            var product = new Product();
            product.Add(hash ^ Reversed(Vector128.Create(octets)), _powers[3]);
            product.Add(Reversed(Vector128.Create(octets[BlockSize..])), _powers[2]);
            product.Add(Reversed(Vector128.Create(octets[(2 * BlockSize)..])), _powers[1]);
            product.Add(Reversed(Vector128.Create(octets[(3 * BlockSize)..])), _powers[0]);
            hash = product.Reduced;
        }

        for (; octets.Length >= BlockSize; octets = octets[BlockSize..]) hash = Multiply(hash ^ Reversed(Vector128.Create(octets)), _powers[0]);
        if (octets.IsEmpty) return hash;
        Span<byte> last = stackalloc byte[BlockSize];
        last.Clear();
        octets.CopyTo(last);
        return Multiply(hash ^ Reversed(Vector128.Create((ReadOnlySpan<byte>)last)), _powers[0]);
    }

    private static Vector128<byte> CounterBlock(ReadOnlySpan<byte> nonce)
    {
        Span<byte> block = stackalloc byte[BlockSize];
        block.Clear();
        nonce.CopyTo(block);
        return Vector128.Create((ReadOnlySpan<byte>)block);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> At(Vector128<byte> counter, uint number) =>
        counter.AsUInt32().WithElement(3, BinaryPrimitives.ReverseEndianness(number)).AsByte();

    private Vector128<byte> Encrypt(Vector128<byte> block)
    {
        ref var round = ref MemoryMarshal.GetArrayDataReference(_rounds);
        var last = _rounds.Length - 1;
        block ^= round;
        for (var i = 1; i < last; i++) block = Aes.Encrypt(block, Unsafe.Add(ref round, i));
        return Aes.EncryptLast(block, Unsafe.Add(ref round, last));
    }

    // Four at a time: each instruction takes several cycles, but one can begin in each.
    private void Encrypt(ref Vector128<byte> a, ref Vector128<byte> b, ref Vector128<byte> c, ref Vector128<byte> d)
    {
        ref var round = ref MemoryMarshal.GetArrayDataReference(_rounds);
        var last = _rounds.Length - 1;
        var (w, x, y, z) = (a ^ round, b ^ round, c ^ round, d ^ round);
        for (var i = 1; i < last; i++)
        {
            var key = Unsafe.Add(ref round, i);
            (w, x, y, z) = (Aes.Encrypt(w, key), Aes.Encrypt(x, key), Aes.Encrypt(y, key), Aes.Encrypt(z, key));
        }

        var end = Unsafe.Add(ref round, last);
        (a, b, c, d) = (Aes.EncryptLast(w, end), Aes.EncryptLast(x, end), Aes.EncryptLast(y, end), Aes.EncryptLast(z, end));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Reversed(Vector128<byte> block) =>
        Ssse3.Shuffle(block, Vector128.Create((byte)15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0)).AsUInt64();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Reversed(Vector128<ulong> block) => Reversed(block.AsByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<ulong> Multiply(Vector128<ulong> left, Vector128<ulong> right)
    {
        var product = new Product();
        product.Add(left, right);
        return product.Reduced;
    }

    private static Vector128<byte>[] Expand128(ReadOnlySpan<byte> key)
    {
        var rounds = new Vector128<byte>[11];
        rounds[0] = Vector128.Create(key);
        rounds[1] = Next(rounds[0], Aes.KeygenAssist(rounds[0], 0x01));
        rounds[2] = Next(rounds[1], Aes.KeygenAssist(rounds[1], 0x02));
        rounds[3] = Next(rounds[2], Aes.KeygenAssist(rounds[2], 0x04));
        rounds[4] = Next(rounds[3], Aes.KeygenAssist(rounds[3], 0x08));
        rounds[5] = Next(rounds[4], Aes.KeygenAssist(rounds[4], 0x10));
        rounds[6] = Next(rounds[5], Aes.KeygenAssist(rounds[5], 0x20));
        rounds[7] = Next(rounds[6], Aes.KeygenAssist(rounds[6], 0x40));
        rounds[8] = Next(rounds[7], Aes.KeygenAssist(rounds[7], 0x80));
        rounds[9] = Next(rounds[8], Aes.KeygenAssist(rounds[8], 0x1B));
        rounds[10] = Next(rounds[9], Aes.KeygenAssist(rounds[9], 0x36));
        return rounds;
    }

    private static Vector128<byte>[] Expand256(ReadOnlySpan<byte> key)
    {
        var rounds = new Vector128<byte>[15];
        (rounds[0], rounds[1]) = (Vector128.Create(key), Vector128.Create(key[BlockSize..]));
        rounds[2] = Next(rounds[0], Aes.KeygenAssist(rounds[1], 0x01));
        rounds[3] = NextOdd(rounds[1], rounds[2]);
        rounds[4] = Next(rounds[2], Aes.KeygenAssist(rounds[3], 0x02));
        rounds[5] = NextOdd(rounds[3], rounds[4]);
        rounds[6] = Next(rounds[4], Aes.KeygenAssist(rounds[5], 0x04));
        rounds[7] = NextOdd(rounds[5], rounds[6]);
        rounds[8] = Next(rounds[6], Aes.KeygenAssist(rounds[7], 0x08));
        rounds[9] = NextOdd(rounds[7], rounds[8]);
        rounds[10] = Next(rounds[8], Aes.KeygenAssist(rounds[9], 0x10));
        rounds[11] = NextOdd(rounds[9], rounds[10]);
        rounds[12] = Next(rounds[10], Aes.KeygenAssist(rounds[11], 0x20));
        rounds[13] = NextOdd(rounds[11], rounds[12]);
        rounds[14] = Next(rounds[12], Aes.KeygenAssist(rounds[13], 0x40));
        return rounds;
    }

    // A round key from the one before it (128 bits) or two before it (256 bits), and the transformed last word of the one before.
    private static Vector128<byte> Next(Vector128<byte> from, Vector128<byte> assist) => Chained(from) ^ Sse2.Shuffle(assist.AsUInt32(), 0xFF).AsByte();

    private static Vector128<byte> NextOdd(Vector128<byte> from, Vector128<byte> before) => Chained(from) ^ Sse2.Shuffle(Aes.KeygenAssist(before, 0).AsUInt32(), 0xAA).AsByte();

    private static Vector128<byte> Chained(Vector128<byte> from)
    {
        from ^= Sse2.ShiftLeftLogical128BitLane(from, 4);
        from ^= Sse2.ShiftLeftLogical128BitLane(from, 8);
        return from;
    }

    /// <summary>The sum of products of 128 bits, 256 bits wide until it is reduced.</summary>
    private struct Product
    {
        private Vector128<ulong> _low, _middle, _high;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public void Add(Vector128<ulong> left, Vector128<ulong> right)
        {
            _low ^= Pclmulqdq.CarrylessMultiply(left, right, 0x00);
            _middle ^= Pclmulqdq.CarrylessMultiply(left, right, 0x10) ^ Pclmulqdq.CarrylessMultiply(left, right, 0x01);
            _high ^= Pclmulqdq.CarrylessMultiply(left, right, 0x11);
        }

        // The bits of a block count from the other end, so the product is shifted by one; then x^128 + x^7 + x^2 + x + 1 is taken out.
        public readonly Vector128<ulong> Reduced
        {
            [MethodImpl(MethodImplOptions.AggressiveInlining)]
            get
            {
                var low = (_low ^ Sse2.ShiftLeftLogical128BitLane(_middle, 8)).AsUInt32();
                var high = (_high ^ Sse2.ShiftRightLogical128BitLane(_middle, 8)).AsUInt32();
                var (lowCarry, highCarry) = (low >>> 31, high >>> 31);
                low = low << 1 | Sse2.ShiftLeftLogical128BitLane(lowCarry, 4);
                high = high << 1 | Sse2.ShiftLeftLogical128BitLane(highCarry, 4) | Sse2.ShiftRightLogical128BitLane(lowCarry, 12);

                var fold = low << 31 ^ low << 30 ^ low << 25;
                var rest = Sse2.ShiftRightLogical128BitLane(fold, 4);
                low ^= Sse2.ShiftLeftLogical128BitLane(fold, 12);
                return (high ^ low ^ low >>> 1 ^ low >>> 2 ^ low >>> 7 ^ rest).AsUInt64();
            }
        }
    }
}
