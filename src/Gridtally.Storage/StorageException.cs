using System.Globalization;
using Microsoft.Data.Sqlite;

namespace Gridtally.Storage;

/// <summary>Why a database could not do what was asked.</summary>
public enum StorageFault
{
    /// <summary>None of the others; the message has SQLite's own words.</summary>
    Other,
    /// <summary>No room left on the disk, or the page quota is used up.</summary>
    DiskFull,
    /// <summary>The file or its folder may not be written.</summary>
    ReadOnly,
    /// <summary>The file is damaged, or is no SQLite database.</summary>
    Corrupt,
    /// <summary>Another process holds the database longer than the busy timeout.</summary>
    Busy,
    /// <summary>The file or its folder can't be opened.</summary>
    CannotOpen,
    /// <summary>The file was written by a newer version of the software.</summary>
    TooNew,
}

/// <summary>A database could not do what was asked. What was committed before is still there.</summary>
public sealed class StorageException : IOException
{
    /// <summary>Says what failed, in which file, and what to do.</summary>
    public StorageException(StorageFault fault, string path, string message, Exception? inner = null) : base(message, inner) => (Fault, Path) = (fault, path);

    /// <summary>Says only that storage failed.</summary>
    public StorageException() : this(StorageFault.Other, "", "The store failed.") { }

    /// <inheritdoc cref="StorageException(StorageFault, string, string, Exception)"/>
    public StorageException(string message) : this(StorageFault.Other, "", message) { }

    /// <inheritdoc cref="StorageException(StorageFault, string, string, Exception)"/>
    public StorageException(string message, Exception inner) : this(StorageFault.Other, "", message, inner) { }

    /// <summary>What kind of failure.</summary>
    public StorageFault Fault { get; }

    /// <summary>The file.</summary>
    public string Path { get; }

    internal static StorageException From(SqliteException cause, string path)
    {
        var fault = FaultOf(cause.SqliteErrorCode);
        var words = fault switch
        {
            StorageFault.DiskFull => "there is no room left to write to. Nothing stored is lost; free space on that file system, the next write then succeeds",
            StorageFault.ReadOnly => "it may not be written. Give the user that runs this program write permission on the file and its folder",
            StorageFault.Corrupt => "it is damaged or is no SQLite database. Move it away together with its -wal and -shm files and start again, or restore a copy; what the meters still remember is read again",
            StorageFault.Busy => "another process holds it. Only one program may use a data folder: stop the other one",
            StorageFault.CannotOpen => "it can't be opened. The folder must exist and be writable",
            _ => cause.Message,
        };
        return new(fault, path, string.Create(CultureInfo.InvariantCulture, $"Database {path}: {words} (SQLite error {cause.SqliteErrorCode}/{cause.SqliteExtendedErrorCode})."), cause);
    }

    // Result codes of sqlite3.h.
    private static StorageFault FaultOf(int code) => code switch
    {
        5 or 6 => StorageFault.Busy,
        8 => StorageFault.ReadOnly,
        11 or 26 => StorageFault.Corrupt,
        13 => StorageFault.DiskFull,
        14 => StorageFault.CannotOpen,
        _ => StorageFault.Other,
    };
}
