using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Store;

/// <summary>What a journal entry refers to; numbered as in journal records.</summary>
public enum JournalKind
{
    /// <summary>The layout that rows of a profile have from here on.</summary>
    Layout = 1,
    /// <summary>Rows of a profile.</summary>
    Rows = 2,
    /// <summary>An event.</summary>
    Event = 3,
}

/// <summary>One entry of the journal: a reference, never the data itself.</summary>
/// <param name="Sequence">Its place; counts up by 1, never used twice.</param>
/// <param name="Kind">What it refers to.</param>
/// <param name="MeterId">The meter; 0 where an event is the concentrator's own.</param>
/// <param name="MeterNumber">Its number; empty where an event is the concentrator's own, or the meter is not known any more.</param>
/// <param name="Profile">The profile, for layouts and rows.</param>
/// <param name="Reference">The layout's number, or the event's.</param>
/// <param name="First">Oldest time stamp of the rows, included.</param>
/// <param name="Last">Newest time stamp of the rows, included.</param>
public readonly record struct JournalReference(
    long Sequence, JournalKind Kind, long MeterId, string MeterNumber, ObisCode Profile, long Reference, DateTime First, DateTime Last);

/// <summary>Everything that was collected, in the order in which it was: what an uplink goes along with its cursor.</summary>
/// <remarks>Entries are written in the transaction that writes what they refer to. Delivery is at least once, writing is idempotent.</remarks>
public sealed class Journal
{
    /// <summary>Rows that one entry refers to at most: its record stays below 32 KiB, so a slow uplink loses little when a line drops.</summary>
    public const int MaxRowsPerEntry = 256;

    /// <summary>Entries that one query returns at most.</summary>
    public const int MaxEntries = 1_000;

    private readonly Database _database;
    private readonly ReadingStore _store;

    /// <summary>Opens the journal; a new database gets a new journal id.</summary>
    public Journal(Database database, ReadingStore store)
    {
        (_database, _store) = (database, store);
        database.Write(s => s.Execute("INSERT OR IGNORE INTO meta(name, value) VALUES('journal', ?1)", Guid.NewGuid().ToString("D")));
        Id = Guid.Parse(database.Read(s => s.First("SELECT value FROM meta WHERE name='journal'", r => r.GetString(0), "")));
    }

    /// <summary>Raised after entries were committed: an uplink that pushes wakes up.</summary>
    public event Action? Appended;

    /// <summary>Drawn at random when the journal was made; another id means another journal.</summary>
    public Guid Id { get; }

    /// <summary>The oldest and the newest sequence; (1, 0) for a new journal, (last + 1, last) where all were trimmed.</summary>
    public (long First, long Last) Bounds() => _database.Read(s =>
    {
        var last = s.Number("SELECT seq FROM sqlite_sequence WHERE name='journal'");
        var first = s.First("SELECT min(seq) FROM journal", r => r.NumberOrNull(0), null);
        return (first ?? last + 1, last);
    });

    /// <summary>Entries with sequences <paramref name="from"/>..<paramref name="to"/>, in order.</summary>
    /// <param name="from">First sequence, included.</param>
    /// <param name="to">Last sequence, included.</param>
    /// <param name="max">Most entries to return, up to <see cref="MaxEntries"/>.</param>
    public IReadOnlyList<JournalReference> Read(long from, long to, int max = MaxEntries) => _database.Read(s => s.Query(
        """
        SELECT j.seq, j.kind, j.meter, coalesce(m.number, ''), j.profile, j.layout, j.first, j.last FROM journal j LEFT JOIN meter m ON m.id=j.meter
        WHERE j.seq BETWEEN ?1 AND ?2 ORDER BY j.seq LIMIT ?3
        """,
        r => new JournalReference(r.GetInt64(0), (JournalKind)r.GetInt32(1), r.GetInt64(2), r.GetString(3), ObisCode.FromUInt64((ulong)r.GetInt64(4)), r.GetInt64(5), r.Time(6), r.Time(7)),
        from, to, (long)Math.Min(max, MaxEntries)));

    /// <summary>Entries that are there.</summary>
    public long Count() => _database.Read(s => s.Number("SELECT count(*) FROM journal"));

    /// <summary>The entry at a place, 1 the oldest; the sequence, or null.</summary>
    public long? SequenceAt(long place) => _database.Read(s => s.First("SELECT seq FROM journal ORDER BY seq LIMIT 1 OFFSET ?1", r => (long?)r.GetInt64(0), null, place - 1));

    /// <summary>The rows that an entry refers to, exactly as the meter sent them.</summary>
    public IReadOnlyList<StoredRow> RowsOf(in JournalReference entry)
    {
        var layout = entry.Reference;
        return [.. _store.Rows(entry.MeterId, entry.Profile, entry.First.AddTicks(-1), entry.Last).Where(r => r.LayoutId == layout)];
    }

    /// <summary>How far an uplink has come: all entries up to this sequence were delivered. 0 for a new one.</summary>
    public long Cursor(string uplink) => _database.Read(s => s.Number("SELECT seq FROM cursor WHERE name=?1", uplink));

    /// <summary>Moves an uplink's cursor forward; never back.</summary>
    public void MoveCursor(string uplink, long sequence, DateTime now) => _database.Write(s => s.Execute(
        "INSERT INTO cursor(name, seq, moved) VALUES(?1, ?2, ?3) ON CONFLICT(name) DO UPDATE SET seq=max(seq, excluded.seq), moved=excluded.moved", uplink, sequence, now.ToUnix()));

    /// <summary>Entries that an uplink has still to deliver.</summary>
    public long Backlog(string uplink) => _database.Read(s => s.Number("SELECT count(*) FROM journal WHERE seq>(SELECT coalesce(max(seq), 0) FROM cursor WHERE name=?1)", uplink));

    /// <summary>Removes entries that were written before a time, whatever time their rows are of. Layouts stay: later rows need them.</summary>
    public int RemoveBefore(DateTime time) => _database.Write(s => s.Execute("DELETE FROM journal WHERE kind<>1 AND added<?1", time.ToUnix()));

    internal void NotifyAppended() => Appended?.Invoke();

    internal static void Append(DbSession session, JournalKind kind, long meterId, ObisCode profile, long reference, DateTime first, DateTime last, DateTime now) => session.Execute(
        "INSERT INTO journal(kind, meter, profile, layout, first, last, added) VALUES(?1, ?2, ?3, ?4, ?5, ?6, ?7)",
        (long)kind, meterId, (long)profile.ToUInt64(), reference, first.ToUnix(), last.ToUnix(), now.ToUnix());

    internal static void AppendRows(DbSession session, long meterId, StoredLayout layout, List<DateTime> times, DateTime now)
    {
        foreach (var part in times.Chunk(MaxRowsPerEntry)) Append(session, JournalKind.Rows, meterId, layout.Layout.Profile, layout.Id, part[0], part[^1], now);
    }
}
