using Gridtally.Concentrator.Store;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Storage;
using Gridtally.Testing;

namespace Gridtally.Concentrator.Tests;

public sealed class StoreTests : IDisposable
{
    private const long Meter = 7;

    private static readonly DateTime Day = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ProfileLayout Layout = LayoutOf(900);

    private readonly TemporaryFolder _folder = new();
    private readonly ProfileMeter _rows = new("1");
    private Database _database;
    private ReadingStore _store;
    private Journal _journal;

    public StoreTests()
    {
        _database = Database.Open(File, ConcentratorSchema.Migrations);
        (_store, _journal) = Reopen();
    }

    private string File => _folder.File("c.db");

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Rows_come_back_octet_for_octet_and_in_order_whatever_order_they_came_in()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 3, 1, 2, 200, 100);
        Assert.Equal([1, 2, 3, 100, 200], Quarters(_store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddDays(9))));
        Assert.All(_store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddDays(9)), r => Assert.Equal(_rows.Row(r.Utc), r.Octets.ToArray()));
    }

    [Fact]
    public void The_beginning_of_a_query_is_not_included_and_its_end_is()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 94, 95, 96, 97);
        Assert.Equal([95, 96], Quarters(_store.Rows(Meter, ProfileMeter.Profile, At(94), At(96))));
        Assert.Equal([94, 95], Quarters(_store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddDays(9), max: 2)));
    }

    [Fact]
    public void The_row_of_midnight_belongs_to_the_day_that_ends()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 95, 96, 97);
        var days = _database.Read(s => s.Query("SELECT day, rows FROM block ORDER BY day", r => (r.GetInt32(0), r.GetInt32(1))));
        Assert.Equal([(DateOnly.FromDateTime(Day).DayNumber, 2), (DateOnly.FromDateTime(Day).DayNumber + 1, 1)], days);
    }

    [Fact]
    public void Storing_again_changes_nothing_and_adds_nothing_to_the_journal()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Assert.Equal(new StoreResult(3, 0, 0), Store(layout, 1, 2, 3));
        var last = _journal.Bounds().Last;
        Assert.Equal(new StoreResult(0, 3, 0), Store(layout, 1, 2, 3));
        Assert.Equal(last, _journal.Bounds().Last);
        Assert.Equal(new StoreResult(1, 2, 0), Store(layout, 2, 3, 4));
        Assert.Equal([4], Quarters(_journal.RowsOf(_journal.Read(last + 1, long.MaxValue).Single())));
    }

    [Fact]
    public void Another_row_with_a_time_stamp_that_is_taken_does_not_replace_the_first()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 1);
        var other = _rows.Row(At(1));
        other[^1] ^= 1;
        Assert.Equal(new StoreResult(0, 0, 1), _database.Write(s => _store.StoreRows(s, Meter, layout, [(At(1), other)], default, Day)));
        Assert.Equal(_rows.Row(At(1)), _store.Rows(Meter, ProfileMeter.Profile, Day, At(9)).Single().Octets.ToArray());
    }

    [Fact]
    public void A_layout_is_stored_once_and_a_new_one_beside_it()
    {
        var first = _store.StoreLayout(Meter, Layout, Day);
        Assert.Equal(first.Id, _store.StoreLayout(Meter, Layout, Day.AddDays(1)).Id);
        var second = _store.StoreLayout(Meter, LayoutOf(1800), Day.AddDays(2));
        Assert.NotEqual(first.Id, second.Id);
        Assert.Equal(second.Id, _store.NewestLayout(Meter, ProfileMeter.Profile)!.Id);
        Assert.Equal(2, _journal.Read(1, 99).Count(e => e.Kind == JournalKind.Layout));
    }

    [Fact]
    public void A_journal_entry_refers_to_no_more_rows_than_its_maximum()
    {
        var layout = _store.StoreLayout(Meter, LayoutOf(60), Day);
        _database.Write(s => _store.StoreRows(s, Meter, layout, [.. Enumerable.Range(1, 1000).Select(m => Row(Day.AddMinutes(m)))], default, Day));
        var entries = _journal.Read(2, 99).ToList();
        Assert.Equal([256, 256, 256, 232], entries.Select(e => _journal.RowsOf(e).Count));
    }

    [Fact]
    public void A_process_killed_before_the_commit_has_neither_rows_nor_journal_entry_nor_coverage()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 1);
        var copy = _folder.File("killed.db");
        Assert.Throws<OperationCanceledException>(() => _database.Write(session =>
        {
            _store.StoreRows(session, Meter, layout, [Row(At(2))], new(At(1), At(2)), Day);
            foreach (var suffix in (string[])["", "-wal"]) System.IO.File.Copy(File + suffix, copy + suffix);
            throw new OperationCanceledException("killed");
        }));

        _database.Dispose();
        _database = Database.Open(copy, ConcentratorSchema.Migrations);
        (_store, _journal) = Reopen();
        Assert.Equal([1], Quarters(_store.Rows(Meter, ProfileMeter.Profile, Day, At(9))));
        Assert.Equal(2, _journal.Bounds().Last);
        Assert.Equal([new Span(Day, At(1))], _store.Covered(Meter, ProfileMeter.Profile));
    }

    [Fact]
    public void A_full_disk_loses_nothing_stored_and_storing_goes_on_when_there_is_room()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 1);
        _database.Dispose();
        var pages = new FileInfo(File).Length / 4096;
        _database = Database.Open(File, ConcentratorSchema.Migrations, new() { MaxPages = pages + 2 });
        (_store, _journal) = Reopen();
        var error = Assert.Throws<StorageException>(() =>
        {
            for (var day = 1; day < 1000; day++) Store(layout, [.. Enumerable.Range(day * 96, 90)]);
        });
        Assert.Equal(StorageFault.DiskFull, error.Fault);
        var stored = _store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddYears(3));
        Assert.Equal(stored.Select(r => r.Utc), _journal.Read(1, long.MaxValue).Where(e => e.Kind == JournalKind.Rows).SelectMany(e => _journal.RowsOf(e)).Select(r => r.Utc));
        _database.Dispose();
        _database = Database.Open(File, ConcentratorSchema.Migrations);
        (_store, _journal) = Reopen();
        Assert.Equal(90, Store(layout, [.. Enumerable.Range(2000 * 96, 90)]).Added);
        Assert.Equal(stored.Count + 90, _store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddYears(30)).Count);
    }

    [Fact]
    public void Old_rows_and_their_entries_go_and_sequences_never_come_again()
    {
        var layout = _store.StoreLayout(Meter, Layout, Day);
        Store(layout, 1, 2);
        Store(layout, 960, 961);
        _store.RemoveBefore(ProfileMeter.Profile, DateOnly.FromDateTime(Day).AddDays(5));
        _journal.RemoveBefore(Day.AddDays(5));
        Assert.Equal([960, 961], Quarters(_store.Rows(Meter, ProfileMeter.Profile, Day, Day.AddDays(99))));
        var last = _journal.Bounds().Last;
        _journal.RemoveBefore(Day.AddDays(99));
        Store(layout, 962);
        Assert.Equal(last + 1, _journal.Bounds().Last);
        Assert.Equal(JournalKind.Layout, _journal.Read(1, 99)[0].Kind);
    }

    private static ProfileLayout LayoutOf(uint period) => new(ProfileMeter.Profile, period,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None), new(new(1, ObisCode.Parse("0-0:96.10.1.255"), 2), ScalerUnit.None),
        new(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2), new(-1, Unit.WattHour)),
    ]);

    private static DateTime At(int quarter) => Day.AddMinutes(15 * quarter);

    private static IEnumerable<int> Quarters(IReadOnlyList<StoredRow> rows) => rows.Select(r => (int)((r.Utc - Day).TotalMinutes / 15));

    private (DateTime, ReadOnlyMemory<byte>) Row(DateTime time) => (time, _rows.Row(time));

    private StoreResult Store(StoredLayout layout, params int[] quarters) =>
        _database.Write(s => _store.StoreRows(s, Meter, layout, [.. quarters.Select(q => Row(At(q)))], new(At(quarters.Min() - 1), At(quarters.Max())), At(quarters.Max())));

    private (ReadingStore, Journal) Reopen()
    {
        var store = new ReadingStore(_database);
        return (store, new(_database, store));
    }
}
