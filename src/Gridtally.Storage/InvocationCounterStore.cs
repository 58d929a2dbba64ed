using Gridtally.Cosem.Security;

namespace Gridtally.Storage;

/// <summary>Invocation counters in a database, so that none repeats after a restart, a kill or a power cut.</summary>
/// <remarks>
/// Send counters are reserved ahead (<see cref="ReservingCounter"/>): one write per hundred APDUs. Accepted counters are kept in
/// memory and written with the next reservation and at <see cref="Flush"/>: after a power cut a recorded answer of the last seconds
/// could be accepted once more, but only within a new association, whose challenges it does not know. Counters of a dedicated key
/// end with their association and are not stored.
/// </remarks>
public sealed class InvocationCounterStore : IInvocationCounters
{
    private readonly Lock _lock = new();
    private readonly Database _database;
    private readonly string _scope;
    private readonly CounterEnd _end;
    private readonly ReservingCounter[] _send;
    private readonly Dictionary<(KeyRole Key, SystemTitle Originator), uint> _accepted = [];
    private readonly HashSet<(KeyRole, SystemTitle)> _changed = [];

    /// <summary>Opens the counters of one set of keys.</summary>
    /// <param name="database">Where they are kept; the table is made when it is missing.</param>
    /// <param name="scope">Whose keys, such as <c>meter 00115394 client 2</c>. New keys need a new scope, or <see cref="Forget(DbSession, string)"/>.</param>
    /// <param name="end">What comes after FFFFFFFF; other than a stop only for partners whose counters are known to roll over.</param>
    public InvocationCounterStore(Database database, string scope, CounterEnd end = CounterEnd.Stop)
    {
        (_database, _scope, _end) = (database, scope, end);
        EnsureTable(database);
        var stored = database.Read(s => s.Query("SELECT role, next FROM invocation_send WHERE scope=?1", r => (Role: (KeyRole)r.GetInt32(0), Next: (ulong)r.GetInt64(1)), scope));
        _send = [.. Enum.GetValues<KeyRole>().Select(role => new ReservingCounter(Math.Max(1, stored.FirstOrDefault(p => p.Role == role).Next), limit => Store(role, limit), end: end))];
        foreach (var (role, title, last) in database.Read(s => s.Query("SELECT role, title, last FROM invocation_seen WHERE scope=?1",
            r => ((KeyRole)r.GetInt32(0), new SystemTitle((ulong)r.GetInt64(1)), (uint)r.GetInt64(2)), scope))) _accepted[(role, title)] = last;
    }

    /// <inheritdoc/>
    public bool TryTakeSend(KeyRole key, out uint counter)
    {
        lock (_lock) return _send[(int)key].TryTake(out counter);
    }

    /// <inheritdoc/>
    public void RaiseSend(KeyRole key, uint next)
    {
        lock (_lock) _send[(int)key].RaiseTo(next);
    }

    /// <inheritdoc/>
    public ulong ReceiveFloor(KeyRole key, SystemTitle originator)
    {
        lock (_lock) return _accepted.TryGetValue((key, originator), out var last) ? _end.FloorAfter(last) : 0;
    }

    /// <inheritdoc/>
    /// <remarks>
    /// Kept in memory, written later (see above). A client loses nothing by that: the AARE of a new association has a counter above all
    /// recordings, and raises the floor before any answer is accepted.
    /// </remarks>
    public bool Accept(KeyRole key, SystemTitle originator, uint counter)
    {
        lock (_lock)
        {
            _accepted[(key, originator)] = counter;
            if (key != KeyRole.Dedicated) _changed.Add((key, originator));
            return true;
        }
    }

    /// <summary>Writes what was accepted since the last write.</summary>
    public void Flush()
    {
        lock (_lock)
        {
            if (_changed.Count == 0) return;
            _database.Write(WriteAccepted);
            _changed.Clear();
        }
    }

    /// <summary>Forgets the counters of a set of keys: they were replaced by new ones.</summary>
    public static void Forget(Database database, string scope) => database.Write(s => Forget(s, scope));

    /// <summary>The same, in the transaction that stores the new keys.</summary>
    public static void Forget(DbSession session, string scope)
    {
        CreateTables(session);
        session.Execute("DELETE FROM invocation_send WHERE scope=?1", scope);
        session.Execute("DELETE FROM invocation_seen WHERE scope=?1", scope);
    }

    private void Store(KeyRole role, ulong limit)
    {
        if (role == KeyRole.Dedicated) return;
        _database.Write(s =>
        {
            s.Execute("INSERT INTO invocation_send(scope, role, next) VALUES(?1, ?2, ?3) ON CONFLICT(scope, role) DO UPDATE SET next=excluded.next", _scope, (long)role, (long)limit);
            WriteAccepted(s);
        });
        _changed.Clear();
    }

    private void WriteAccepted(DbSession session)
    {
        foreach (var (role, title) in _changed)
        {
            session.Execute("INSERT INTO invocation_seen(scope, role, title, last) VALUES(?1, ?2, ?3, ?4) ON CONFLICT(scope, role, title) DO UPDATE SET last=excluded.last",
                _scope, (long)role, (long)title.Value, (long)_accepted[(role, title)]);
        }
    }

    private static void EnsureTable(Database database)
    {
        if (database.Read(s => s.Number("SELECT count(*) FROM sqlite_master WHERE name='invocation_seen'")) > 0) return;
        database.Write(CreateTables);
    }

    private static void CreateTables(DbSession session)
    {
        session.Execute("CREATE TABLE IF NOT EXISTS invocation_send(scope TEXT NOT NULL, role INTEGER NOT NULL, next INTEGER NOT NULL, PRIMARY KEY(scope, role)) WITHOUT ROWID");
        session.Execute("CREATE TABLE IF NOT EXISTS invocation_seen(scope TEXT NOT NULL, role INTEGER NOT NULL, title INTEGER NOT NULL, last INTEGER NOT NULL, PRIMARY KEY(scope, role, title)) WITHOUT ROWID");
    }
}
