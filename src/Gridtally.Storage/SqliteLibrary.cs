using System.Reflection;
using System.Runtime.InteropServices;
using SQLitePCL;

namespace Gridtally.Storage;

/// <summary>Joins the managed SQLite binding to the system's own library, which the system keeps patched.</summary>
internal static class SqliteLibrary
{
    private static readonly Lazy<bool> Ready = new(() =>
    {
        NativeLibrary.SetDllImportResolver(typeof(SQLite3Provider_e_sqlite3).Assembly, Resolve);
        raw.SetProvider(new SQLite3Provider_e_sqlite3());
        return true;
    });

    public static void Load()
    {
        try
        {
            _ = Ready.Value;
        }
        catch (Exception e) when (e is DllNotFoundException or TypeInitializationException)
        {
            throw new StorageException(StorageFault.CannotOpen, "libsqlite3.so.0", "The SQLite library libsqlite3.so.0 was not found. Install it: apt-get install libsqlite3-0.", e);
        }
    }

    private static IntPtr Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != "e_sqlite3") return IntPtr.Zero;
        foreach (var candidate in (ReadOnlySpan<string>)["libsqlite3.so.0", "libsqlite3.dylib", "winsqlite3.dll"])
        {
            if (NativeLibrary.TryLoad(candidate, out var handle)) return handle;
        }

        return IntPtr.Zero;
    }
}
