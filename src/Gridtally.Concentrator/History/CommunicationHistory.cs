using Gridtally.Storage;

namespace Gridtally.Concentrator.History;

/// <summary>Whose fault it is when an exchange with a meter fails.</summary>
public enum FailureReason
{
    /// <summary>Nothing came back.</summary>
    NoAnswer,
    /// <summary>What came back is no frame or no APDU, or the line failed.</summary>
    LineError,
    /// <summary>The meter understood and said no.</summary>
    Refused,
    /// <summary>Wrong key, wrong password, or a proof that does not verify.</summary>
    Security,
    /// <summary>The meter answered something that does not fit the question.</summary>
    DeviceError,
    /// <summary>It was cut short on this side.</summary>
    Cancelled,
}

/// <summary>How an exchange went.</summary>
public enum CommunicationOutcome
{
    /// <summary>All of it worked.</summary>
    Done,
    /// <summary>Some rows came, then it failed.</summary>
    Partial,
    /// <summary>Nothing came.</summary>
    Failed,
}

/// <summary>One exchange with a meter.</summary>
/// <param name="Id">Grows with time; 0 before it is stored.</param>
/// <param name="MeterId">The meter.</param>
/// <param name="Time">When it began, by the civil clock, UTC.</param>
/// <param name="Duration">Real time on the line.</param>
/// <param name="Channel">The channel.</param>
/// <param name="Item">Task item, or <c>manual</c>.</param>
/// <param name="Outcome">How it went.</param>
/// <param name="Reason">Why it failed.</param>
/// <param name="Text">For people.</param>
/// <param name="Rows">Rows that are new.</param>
/// <param name="BytesSent">Octets sent on the channel.</param>
/// <param name="BytesReceived">Octets received from the channel.</param>
/// <param name="Retries">Frames or requests sent again.</param>
public sealed record Communication(
    long Id, long MeterId, DateTime Time, TimeSpan Duration, string Channel, string Item, CommunicationOutcome Outcome, FailureReason? Reason, string Text,
    int Rows, long BytesSent, long BytesReceived, int Retries);

/// <summary>The last exchanges with each meter.</summary>
public sealed class CommunicationHistory
{
    /// <summary>Entries that one query returns at most.</summary>
    public const int MaxEntries = 500;

    private const string Columns = "id, meter, time, duration, channel, item, outcome, reason, text, rows, sent, received, retries";

    private readonly Database _database;

    /// <summary>Opens the history.</summary>
    public CommunicationHistory(Database database) => _database = database;

    /// <summary>Exchanges with a meter, newest first.</summary>
    public IReadOnlyList<Communication> Latest(long meterId, int limit = 50) => _database.Read(s => s.Query(
        $"SELECT {Columns} FROM history WHERE meter=?1 ORDER BY id DESC LIMIT ?2", Map, meterId, (long)Math.Min(limit, MaxEntries)));

    /// <summary>The last failures of all meters, newest first.</summary>
    public IReadOnlyList<Communication> LatestFailures(int limit) => _database.Read(s => s.Query(
        $"SELECT {Columns} FROM history WHERE reason IS NOT NULL ORDER BY id DESC LIMIT ?1", Map, (long)Math.Min(limit, MaxEntries)));

    /// <summary>How many failed exchanges are kept.</summary>
    public long CountFailures() => _database.Read(s => s.Number("SELECT count(*) FROM history WHERE reason IS NOT NULL"));

    /// <summary>Stores an exchange in the caller's transaction.</summary>
    public static void Add(DbSession session, Communication c) => session.Execute(
        "INSERT INTO history(meter, time, duration, channel, item, outcome, reason, text, rows, sent, received, retries) VALUES(?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,?11,?12)",
        c.MeterId, c.Time.ToUnix(), (long)c.Duration.TotalMilliseconds, c.Channel, c.Item, (long)c.Outcome, c.Reason is { } reason ? (long)reason : null, c.Text,
        (long)c.Rows, c.BytesSent, c.BytesReceived, (long)c.Retries);

    /// <summary>Keeps only the newest entries of each meter.</summary>
    public int Trim(int keepPerMeter) => _database.Write(session =>
    {
        var removed = 0;
        foreach (var meter in session.Query("SELECT DISTINCT meter FROM history", r => r.GetInt64(0)))
        {
            removed += session.Execute(
                "DELETE FROM history WHERE meter=?1 AND id<=(SELECT id FROM history WHERE meter=?1 ORDER BY id DESC LIMIT 1 OFFSET ?2)", meter, (long)keepPerMeter);
        }

        return removed;
    });

    private static Communication Map(Microsoft.Data.Sqlite.SqliteDataReader r) => new(
        r.GetInt64(0), r.GetInt64(1), r.Time(2), TimeSpan.FromMilliseconds(r.GetInt64(3)), r.GetString(4), r.GetString(5), (CommunicationOutcome)r.GetInt32(6),
        r.NumberOrNull(7) is { } reason ? (FailureReason)reason : null, r.GetString(8), r.GetInt32(9), r.GetInt64(10), r.GetInt64(11), r.GetInt32(12));
}
