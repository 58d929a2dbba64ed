using Gridtally.Concentrator.Store;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Events;

/// <summary>One entry of the event log.</summary>
/// <param name="Id">Grows with time.</param>
/// <param name="Time">When, by the civil clock, UTC.</param>
/// <param name="Code">What kind.</param>
/// <param name="Meter">Number of the meter concerned; empty where it is the concentrator's own.</param>
/// <param name="User">Who caused it; empty where nobody did.</param>
/// <param name="Text">For people.</param>
public sealed record EventEntry(long Id, DateTime Time, EventCode Code, string Meter, string User, string Text);

/// <summary>The event log of the concentrator. Each event also gets a journal entry, so that the head end learns of it.</summary>
public sealed class EventLog
{
    /// <summary>Longest text; a screen line or two.</summary>
    public const int MaxText = 400;

    /// <summary>Entries that one query returns at most.</summary>
    public const int MaxEntries = 500;

    private readonly Database _database;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;

    /// <summary>Opens the log.</summary>
    public EventLog(Database database, TimeProvider clock, ILogger logger) => (_database, _clock, _logger) = (database, clock, logger);

    /// <summary>Raised after an event was stored.</summary>
    public event Action<EventEntry>? Added;

    /// <summary>Stores an event. A store that fails is logged and does not stop the caller.</summary>
    /// <param name="code">What kind.</param>
    /// <param name="text">For people; never a secret.</param>
    /// <param name="meter">Number of the meter concerned.</param>
    /// <param name="user">Who caused it.</param>
    public void Add(EventCode code, string text, string meter = "", string user = "")
    {
        var level = code.Severity switch { EventSeverity.Error => LogLevel.Error, EventSeverity.Warning => LogLevel.Warning, _ => LogLevel.Information };
        _logger.Log(level, new EventId(code.Number, code.Name), "{Event}: {Text} {Meter}", code.Name, text, meter);
        var cut = text.Length > MaxText ? text[..MaxText] : text;
        var now = _clock.GetUtcNow().UtcDateTime;
        try
        {
            var id = _database.Write(session =>
            {
                var added = session.Insert("INSERT INTO event(time, severity, code, meter, user, text) VALUES(?1, ?2, ?3, ?4, ?5, ?6)",
                    now.ToUnix(), (long)code.Severity, (long)code.Number, meter, user, cut);
                var meterId = meter.Length == 0 ? 0 : session.Number("SELECT id FROM meter WHERE number=?1", meter);
                Journal.Append(session, JournalKind.Event, meterId, default, added, now, now, now);
                return added;
            });
            Added?.Invoke(new(id, now, code, meter, user, cut));
        }
        catch (StorageException e)
        {
            _logger.LogError(e, "The event could not be stored: {Event}", code.Name);
        }
    }

    /// <summary>Entries, newest first.</summary>
    /// <param name="limit">Most entries, up to <see cref="MaxEntries"/>.</param>
    /// <param name="before">Only entries with a smaller id.</param>
    /// <param name="meter">Only of that meter.</param>
    /// <param name="least">Only of this severity.</param>
    public IReadOnlyList<EventEntry> Latest(int limit, long? before = null, string? meter = null, EventSeverity? least = null) => _database.Read(s => s.Query(
        """
        SELECT id, time, code, meter, user, text FROM event
        WHERE (?2 IS NULL OR id<?2) AND (?3 IS NULL OR meter=?3) AND (?4 IS NULL OR severity=?4) ORDER BY id DESC LIMIT ?1
        """,
        Map, (long)Math.Min(limit, MaxEntries), before, meter, least is { } severity ? (long)severity : null));

    /// <summary>Entries of a stretch of time, oldest first.</summary>
    public IReadOnlyList<EventEntry> Between(DateTime from, DateTime to, int limit = MaxEntries) => _database.Read(s => s.Query(
        "SELECT id, time, code, meter, user, text FROM event WHERE time BETWEEN ?1 AND ?2 ORDER BY id LIMIT ?3", Map, from.ToUnix(), to.ToUnix(), (long)limit));

    /// <summary>Entries from the oldest one on.</summary>
    /// <param name="skip">So many of the oldest are left out.</param>
    /// <param name="limit">Most entries, up to <see cref="MaxEntries"/>.</param>
    public IReadOnlyList<EventEntry> Oldest(long skip, int limit) => _database.Read(s => s.Query(
        "SELECT id, time, code, meter, user, text FROM event ORDER BY id LIMIT ?1 OFFSET ?2", Map, (long)Math.Min(limit, MaxEntries), skip));

    /// <summary>Entries that are there.</summary>
    public long Count() => _database.Read(s => s.Number("SELECT count(*) FROM event"));

    /// <summary>The event with that id, or null.</summary>
    public EventEntry? Find(long id) => _database.Read(s => s.First<EventEntry?>("SELECT id, time, code, meter, user, text FROM event WHERE id=?1", Map, null, id));

    /// <summary>Keeps only the newest entries.</summary>
    public int Trim(int keep) => _database.Write(s => s.Execute("DELETE FROM event WHERE id<=(SELECT max(id) FROM event)-?1", (long)keep));

    private static EventEntry Map(Microsoft.Data.Sqlite.SqliteDataReader r) => new(r.GetInt64(0), r.Time(1), EventCode.Of((ushort)r.GetInt32(2)), r.GetString(3), r.GetString(4), r.GetString(5));
}
