using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Cosem.Profiles;

/// <summary>What a request asks of a profile's buffer: which rows, which columns. Read without allocating.</summary>
/// <remarks>range_descriptor and entry_descriptor, Blue Book, class 7 Profile generic.</remarks>
public readonly ref struct ProfileQuery
{
    private ProfileQuery(byte selector, ReadOnlySpan<int> columns, int all)
    {
        Selector = selector;
        Columns = new(columns, all);
    }

    /// <summary>0 all rows, 1 by range, 2 by entry.</summary>
    public byte Selector { get; }

    /// <summary>The columns of the answer.</summary>
    public ColumnChoice Columns { get; }

    /// <summary>The column whose values are compared, from 0; for selector 1.</summary>
    public int RestrictingColumn { get; private init; }

    /// <summary>Lowest value, encoded Data; null-data for no bound. For selector 1.</summary>
    public ReadOnlySpan<byte> From { get; private init; }

    /// <summary>Highest value, encoded Data; null-data for no bound. For selector 1.</summary>
    public ReadOnlySpan<byte> To { get; private init; }

    /// <summary>First row, 1 being the oldest; for selectors 0 and 2.</summary>
    public uint FromEntry { get; private init; }

    /// <summary>Last row, <see cref="uint.MaxValue"/> for the last there is; for selectors 0 and 2.</summary>
    public uint ToEntry { get; private init; }

    /// <summary>Reads the selector of a request.</summary>
    /// <param name="context">Selector and parameters.</param>
    /// <param name="all">The profile's columns.</param>
    /// <param name="room">Room for the chosen columns: <see cref="ProfileLayout.MaxColumns"/>. Used by the query for as long as it lives.</param>
    /// <param name="query">What is asked.</param>
    /// <returns>
    /// Success; type-unmatched where the parameters are not those of the selector; other-reason where they name a column that is none, or entry or
    /// column 0; scope-of-access-violated for an unknown selector.
    /// </returns>
    public static DataAccessResult TryRead(in RequestContext context, IReadOnlyList<CaptureObject> all, Span<int> room, out ProfileQuery query)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(all.Count, room.Length, nameof(all));
        switch (context.Selector)
        {
            case 0:
                query = new(0, Sequence(room, 0, all.Count), all.Count) { FromEntry = 1, ToEntry = uint.MaxValue };
                return DataAccessResult.Success;
            case SelectiveAccess.ByRangeSelector:
                return TryReadRange(context.SelectorParameters, all, room, out query);
            case SelectiveAccess.ByEntrySelector:
                return TryReadEntries(context.SelectorParameters, all, room, out query);
            default:
                query = default;
                return DataAccessResult.ScopeOfAccessViolated;
        }
    }

    /// <summary>The ends of a range of time, both included, where they are moments or have none specified after one that is not.</summary>
    /// <param name="from">First moment, UTC; the beginning of time where there is no bound.</param>
    /// <param name="to">Last moment, UTC; the end of time where there is no bound.</param>
    /// <param name="convention">How date-times are understood that leave something open.</param>
    /// <returns>False where an end is no date-time, or not a moment (each day at 10:00).</returns>
    public bool TryGetMoments(out DateTime from, out DateTime to, in ClockConvention convention = default)
    {
        (from, to) = (DateTime.SpecifyKind(DateTime.MinValue, DateTimeKind.Utc), DateTime.SpecifyKind(DateTime.MaxValue, DateTimeKind.Utc));
        if (!IsOpen(From) && !(new AxdrReader(From).TryReadDateTime(out var low) && low.TryGetInterval(out from, out _, convention))) return false;
        return IsOpen(To) || new AxdrReader(To).TryReadDateTime(out var high) && high.TryGetInterval(out _, out to, convention);
    }

    /// <summary>The ends of a range of numbers, both included; false where an end is none.</summary>
    public bool TryGetNumbers(out long from, out long to)
    {
        (from, to) = (long.MinValue, long.MaxValue);
        return (IsOpen(From) || new AxdrReader(From).TryReadNumber(out from)) && (IsOpen(To) || new AxdrReader(To).TryReadNumber(out to));
    }

    internal static bool IsOpen(ReadOnlySpan<byte> bound) => bound[0] == (byte)DataTag.NullData;

    private static DataAccessResult TryReadRange(ReadOnlySpan<byte> parameters, IReadOnlyList<CaptureObject> all, Span<int> room, out ProfileQuery query)
    {
        query = default;
        var reader = new AxdrReader(parameters);
        if (!reader.TryReadStructureOf(4) || !reader.TryReadCaptureObject(out var restricting) || !reader.TrySkip(out var from) || !reader.TrySkip(out var to)
            || !reader.TryReadArray(out var count) || count > room.Length) return DataAccessResult.TypeUnmatched;
        var known = true;
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadCaptureObject(out var column)) return DataAccessResult.TypeUnmatched;
            room[i] = IndexOf(all, column);
            known &= room[i] >= 0;
        }

        if (!reader.TryEnd()) return DataAccessResult.TypeUnmatched;
        var restrictingColumn = IndexOf(all, restricting);
        if (restrictingColumn < 0 || !known) return DataAccessResult.OtherReason;
        query = new(SelectiveAccess.ByRangeSelector, count == 0 ? Sequence(room, 0, all.Count) : room[..count], all.Count)
        {
            RestrictingColumn = restrictingColumn,
            From = from,
            To = to,
        };
        return DataAccessResult.Success;
    }

    private static DataAccessResult TryReadEntries(ReadOnlySpan<byte> parameters, IReadOnlyList<CaptureObject> all, Span<int> room, out ProfileQuery query)
    {
        query = default;
        if (!EntryDescriptor.TryRead(parameters, out var entries, out _)) return DataAccessResult.TypeUnmatched;
        var last = entries.ToColumn == 0 ? all.Count : Math.Min(entries.ToColumn, all.Count);
        if (entries.FromEntry == 0 || entries.FromColumn == 0 || entries.FromColumn > last) return DataAccessResult.OtherReason;
        query = new(SelectiveAccess.ByEntrySelector, Sequence(room, entries.FromColumn - 1, last), all.Count)
        {
            FromEntry = entries.FromEntry,
            ToEntry = entries.ToEntry == 0 ? uint.MaxValue : entries.ToEntry,
        };
        return DataAccessResult.Success;
    }

    private static Span<int> Sequence(Span<int> room, int from, int end)
    {
        for (var i = from; i < end; i++) room[i - from] = i;
        return room[..(end - from)];
    }

    private static int IndexOf(IReadOnlyList<CaptureObject> all, in CaptureObject one)
    {
        for (var i = 0; i < all.Count; i++)
        {
            if (all[i] == one) return i;
        }

        return -1;
    }
}
