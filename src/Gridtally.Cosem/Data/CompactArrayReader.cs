using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gridtally.Cosem.Data;

/// <summary>One element of a compact-array: a row, or a part of one.</summary>
public readonly ref struct CompactElement
{
    internal CompactElement(DataTag tag, int depth, int count, int offset, int size, ReadOnlySpan<byte> octets)
    {
        (Tag, Depth, Count, Offset, Size) = (tag, depth, count, offset, size);
        Octets = octets;
    }

    /// <summary>Its type, from the type description.</summary>
    public DataTag Tag { get; }

    /// <summary>0 for a row, 1 for an element of a row that is an array or structure, and so on.</summary>
    public int Depth { get; }

    /// <summary>Elements of an array or structure, which follow; bits of a bit-string; octets of everything else.</summary>
    public int Count { get; }

    /// <summary>Where it begins, in octets from where the reader of the message began: its length where it has one, else its value.</summary>
    public int Offset { get; }

    /// <summary>Octets that it takes, its length included; 0 for arrays and structures, whose elements have them.</summary>
    public int Size { get; }

    /// <summary>The value; empty for an array or structure.</summary>
    public ReadOnlySpan<byte> Octets { get; }

    /// <summary>Writes it as Data with a tag of its own; of an array or structure, the head.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        target.WriteByte((byte)Tag);
        if (AxdrReader.FixedSize(Tag) < 0) target.WriteLength(Count);
        target.Write(Octets);
    }
}

/// <summary>Reads a compact-array: its rows element by element, as if each were ordinary Data.</summary>
/// <remarks>
/// compact-array, IEC 62056-5-3: type description, length, and the values of all rows without tags. Everything is checked before the
/// first row is handed out, so the rows can't fail. How many elements without octets there may be is bounded by
/// <see cref="Limits.MaxEmptyElements"/>: no message makes more work than its own length.
/// </remarks>
public ref struct CompactArrayReader
{
    private const string Production = "compact-array";

    private readonly int _origin;
    private AxdrReader _contents;
    private Frames _frames;
    private int _depth;
    private int _at;

    private CompactArrayReader(CompactType type, ReadOnlySpan<byte> contents, int origin, int rows)
    {
        Type = type;
        Contents = contents;
        (_origin, RowCount) = (origin, rows);
        _contents = new(contents, Production);
    }

    /// <summary>The rows' type.</summary>
    public CompactType Type { get; }

    /// <summary>The values of all rows.</summary>
    public ReadOnlySpan<byte> Contents { get; }

    /// <summary>Where <see cref="Contents"/> begins, in octets from where the reader of the message began.</summary>
    public readonly int ContentsOffset => _origin;

    /// <summary>Rows.</summary>
    public int RowCount { get; }

    /// <summary>Reads a compact-array, tag first; on failure the reader holds the reason.</summary>
    public static bool TryRead(scoped ref AxdrReader reader, out CompactArrayReader value) => TryRead(ref reader, 0, out value);

    /// <summary>The next element: rows in order, each followed by its own elements. False after the last.</summary>
    public bool TryRead(out CompactElement element)
    {
        element = default;
        if (!IsWithinRow())
        {
            if (_contents.Remaining == 0) return false;
            _at = 0;
        }
        else
        {
            ref var frame = ref _frames[_depth - 1];
            frame.Left--;
            if (frame.ElementType >= 0) _at = frame.ElementType;
        }

        element = ReadElement();
        return true;
    }

    /// <summary>Writes the next row as ordinary Data, each value with its tag. False after the last.</summary>
    public bool TryWriteRow(IBufferWriter<byte> target)
    {
        if (!TryRead(out var element)) return false;
        do element.WriteTo(target);
        while (IsWithinRow() && TryRead(out element));
        return true;
    }

    /// <summary>Writes all rows as an ordinary array, each value with its tag.</summary>
    public readonly void WriteExpanded(IBufferWriter<byte> target)
    {
        var again = new CompactArrayReader(Type, Contents, _origin, RowCount);
        target.WriteArray(RowCount);
        while (again.TryRead(out var element)) element.WriteTo(target);
    }

    internal static bool TryRead(scoped ref AxdrReader reader, int depth, out CompactArrayReader value)
    {
        value = default;
        if (!TryReadHead(ref reader, depth, out var type, out var contents, out var lengthAt)) return false;
        var origin = reader.Position - contents.Length;
        if (!TryCountRows(type, contents, out var rows, out var fault, out var offset))
            return reader.FailAt(fault, fault == DecodeFault.BadLength && offset == 0 ? lengthAt : origin + offset);
        value = new(type, contents, origin, rows);
        return true;
    }

    // Type and contents, of which nothing is checked yet.
    internal static bool TryReadHead(scoped ref AxdrReader reader, int depth, out CompactType type, out ReadOnlySpan<byte> contents, out int lengthAt)
    {
        type = default;
        contents = default;
        lengthAt = 0;
        var start = reader.Position;
        if (!reader.TryReadByte(out var tag)) return false;
        if ((DataTag)tag != DataTag.CompactArray) return reader.FailAt(DecodeFault.UnknownTag, start);
        if (!CompactType.TryRead(ref reader, depth + 1, out type)) return false;
        lengthAt = reader.Position;
        return reader.TryReadLengthPrefixed(out contents);
    }

    private static bool TryCountRows(CompactType type, ReadOnlySpan<byte> contents, out int rows, out DecodeFault fault, out int offset)
    {
        (rows, fault, offset) = (0, DecodeFault.BadLength, 0);
        if (contents.IsEmpty) return true;
        var most = type.MostRows(contents.Length);
        if (most == 0) return false;
        if (type.RowSize > 0)
        {
            rows = (int)(contents.Length / type.RowSize);
            return contents.Length % type.RowSize == 0 && rows <= most;
        }

        var values = new AxdrReader(contents, Production);
        while (values.Remaining > 0)
        {
            var description = new AxdrReader(type.Octets);
            if (++rows > most) return false;
            if (TrySkipRow(ref description, ref values)) continue;
            (fault, offset) = (values.Error.Fault, values.Error.Offset);
            return false;
        }

        return true;
    }

    private static bool TrySkipRow(scoped ref AxdrReader description, scoped ref AxdrReader values)
    {
        description.TryReadByte(out var tag);
        switch ((DataTag)tag)
        {
            case DataTag.Array:
                description.TryReadUInt16(out var times);
                var element = description;
                if (times == 0) return CompactType.TryRead(ref description, out _);
                for (var i = 0; i < times; i++)
                {
                    description = element;
                    if (!TrySkipRow(ref description, ref values)) return false;
                }

                return true;
            case DataTag.Structure:
                description.TryReadLength(out var count);
                for (var i = 0; i < count; i++)
                {
                    if (!TrySkipRow(ref description, ref values)) return false;
                }

                return true;
            default:
                return values.SkipValue((DataTag)tag);
        }
    }

    private bool IsWithinRow()
    {
        while (_depth > 0 && _frames[_depth - 1].Left == 0) _depth--;
        return _depth > 0;
    }

    private CompactElement ReadElement()
    {
        var depth = _depth;
        var description = Type.Octets;
        var tag = (DataTag)description[_at++];
        switch (tag)
        {
            case DataTag.Array:
                int times = BinaryPrimitives.ReadUInt16BigEndian(description[_at..]);
                _at += 2;
                if (times > 0) _frames[_depth++] = new() { Left = times, ElementType = _at };
                else SkipType();
                return new(tag, depth, times, _origin + _contents.Position, 0, default);
            case DataTag.Structure:
                var head = new AxdrReader(description[_at..]);
                head.TryReadLength(out var count);
                _at += head.Position;
                if (count > 0) _frames[_depth++] = new() { Left = count, ElementType = -1 };
                return new(tag, depth, count, _origin + _contents.Position, 0, default);
            default:
                return ReadValue(tag, depth);
        }
    }

    private CompactElement ReadValue(DataTag tag, int depth)
    {
        var start = _contents.Position;
        var size = AxdrReader.FixedSize(tag);
        var count = size;
        if (size < 0)
        {
            _contents.TryReadLength(out count);
            size = tag == DataTag.BitString ? AxdrReader.OctetsOfBits(count) : count;
        }

        _contents.TryReadBytes(size, out var octets);
        return new(tag, depth, count, _origin + start, _contents.Position - start, octets);
    }

    private void SkipType()
    {
        var rest = new AxdrReader(Type.Octets[_at..]);
        CompactType.TryRead(ref rest, out _);
        _at += rest.Position;
    }

    // What is under way at one level: for an array its element's type is read again for each element.
    private struct Frame
    {
        public int Left;
        public int ElementType;
    }

    [InlineArray(Limits.MaxNesting + 1)]
    private struct Frames
    {
        private Frame _first;
    }
}
