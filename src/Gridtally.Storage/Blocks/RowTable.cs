using Gridtally.Cosem.Data;

namespace Gridtally.Storage.Blocks;

/// <summary>Rows turned into columns.</summary>
internal sealed class RowTable
{
    /// <summary>Columns that a row may have: the count then has one octet, and its form is the only possible one.</summary>
    public const int MaxColumns = 0x7F;

    private RowTable(ReadOnlyMemory<byte>[][] columns) => Columns = columns;

    /// <summary>Column, then row: the element's octets.</summary>
    public ReadOnlyMemory<byte>[][] Columns { get; }

    /// <summary>The columns, or null where the rows are not structures of one and the same number of elements.</summary>
    public static RowTable? TrySplit(IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        if (rows.Count == 0 || rows[0].Length < 2 || rows[0].Span[1] is 0 or > MaxColumns) return null;
        var columns = new ReadOnlyMemory<byte>[rows[0].Span[1]][];
        for (var c = 0; c < columns.Length; c++) columns[c] = new ReadOnlyMemory<byte>[rows.Count];
        for (var r = 0; r < rows.Count; r++)
        {
            if (!TrySplit(rows[r], columns, r)) return null;
        }

        return new(columns);
    }

    public static ReadOnlyMemory<byte>[] Join(ReadOnlyMemory<byte>[][] columns, int count)
    {
        var rows = new ReadOnlyMemory<byte>[count];
        for (var r = 0; r < count; r++)
        {
            var row = new byte[2 + columns.Sum(c => c[r].Length)];
            (row[0], row[1]) = ((byte)DataTag.Structure, (byte)columns.Length);
            var end = 2;
            foreach (var column in columns)
            {
                column[r].Span.CopyTo(row.AsSpan(end));
                end += column[r].Length;
            }

            rows[r] = row;
        }

        return rows;
    }

    private static bool TrySplit(ReadOnlyMemory<byte> row, ReadOnlyMemory<byte>[][] columns, int r)
    {
        var bytes = row.Span;
        if (bytes.Length < 2 || bytes[0] != (byte)DataTag.Structure || bytes[1] != columns.Length) return false;
        var reader = new AxdrReader(bytes[2..]);
        foreach (var column in columns)
        {
            var start = 2 + reader.Position;
            if (!reader.TrySkip(out var element)) return false;
            column[r] = row.Slice(start, element.Length);
        }

        return reader.TryEnd();
    }
}
