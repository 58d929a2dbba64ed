using System.Buffers;

namespace Gridtally.Cosem.Apdus;

/// <summary>A buffer writer that can take back what it wrote last, and that is used again and again.</summary>
internal sealed class ApduBuffer : IBufferWriter<byte>
{
    /// <summary>Capacity kept between uses. Fits nearly every APDU; a long profile's buffer goes back to the collector.</summary>
    public const int KeptCapacity = 64 * 1024;

    private const int FirstCapacity = 256;
    private byte[] _octets = [];

    public int Length { get; private set; }

    public ReadOnlySpan<byte> Span => _octets.AsSpan(0, Length);

    public ReadOnlyMemory<byte> Memory => _octets.AsMemory(0, Length);

    public void Clear() => Length = 0;

    /// <summary>As <see cref="Clear"/>, and gives an unusually large block of memory back.</summary>
    public void Recycle()
    {
        Length = 0;
        if (_octets.Length > KeptCapacity) _octets = [];
    }

    /// <summary>Takes back all after the first <paramref name="length"/> octets.</summary>
    public void Truncate(int length) => Length = Math.Min(Length, length);

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
        if (needed > _octets.Length) Array.Resize(ref _octets, Math.Max(Math.Max(needed, FirstCapacity), (int)Math.Min(_octets.Length * 2L, Array.MaxLength)));
    }
}
