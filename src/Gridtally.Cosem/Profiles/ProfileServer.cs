using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Cosem.Profiles;

/// <summary>How the rows of an answer are encoded.</summary>
public enum ProfileEncoding
{
    /// <summary>Each value as it is.</summary>
    Plain,

    /// <summary>null-data for what is as in the row before, and for a clock that is one period later.</summary>
    NullData,

    /// <summary>As <see cref="NullData"/>, and delta types where they are shorter. The client must have negotiated delta-value-encoding.</summary>
    Deltas,

    /// <summary>A compact-array; as <see cref="Plain"/> where the rows differ in type.</summary>
    CompactArray,
}

/// <summary>What a profile's answers depend on beside its rows.</summary>
/// <param name="Clock">How clock values are understood that leave something open, in rows and in ranges.</param>
/// <param name="Encoding">How rows are encoded.</param>
/// <param name="CapturePeriodSeconds">capture_period, for <see cref="ProfileEncoding.NullData"/>.</param>
public readonly record struct ProfileOptions(ClockConvention Clock = default, ProfileEncoding Encoding = ProfileEncoding.Plain, uint CapturePeriodSeconds = 0);

/// <summary>Serves attribute 2 of a profile: all rows, by range or by entry, with the columns that are asked for.</summary>
/// <remarks>
/// Blue Book, class 7 Profile generic: ranges and entries include both ends, no row is an empty array. Where keys are in order, the work is in
/// proportion to the answer (and to the logarithm of the rows kept); a plain answer from rows that allocate nothing allocates nothing.
/// </remarks>
public static class ProfileServer
{
    /// <summary>Writes what a request asks for.</summary>
    /// <param name="rows">The profile's rows.</param>
    /// <param name="context">Selector and parameters.</param>
    /// <param name="output">Takes the encoded array. On a refusal nothing is written.</param>
    /// <param name="options">How.</param>
    /// <returns>Success, or as <see cref="ProfileQuery.TryRead"/>; other-reason too where an end of the range can't be compared with its column.</returns>
    public static DataAccessResult Write(IProfileRows rows, in RequestContext context, IBufferWriter<byte> output, in ProfileOptions options = default)
    {
        ArgumentNullException.ThrowIfNull(rows);
        Span<int> room = stackalloc int[ProfileLayout.MaxColumns];
        var result = ProfileQuery.TryRead(context, rows.Columns, room, out var query);
        if (result != DataAccessResult.Success) return result;
        if (query.Selector != 1)
        {
            var first = (int)Math.Min(query.FromEntry - 1, rows.Count);
            WriteRun(rows, first, (int)Math.Min(query.ToEntry, rows.Count), query.Columns, output, options);
            return DataAccessResult.Success;
        }

        return query.RestrictingColumn == rows.SortColumn && rows.Order != ProfileOrder.None && TryGetKeys(rows, query, options, out var low, out var high)
            ? WriteByKey(rows, low, high, query.Columns, output, options)
            : WriteByCell(rows, query, output, options);
    }

    private static bool TryGetKeys(IProfileRows rows, in ProfileQuery query, in ProfileOptions options, out long low, out long high)
    {
        if (!IsClock(rows.Columns[query.RestrictingColumn])) return query.TryGetNumbers(out low, out high);
        var done = query.TryGetMoments(out var from, out var to, options.Clock);
        (low, high) = (from.Ticks, to.Ticks);
        return done;
    }

    private static DataAccessResult WriteByKey(IProfileRows rows, long low, long high, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        if (rows.Order == ProfileOrder.Unordered)
        {
            using var found = new RowNumbers(rows.Count);
            for (var row = 0; row < rows.Count; row++)
            {
                if (rows.KeyAt(row) is var key && key >= low && key <= high) found.Add(row);
            }

            WriteEach(rows, found.Span, columns, output, options);
            return DataAccessResult.Success;
        }

        // Keys turned round where they fall, so that one search does for both.
        var sign = rows.Order == ProfileOrder.Rising ? 1 : -1;
        var (first, end) = sign > 0 ? (Bound(rows, low, sign, after: false), Bound(rows, high, sign, after: true))
            : (Bound(rows, high, sign, after: false), Bound(rows, low, sign, after: true));
        WriteRun(rows, first, low > high ? first : end, columns, output, options);
        return DataAccessResult.Success;
    }

    // The first row whose key is at or past the bound; with `after`, past it.
    private static int Bound(IProfileRows rows, long key, int sign, bool after)
    {
        var (low, high) = (0, rows.Count);
        while (low < high)
        {
            var middle = low + (high - low) / 2;
            var order = rows.KeyAt(middle).CompareTo(key) * sign;
            if (order < 0 || after && order == 0) low = middle + 1;
            else high = middle;
        }

        return low;
    }

    private static DataAccessResult WriteByCell(IProfileRows rows, in ProfileQuery query, IBufferWriter<byte> output, in ProfileOptions options)
    {
        var range = new CellRange(query.From, query.To, IsClock(rows.Columns[query.RestrictingColumn]));
        if (!range.IsComparable) return DataAccessResult.OtherReason;
        ReadOnlySpan<int> restricting = [query.RestrictingColumn];
        var cell = new ArrayBufferWriter<byte>(32);
        using var found = new RowNumbers(rows.Count);
        var compared = false;
        for (var row = 0; row < rows.Count; row++)
        {
            cell.ResetWrittenCount();
            rows.WriteCells(row, new(restricting, rows.Columns.Count), cell);
            if (range.Contains(cell.WrittenSpan, out var isComparable)) found.Add(row);
            compared |= isComparable;
        }

        // A range of times over a column of numbers is a mistake, not a range without rows.
        if (rows.Count > 0 && !compared) return DataAccessResult.OtherReason;
        WriteEach(rows, found.Span, query.Columns, output, options);
        return DataAccessResult.Success;
    }

    private static void WriteRun(IProfileRows rows, int first, int end, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        var count = Math.Max(0, end - first);
        if (options.Encoding != ProfileEncoding.Plain && count > 0)
        {
            using var run = new RowNumbers(count);
            for (var row = first; row < end; row++) run.Add(row);
            ProfileRowEncoder.Write(rows, run.Span, columns, output, options);
            return;
        }

        output.WriteArray(count);
        for (var row = first; row < end; row++)
        {
            output.WriteStructure(columns.Count);
            rows.WriteCells(row, columns, output);
        }
    }

    private static void WriteEach(IProfileRows rows, ReadOnlySpan<int> found, in ColumnChoice columns, IBufferWriter<byte> output, in ProfileOptions options)
    {
        if (options.Encoding != ProfileEncoding.Plain && found.Length > 0)
        {
            ProfileRowEncoder.Write(rows, found, columns, output, options);
            return;
        }

        output.WriteArray(found.Length);
        foreach (var row in found)
        {
            output.WriteStructure(columns.Count);
            rows.WriteCells(row, columns, output);
        }
    }

    private static bool IsClock(in CaptureObject column) => column is { ClassId: 8, AttributeIndex: 2 };

    // Which rows an answer has, where they do not follow each other. The count comes before the rows, so they are gathered first.
    private ref struct RowNumbers(int capacity)
    {
        private readonly int[] _rows = ArrayPool<int>.Shared.Rent(capacity);
        private int _count;

        public readonly ReadOnlySpan<int> Span => _rows.AsSpan(0, _count);

        public void Add(int row) => _rows[_count++] = row;

        public readonly void Dispose() => ArrayPool<int>.Shared.Return(_rows);
    }
}
