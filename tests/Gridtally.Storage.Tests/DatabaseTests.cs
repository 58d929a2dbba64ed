using Gridtally.Testing;

namespace Gridtally.Storage.Tests;

public sealed class DatabaseTests : IDisposable
{
    private static readonly string[] Schema = ["CREATE TABLE item(id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, body BLOB)"];

    private readonly TemporaryFolder _folder = new();

    private string File => _folder.File("store.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void What_is_committed_is_there_when_the_file_is_opened_again()
    {
        using (var database = Database.Open(File, Schema)) Add(database, "first");
        using var again = Database.Open(File, Schema);
        Assert.Equal(["first"], Names(again));
    }

    [Fact]
    public void A_transaction_that_throws_leaves_nothing_behind()
    {
        using var database = Database.Open(File, Schema);
        Assert.Throws<InvalidOperationException>(() => database.Write(session =>
        {
            session.Execute("INSERT INTO item(name) VALUES(?1)", "half");
            throw new InvalidOperationException("in the middle");
        }));
        Add(database, "whole");
        Assert.Equal(["whole"], Names(database));
    }

    [Fact]
    public void A_process_killed_in_mid_transaction_keeps_what_was_committed_and_nothing_else()
    {
        using var database = Database.Open(File, Schema);
        Add(database, "committed");

        // The files as they are on the disk while a transaction is open: what a kill -9 leaves.
        var copy = _folder.File("killed.db");
        Assert.Throws<InvalidOperationException>(() => database.Write(session =>
        {
            session.Execute("INSERT INTO item(name, body) VALUES(?1, ?2)", "open", new byte[100_000]);
            foreach (var suffix in (string[])["", "-wal"]) System.IO.File.Copy(File + suffix, copy + suffix);
            throw new InvalidOperationException("killed");
        }));

        using var restarted = Database.Open(copy, Schema);
        Assert.Equal(["committed"], Names(restarted));
    }

    [Fact]
    public void A_reader_sees_one_state_while_a_writer_goes_on()
    {
        using var database = Database.Open(File, Schema);
        Add(database, "a");
        var (before, after) = database.Read(session =>
        {
            var first = session.Number("SELECT count(*) FROM item");
            Add(database, "b");
            return (first, session.Number("SELECT count(*) FROM item"));
        });
        Assert.Equal((1, 1), (before, after));
        Assert.Equal(["a", "b"], Names(database));
    }

    [Fact]
    public void A_full_disk_is_named_and_loses_nothing_that_was_stored()
    {
        using var database = Database.Open(File, Schema, new() { MaxPages = 20 });
        Add(database, "kept");
        var error = Assert.Throws<StorageException>(() => database.Write(session => session.Execute("INSERT INTO item(name, body) VALUES('big', ?1)", new byte[200_000])));
        Assert.Equal(StorageFault.DiskFull, error.Fault);
        Assert.Contains(File, error.Message);
        Assert.Contains("free space", error.Message);
        Add(database, "small");
        Assert.Equal(["kept", "small"], Names(database));
    }

    [Fact]
    public void A_file_that_is_no_database_is_named_and_left_as_it_is()
    {
        System.IO.File.WriteAllText(File, new string('x', 5000));
        var error = Assert.Throws<StorageException>(() => Database.Open(File, Schema));
        Assert.Equal(StorageFault.Corrupt, error.Fault);
        Assert.Contains(File, error.Message);
        Assert.Equal(5000, new FileInfo(File).Length);
    }

    [Fact]
    public void A_damaged_page_is_found_at_start()
    {
        using (var database = Database.Open(File, Schema))
        {
            for (var i = 0; i < 200; i++) Add(database, $"row {i} {new string('y', 400)}");
        }

        using (var raw = System.IO.File.OpenWrite(File))
        {
            raw.Position = 2 * 4096;
            raw.Write(new byte[12 * 4096]);
        }

        Assert.Equal(StorageFault.Corrupt, Assert.Throws<StorageException>(() => Database.Open(File, Schema)).Fault);
    }

    [Fact]
    public void A_folder_that_does_not_exist_is_named() =>
        Assert.Equal(StorageFault.CannotOpen, Assert.Throws<StorageException>(() => Database.Open(_folder.File("no/such/store.db"), Schema)).Fault);

    [Fact]
    public void A_schema_of_a_newer_program_is_refused()
    {
        Database.Open(File, [.. Schema, "CREATE TABLE later(id INTEGER)"]).Dispose();
        Assert.Equal(StorageFault.TooNew, Assert.Throws<StorageException>(() => Database.Open(File, Schema)).Fault);
    }

    [Fact]
    public void Migrations_run_once_each_and_in_order()
    {
        Database.Open(File, Schema).Dispose();
        using var database = Database.Open(File, [.. Schema, "ALTER TABLE item ADD COLUMN colour TEXT DEFAULT 'red'"]);
        Add(database, "x");
        Assert.Equal("red", database.Read(s => s.First("SELECT colour FROM item", r => r.GetString(0), "")));
    }

    [Fact]
    public void Many_threads_write_and_read_at_once()
    {
        using var database = Database.Open(File, Schema);
        Parallel.For(0, 40, i =>
        {
            Add(database, $"n{i}");
            Assert.Contains($"n{i}", Names(database));
        });
        Assert.Equal(40, Names(database).Count);
    }

    private static void Add(Database database, string name) => database.Write(session => session.Execute("INSERT INTO item(name) VALUES(?1)", name));

    private static List<string> Names(Database database) => database.Read(session => session.Query("SELECT name FROM item ORDER BY id", r => r.GetString(0)));
}
