namespace Gridtally.Cosem.LocalPort;

/// <summary>Characters as they come, bounded, their parity bit taken off where the port has left it on.</summary>
internal sealed class TextBuffer(int maxLength)
{
    private byte[] _octets = [];
    private int _count;

    public ReadOnlySpan<byte> Text => _octets.AsSpan(0, _count);

    public bool IsFull => _count == maxLength;

    /// <summary>Takes as many octets as fit; what does not is dropped.</summary>
    public void Add(ReadOnlySpan<byte> octets)
    {
        var count = Math.Min(octets.Length, maxLength - _count);
        if (_octets.Length < _count + count) Array.Resize(ref _octets, Math.Min(maxLength, Math.Max(_count + count, 2 * _octets.Length)));
        for (var i = 0; i < count; i++) _octets[_count + i] = (byte)(octets[i] & 0x7F);
        _count += count;
    }

    /// <summary>Drops characters in front.</summary>
    public void Drop(int count)
    {
        Text[count..].CopyTo(_octets);
        _count -= count;
    }

    public void Clear() => _count = 0;
}
