using System.Buffers.Binary;

namespace Gridtally.Cosem.Explain;

/// <summary>Walks through octets and puts what it reads into nodes; knows where in the input each octet came from.</summary>
/// <remarks>The first failure sticks: later reads give nothing and add nothing, so a production is read without looking at each result.</remarks>
internal sealed class ExplainCursor
{
    /// <summary>Octets of a field that are shown; longer ones are cut in the text, not in the tree of Data.</summary>
    private const int MaxShown = 64;

    private readonly ReadOnlyMemory<byte> _octets;
    private readonly ExplainOrigins? _origins;
    private readonly int _base;

    /// <summary>Octets that follow each other in the input, from <paramref name="start"/> on.</summary>
    public ExplainCursor(ReadOnlyMemory<byte> octets, int start) => (_octets, _base) = (octets, start);

    /// <summary>Octets that were gathered: <paramref name="origins"/> says for each where it came from, the first being its <paramref name="start"/>th.</summary>
    public ExplainCursor(ReadOnlyMemory<byte> octets, ExplainOrigins origins, int start = 0) => (_octets, _origins, _base) = (octets, origins, start);

    public int Position { get; private set; }

    public int Remaining => _octets.Length - Position;

    public bool Failed { get; private set; }

    /// <summary>What is left, unread.</summary>
    public ReadOnlySpan<byte> Rest => _octets.Span[Position..];

    /// <summary>Where in the input the next octet came from.</summary>
    public int Offset => OffsetOf(Position);

    /// <summary>The octet <paramref name="ahead"/> places on; -1 past the end.</summary>
    public int Peek(int ahead = 0) => Position + ahead < _octets.Length ? _octets.Span[Position + ahead] : -1;

    public int OffsetOf(int position) => _origins is null ? _base + position : _origins.OffsetOf(_base + position);

    /// <summary>Octets that were read already.</summary>
    public ReadOnlySpan<byte> Between(int start, int end) => _octets.Span[start..end];

    /// <summary>A node for what is about to be read; <see cref="Close"/> sets its length.</summary>
    public ExplainNode Open(ExplainNode parent, string name, string? value = null) => parent.Add(new(name, value, Offset, 0));

    /// <summary>Sets the length of a node to what was read since position <paramref name="start"/>.</summary>
    public void Close(ExplainNode node, int start) => node.Length = Position - start;

    /// <summary>Records what is wrong, at the next octet or at an earlier one. The first failure sticks.</summary>
    public void Fail(ExplainNode parent, string problem, int? position = null)
    {
        if (Failed) return;
        Failed = true;
        var at = position ?? Position;
        parent.Add(new("malformed", null, OffsetOf(at), Math.Min(1, _octets.Length - at))).Problem = problem;
        if (Remaining > 0) parent.Add(new("not explained", Show(Rest), Offset, Remaining));
        Position = _octets.Length;
    }

    /// <summary>Fails where octets are left over.</summary>
    public void End(ExplainNode parent)
    {
        if (Remaining > 0) Fail(parent, $"{Remaining} octets after the end");
    }

    /// <summary>Reads one octet; <paramref name="text"/> says what it means.</summary>
    public byte Byte(ExplainNode parent, string name, Func<byte, string>? text = null)
    {
        if (!Has(parent, 1, name)) return 0;
        var value = _octets.Span[Position];
        parent.Add(new(name, text?.Invoke(value) ?? value.ToString(), Offset, 1));
        Position++;
        return value;
    }

    public ushort UInt16(ExplainNode parent, string name, Func<ushort, string>? text = null)
    {
        if (!Has(parent, 2, name)) return 0;
        var value = BinaryPrimitives.ReadUInt16BigEndian(Rest);
        parent.Add(new(name, text?.Invoke(value) ?? value.ToString(), Offset, 2));
        Position += 2;
        return value;
    }

    public uint UInt32(ExplainNode parent, string name, Func<uint, string>? text = null)
    {
        if (!Has(parent, 4, name)) return 0;
        var value = BinaryPrimitives.ReadUInt32BigEndian(Rest);
        parent.Add(new(name, text?.Invoke(value) ?? value.ToString(), Offset, 4));
        Position += 4;
        return value;
    }

    /// <summary>Reads octets as one node; without <paramref name="text"/> they are shown in hex.</summary>
    public ReadOnlyMemory<byte> Bytes(ExplainNode parent, string name, int count, Func<ReadOnlyMemory<byte>, string>? text = null)
    {
        if (!Has(parent, count, name)) return default;
        var value = _octets.Slice(Position, count);
        parent.Add(new(name, text?.Invoke(value) ?? Show(value.Span), Offset, count));
        Position += count;
        return value;
    }

    /// <summary>Reads octets without a node.</summary>
    public ReadOnlyMemory<byte> Take(ExplainNode parent, int count, string name)
    {
        if (!Has(parent, count, name)) return default;
        Position += count;
        return _octets.Slice(Position - count, count);
    }

    /// <summary>Reads a length or count, A-XDR or BER (the same forms); adds no node.</summary>
    public int Length(ExplainNode parent, string name)
    {
        var start = Position;
        if (!Has(parent, 1, name)) return 0;
        var first = _octets.Span[Position++];
        if (first < 0x80) return first;
        if (first is 0x80 or > 0x84)
        {
            Fail(parent, $"{name}: {first:X2} begins no length (00..7F, or 81..84 and as many octets)", start);
            return 0;
        }

        if (!Has(parent, first & 0x7F, name)) return 0;
        long value = 0;
        for (var i = first & 0x7F; i > 0; i--) value = value << 8 | _octets.Span[Position++];
        if (value <= int.MaxValue) return (int)value;
        Fail(parent, $"{name}: {value} is more than there can be", start);
        return 0;
    }

    /// <summary>Reads a length and that many octets as one node.</summary>
    public ReadOnlyMemory<byte> LengthPrefixed(ExplainNode parent, string name, Func<ReadOnlyMemory<byte>, string>? text = null)
    {
        var start = Position;
        var length = Length(parent, name);
        if (Failed) return default;
        if (length > Remaining)
        {
            Fail(parent, $"{name}: its length says {length} octets, {Remaining} are left", start);
            return default;
        }

        var value = _octets.Slice(Position, length);
        var node = new ExplainNode(name, text?.Invoke(value) ?? (length == 0 ? "(empty)" : Show(value.Span)), OffsetOf(start), Position - start + length);
        parent.Add(node);
        Position += length;
        return value;
    }

    /// <summary>A cursor over the next octets, which this one steps over.</summary>
    public ExplainCursor Slice(int count)
    {
        count = Math.Min(count, Remaining);
        var slice = At(Position, _octets.Slice(Position, count));
        Position += count;
        return slice;
    }

    /// <summary>A cursor over other octets that stand for the next ones here, one for one: deciphered ones for ciphered ones.</summary>
    public ExplainCursor InPlaceOf(ReadOnlyMemory<byte> octets) => At(Position, octets);

    /// <summary>A cursor over all that is left; this one stays where it is.</summary>
    public ExplainCursor Fork() => At(Position, RestMemory);

    /// <summary>What is left, as memory.</summary>
    public ReadOnlyMemory<byte> RestMemory => _octets[Position..];

    /// <summary>Octets that were read already, as memory.</summary>
    public ReadOnlyMemory<byte> MemoryBetween(int start, int end) => _octets[start..end];

    /// <summary>Steps over octets without a node; never past the end.</summary>
    public void Skip(int count) => Position = Math.Min(_octets.Length, Position + count);

    /// <summary>Adds where the next octets came from to <paramref name="target"/>.</summary>
    public void CopyOrigins(ExplainOrigins target, int count)
    {
        if (_origins is null) target.Add(_base + Position, count);
        else _origins.CopyTo(target, _base + Position, count);
    }

    /// <summary>Octets in hex, cut where they are many.</summary>
    public static string Show(ReadOnlySpan<byte> octets) => octets.Length <= MaxShown
        ? Convert.ToHexString(octets)
        : $"{Convert.ToHexString(octets[..MaxShown])}... ({octets.Length} octets)";

    private ExplainCursor At(int position, ReadOnlyMemory<byte> octets) =>
        _origins is null ? new(octets, _base + position) : new(octets, _origins, _base + position);

    private bool Has(ExplainNode parent, int count, string name)
    {
        if (Failed) return false;
        if (Remaining >= count) return true;
        Fail(parent, $"{name}: {count} octets expected, {Remaining} left", _octets.Length);
        return false;
    }
}
