using Gridtally.Companion;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>A meter as its concentrator reports it.</summary>
/// <param name="Concentrator">Serial of the concentrator.</param>
/// <param name="Entry">What its archive says.</param>
public sealed record ReportedMeter(string Concentrator, ArchiveEntry Entry);

/// <summary>What the concentrators say of their meters, as of the last time each was asked.</summary>
public sealed class ArchiveStore
{
    private readonly Database _database;

    internal ArchiveStore(Database database) => _database = database;

    /// <summary>Takes in the whole archive of one concentrator; what it does not name any more is gone.</summary>
    /// <param name="serial">The concentrator.</param>
    /// <param name="entries">Its archive.</param>
    /// <param name="now">Since when meters not heard of before are expected to be read, UTC.</param>
    /// <exception cref="StorageException">Nothing of it is stored.</exception>
    public void Replace(string serial, IReadOnlyCollection<ArchiveEntry> entries, DateTime now) => _database.Write(session =>
    {
        session.Execute("DELETE FROM archive WHERE concentrator = ?1", serial);
        foreach (var entry in entries)
        {
            session.Execute(
                """
                INSERT INTO archive (concentrator, meter, enabled, channel, task, last_contact, last_error) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
                ON CONFLICT DO NOTHING
                """,
                serial, entry.Meter, entry.Enabled ? 1 : 0, entry.Channel, entry.Task, entry.LastContact?.UtcDateTime.ToUnix(), entry.LastError);
            session.Execute("INSERT INTO meter (number, since) VALUES (?1, ?2) ON CONFLICT DO NOTHING", entry.Meter, now.ToUnix());
        }
    });

    /// <summary>All meters that are reported, by number; of one concentrator only where <paramref name="serial"/> is given.</summary>
    public IReadOnlyList<ReportedMeter> List(string? serial = null) => Query(serial, null);

    /// <summary>One meter; null where no concentrator reports it. Of several, the one that had contact last.</summary>
    public ReportedMeter? Find(string meter) => Query(null, meter).MaxBy(m => m.Entry.LastContact ?? DateTimeOffset.MinValue);

    private List<ReportedMeter> Query(string? serial, string? meter) => _database.Read(session => session.Query(
        """
        SELECT concentrator, meter, enabled, channel, task, last_contact, last_error FROM archive
        WHERE (?1 IS NULL OR concentrator = ?1) AND (?2 IS NULL OR meter = ?2) ORDER BY meter, concentrator
        """,
        r => new ReportedMeter(r.GetString(0), new(
            r.GetString(1), r.GetInt32(2) != 0, r.GetString(3), r.GetString(4),
            r.TimeOrNull(5) is { } contact ? new DateTimeOffset(contact, TimeSpan.Zero) : null, r.GetString(6))),
        serial, meter));
}
