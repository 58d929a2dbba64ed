using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Data;

namespace Gridtally.Storage.Blocks;

/// <summary>One column of a block in the smallest form that gives every octet back.</summary>
internal static class BlockColumn
{
    private const byte Raw = 0;
    private const byte Constant = 1;
    private const byte Integers = 2;
    private const byte Times = 3;

    public static void Write(ArrayBufferWriter<byte> target, ReadOnlyMemory<byte>[] cells)
    {
        if (IsConstant(cells))
        {
            target.Write([Constant]);
            Varint.Write(target, (ulong)cells[0].Length);
            target.Write(cells[0].Span);
        }
        else if (IntegerSize(cells) is var size and > 0)
        {
            target.Write([Integers, cells[0].Span[0]]);
            WriteIntegers(target, cells, size);
        }
        else if (TimeColumn.TryWrite(cells) is { } times)
        {
            target.Write([Times]);
            target.Write(times);
        }
        else
        {
            target.Write([Raw]);
            WriteRaw(target, cells);
        }
    }

    public static ReadOnlyMemory<byte>[] Read(ref ReadOnlySpan<byte> source, int count)
    {
        var form = Varint.ReadBytes(ref source, 1)[0];
        return form switch
        {
            Raw => ReadRaw(ref source, count),
            Constant => ReadConstant(ref source, count),
            Integers => ReadIntegers(ref source, count),
            Times => TimeColumn.Read(ref source, count),
            _ => throw new InvalidDataException($"Column form {form} is unknown."),
        };
    }

    public static void WriteRaw(ArrayBufferWriter<byte> target, IReadOnlyList<ReadOnlyMemory<byte>> cells)
    {
        foreach (var cell in cells) Varint.Write(target, (ulong)cell.Length);
        foreach (var cell in cells) target.Write(cell.Span);
    }

    public static ReadOnlyMemory<byte>[] ReadRaw(ref ReadOnlySpan<byte> source, int count)
    {
        var lengths = new int[count];
        for (var i = 0; i < count; i++) lengths[i] = Varint.ReadCount(ref source, DayBlock.MaxSize);
        var cells = new ReadOnlyMemory<byte>[count];
        for (var i = 0; i < count; i++) cells[i] = Varint.ReadBytes(ref source, lengths[i]).ToArray();
        return cells;
    }

    private static bool IsConstant(ReadOnlyMemory<byte>[] cells)
    {
        foreach (var cell in cells)
        {
            if (!cell.Span.SequenceEqual(cells[0].Span)) return false;
        }

        return true;
    }

    private static ReadOnlyMemory<byte>[] ReadConstant(ref ReadOnlySpan<byte> source, int count)
    {
        var cell = Varint.ReadBytes(ref source, Varint.ReadCount(ref source, DayBlock.MaxSize)).ToArray();
        var cells = new ReadOnlyMemory<byte>[count];
        Array.Fill(cells, cell);
        return cells;
    }

    // Any type of a fixed size up to eight octets is treated as a big-endian number: floats and times come back as well as integers do.
    private static int IntegerSize(ReadOnlyMemory<byte>[] cells)
    {
        var tag = cells[0].Span[0];
        var size = AxdrReader.FixedSize((DataTag)tag);
        if (size is not (1 or 2 or 4 or 8)) return 0;
        foreach (var cell in cells)
        {
            if (cell.Span[0] != tag) return 0;
        }

        return size;
    }

    private static void WriteIntegers(ArrayBufferWriter<byte> target, ReadOnlyMemory<byte>[] cells, int size)
    {
        long previous = 0;
        foreach (var cell in cells)
        {
            var value = ReadInteger(cell.Span[1..], size);
            Varint.WriteSigned(target, unchecked(value - previous));
            previous = value;
        }
    }

    private static ReadOnlyMemory<byte>[] ReadIntegers(ref ReadOnlySpan<byte> source, int count)
    {
        var tag = Varint.ReadBytes(ref source, 1)[0];
        var size = AxdrReader.FixedSize((DataTag)tag);
        if (size is not (1 or 2 or 4 or 8)) throw new InvalidDataException($"Tag {tag} is no integer.");
        var cells = new ReadOnlyMemory<byte>[count];
        var all = new byte[count * (1 + size)];
        long value = 0;
        for (var i = 0; i < count; i++)
        {
            value = unchecked(value + Varint.ReadSigned(ref source));
            var cell = all.AsMemory(i * (1 + size), 1 + size);
            cell.Span[0] = tag;
            WriteInteger(cell.Span[1..], value, size);
            cells[i] = cell;
        }

        return cells;
    }

    private static long ReadInteger(ReadOnlySpan<byte> source, int size) => size switch
    {
        1 => (sbyte)source[0],
        2 => BinaryPrimitives.ReadInt16BigEndian(source),
        4 => BinaryPrimitives.ReadInt32BigEndian(source),
        _ => BinaryPrimitives.ReadInt64BigEndian(source),
    };

    private static void WriteInteger(Span<byte> target, long value, int size)
    {
        switch (size)
        {
            case 1: target[0] = (byte)value; break;
            case 2: BinaryPrimitives.WriteInt16BigEndian(target, (short)value); break;
            case 4: BinaryPrimitives.WriteInt32BigEndian(target, (int)value); break;
            default: BinaryPrimitives.WriteInt64BigEndian(target, value); break;
        }
    }
}
