using Microsoft.Data.Sqlite;

namespace Gridtally.Storage;

/// <summary>One connection while a <see cref="Database.Read{T}"/> or <see cref="Database.Write{T}"/> has it. Not to be kept.</summary>
/// <remarks>SQL texts are constants with parameters <c>?1</c>, <c>?2</c> …; each is prepared once per connection.</remarks>
public sealed class DbSession
{
    /// <summary>Prepared statements kept per connection; a program has fewer texts than this, built texts would push each other out.</summary>
    public const int MaxPrepared = 128;

    private readonly Dictionary<string, SqliteCommand> _prepared = [];

    internal DbSession(SqliteConnection connection) => Connection = connection;

    internal SqliteConnection Connection { get; }

    /// <summary>Runs a statement that returns no rows.</summary>
    /// <returns>Rows changed.</returns>
    public int Execute(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteNonQuery();

    /// <summary>Runs a statement and maps each row.</summary>
    public List<T> Query<T>(string sql, Func<SqliteDataReader, T> map, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        var rows = new List<T>();
        while (reader.Read()) rows.Add(map(reader));
        return rows;
    }

    /// <summary>Runs a statement and maps its first row.</summary>
    /// <returns>The row, or <paramref name="none"/> where there is no row.</returns>
    public T First<T>(string sql, Func<SqliteDataReader, T> map, T none, params ReadOnlySpan<object?> values)
    {
        using var reader = Prepare(sql, values).ExecuteReader();
        return reader.Read() ? map(reader) : none;
    }

    /// <summary>The one number that a statement returns; 0 for null or no row.</summary>
    public long Number(string sql, params ReadOnlySpan<object?> values) => Prepare(sql, values).ExecuteScalar() is long number ? number : 0;

    /// <summary>Inserts one row.</summary>
    /// <returns>Its rowid.</returns>
    public long Insert(string sql, params ReadOnlySpan<object?> values)
    {
        Execute(sql, values);
        return Number("SELECT last_insert_rowid()");
    }

    internal void Forget()
    {
        foreach (var command in _prepared.Values) command.Dispose();
        _prepared.Clear();
    }

    private SqliteCommand Prepare(string sql, ReadOnlySpan<object?> values)
    {
        if (!_prepared.TryGetValue(sql, out var command))
        {
            if (_prepared.Count >= MaxPrepared) Forget();
            command = Connection.CreateCommand();
#pragma warning disable CA2100 // constant texts only, values are bound
            command.CommandText = sql;
#pragma warning restore CA2100
            _prepared.Add(sql, command);
        }

        command.Parameters.Clear();
        for (var i = 0; i < values.Length; i++) command.Parameters.AddWithValue("?" + (i + 1), values[i] ?? DBNull.Value);
        return command;
    }
}

/// <summary>Reads columns that may be null.</summary>
public static class DbRows
{
    /// <summary>A text column, or null.</summary>
    public static string? TextOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetString(column);

    /// <summary>A number column, or null.</summary>
    public static long? NumberOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.GetInt64(column);

    /// <summary>A blob column; empty for null.</summary>
    public static byte[] Blob(this SqliteDataReader row, int column) => row.IsDBNull(column) ? [] : (byte[])row.GetValue(column);

    /// <summary>A moment stored as Unix seconds.</summary>
    public static DateTime Time(this SqliteDataReader row, int column) => DateTime.UnixEpoch.AddSeconds(row.GetInt64(column));

    /// <summary>A moment stored as Unix seconds, or null.</summary>
    public static DateTime? TimeOrNull(this SqliteDataReader row, int column) => row.IsDBNull(column) ? null : row.Time(column);

    /// <summary>A UTC moment as it is stored: Unix seconds.</summary>
    public static long ToUnix(this DateTime utc) => (long)Math.Floor((utc - DateTime.UnixEpoch).TotalSeconds);
}
