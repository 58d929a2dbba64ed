using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Profiles;

/// <summary>Writes rows in the shorter encodings: null-data and deltas against the row before, or a compact-array.</summary>
internal static class ProfileRowEncoder
{
    public static void Write(IProfileRows rows, ReadOnlySpan<int> numbers, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        if (options.Encoding == ProfileEncoding.CompactArray) WriteCompactArray(rows, numbers, columns, output);
        else WriteCompressed(rows, numbers, columns, output, options);
    }

    private static void WriteCompactArray(IProfileRows rows, ReadOnlySpan<int> numbers, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        var plain = new ArrayBufferWriter<byte>(4096);
        plain.WriteArray(numbers.Length);
        foreach (var row in numbers)
        {
            plain.WriteStructure(columns.Count);
            rows.WriteCells(row, columns, plain);
        }

        if (!CompactArrayWriter.TryWrite(plain.WrittenSpan, output)) output.Write(plain.WrittenSpan);
    }

    private static void WriteCompressed(IProfileRows rows, ReadOnlySpan<int> numbers, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        var (previous, current) = (new ArrayBufferWriter<byte>(256), new ArrayBufferWriter<byte>(256));
        output.WriteArray(numbers.Length);
        for (var i = 0; i < numbers.Length; i++)
        {
            current.ResetWrittenCount();
            rows.WriteCells(numbers[i], columns, current);
            output.WriteStructure(columns.Count);
            if (i == 0) output.Write(current.WrittenSpan);
            else WriteAgainst(previous.WrittenSpan, current.WrittenSpan, rows, columns, output, options);
            (previous, current) = (current, previous);
        }
    }

    private static void WriteAgainst(
        ReadOnlySpan<byte> previous, ReadOnlySpan<byte> current, IProfileRows rows, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        var before = new AxdrReader(previous);
        var now = new AxdrReader(current);
        for (var i = 0; i < columns.Count; i++)
        {
            before.TrySkip(out var earlier);
            now.TrySkip(out var cell);
            var isClock = rows.Columns[columns[i]] is { ClassId: 8, AttributeIndex: 2 };
            if (isClock ? IsNextStamp(earlier, cell, options.CapturePeriodSeconds) : cell.SequenceEqual(earlier)) output.WriteNull();
            else if (isClock || options.Encoding != ProfileEncoding.Deltas || !ProfileDelta.TryWrite(earlier, cell, output)) output.Write(cell);
        }
    }

    private static bool IsNextStamp(ReadOnlySpan<byte> earlier, ReadOnlySpan<byte> cell, uint period) =>
        earlier[0] == cell[0] && new AxdrReader(earlier).TryReadDateTime(out var before) && new AxdrReader(cell).TryReadDateTime(out var now)
        && ProfileDelta.TryGetNext(before, period, out var next) && next == now;
}
