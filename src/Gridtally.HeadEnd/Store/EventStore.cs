using Gridtally.Companion;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>One event to be logged.</summary>
/// <param name="Time">When, UTC, by the clock of whom it happened to.</param>
/// <param name="Code">Event code.</param>
/// <param name="Severity">How serious.</param>
/// <param name="Concentrator">Serial of the concentrator that it came from or concerns; null for the head end's own.</param>
/// <param name="Meter">Meter number; empty where no meter is concerned.</param>
/// <param name="Text">For people.</param>
/// <param name="User">Who caused it, for what a user did; null otherwise.</param>
public sealed record NewEvent(DateTime Time, ushort Code, EventSeverity Severity, string? Concentrator, string Meter, string Text, string? User = null);

/// <summary>One event of the log.</summary>
/// <param name="Id">Rises with the order in which events came in.</param>
/// <param name="Event">What happened.</param>
public sealed record LoggedEvent(long Id, NewEvent Event);

/// <summary>What to list of the event log.</summary>
public sealed record EventFilter
{
    /// <summary>Events with a smaller id only; null for the newest.</summary>
    public long? Before { get; init; }

    /// <summary>This meter's events only; null for all.</summary>
    public string? Meter { get; init; }

    /// <summary>This concentrator's events only; null for all.</summary>
    public string? Concentrator { get; init; }

    /// <summary>This severity only; null for all.</summary>
    public EventSeverity? Severity { get; init; }

    /// <summary>At most so many.</summary>
    public int Limit { get; init; } = 100;
}

/// <summary>The event log: the concentrators' events as their journals bring them, and the head end's own.</summary>
public sealed class EventStore
{
    /// <summary>Events kept; the oldest go first. A thousand meters with ten events a day each fill it in a month.</summary>
    public const int MaxEvents = 300_000;

    // Trimming costs a search; doing it once in so many events keeps it off the way.
    private const int TrimEvery = 1_000;

    private readonly Database _database;

    internal EventStore(Database database) => _database = database;

    /// <summary>Logs an event of the head end's own.</summary>
    /// <exception cref="StorageException">It could not be stored.</exception>
    public void Add(NewEvent entry) => _database.Write(session => Add(session, entry, sequence: null));

    /// <summary>Events, newest first.</summary>
    public IReadOnlyList<LoggedEvent> List(EventFilter filter) => _database.Read(session => session.Query(
        """
        SELECT id, time, code, severity, concentrator, meter, text, user FROM event
        WHERE (?1 IS NULL OR id < ?1) AND (?2 IS NULL OR meter = ?2) AND (?3 IS NULL OR concentrator = ?3) AND (?4 IS NULL OR severity = ?4)
        ORDER BY id DESC LIMIT ?5
        """,
        r => new LoggedEvent(r.GetInt64(0), new(
            r.Time(1), (ushort)r.GetInt32(2), (EventSeverity)r.GetInt32(3), r.TextOrNull(4), r.GetString(5), r.GetString(6), r.TextOrNull(7))),
        filter.Before, filter.Meter, filter.Concentrator, filter.Severity is { } severity ? (int)severity : null, filter.Limit));

    internal static int Add(DbSession session, NewEvent entry, long? sequence)
    {
        var added = session.Execute(
            """
            INSERT INTO event (time, code, severity, concentrator, sequence, meter, text, user) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)
            ON CONFLICT DO NOTHING
            """,
            entry.Time.ToUnix(), (int)entry.Code, (int)entry.Severity, entry.Concentrator, sequence, entry.Meter, entry.Text, entry.User);
        if (added == 0) return 0;
        var id = session.Number("SELECT last_insert_rowid()");
        if (id % TrimEvery == 0) session.Execute("DELETE FROM event WHERE id <= ?1", id - MaxEvents);
        return added;
    }
}
