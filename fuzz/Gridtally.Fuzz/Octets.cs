namespace Gridtally.Fuzz;

/// <summary>An input while it is being made: octets that can grow, shrink and be cut, up to a limit.</summary>
internal sealed class Octets(int limit)
{
    private readonly byte[] _buffer = new byte[limit];

    public int Length { get; private set; }

    public int Room => limit - Length;

    public Span<byte> Span => _buffer.AsSpan(0, Length);

    public void Set(ReadOnlySpan<byte> octets)
    {
        Length = Math.Min(octets.Length, limit);
        octets[..Length].CopyTo(_buffer);
    }

    public void Truncate(int length) => Length = Math.Min(Length, length);

    /// <summary>Inserts as much as there is room for.</summary>
    public void Insert(int at, ReadOnlySpan<byte> octets)
    {
        octets = octets[..Math.Min(octets.Length, Room)];
        _buffer.AsSpan(at, Length - at).CopyTo(_buffer.AsSpan(at + octets.Length));
        octets.CopyTo(_buffer.AsSpan(at));
        Length += octets.Length;
    }

    public void Remove(int at, int count)
    {
        count = Math.Min(count, Length - at);
        _buffer.AsSpan((at + count)..Length).CopyTo(_buffer.AsSpan(at));
        Length -= count;
    }
}
