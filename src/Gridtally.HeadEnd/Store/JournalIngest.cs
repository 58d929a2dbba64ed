using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Metering;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Store;

/// <summary>Where the head end stands in one concentrator's journal.</summary>
/// <param name="Journal">Id of the journal; empty before the first reading.</param>
/// <param name="Cursor">Sequence of the last entry that is stored here; 0 for none.</param>
/// <param name="End">The newest sequence that the concentrator told of.</param>
public sealed record JournalCursor(Guid Journal, ulong Cursor, ulong End)
{
    /// <summary>Entries that the concentrator has and this head end has not.</summary>
    public ulong Lag => End > Cursor ? End - Cursor : 0;
}

/// <summary>What one journal answer brought.</summary>
public sealed record IngestResult
{
    /// <summary>Entries taken in, whatever they held.</summary>
    public int Entries { get; internal set; }

    /// <summary>Rows that are new here.</summary>
    public int NewRows { get; internal set; }

    /// <summary>Rows that were here already, octet by octet.</summary>
    public int KnownRows { get; internal set; }

    /// <summary>Rows that were here already with other octets; the first are kept.</summary>
    public int Discrepancies { get; internal set; }

    /// <summary>Records and rows that could not be read, kept aside.</summary>
    public int Quarantined { get; internal set; }

    /// <summary>Events that are new here.</summary>
    public int Events { get; internal set; }

    /// <summary>Entries that were not there any more: sequences are consecutive, so a gap is what was trimmed before it was read.</summary>
    public long Missing { get; internal set; }

    /// <summary>The cursor after it.</summary>
    public ulong Cursor { get; internal set; }

    /// <summary>Where the answer stops being a journal's; null when all of it is. Entries before that place are taken in.</summary>
    public DecodeError? BufferError { get; internal set; }
}

/// <summary>Takes in journal answers: rows, layouts and events, with the cursor, in one transaction each.</summary>
/// <remarks>
/// Whatever is in an answer, taking it in twice is the same as once. A record that can't be read is put into quarantine with the reason;
/// the next one is read nevertheless.
/// </remarks>
public sealed class JournalIngest
{
    /// <summary>Records kept in quarantine; the oldest go first. One is enough to see what is wrong, a flood must not fill the disk.</summary>
    public const int MaxQuarantined = 10_000;

    private readonly Database _database;
    private readonly ReadingDays _days;

    internal JournalIngest(Database database, ReadingDays days) => (_database, _days) = (database, days);

    /// <summary>Where the head end stands in the journal of <paramref name="serial"/>.</summary>
    /// <returns>Null for a concentrator that is not registered.</returns>
    public JournalCursor? Cursor(string serial) => _database.Read(session => Cursor(session, serial));

    /// <summary>Notes what the concentrator says of its journal. For another journal than the known one, the cursor goes back to 0.</summary>
    /// <returns>Where the head end stands now, and whether the journal was replaced.</returns>
    /// <exception cref="InvalidOperationException">The concentrator is not registered.</exception>
    public (JournalCursor Cursor, bool Replaced) Begin(string serial, JournalState state) => _database.Write(session =>
    {
        var known = Cursor(session, serial) ?? throw NotRegistered(serial);
        var replaced = known.Journal != state.JournalId && known.Journal != Guid.Empty;
        if (known.Journal != state.JournalId)
        {
            session.Execute("UPDATE concentrator SET journal = ?2, cursor = 0 WHERE serial = ?1", serial, state.JournalId.ToByteArray());
            session.Execute("DELETE FROM journal_layout WHERE concentrator = ?1", serial);
        }

        session.Execute("UPDATE concentrator SET journal_end = ?2 WHERE serial = ?1", serial, (long)state.LastSequence);
        return (Cursor(session, serial)!, replaced);
    });

    /// <summary>Takes in one answer.</summary>
    /// <param name="serial">The concentrator.</param>
    /// <param name="buffer">Encoded Data of the journal's buffer, as received.</param>
    /// <param name="now">The time to note where something is out of order, UTC.</param>
    /// <exception cref="StorageException">Nothing of this answer is stored, and the cursor has not moved.</exception>
    /// <exception cref="InvalidOperationException">The concentrator is not registered.</exception>
    public IngestResult Ingest(string serial, ReadOnlyMemory<byte> buffer, DateTime now) => _database.Write(session =>
    {
        var batch = new IngestBatch(session, _days, serial, Cursor(session, serial) ?? throw NotRegistered(serial), now);
        var reader = new JournalBufferReader(buffer.Span);
        while (reader.TryReadNext(out var entry)) batch.Take(entry.Sequence, entry.Record);
        if (reader.Failed) batch.Result.BufferError = reader.Error;
        batch.Finish();
        return batch.Result;
    });

    /// <summary>Passes over one entry that can't be received as a journal entry at all, and keeps what was received instead.</summary>
    /// <exception cref="StorageException">Nothing is stored, and the cursor has not moved.</exception>
    public IngestResult Skip(string serial, ulong sequence, ReadOnlyMemory<byte> received, string reason, DateTime now) => _database.Write(session =>
    {
        var batch = new IngestBatch(session, _days, serial, Cursor(session, serial) ?? throw NotRegistered(serial), now);
        batch.PassOver(sequence, received.Span, reason);
        batch.Finish();
        return batch.Result;
    });

    /// <summary>The newest records in quarantine, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<QuarantinedRecord> Quarantine(int count) => _database.Read(session => session.Query(
        "SELECT concentrator, sequence, reason, octets, seen FROM quarantine ORDER BY id DESC LIMIT ?1",
        r => new QuarantinedRecord(r.GetString(0), (ulong)r.GetInt64(1), r.GetString(2), r.Blob(3), r.Time(4)),
        count));

    /// <summary>The newest discrepancies, at most <paramref name="count"/>.</summary>
    public IReadOnlyList<Discrepancy> Discrepancies(int count) => _database.Read(session => session.Query(
        """
        SELECT s.meter, s.profile, d.time, r.octets, d.octets, d.concentrator, d.sequence
        FROM discrepancy d JOIN series s ON s.id = d.series JOIN row r ON r.series = d.series AND r.time = d.time
        ORDER BY d.id DESC LIMIT ?1
        """,
        r => new Discrepancy(
            r.GetString(0), ObisCode.FromUInt64((ulong)r.GetInt64(1)), r.Time(2), r.Blob(3), r.Blob(4), r.GetString(5), (ulong)r.GetInt64(6)),
        count));

    private static JournalCursor? Cursor(DbSession session, string serial) => session.First(
        "SELECT journal, cursor, journal_end FROM concentrator WHERE serial = ?1",
        r => new JournalCursor(r.IsDBNull(0) ? Guid.Empty : new Guid(r.Blob(0)), (ulong)r.GetInt64(1), (ulong)r.GetInt64(2)),
        null, serial);

    private static InvalidOperationException NotRegistered(string serial) => new($"Concentrator '{serial}' is not in the registry.");
}

/// <summary>A journal record, or one row of it, that could not be read.</summary>
/// <param name="Concentrator">Serial of the concentrator.</param>
/// <param name="Sequence">Its place in that concentrator's journal.</param>
/// <param name="Reason">What is wrong with it.</param>
/// <param name="Octets">As received.</param>
/// <param name="Seen">When, UTC.</param>
public sealed record QuarantinedRecord(string Concentrator, ulong Sequence, string Reason, ReadOnlyMemory<byte> Octets, DateTime Seen);

/// <summary>A row that came twice with different octets.</summary>
/// <param name="Meter">Meter number.</param>
/// <param name="Profile">The profile's logical name.</param>
/// <param name="Time">The row's time stamp, UTC.</param>
/// <param name="Kept">The octets that came first.</param>
/// <param name="Other">The octets that came later.</param>
/// <param name="Concentrator">Serial of the concentrator that sent the later ones.</param>
/// <param name="Sequence">Their place in its journal.</param>
public sealed record Discrepancy(
    string Meter, ObisCode Profile, DateTime Time, ReadOnlyMemory<byte> Kept, ReadOnlyMemory<byte> Other, string Concentrator, ulong Sequence);
