namespace Gridtally.Cosem.Explain.Captures;

/// <summary>One direction of a TCP connection: segments in any order in, octets in their order out.</summary>
internal sealed class TcpDirection
{
    // More than any window in use between two segments that arrived out of order; beyond it the missing ones were never captured.
    private const int MaxHeldSegments = 1024, MaxHeldOctets = 4 * 1024 * 1024;

    private readonly SortedDictionary<uint, (ReadOnlyMemory<byte> Octets, int Offset)> _held = new(Comparer<uint>.Create((a, b) => (int)(a - b)));
    private readonly List<byte> _octets = [];
    private ExplainOrigins _origins = new();
    private uint? _next;
    private int _heldOctets;

    /// <summary>Octets in their order that nobody has taken.</summary>
    public ReadOnlySpan<byte> Ready => System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_octets);

    /// <summary>True while segments wait for one before them.</summary>
    public bool IsWaiting => _held.Count > 0;

    /// <summary>True when so much waits that what is missing will not come.</summary>
    public bool HasGap => _held.Count > MaxHeldSegments || _heldOctets > MaxHeldOctets;

    /// <summary>Takes a segment. What was taken before is left out.</summary>
    public void Add(in TransportPacket segment)
    {
        var sequence = segment.Sequence;
        if ((segment.Flags & TransportPacket.Syn) != 0)
        {
            Clear();
            _next = ++sequence;
        }

        _next ??= sequence;
        if (!segment.Payload.IsEmpty) Hold(sequence, segment.Payload, segment.Offset);
        Advance();
    }

    /// <summary>Takes octets from the front.</summary>
    public ExplainCursor Take(int count)
    {
        var taken = new ExplainCursor(_octets[..count].ToArray(), _origins);
        _octets.RemoveRange(0, count);
        var rest = new ExplainOrigins();
        _origins.CopyTo(rest, count, _octets.Count);
        _origins = rest;
        return taken;
    }

    /// <summary>Gives up what is missing before the segments that wait, and goes on with those.</summary>
    /// <returns>How many octets are missing.</returns>
    public uint SkipGap()
    {
        if (_held.Count == 0 || _next is not { } next) return 0;
        var first = _held.First().Key;
        _next = first;
        Advance();
        return first - next;
    }

    private void Clear()
    {
        _held.Clear();
        _heldOctets = 0;
        _octets.Clear();
        _origins = new();
    }

    private void Hold(uint sequence, ReadOnlyMemory<byte> octets, int offset)
    {
        var late = (int)(_next!.Value - sequence);
        if (late > 0)
        {
            if (late >= octets.Length) return;
            (sequence, octets, offset) = (_next.Value, octets[late..], offset + late);
        }

        if (_held.TryGetValue(sequence, out var same))
        {
            if (same.Octets.Length >= octets.Length) return;
            _heldOctets -= same.Octets.Length;
        }

        _held[sequence] = (octets, offset);
        _heldOctets += octets.Length;
    }

    private void Advance()
    {
        while (_held.Count > 0)
        {
            var (sequence, (octets, offset)) = _held.First();
            var late = (int)(_next!.Value - sequence);
            if (late < 0) return;
            _held.Remove(sequence);
            _heldOctets -= octets.Length;
            if (late >= octets.Length) continue;
            _octets.AddRange(octets.Span[late..]);
            _origins.Add(offset + late, octets.Length - late);
            _next = sequence + (uint)octets.Length;
        }
    }
}
