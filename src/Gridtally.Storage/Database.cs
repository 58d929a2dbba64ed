using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gridtally.Storage;

/// <summary>How a database is opened.</summary>
public sealed record DatabaseOptions
{
    /// <summary>How long a statement waits for another process. One process per data folder is the rule, tools look in briefly.</summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Connections kept for readers. More readers at a time wait for one: each costs up to <see cref="CacheKiB"/>.</summary>
    public int Readers { get; init; } = 4;

    /// <summary>Page cache of each connection.</summary>
    public int CacheKiB { get; init; } = 1024;

    /// <summary>Quota in pages of 4 KiB, null for none. A write beyond it fails as <see cref="StorageFault.DiskFull"/>.</summary>
    public long? MaxPages { get; init; }
}

/// <summary>One SQLite file: one writer, a few pooled readers, schema by migrations.</summary>
/// <remarks>
/// WAL with synchronous=FULL: when a write returns, it is on the disk, so <c>kill -9</c> and a power cut lose nothing that was
/// acknowledged. With NORMAL the last commits before a power cut could vanish; they may already have been confirmed to a meter
/// or a head end. All members may be called from any thread.
/// </remarks>
public sealed class Database : IDisposable
{
    private readonly DatabaseOptions _options;
    private readonly Lock _writing = new();
    private readonly SemaphoreSlim _readers;
    private readonly Stack<DbSession> _idle = new();
    private DbSession? _writer;
    private bool _disposed;

    private Database(string path, DatabaseOptions options)
    {
        (Path, _options) = (path, options);
        _readers = new(options.Readers, options.Readers);
    }

    /// <summary>Path of the SQLite file.</summary>
    public string Path { get; }

    /// <summary>Opens or creates a file, checks it, and brings its schema up to date.</summary>
    /// <param name="path">The file; its folder must exist.</param>
    /// <param name="migrations">SQL that leads from schema version n to n + 1, for n = 0, 1, …; only ever appended to.</param>
    /// <param name="options">Null for the defaults.</param>
    /// <exception cref="StorageException">The file can't be opened, is damaged, or is of a newer version.</exception>
    public static Database Open(string path, IReadOnlyList<string> migrations, DatabaseOptions? options = null)
    {
        SqliteLibrary.Load();
        var database = new Database(System.IO.Path.GetFullPath(path), options ?? new());
        try
        {
            database.Guard(() =>
            {
                database._writer = database.Connect();
                database.Check();
                database.Migrate(migrations);
                return 0;
            });
            return database;
        }
        catch
        {
            database.Dispose();
            throw;
        }
    }

    /// <summary>Reads within one consistent snapshot. Writers don't block it.</summary>
    /// <exception cref="StorageException">The database failed.</exception>
    public T Read<T>(Func<DbSession, T> work)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        _readers.Wait();
        try
        {
            return Guard(() => InSnapshot(work));
        }
        finally
        {
            _readers.Release();
        }
    }

    /// <summary>Runs one transaction; when this returns, it is on the disk. Writers come one after the other.</summary>
    /// <remarks>An exception out of <paramref name="work"/> rolls back and is passed on.</remarks>
    /// <exception cref="StorageException">The database failed; nothing of this transaction is stored.</exception>
    public T Write<T>(Func<DbSession, T> work)
    {
        lock (_writing)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            return Guard(() => InTransaction(work));
        }
    }

    /// <inheritdoc cref="Write{T}"/>
    public void Write(Action<DbSession> work) => Write(session =>
    {
        work(session);
        return 0;
    });

    /// <summary>Bytes that the database occupies, its write-ahead log included.</summary>
    public long SizeOnDisk() => new[] { Path, Path + "-wal" }.Sum(f => File.Exists(f) ? new FileInfo(f).Length : 0);

    /// <summary>Closes all connections. Waits for a write that is under way.</summary>
    public void Dispose()
    {
        lock (_writing)
        {
            if (_disposed) return;
            _disposed = true;
            Close(_writer);
            lock (_idle)
            {
                while (_idle.TryPop(out var reader)) Close(reader);
            }
        }
    }

    private T InTransaction<T>(Func<DbSession, T> work)
    {
        _writer ??= Connect();
        var done = false;
        _writer.Execute("BEGIN IMMEDIATE");
        try
        {
            var result = work(_writer);
            _writer.Execute("COMMIT");
            done = true;
            return result;
        }
        finally
        {
            if (!done) RollBack();
        }
    }

    private void RollBack()
    {
        try
        {
            _writer!.Execute("ROLLBACK");
        }
        catch (SqliteException)
        {
            // SQLite has rolled back already (disk full does that), or the connection is of no use: the next write opens a new one.
            Close(_writer);
            _writer = null;
        }
    }

    private T InSnapshot<T>(Func<DbSession, T> work)
    {
        DbSession? reader;
        lock (_idle) _idle.TryPop(out reader);
        reader ??= Connect();
        var usable = false;
        try
        {
            reader.Execute("BEGIN");
            var result = work(reader);
            reader.Execute("COMMIT");
            usable = true;
            return result;
        }
        finally
        {
            lock (_idle)
            {
                if (usable && !_disposed) _idle.Push(reader);
                else Close(reader);
            }
        }
    }

    private DbSession Connect()
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = Path, Pooling = false }.ToString());
        try
        {
            connection.DefaultTimeout = (int)_options.BusyTimeout.TotalSeconds;
            connection.Open();
            var session = new DbSession(connection);
            session.Execute($"PRAGMA busy_timeout={(int)_options.BusyTimeout.TotalMilliseconds}");
            session.Query("PRAGMA journal_mode=WAL", r => r.GetString(0));
            session.Execute("PRAGMA synchronous=FULL");
            session.Execute("PRAGMA foreign_keys=ON");
            session.Execute($"PRAGMA cache_size=-{_options.CacheKiB}");
            session.Query("PRAGMA journal_size_limit=4194304", r => r.GetInt64(0));
            if (_options.MaxPages is { } pages) session.Query($"PRAGMA max_page_count={pages}", r => r.GetInt64(0));
            session.Forget();
            return session;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    private void Check()
    {
        var report = _writer!.Query("PRAGMA quick_check(1)", r => r.GetString(0));
        if (report is not ["ok"])
            throw new StorageException(StorageFault.Corrupt, Path, $"Database {Path} is damaged: {string.Join("; ", report)}. Move it away together with its -wal and -shm files and start again, or restore a copy; what the meters still remember is read again.");
    }

    private void Migrate(IReadOnlyList<string> migrations)
    {
        var version = _writer!.Number("PRAGMA user_version");
        if (version > migrations.Count)
            throw new StorageException(StorageFault.TooNew, Path, $"Database {Path} has schema version {version}; this program knows up to {migrations.Count}. Run the newer program that wrote it.");
        for (var next = (int)version; next < migrations.Count; next++)
        {
            var (sql, after) = (migrations[next], next + 1);
            InTransaction(session =>
            {
                session.Execute(sql);
                return session.Execute(string.Create(CultureInfo.InvariantCulture, $"PRAGMA user_version={after}"));
            });
        }

        _writer.Forget();
    }

    private T Guard<T>(Func<T> work)
    {
        try
        {
            return work();
        }
        catch (SqliteException e)
        {
            throw StorageException.From(e, Path);
        }
    }

    private static void Close(DbSession? session)
    {
        session?.Forget();
        session?.Connection.Dispose();
    }
}
