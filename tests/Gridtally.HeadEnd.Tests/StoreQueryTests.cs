using Gridtally.Companion;
using Gridtally.HeadEnd.Store;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.HeadEnd.Tests.Journals;

namespace Gridtally.HeadEnd.Tests;

public sealed class StoreQueryTests : IDisposable
{
    private const string Serial = "C1";
    private static readonly DateOnly Day = DateOnly.FromDateTime(Midnight);

    private readonly TemporaryFolder _folder = new();
    private readonly HeadEndStore _store;

    public StoreQueryTests()
    {
        _store = HeadEndStore.Open(_folder.Path);
        _store.Register(Serial);
        _store.Journal.Begin(Serial, new(Guid.NewGuid(), 1, 1000));
        _store.Archive.Replace(Serial, [new("17", true, "tcp", "load", null, ""), new("18", true, "tcp", "load", null, "no answer")], Midnight);
    }

    public void Dispose()
    {
        _store.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void A_curve_is_scaled_column_by_column_without_the_clock()
    {
        Ingest(RowsRecord("17", Rows(3)));

        var curve = _store.Curves.Read("17", LoadProfile, Midnight, Midnight.AddDays(1))!;

        Assert.Equal(["0-0:96.10.1.255", "1-0:1.4.0.255"], curve.Columns.Select(c => c.Object.Instance.ToString()));
        Assert.Equal([0.1, 0.2, 0.3], curve.Values[1].Select(v => v!.Value));
        Assert.Equal(new DateTimeOffset(Midnight).ToUnixTimeSeconds() + 1800, curve.Times[0]);
        Assert.False(curve.Truncated);
    }

    [Fact]
    public void The_range_of_a_curve_excludes_its_begin_and_includes_its_end()
    {
        Ingest(RowsRecord("17", Rows(48)));

        var curve = _store.Curves.Read("17", LoadProfile, Midnight.AddMinutes(30), Midnight.AddHours(2))!;

        Assert.Equal([0.2, 0.3, 0.4], curve.Values[1].Select(v => v!.Value));
    }

    [Fact]
    public void A_value_that_the_meter_sent_as_null_is_null()
    {
        Ingest(RowsRecord("17", [Bytes.Hex("02 03 09 0C 07EA 01 0F 04 0B 00 00 00 0000 00 11 00 00")]));

        Assert.Null(_store.Curves.Read("17", LoadProfile, Midnight, Midnight.AddDays(1))!.Values[1][0]);
    }

    [Fact]
    public void A_curve_with_more_rows_than_asked_for_says_so()
    {
        Ingest(RowsRecord("17", Rows(48)));

        var curve = _store.Curves.Read("17", LoadProfile, Midnight, Midnight.AddDays(1), maxRows: 10)!;

        Assert.True(curve.Truncated);
        Assert.Equal(10, curve.Times.Length);
    }

    [Fact]
    public void Nothing_is_known_of_a_profile_that_never_came() =>
        Assert.Null(_store.Curves.Read("18", LoadProfile, Midnight, Midnight.AddDays(1)));

    [Fact]
    public void The_row_of_midnight_belongs_to_the_day_that_ends_then()
    {
        Ingest(RowsRecord("17", Rows(50)));

        var days = Assert.Single(_store.Completeness.Read(Day, Day.AddDays(1), Midnight.AddDays(2), "17")).Days;

        Assert.Equal([new Completeness(48, 48), new Completeness(2, 48)], days);
    }

    [Fact]
    public void Rows_are_expected_only_when_they_are_due()
    {
        Ingest(RowsRecord("17", Rows(3)));

        var days = Assert.Single(_store.Completeness.Read(Day, Day, Midnight.AddMinutes(135), "17")).Days;

        Assert.Equal([new Completeness(3, 4)], days);
    }

    [Fact]
    public void A_meter_of_which_nothing_came_yet_is_expected_to_have_a_row_every_half_hour()
    {
        var days = Assert.Single(_store.Completeness.Read(Day, Day, Midnight.AddHours(2), "18")).Days;

        Assert.Equal([new Completeness(0, 4)], days);
    }

    [Fact]
    public void Rows_older_than_the_head_ends_acquaintance_with_the_meter_count()
    {
        Ingest(RowsRecord("17", Rows(2, first: -4)));

        var days = Assert.Single(_store.Completeness.Read(Day.AddDays(-1), Day, Midnight, "17")).Days;

        Assert.Equal([new Completeness(2, 5), new Completeness(0, 0)], days);
    }

    [Fact]
    public void In_another_time_zone_the_days_are_counted_anew()
    {
        Ingest(RowsRecord("17", Rows(48)));
        _store.Dispose();

        using var moved = HeadEndStore.Open(_folder.Path, new ReadingDays(TimeZoneInfo.CreateCustomTimeZone("plus 2", TimeSpan.FromHours(2), "plus 2", "plus 2")));
        var days = Assert.Single(moved.Completeness.Read(Day, Day.AddDays(1), Midnight.AddDays(2), "17")).Days;

        Assert.Equal([44, 4], days.Select(d => d.Got));
    }

    [Fact]
    public void An_archive_that_is_read_again_forgets_meters_that_are_gone()
    {
        _store.Archive.Replace(Serial, [new("18", false, "485_1", "load", new(Midnight), "")], Midnight.AddDays(1));

        var entry = Assert.Single(_store.Archive.List());
        Assert.Equal(new ReportedMeter(Serial, new("18", false, "485_1", "load", new(Midnight), "")), entry);
        Assert.Null(_store.Archive.Find("17"));
    }

    [Fact]
    public void Events_are_listed_newest_first_page_by_page()
    {
        Ingest(EventRecord("17", EventCodes.MeterUnreachable, "a"), EventRecord("", EventCodes.SoftwareStart, "b"));
        _store.Events.Add(new(Midnight, HeadEndEvents.Started, EventSeverity.Info, null, "", "c"));

        var newest = _store.Events.List(new() { Limit = 2 });
        var rest = _store.Events.List(new() { Before = newest[^1].Id });

        Assert.Equal(["c", "b"], newest.Select(e => e.Event.Text));
        Assert.Equal(["a"], rest.Select(e => e.Event.Text));
        Assert.Equal(["a"], _store.Events.List(new() { Severity = EventSeverity.Warning }).Select(e => e.Event.Text));
        Assert.Equal(["a"], _store.Events.List(new() { Meter = "17" }).Select(e => e.Event.Text));
    }

    [Fact]
    public void The_export_has_one_line_for_each_row_sorted_by_meter_profile_and_time()
    {
        Ingest(RowsRecord("17", Rows(2)));
        _store.Journal.Ingest(Serial, Answer(100, LayoutRecord("02", 5), RowsRecord("02", [Row(Midnight.AddHours(1), 7)], 5)), Midnight);
        var text = new StringWriter();

        HeadEndExport.WriteRows(_folder.Path, text);

        Assert.Equal(
            """
            02;1-0:99.1.0.255;2026-01-15T01:00:00Z;0203090C07EA010F040100000000000011000600000007
            17;1-0:99.1.0.255;2026-01-15T00:30:00Z;0203090C07EA010F04001E0000000000110006000000 01
            17;1-0:99.1.0.255;2026-01-15T01:00:00Z;0203090C07EA010F0401000000000000110006000000 02

            """.Replace(" ", ""), text.ToString());
    }

    private void Ingest(params byte[][] records) => _store.Journal.Ingest(Serial, Answer(1, [LayoutRecord("17"), .. records]), Midnight);
}
