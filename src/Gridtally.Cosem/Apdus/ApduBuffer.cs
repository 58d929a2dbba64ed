using System.Buffers;

namespace Gridtally.Cosem.Apdus;

/// <summary>A buffer writer that can take back what it wrote last, and that is used again and again.</summary>
internal sealed class ApduBuffer : IBufferWriter<byte>
{
    /// <summary>Capacity that a buffer of its own memory keeps between uses. Fits nearly every APDU; a long profile's goes back to the collector.</summary>
    public const int KeptCapacity = 64 * 1024;

    /// <summary>A pooled buffer lends memory up to here back to the pool; more would stay there for ever.</summary>
    public const int PooledCapacity = 1024 * 1024;

    /// <summary>Fits the requests and answers that are not blocks. A pooled buffer keeps this much and no more.</summary>
    private const int FirstCapacity = 256;

    private readonly bool _pooled;
    private byte[] _octets = [];
    private byte[]? _first;

    /// <summary>A buffer whose memory stays its own.</summary>
    public ApduBuffer()
    {
    }

    private ApduBuffer(bool pooled) => _pooled = pooled;

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _octets.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _octets.AsMemory(0, Length);

    /// <summary>A buffer that lends more than a short APDU takes from the shared pool, and gives it back in <see cref="Recycle"/>: an idle server stays small.</summary>
    public static ApduBuffer Pooled() => new(pooled: true);

    public void Clear() => Length = 0;

    /// <summary>As <see cref="Clear"/>, and gives memory beyond the usual back. What was read from the buffer must not be used any more.</summary>
    public void Recycle()
    {
        Length = 0;
        if (_pooled) Exchange(_first ?? []);
        else if (_octets.Length > KeptCapacity) _octets = [];
    }

    /// <summary>Takes back all after the first <paramref name="length"/> octets.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Keeps a part of what was written, and nothing else.</summary>
    public void Keep(Range part)
    {
        var (offset, length) = part.GetOffsetAndLength(Length);
        _octets.AsSpan(offset, length).CopyTo(_octets);
        Length = length;
    }

    public void Append(ReadOnlySpan<byte> octets)
    {
        octets.CopyTo(GetSpan(octets.Length));
        Length += octets.Length;
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _octets.Length - Length);
        Length += count;
    }

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _octets.AsMemory(Length);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Reserve(sizeHint);
        return _octets.AsSpan(Length);
    }

    /// <summary>Overwrites everything with zeros: for deciphered keys.</summary>
    public void Wipe()
    {
        _octets.AsSpan().Clear();
        Length = 0;
    }

    private void Reserve(int sizeHint)
    {
        var needed = checked(Length + Math.Max(sizeHint, 1));
        if (needed > _octets.Length) Grow(Math.Max(Math.Max(needed, FirstCapacity), (int)Math.Min(_octets.Length * 2L, Array.MaxLength)));
    }

    private void Grow(int capacity)
    {
        if (!_pooled)
        {
            Array.Resize(ref _octets, capacity);
            return;
        }

        var larger = capacity > FirstCapacity ? ArrayPool<byte>.Shared.Rent(capacity) : _first ??= new byte[FirstCapacity];
        Span.CopyTo(larger);
        Exchange(larger);
    }

    private void Exchange(byte[] octets)
    {
        var before = _octets;
        _octets = octets;
        if (before.Length is > FirstCapacity and <= PooledCapacity) ArrayPool<byte>.Shared.Return(before);
    }
}
