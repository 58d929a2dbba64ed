using System.Buffers;
using System.Buffers.Binary;

namespace Gridtally.Cosem.Data;

/// <summary>Writes an array of like elements as compact-array: each type once, then values without tags.</summary>
/// <remarks>compact-array, IEC 62056-5-3. The type description is that of the first element.</remarks>
public static class CompactArrayWriter
{
    /// <summary>Rewrites an encoded array.</summary>
    /// <param name="array">An array, encoded as Data, and nothing else.</param>
    /// <param name="target">Takes the compact-array; nothing is written on failure.</param>
    /// <returns>
    /// False where the elements differ in type (null-data in one row only, arrays of different length), where they contain a compact-array
    /// themselves, where they take no octets (their number would be lost), or where the array is not one or is empty (it has no type).
    /// </returns>
    public static bool TryWrite(ReadOnlySpan<byte> array, IBufferWriter<byte> target)
    {
        var reader = new AxdrReader(array);
        if (!reader.TryReadArray(out var count) || count == 0) return false;
        var rows = reader;
        var first = reader;
        var description = new ArrayBufferWriter<byte>(32);
        if (!TryWriteType(ref first, description, 0)) return false;

        long length = 0;
        for (var i = 0; i < count; i++)
        {
            var type = new AxdrReader(description.WrittenSpan);
            if (!TryMeasure(ref type, ref reader, ref length, 0)) return false;
        }

        if (length == 0 || length > int.MaxValue || !reader.TryEnd() || !IsReadable(description.WrittenSpan, count, length)) return false;
        target.WriteByte((byte)DataTag.CompactArray);
        target.Write(description.WrittenSpan);
        target.WriteLength((int)length);
        for (var i = 0; i < count; i++) WriteContents(ref rows, target);
        return true;
    }

    // What a reader refuses (too many elements without octets) is not written either.
    private static bool IsReadable(ReadOnlySpan<byte> description, int rows, long length)
    {
        var reader = new AxdrReader(description);
        return CompactType.TryRead(ref reader, 1, out var type) && rows <= type.MostRows(length);
    }

    private static bool TryWriteType(ref AxdrReader element, IBufferWriter<byte> target, int depth)
    {
        if (depth > Limits.MaxNesting || element.Peek is not { } tag) return false;
        switch (tag)
        {
            case DataTag.Array:
                if (!element.TryReadArray(out var times) || times > ushort.MaxValue) return false;
                WriteArrayType(target, times);
                return times == 0 ? WriteNullType(target) : TryWriteElements(ref element, times, target, depth);
            case DataTag.Structure:
                if (!element.TryReadStructure(out var count)) return false;
                target.WriteStructure(count);
                for (var i = 0; i < count; i++)
                {
                    if (!TryWriteType(ref element, target, depth + 1)) return false;
                }

                return true;
            case DataTag.CompactArray:
                return false;
            default:
                target.WriteByte((byte)tag);
                return element.TrySkip(out _);
        }
    }

    // The type of the first; whether the others are alike shows when they are measured.
    private static bool TryWriteElements(ref AxdrReader element, int count, IBufferWriter<byte> target, int depth)
    {
        if (!TryWriteType(ref element, target, depth + 1)) return false;
        for (var i = 1; i < count; i++)
        {
            if (!element.TrySkip(out _)) return false;
        }

        return true;
    }

    // An empty array has no element to take the type from; null-data takes no octets either way.
    private static bool WriteNullType(IBufferWriter<byte> target)
    {
        target.WriteNull();
        return true;
    }

    private static void WriteArrayType(IBufferWriter<byte> target, int count)
    {
        var head = target.GetSpan(3);
        head[0] = (byte)DataTag.Array;
        BinaryPrimitives.WriteUInt16BigEndian(head[1..], (ushort)count);
        target.Advance(3);
    }

    private static bool TryMeasure(scoped ref AxdrReader type, scoped ref AxdrReader element, ref long length, int depth)
    {
        if (!type.TryReadByte(out var tag) || element.Peek != (DataTag)tag) return false;
        int count;
        switch ((DataTag)tag)
        {
            case DataTag.Array:
                if (!type.TryReadUInt16(out var times) || !element.TryReadArray(out count) || count != times) return false;
                if (count == 0) return CompactType.TryRead(ref type, depth, out _);
                var one = type;
                for (var i = 0; i < count; i++)
                {
                    type = one;
                    if (!TryMeasure(ref type, ref element, ref length, depth + 1)) return false;
                }

                return true;
            case DataTag.Structure:
                if (!type.TryReadLength(out var fields) || !element.TryReadStructure(out count) || count != fields) return false;
                for (var i = 0; i < count; i++)
                {
                    if (!TryMeasure(ref type, ref element, ref length, depth + 1)) return false;
                }

                return true;
            default:
                if (!element.TrySkip(out var whole)) return false;
                length += ContentsOf(whole).Length;
                return true;
        }
    }

    private static void WriteContents(scoped ref AxdrReader element, IBufferWriter<byte> target)
    {
        int count;
        if (element.Peek == DataTag.Array) element.TryReadArray(out count);
        else if (element.Peek == DataTag.Structure) element.TryReadStructure(out count);
        else
        {
            element.TrySkip(out var whole);
            target.Write(ContentsOf(whole));
            return;
        }

        for (var i = 0; i < count; i++) WriteContents(ref element, target);
    }

    private static ReadOnlySpan<byte> ContentsOf(ReadOnlySpan<byte> element) => element[1..];
}
