using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Storage;
using Gridtally.Storage.Blocks;

namespace Gridtally.Concentrator.Store;

/// <summary>The table of day blocks: one row per meter, profile, day and layout.</summary>
internal static class BlockTable
{
    /// <summary>Merges rows of one day into their block.</summary>
    /// <returns>The time stamps that are new in order, how many rows were there already, and how many have a time stamp that is taken.</returns>
    public static (List<DateTime> Added, int Known, int Conflicting) Merge(
        DbSession session, long meterId, StoredLayout layout, DateOnly day, IEnumerable<(DateTime Utc, ReadOnlyMemory<byte> Octets)> rows, Func<long, StoredLayout?> layouts)
    {
        var profile = layout.Layout.Profile;
        var taken = new Dictionary<DateTime, ReadOnlyMemory<byte>>();
        var mine = new SortedDictionary<DateTime, ReadOnlyMemory<byte>>();
        foreach (var row in Blocks(session, meterId, profile, day, day).SelectMany(b => Unpack(b, layouts)))
        {
            taken[row.Utc] = row.Octets;
            if (row.LayoutId == layout.Id) mine[row.Utc] = row.Octets;
        }

        var (added, known, conflicting) = (new List<DateTime>(), 0, 0);
        foreach (var (utc, octets) in rows)
        {
            if (taken.TryAdd(utc, octets))
            {
                mine[utc] = octets;
                added.Add(utc);
            }
            else if (taken[utc].Span.SequenceEqual(octets.Span)) known++;
            else conflicting++;
        }

        if (added.Count > 0) Write(session, meterId, layout, day, mine);
        added.Sort();
        return (added, known, conflicting);
    }

    public static List<StoredRow> Rows(DbSession session, long meterId, ObisCode profile, DateTime after, DateTime upTo, int max, Func<long, StoredLayout?> layouts)
    {
        var result = new List<StoredRow>();
        if (upTo <= after) return result;
        var (firstDay, lastDay) = (ReadingDays.Utc.DayOf(after.AddTicks(1)), ReadingDays.Utc.DayOf(upTo));
        foreach (var day in Blocks(session, meterId, profile, firstDay, lastDay).GroupBy(b => b.Day))
        {
            var rows = day.SelectMany(b => Unpack(b, layouts)).Where(r => r.Utc > after && r.Utc <= upTo).OrderBy(r => r.Utc);
            result.AddRange(rows.Take(max - result.Count));
            if (result.Count >= max) break;
        }

        return result;
    }

    private static List<Block> Blocks(DbSession session, long meterId, ObisCode profile, DateOnly first, DateOnly last) => session.Query(
        "SELECT day, layout, body FROM block WHERE meter=?1 AND profile=?2 AND day BETWEEN ?3 AND ?4 ORDER BY day, layout",
        r => new Block(DateOnly.FromDayNumber(r.GetInt32(0)), r.GetInt64(1), r.Blob(2)), meterId, (long)profile.ToUInt64(), (long)first.DayNumber, (long)last.DayNumber);

    private static void Write(DbSession session, long meterId, StoredLayout layout, DateOnly day, SortedDictionary<DateTime, ReadOnlyMemory<byte>> rows) => session.Execute(
        """
        INSERT INTO block(meter, profile, day, layout, rows, first, last, body) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
        ON CONFLICT(meter, profile, day, layout) DO UPDATE SET rows=excluded.rows, first=excluded.first, last=excluded.last, body=excluded.body
        """,
        meterId, (long)layout.Layout.Profile.ToUInt64(), (long)day.DayNumber, layout.Id, (long)rows.Count, rows.Keys.First().ToUnix(), rows.Keys.Last().ToUnix(), Pack(rows));

    private static byte[] Pack(SortedDictionary<DateTime, ReadOnlyMemory<byte>> rows) => DayBlock.Encode([.. rows.Values]);

    private static IEnumerable<StoredRow> Unpack(Block block, Func<long, StoredLayout?> layouts)
    {
        var layout = layouts(block.Layout) ?? throw new InvalidDataException($"Rows of {block.Day:O} have layout {block.Layout}, which is not stored.");
        foreach (var row in DayBlock.Decode(block.Body)) yield return new(TimeOf(row.Span, layout.Layout), layout.Id, row);
    }

    // A clock that sends no deviation is taken as UTC, here as when the row came in.
    private static DateTime TimeOf(ReadOnlySpan<byte> octets, ProfileLayout layout)
    {
        var reader = new AxdrReader(octets, "stored row");
        var fine = reader.TryReadStructure(out _);
        for (var i = 0; fine && i < layout.ClockColumn; i++) fine = reader.TrySkip(out _);
        return fine && reader.TryReadDateTime(out var stamp) && stamp.TryToUtc(out var utc) ? utc : throw new InvalidDataException($"A stored row has no time stamp: {reader.Error}.");
    }

    private readonly record struct Block(DateOnly Day, long Layout, byte[] Body);
}
