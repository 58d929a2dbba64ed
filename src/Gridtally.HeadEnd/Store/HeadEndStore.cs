using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>Figures of the whole store.</summary>
/// <param name="Rows">Rows stored since the database exists.</param>
/// <param name="Discrepancies">Rows that came again with other octets.</param>
/// <param name="Quarantined">Journal records and rows that could not be read.</param>
/// <param name="DatabaseBytes">Bytes on disk, the write-ahead log included.</param>
public sealed record StoreFigures(long Rows, long Discrepancies, long Quarantined, long DatabaseBytes);

/// <summary>What is held of one profile of one meter.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="Profile">The profile's logical name.</param>
/// <param name="CapturePeriod">Seconds between rows, by the newest layout; 0 where rows are captured on an occasion.</param>
/// <param name="Rows">Rows held.</param>
/// <param name="First">Time stamp of the oldest row, UTC.</param>
/// <param name="Last">Time stamp of the newest row, UTC.</param>
public sealed record SeriesSummary(string Meter, ObisCode Profile, int CapturePeriod, long Rows, DateTime? First, DateTime? Last);

/// <summary>The head end's database: registry, rows, events, cursors. All members may be called from any thread.</summary>
/// <remarks>
/// One SQLite file. Every write is on the disk when it returns; a row and the cursor that passes it are one transaction. A full disk or
/// a damaged file is a <see cref="StorageException"/> that names the file; what was stored stays readable.
/// </remarks>
public sealed class HeadEndStore : IDisposable
{
    /// <summary>The file within the data folder.</summary>
    public const string FileName = "headend.db";

    private HeadEndStore(Database database, ReadingDays days)
    {
        (Database, Days) = (database, days);
        Journal = new(database, days);
        Events = new(database);
        Curves = new(database);
        Completeness = new(database, days);
        Archive = new(database);
    }

    /// <summary>Where days begin.</summary>
    public ReadingDays Days { get; }

    /// <summary>Takes in journal answers.</summary>
    public JournalIngest Journal { get; }

    /// <summary>The event log: the concentrators' events and the head end's own.</summary>
    public EventStore Events { get; }

    /// <summary>Rows as columns of numbers.</summary>
    public CurveQueries Curves { get; }

    /// <summary>Rows got and expected, per meter and day.</summary>
    public CompletenessQueries Completeness { get; }

    /// <summary>What the concentrators say of their meters.</summary>
    public ArchiveStore Archive { get; }

    /// <summary>The database file.</summary>
    public string DatabasePath => Database.Path;

    internal Database Database { get; }

    /// <summary>Opens the store in a data folder, and creates it when there is none.</summary>
    /// <param name="dataFolder">The head end's data folder.</param>
    /// <param name="days">Where days begin. Another zone than the last time: rows are counted anew. Null: as the last time, UTC the first time.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="StorageException">The file can't be opened, is damaged, or is of a newer version.</exception>
    public static HeadEndStore Open(string dataFolder, ReadingDays? days = null, DatabaseOptions? options = null)
    {
        PrivateFolder.Create(dataFolder);
        var database = Database.Open(Path.Combine(dataFolder, FileName), Schema.Migrations, options);
        var store = new HeadEndStore(database, days ?? CompletenessQueries.LastDays(database));
        store.Completeness.CountAnewWhenZoneChanged();
        return store;
    }

    /// <summary>Figures of the whole store.</summary>
    public StoreFigures Figures() => Database.Read(session => new StoreFigures(
        session.Number("SELECT sum(rows) FROM series"),
        session.Number("SELECT count(*) FROM discrepancy"),
        session.Number("SELECT count(*) FROM quarantine"),
        Database.SizeOnDisk()));

    /// <summary>What is held of one meter, or of all (null), by meter and profile.</summary>
    public IReadOnlyList<SeriesSummary> Series(string? meter = null) => Database.Read(session => session.Query(
        """
        SELECT s.meter, s.profile, l.capture_period, s.rows, s.first_time, s.last_time
        FROM series s JOIN layout l ON l.id = s.layout WHERE ?1 IS NULL OR s.meter = ?1 ORDER BY s.meter, s.profile
        """,
        r => new SeriesSummary(
            r.GetString(0), ObisCode.FromUInt64((ulong)r.GetInt64(1)), r.GetInt32(2), r.GetInt64(3), r.TimeOrNull(4), r.TimeOrNull(5)),
        meter));

    /// <inheritdoc/>
    public void Dispose() => Database.Dispose();
}
