using Gridtally.HeadEnd.Store;
using Gridtally.Storage;
using Gridtally.Testing;
using static Gridtally.HeadEnd.Tests.Journals;

namespace Gridtally.HeadEnd.Tests;

public sealed class JournalIngestTests : IDisposable
{
    private const string Serial = "C1";
    private static readonly Guid Journal = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly DateTime Now = Midnight.AddHours(12);

    private readonly TemporaryFolder _folder = new();
    private HeadEndStore _store;

    public JournalIngestTests()
    {
        _store = HeadEndStore.Open(_folder.Path);
        _store.Register(Serial);
        _store.Journal.Begin(Serial, new(Journal, 1, 1000));
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void Rows_are_stored_octet_by_octet_and_the_cursor_moves_with_them()
    {
        var rows = Rows(4);

        var result = _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", rows)), Now);

        Assert.Equal((2, 4, 2ul), (result.Entries, result.NewRows, result.Cursor));
        Assert.Equal(rows.Select(Convert.ToHexString), Stored("17"));
        Assert.Equal(new JournalCursor(Journal, 2, 1000), _store.Journal.Cursor(Serial));
    }

    [Fact]
    public void Taking_the_same_answer_in_twice_changes_nothing()
    {
        var answer = Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(4)), EventRecord("17", 51, "no answer"));
        _store.Journal.Ingest(Serial, answer, Now);

        var again = _store.Journal.Ingest(Serial, answer, Now);

        Assert.Equal((0, 0, 0), (again.Entries, again.NewRows, again.Events));
        Assert.Equal(4, Stored("17").Count);
        Assert.Single(_store.Events.List(new()));
    }

    [Fact]
    public void The_same_rows_in_a_later_record_are_known()
    {
        _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(4))), Now);

        var result = _store.Journal.Ingest(Serial, Answer(3, RowsRecord("17", Rows(6))), Now);

        Assert.Equal((2, 4, 0), (result.NewRows, result.KnownRows, result.Discrepancies));
        Assert.Equal(6, Assert.Single(_store.Series("17")).Rows);
    }

    [Fact]
    public void A_row_with_the_same_time_and_other_octets_is_a_discrepancy_and_the_first_is_kept()
    {
        var (first, second) = (Row(Midnight.AddHours(1), 100), Row(Midnight.AddHours(1), 200));
        _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", [first])), Now);

        var result = _store.Journal.Ingest(Serial, Answer(3, RowsRecord("17", [second])), Now);

        Assert.Equal((0, 1), (result.NewRows, result.Discrepancies));
        Assert.Equal([Convert.ToHexString(first)], Stored("17"));
        var discrepancy = Assert.Single(_store.Journal.Discrepancies(10));
        Assert.Equal((Convert.ToHexString(first), Convert.ToHexString(second), 3ul),
            (Convert.ToHexString(discrepancy.Kept.Span), Convert.ToHexString(discrepancy.Other.Span), discrepancy.Sequence));
    }

    [Fact]
    public void A_record_of_an_unknown_kind_is_put_aside_and_the_next_is_read()
    {
        var result = _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), Bytes.Hex("02 02 16 09 00"), RowsRecord("17", Rows(2))), Now);

        Assert.Equal((3, 2, 1), (result.Entries, result.NewRows, result.Quarantined));
        var aside = Assert.Single(_store.Journal.Quarantine(10));
        Assert.Equal((Serial, 2ul, "0202160900"), (aside.Concentrator, aside.Sequence, Convert.ToHexString(aside.Octets.Span)));
        Assert.Contains("BadValue", aside.Reason);
    }

    [Fact]
    public void A_row_without_a_moment_is_put_aside_and_the_others_are_stored()
    {
        var bad = Row(Midnight.AddHours(1), 100);
        bad[4] = 0xFF; // year not specified
        bad[5] = 0xFF;

        var result = _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", [bad, .. Rows(2)])), Now);

        Assert.Equal((2, 1), (result.NewRows, result.Quarantined));
        Assert.Contains("is no moment", Assert.Single(_store.Journal.Quarantine(10)).Reason);
    }

    [Fact]
    public void Rows_whose_layout_never_came_are_put_aside()
    {
        var result = _store.Journal.Ingest(Serial, Answer(1, RowsRecord("17", Rows(2), layoutId: 9)), Now);

        Assert.Equal((0, 1, 1ul), (result.NewRows, result.Quarantined, result.Cursor));
        Assert.Contains("layout 9", Assert.Single(_store.Journal.Quarantine(10)).Reason);
    }

    [Fact]
    public void An_answer_that_breaks_off_is_taken_in_up_to_there()
    {
        var whole = Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(2)), RowsRecord("17", Rows(4)));

        var result = _store.Journal.Ingest(Serial, whole.AsMemory(0, whole.Length - 5), Now);

        Assert.NotNull(result.BufferError);
        Assert.Equal((2, 2, 2ul), (result.Entries, result.NewRows, result.Cursor));
    }

    [Fact]
    public void An_entry_that_cannot_be_received_is_passed_over_and_kept()
    {
        var result = _store.Journal.Skip(Serial, 1, Bytes.Hex("01 01 77"), "no journal entry", Now);

        Assert.Equal((1ul, 1), (result.Cursor, result.Quarantined));
        Assert.Equal("010177", Convert.ToHexString(Assert.Single(_store.Journal.Quarantine(10)).Octets.Span));
    }

    [Fact]
    public void Another_journal_begins_at_zero_and_brings_no_row_twice()
    {
        _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(4))), Now);

        var (cursor, replaced) = _store.Journal.Begin(Serial, new(Guid.NewGuid(), 1, 10));
        var result = _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17", id: 7), RowsRecord("17", Rows(6), layoutId: 7)), Now);

        Assert.True(replaced);
        Assert.Equal(0ul, cursor.Cursor);
        Assert.Equal((2, 4), (result.NewRows, result.KnownRows));
    }

    [Fact]
    public void A_layout_id_that_is_used_again_for_other_columns_counts_from_there_on()
    {
        var shorter = new Cosem.Profiles.ProfileLayout(LoadProfile, 900, [Layout.Columns[0], Layout.Columns[2]]);
        var row = Bytes.Hex("02 02 09 0C 07EA 01 0F 04 0B 00 00 00 0000 00 06 00002EE0");

        _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(2)), LayoutRecord("17", 1, shorter), RowsRecord("17", [row])), Now);

        var curve = _store.Curves.Read("17", LoadProfile, Midnight, Midnight.AddDays(1))!;
        Assert.Equal(900, curve.CapturePeriod);
        Assert.Equal([0.1, 0.2, 1200.0], curve.Values[0].Select(v => v!.Value));
    }

    [Fact]
    public void A_full_disk_stores_nothing_of_an_answer_and_leaves_the_cursor_where_it_was()
    {
        _store.Dispose();
        _store = HeadEndStore.Open(_folder.Path, options: new() { MaxPages = 60 });
        _store.Journal.Ingest(Serial, Answer(1, LayoutRecord("17"), RowsRecord("17", Rows(4))), Now);
        var days = Enumerable.Range(0, 400).Select(d => RowsRecord("17", Rows(48, 1 + 48 * d))).ToArray();

        var failure = Assert.Throws<StorageException>(() => _store.Journal.Ingest(Serial, Answer(3, days), Now));

        Assert.Equal(StorageFault.DiskFull, failure.Fault);
        Assert.Equal(2ul, _store.Journal.Cursor(Serial)!.Cursor);
        Assert.Equal(4, Stored("17").Count);
    }

    [Fact]
    public void After_the_disk_has_room_again_the_same_answer_is_taken_in()
    {
        _store.Dispose();
        var days = Enumerable.Range(0, 400).Select(d => RowsRecord("17", Rows(48, 1 + 48 * d))).ToArray();
        var answer = Answer(1, [LayoutRecord("17"), .. days]);
        using (var full = HeadEndStore.Open(_folder.Path, options: new() { MaxPages = 60 }))
        {
            Assert.Throws<StorageException>(() => full.Journal.Ingest(Serial, answer, Now));
        }

        _store = HeadEndStore.Open(_folder.Path);

        Assert.Equal(19_200, _store.Journal.Ingest(Serial, answer, Now).NewRows);
    }

    [Fact]
    public void A_concentrator_that_is_not_registered_is_a_mistake_of_the_caller() =>
        Assert.Throws<InvalidOperationException>(() => _store.Journal.Ingest("nobody", Answer(1), Now));

    private List<string> Stored(string meter) =>
        [.. _store.Curves.ReadRows(meter, LoadProfile, DateTime.UnixEpoch, DateTime.MaxValue).Select(r => Convert.ToHexString(r.Octets.Span))];
}
