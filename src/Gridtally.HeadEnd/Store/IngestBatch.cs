using Gridtally.Companion;
using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>One journal answer on its way into the database, within one transaction.</summary>
internal sealed class IngestBatch(DbSession session, ReadingDays days, string serial, JournalCursor cursor, DateTime now)
{
    private readonly Dictionary<(string Meter, ObisCode Profile), SeriesDelta> _series = [];
    private readonly Dictionary<(long Series, uint LayoutId), StoredLayout?> _layouts = [];

    public IngestResult Result { get; } = new() { Cursor = cursor.Cursor };

    public void Take(ulong sequence, ReadOnlySpan<byte> record)
    {
        if (sequence <= Result.Cursor) return;
        if (!JournalRecord.TryReadKind(record, out var kind, out var error)) Quarantine(sequence, record, $"no journal record: {error}");
        else if (kind == JournalRecordKind.Layout) TakeLayout(sequence, record);
        else if (kind == JournalRecordKind.Rows) TakeRows(sequence, record);
        else TakeEvent(sequence, record);
        Advance(sequence);
    }

    public void PassOver(ulong sequence, ReadOnlySpan<byte> received, string reason)
    {
        if (sequence <= Result.Cursor) return;
        Quarantine(sequence, received, reason);
        Advance(sequence);
    }

    public void Finish()
    {
        foreach (var delta in _series.Values) Write(delta);
        session.Execute(
            "UPDATE concentrator SET cursor = max(cursor, ?2), journal_end = max(journal_end, ?2) WHERE serial = ?1", serial, (long)Result.Cursor);
        if (Result.Quarantined > 0)
        {
            session.Execute(
                "DELETE FROM quarantine WHERE id <= (SELECT id FROM quarantine ORDER BY id DESC LIMIT 1 OFFSET ?1)", JournalIngest.MaxQuarantined);
        }
    }

    private void Advance(ulong sequence)
    {
        Result.Missing += (long)(sequence - Result.Cursor - 1);
        Result.Entries++;
        Result.Cursor = sequence;
    }

    private void TakeLayout(ulong sequence, ReadOnlySpan<byte> record)
    {
        if (!JournalRecord.TryReadLayout(record, out var layout, out var error))
        {
            Quarantine(sequence, record, $"layout record: {error}");
            return;
        }

        var stored = StoredLayout.Store(session, layout!.Layout);
        var series = Series(layout.Meter, layout.Layout.Profile, stored.Id)!;
        session.Execute("UPDATE series SET layout = ?2 WHERE id = ?1", series.Id, stored.Id);
        session.Execute(
            "INSERT INTO journal_layout (concentrator, series, layout_id, layout) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO UPDATE SET layout = ?4",
            serial, series.Id, (long)layout.LayoutId, stored.Id);
        _layouts[(series.Id, layout.LayoutId)] = stored;
    }

    private void TakeRows(ulong sequence, ReadOnlySpan<byte> record)
    {
        if (!JournalRecord.TryReadRows(record, out var rows, out var error))
        {
            Quarantine(sequence, record, $"rows record: {error}");
            return;
        }

        if (Series(rows.Meter, rows.Profile, firstLayout: null) is not { } series || Layout(series.Id, rows.LayoutId) is not { } layout)
        {
            Quarantine(sequence, record, $"rows of meter {rows.Meter}, profile {rows.Profile}: its layout {rows.LayoutId} did not come before");
            return;
        }

        var part = 0;
        foreach (var row in rows)
        {
            part++;
            if (layout.TryReadTime(row, out var time, out var problem)) TakeRow(sequence, series, layout, time, row);
            else Quarantine(sequence, row, $"row {part} of meter {rows.Meter}, profile {rows.Profile}: {problem}", part);
        }
    }

    private void TakeRow(ulong sequence, SeriesDelta series, StoredLayout layout, DateTime time, ReadOnlySpan<byte> row)
    {
        var (unix, octets) = (time.ToUnix(), row.ToArray());
        if (session.Execute(
            "INSERT INTO row (series, time, layout, octets) VALUES (?1, ?2, ?3, ?4) ON CONFLICT DO NOTHING", series.Id, unix, layout.Id, octets) == 1)
        {
            Result.NewRows++;
            series.Add(unix, days.DayOf(time));
            return;
        }

        var kept = session.First("SELECT octets FROM row WHERE series = ?1 AND time = ?2", r => r.Blob(0), [], series.Id, unix);
        if (kept.AsSpan().SequenceEqual(octets))
        {
            Result.KnownRows++;
            return;
        }

        Result.Discrepancies += session.Execute(
            """
            INSERT INTO discrepancy (series, time, octets, concentrator, sequence, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6)
            ON CONFLICT DO NOTHING
            """,
            series.Id, unix, octets, serial, (long)sequence, now.ToUnix());
    }

    private void TakeEvent(ulong sequence, ReadOnlySpan<byte> record)
    {
        if (!JournalRecord.TryReadEvent(record, out var entry, out var error))
        {
            Quarantine(sequence, record, $"event record: {error}");
            return;
        }

        if (!entry!.Time.TryToUtc(out var time))
        {
            Quarantine(sequence, record, $"event record: its time {entry.Time} is no moment");
            return;
        }

        var logged = new NewEvent(time, entry.Code, EventCodes.Find(entry.Code).Severity, serial, entry.Meter, entry.Text);
        Result.Events += EventStore.Add(session, logged, (long)sequence);
    }

    private void Quarantine(ulong sequence, ReadOnlySpan<byte> octets, string reason, int part = 0) =>
        Result.Quarantined += session.Execute(
            """
            INSERT INTO quarantine (concentrator, journal, sequence, part, reason, octets, seen) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            ON CONFLICT DO NOTHING
            """,
            serial, cursor.Journal.ToByteArray(), (long)sequence, part, reason, octets.ToArray(), now.ToUnix());

    // A series begins with its first layout: rows alone don't make one.
    private SeriesDelta? Series(string meter, ObisCode profile, long? firstLayout)
    {
        if (_series.TryGetValue((meter, profile), out var known)) return known;
        var id = session.Number("SELECT id FROM series WHERE meter = ?1 AND profile = ?2", meter, (long)profile.ToUInt64());
        if (id == 0 && firstLayout is null) return null;
        if (id == 0) id = session.Insert("INSERT INTO series (meter, profile, layout) VALUES (?1, ?2, ?3)", meter, (long)profile.ToUInt64(), firstLayout);
        return _series[(meter, profile)] = new(id);
    }

    private StoredLayout? Layout(long series, uint layoutId)
    {
        if (_layouts.TryGetValue((series, layoutId), out var known)) return known;
        return _layouts[(series, layoutId)] = StoredLayout.OfJournal(session, serial, series, layoutId);
    }

    private void Write(SeriesDelta delta)
    {
        if (delta.Rows == 0) return;
        session.Execute(
            """
            UPDATE series SET rows = rows + ?2, first_time = min(ifnull(first_time, ?3), ?3), last_time = max(ifnull(last_time, ?4), ?4) WHERE id = ?1
            """,
            delta.Id, delta.Rows, delta.First, delta.Last);
        foreach (var (day, got) in delta.Days)
        {
            session.Execute("INSERT INTO day (series, day, got) VALUES (?1, ?2, ?3) ON CONFLICT DO UPDATE SET got = got + ?3", delta.Id, day.DayNumber, got);
        }
    }

    private sealed class SeriesDelta(long id)
    {
        public long Id { get; } = id;

        public int Rows { get; private set; }

        public long First { get; private set; } = long.MaxValue;

        public long Last { get; private set; } = long.MinValue;

        public Dictionary<DateOnly, int> Days { get; } = [];

        public void Add(long unix, DateOnly day)
        {
            (Rows, First, Last) = (Rows + 1, Math.Min(First, unix), Math.Max(Last, unix));
            Days[day] = Days.GetValueOrDefault(day) + 1;
        }
    }
}
