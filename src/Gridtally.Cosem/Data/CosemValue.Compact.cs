using System.Buffers;

namespace Gridtally.Cosem.Data;

public readonly partial struct CosemValue
{
    /// <summary>A compact-array.</summary>
    /// <param name="typeDescription">The type of the rows, as on the wire.</param>
    /// <param name="rows">Rows of that type.</param>
    /// <exception cref="ArgumentException">The description is none, or a row is of another type, or the rows take no octets.</exception>
    public static CosemValue CompactArray(ReadOnlySpan<byte> typeDescription, params CosemValue[] rows) =>
        TryCompactArray(typeDescription, rows, out var value, out var problem) ? value : throw new ArgumentException(problem);

    /// <summary>The same elements as compact-array: an array of like elements becomes shorter.</summary>
    /// <returns>False where this is no array, or where <see cref="CompactArrayWriter.TryWrite"/> says why not.</returns>
    public bool TryToCompactArray(out CosemValue compact)
    {
        compact = default;
        var (array, target) = (new ArrayBufferWriter<byte>(), new ArrayBufferWriter<byte>());
        WriteTo(array);
        return CompactArrayWriter.TryWrite(array.WrittenSpan, target) && TryRead(target.WrittenSpan, out compact, out _);
    }

    /// <summary>A compact-array as the array that it stands for; everything else as it is.</summary>
    public CosemValue Expand() => _body is CompactRows compact ? new(DataTag.Array, 0, compact.Rows) : this;

    internal static bool TryCompactArray(ReadOnlySpan<byte> typeDescription, CosemValue[] rows, out CosemValue value, out string problem)
    {
        (value, problem) = (default, "");
        var reader = new AxdrReader(typeDescription, "TypeDescription");
        if (!CompactType.TryRead(ref reader, 1, out _) || !reader.TryEnd())
        {
            problem = $"not a type description: {reader.Error}";
            return false;
        }

        foreach (var row in rows)
        {
            var type = new AxdrReader(typeDescription);
            if (row.IsOf(ref type)) continue;
            problem = $"a row of a compact-array is not of the type that its description gives: {row}";
            return false;
        }

        value = new(DataTag.CompactArray, 0, new CompactRows(typeDescription.ToArray(), rows));
        var written = new ArrayBufferWriter<byte>();
        value.WriteTo(written);
        var again = new AxdrReader(written.WrittenSpan);
        if (CompactArrayReader.TryRead(ref again, out var compact) && compact.RowCount == rows.Length) return true;
        problem = "the rows of a compact-array take too few octets: their number would be lost";
        return false;
    }

    private bool IsOf(ref AxdrReader type)
    {
        type.TryReadByte(out var tag);
        if ((DataTag)tag != Tag) return false;
        if (Tag == DataTag.Structure)
        {
            if (!type.TryReadLength(out var count) || count != Elements.Length) return false;
            foreach (var element in Elements)
            {
                if (!element.IsOf(ref type)) return false;
            }
        }
        else if (Tag == DataTag.Array)
        {
            if (!type.TryReadUInt16(out var times) || times != Elements.Length) return false;
            var one = type;
            if (times == 0) return CompactType.TryRead(ref type, out _);
            foreach (var element in Elements)
            {
                type = one;
                if (!element.IsOf(ref type)) return false;
            }
        }

        return true;
    }

    private void WriteContents(IBufferWriter<byte> target)
    {
        if (Tag is not (DataTag.Array or DataTag.Structure)) WriteSimple(target);
        foreach (var element in Elements) element.WriteContents(target);
    }

    private sealed class CompactRows(byte[] type, CosemValue[] rows)
    {
        public byte[] Type { get; } = type;

        public CosemValue[] Rows { get; } = rows;

        public static CompactRows Read(ref CompactArrayReader reader)
        {
            var rows = new CosemValue[reader.RowCount];
            for (var i = 0; i < rows.Length; i++) rows[i] = ReadElement(ref reader);
            return new(reader.Type.ToShortest(), rows);
        }

        public void WriteTo(IBufferWriter<byte> target)
        {
            var contents = new ArrayBufferWriter<byte>();
            foreach (var row in Rows) row.WriteContents(contents);
            target.Write(Type);
            target.WriteLength(contents.WrittenCount);
            target.Write(contents.WrittenSpan);
        }

        private static CosemValue ReadElement(ref CompactArrayReader reader)
        {
            reader.TryRead(out var element);
            if (element.Tag is not (DataTag.Array or DataTag.Structure)) return OfOctets(element.Tag, element.Octets, element.Count);
            var elements = element.Count == 0 ? [] : new CosemValue[element.Count];
            for (var i = 0; i < elements.Length; i++) elements[i] = ReadElement(ref reader);
            return new(element.Tag, 0, elements);
        }
    }
}
