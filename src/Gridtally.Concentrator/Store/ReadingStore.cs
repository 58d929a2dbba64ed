using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.Concentrator.Store;

/// <summary>One stored row of a profile.</summary>
/// <param name="Utc">Its time stamp, the end of its interval.</param>
/// <param name="LayoutId">Which layout it has.</param>
/// <param name="Octets">The row exactly as the meter sent it: an encoded structure.</param>
public readonly record struct StoredRow(DateTime Utc, long LayoutId, ReadOnlyMemory<byte> Octets);

/// <summary>A layout as the store knows it.</summary>
/// <param name="Id">Its number in this store; also in journal records.</param>
/// <param name="MeterId">Whose it is.</param>
/// <param name="Layout">What it says.</param>
public sealed record StoredLayout(long Id, long MeterId, ProfileLayout Layout);

/// <summary>What the store has of one profile of one meter.</summary>
/// <param name="Profile">The profile.</param>
/// <param name="Rows">Rows.</param>
/// <param name="First">Oldest time stamp, null without rows.</param>
/// <param name="Last">Newest time stamp, null without rows.</param>
/// <param name="Layout">The newest layout.</param>
public sealed record ProfileSummary(ObisCode Profile, long Rows, DateTime? First, DateTime? Last, StoredLayout Layout);

/// <summary>What storing rows did.</summary>
/// <param name="Added">Rows that were new.</param>
/// <param name="Known">Rows that were there already, octet for octet.</param>
/// <param name="Conflicting">Rows with a time stamp that is taken by another row; the first one stays.</param>
public readonly record struct StoreResult(int Added, int Known, int Conflicting);

/// <summary>The rows that were collected, in day blocks; idempotent on meter, profile and time stamp.</summary>
public sealed class ReadingStore
{
    /// <summary>Rows that one query returns at most: a year at 15 minutes, and a bound for memory.</summary>
    public const int MaxRows = 50_000;

    // A short list: layouts change only when a meter is reprogrammed.
    private readonly Dictionary<long, StoredLayout> _layouts = [];
    private readonly Lock _lock = new();
    private readonly Database _database;

    /// <summary>Opens the store.</summary>
    public ReadingStore(Database database)
    {
        _database = database;
        foreach (var layout in database.Read(s => s.Query("SELECT id, meter, body FROM layout ORDER BY id", r => ReadLayout(r.GetInt64(0), r.GetInt64(1), r.Blob(2))))) _layouts[layout.Id] = layout;
    }

    /// <summary>The layout with that number, or null.</summary>
    public StoredLayout? Layout(long id)
    {
        lock (_lock) return _layouts.GetValueOrDefault(id);
    }

    /// <summary>The newest layout of a profile of a meter; null where none was read.</summary>
    public StoredLayout? NewestLayout(long meterId, ObisCode profile)
    {
        lock (_lock) return _layouts.Values.Where(l => l.MeterId == meterId && l.Layout.Profile == profile).MaxBy(l => l.Id);
    }

    /// <summary>Seconds between rows of a profile of a meter; where its layout is not known yet, that of the other meters. 0 for none known, or none.</summary>
    public uint PeriodOf(long meterId, ObisCode profile)
    {
        if (NewestLayout(meterId, profile) is { } own) return own.Layout.CapturePeriodSeconds;
        lock (_lock) return _layouts.Values.Where(l => l.Layout.Profile == profile).MaxBy(l => l.Id)?.Layout.CapturePeriodSeconds ?? 0;
    }

    /// <summary>Rows later than <paramref name="after"/> and not later than <paramref name="upTo"/>, by time.</summary>
    /// <param name="meterId">The meter.</param>
    /// <param name="profile">The profile.</param>
    /// <param name="after">UTC, not included.</param>
    /// <param name="upTo">UTC, included.</param>
    /// <param name="max">Most rows to return, up to <see cref="MaxRows"/>; the oldest ones.</param>
    public IReadOnlyList<StoredRow> Rows(long meterId, ObisCode profile, DateTime after, DateTime upTo, int max = MaxRows) =>
        _database.Read(session => BlockTable.Rows(session, meterId, profile, after, upTo, Math.Min(max, MaxRows), Layout));

    /// <summary>What is stored of each profile of a meter.</summary>
    public IReadOnlyList<ProfileSummary> Summaries(long meterId)
    {
        var stored = _database.Read(s => s.Query("SELECT profile, sum(rows), min(first), max(last) FROM block WHERE meter=?1 GROUP BY profile",
            r => (Profile: ObisCode.FromUInt64((ulong)r.GetInt64(0)), Rows: r.GetInt64(1), First: r.Time(2), Last: r.Time(3)), meterId)).ToDictionary(p => p.Profile);
        List<StoredLayout> newest;
        lock (_lock) newest = [.. _layouts.Values.Where(l => l.MeterId == meterId).GroupBy(l => l.Layout.Profile).Select(g => g.MaxBy(l => l.Id)!).OrderBy(l => l.Layout.Profile)];
        return [.. newest.Select(l => stored.TryGetValue(l.Layout.Profile, out var p)
            ? new ProfileSummary(p.Profile, p.Rows, p.First, p.Last, l)
            : new ProfileSummary(l.Layout.Profile, 0, null, null, l))];
    }

    /// <summary>The time for which nothing is missing, see <see cref="Coverage"/>.</summary>
    public IReadOnlyList<Span> Covered(long meterId, ObisCode profile) => _database.Read(s => Coverage.Load(s, meterId, profile));

    /// <summary>Stores a layout unless it is the newest of that meter and profile already; a new one gets a journal entry.</summary>
    public StoredLayout StoreLayout(long meterId, ProfileLayout layout, DateTime now)
    {
        if (NewestLayout(meterId, layout.Profile) is { } known && known.Layout.Equals(layout)) return known;
        var body = new ArrayBufferWriter<byte>();
        layout.WriteTo(body);
        var id = _database.Write(session =>
        {
            var added = session.Insert("INSERT INTO layout(meter, profile, body, seen) VALUES(?1, ?2, ?3, ?4)", meterId, (long)layout.Profile.ToUInt64(), body.WrittenSpan.ToArray(), now.ToUnix());
            Journal.Append(session, JournalKind.Layout, meterId, layout.Profile, added, now, now, now);
            return added;
        });
        var stored = new StoredLayout(id, meterId, layout);
        lock (_lock) _layouts[id] = stored;
        return stored;
    }

    /// <summary>Stores rows, their journal entries and what they cover, in the caller's transaction.</summary>
    /// <param name="session">The transaction; nothing counts as read before it is committed.</param>
    /// <param name="meterId">The meter.</param>
    /// <param name="layout">The rows' layout.</param>
    /// <param name="rows">Time stamp and octets of each, in any order.</param>
    /// <param name="covered">The time for which the meter has no further rows.</param>
    /// <param name="now">Civil time, UTC.</param>
    public StoreResult StoreRows(DbSession session, long meterId, StoredLayout layout, IReadOnlyList<(DateTime Utc, ReadOnlyMemory<byte> Octets)> rows, Span covered, DateTime now)
    {
        var result = default(StoreResult);
        foreach (var day in rows.GroupBy(r => ReadingDays.Utc.DayOf(r.Utc)).OrderBy(g => g.Key))
        {
            var (added, known, conflicting) = BlockTable.Merge(session, meterId, layout, day.Key, day, Layout);
            Journal.AppendRows(session, meterId, layout, added, now);
            result = new(result.Added + added.Count, result.Known + known, result.Conflicting + conflicting);
        }

        Coverage.Store(session, meterId, layout.Layout.Profile, covered);
        return result;
    }

    /// <summary>The profiles of which there are rows, of any meter.</summary>
    public IReadOnlyList<ObisCode> Profiles()
    {
        lock (_lock) return [.. _layouts.Values.Select(l => l.Layout.Profile).Distinct()];
    }

    /// <summary>Removes rows of one profile, of all meters, of days before a day; returns the number of blocks removed.</summary>
    public int RemoveBefore(ObisCode profile, DateOnly day) =>
        _database.Write(s => s.Execute("DELETE FROM block WHERE day<?1 AND profile=?2", (long)day.DayNumber, (long)profile.ToUInt64()));

    private StoredLayout ReadLayout(long id, long meter, byte[] body)
    {
        var reader = new AxdrReader(body, "stored layout");
        return ProfileLayout.TryRead(ref reader, out var layout) && layout is not null
            ? new(id, meter, layout)
            : throw new StorageException(StorageFault.Corrupt, _database.Path, $"Database {_database.Path}: layout {id} does not read: {reader.Error}. Restore a copy of the database.");
    }
}
