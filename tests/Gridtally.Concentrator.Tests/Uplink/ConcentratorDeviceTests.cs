using System.Buffers;
using System.Text;
using Gridtally.Companion;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Store;
using Gridtally.Concentrator.Uplink;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using Gridtally.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Concentrator.Tests.Uplink;

/// <summary>What a head end sees of the concentrator, object by object, without a line between.</summary>
public sealed class ConcentratorDeviceTests : IAsyncLifetime, IDisposable
{
    private const ushort HeadEnd = ConcentratorObjects.HeadEndClient, Public = ConcentratorObjects.PublicClient;
    private static readonly DateTime Midnight = new(2026, 1, 15, 0, 0, 0, DateTimeKind.Utc);
    private static readonly ObisCode LoadProfile = ObisCode.Parse("1-0:99.1.0.255");

    private static readonly ProfileLayout Layout = new(LoadProfile, 1800,
        [new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None), new(new(5, ObisCode.Parse("1-0:1.4.0.255"), 3), new(-1, Unit.Watt))]);

    private readonly TemporaryFolder _folder = new();
    private readonly ManualTimeProvider _clock = new(new DateTimeOffset(Midnight.AddHours(12)));
    private readonly ConcentratorHost _host;
    private readonly UplinkSecurity _security;
    private readonly ILogicalDevice _device;

    public ConcentratorDeviceTests()
    {
        _host = ConcentratorHost.Open(new() { SerialNumber = "5500000001", DataFolder = _folder.Path }, _clock, _clock, NullLoggerFactory.Instance);
        _security = new(_host.Services);
        _device = new ConcentratorDevice(_host.Services, _security).Objects;
    }

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _host.DisposeAsync();

    public void Dispose()
    {
        _security.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void The_public_client_sees_who_this_is_and_nothing_of_the_meters()
    {
        Assert.Equal("GTC5500000001", Text(Read(1, "0-0:42.0.0.255", 2, Public)));
        Assert.Equal("5500000001", Text(Read(1, "0-0:96.1.0.255", 2, Public)));
        Assert.Equal(DataAccessResult.ObjectUndefined, Try(1, "0-0:96.128.2.255", 2, Public));
        Assert.Equal(DataAccessResult.ObjectUndefined, Try(7, "0-0:99.128.0.255", 2, Public));
    }

    [Fact]
    public void The_invocation_counter_never_falls_behind_what_was_accepted_not_even_after_a_power_cut()
    {
        var headEnd = SystemTitle.Of("GTH", 1);
        for (var counter = 1u; counter <= 250; counter++) _security.Counters.Accept(KeyRole.GlobalUnicast, headEnd, counter);
        Assert.Equal(250, Number(Read(1, "0-0:43.1.1.255", 2, Public)));

        using var afterPowerCut = new UplinkSecurity(_host.Services);

        Assert.InRange(afterPowerCut.Counters.LastAccepted, 250u, 250u + UplinkCounters.LookAhead);
    }

    [Fact]
    public void The_clock_is_the_civil_clock_in_UTC() =>
        Assert.Equal("090C07EA010F040C0000000000" + "00", Convert.ToHexString(Read(8, "0-0:1.0.0.255", 2, HeadEnd)));

    [Fact]
    public void The_state_of_the_journal_is_its_id_and_its_ends()
    {
        Store("17", 1, 2);
        var (first, last) = _host.Services.Journal.Bounds();

        Assert.True(JournalState.TryRead(Read(1, "0-0:96.128.3.255", 2, HeadEnd), out var state, out _));
        Assert.Equal(new JournalState(_host.Services.Journal.Id, (ulong)first, (ulong)last), state);
    }

    [Fact]
    public void The_journal_has_layout_then_rows_exactly_as_the_meter_sent_them()
    {
        Store("17", 1, 2);

        var records = Journal(JournalProfile.Range(1));

        var layout = Assert.Single(records, r => r.Kind == JournalRecordKind.Layout);
        var rows = Assert.Single(records, r => r.Kind == JournalRecordKind.Rows);
        Assert.True(layout.Sequence < rows.Sequence);
        Assert.True(JournalRecord.TryReadLayout(layout.Octets, out var read, out _));
        Assert.Equal(("17", Layout), (read!.Meter, read.Layout));
        Assert.EndsWith("0102" + Convert.ToHexString(Row(1)) + Convert.ToHexString(Row(2)), Convert.ToHexString(rows.Octets));
    }

    [Fact]
    public void A_range_begins_and_ends_where_it_says()
    {
        Store("17", 1, 2);
        var all = Journal(JournalProfile.Range(1));

        var part = Journal(JournalProfile.Range(all[1].Sequence, all[2].Sequence));

        Assert.Equal([all[1].Sequence, all[2].Sequence], part.Select(r => r.Sequence));
        Assert.Empty(Journal(JournalProfile.Range(all[^1].Sequence + 1)));
    }

    [Fact]
    public void Entries_are_counted_from_the_oldest_that_is_there()
    {
        Store("17", 1, 2);
        var all = Journal(JournalProfile.Range(1));

        Assert.Equal([all[1].Sequence], Journal(SelectiveAccess.By(new EntryDescriptor(2, 2))).Select(r => r.Sequence));
        Assert.Equal(all.Select(r => r.Sequence), Journal(SelectiveAccess.By(new EntryDescriptor(1, 0))).Select(r => r.Sequence));
    }

    [Fact]
    public void Only_the_columns_that_are_asked_for_are_sent()
    {
        Store("17", 1, 2);
        var last = _host.Services.Journal.Bounds().Last;
        var range = new RangeDescriptor(JournalProfile.SequenceColumn, Number(last), Number(last), [JournalProfile.SequenceColumn]);

        Assert.Equal("0101" + "0201" + Convert.ToHexString(Number(last)), Convert.ToHexString(Read(JournalProfile.Buffer, SelectiveAccess.By(range))));
    }

    [Fact]
    public void A_long_journal_comes_in_bounded_answers_that_go_on_from_the_last_sequence()
    {
        for (var meter = 0; meter < 120; meter++) Store($"{1000 + meter}", [.. Enumerable.Range(1, 192)]);
        var sequences = new List<ulong>();
        var answers = 0;
        for (ulong next = 1; ; next = sequences[^1] + 1)
        {
            var answer = Read(JournalProfile.Buffer, JournalProfile.Range(next));
            if (answer.SequenceEqual(Bytes.Hex("01 00"))) break;
            Assert.True(answer.Length < JournalProfile.MaxAnswer + 32 * 1024, $"{answer.Length} octets");
            answers++;
            var reader = new JournalBufferReader(answer);
            while (reader.TryReadNext(out var entry)) sequences.Add(entry.Sequence);
            Assert.False(reader.Failed);
        }

        Assert.True(answers > 1);
        Assert.Equal(_host.Services.Journal.Count(), sequences.Count);
        Assert.Equal(sequences.Count, sequences.Distinct().Count());
    }

    [Fact]
    public void A_range_on_a_column_other_than_the_sequence_is_refused()
    {
        var range = RangeDescriptor.ByClock(CosemDateTime.From(Midnight), CosemDateTime.From(Midnight.AddDays(1)));

        Assert.Equal(DataAccessResult.OtherReason, Try(JournalProfile.Buffer, SelectiveAccess.By(range)));
        Assert.Equal(DataAccessResult.TypeUnmatched, Try(JournalProfile.Buffer, new(1, Bytes.Hex("06 00000001"))));
    }

    [Fact]
    public void Who_asks_from_a_sequence_has_what_is_before_it()
    {
        Store("17", 1, 2);
        var last = _host.Services.Journal.Bounds().Last;
        Read(JournalProfile.Buffer, JournalProfile.Range(3));
        Assert.Equal(last - 2, _host.Services.Journal.Backlog(UplinkService.CursorName));

        Read(JournalProfile.Buffer, JournalProfile.Range((ulong)last + 1));
        Assert.Equal(0, _host.Services.Journal.Backlog(UplinkService.CursorName));
    }

    [Fact]
    public void The_event_log_is_read_by_time_and_by_entry()
    {
        _host.Services.Events.Add(EventCode.MeterUnreachable, "first", "17");
        _clock.Advance(TimeSpan.FromMinutes(10));
        _host.Services.Events.Add(EventCode.MeterReachable, "second", "17");
        var count = (uint)_host.Services.Events.Count();

        var byTime = Read(EventLogProfile.Buffer, SelectiveAccess.ByClock(CosemDateTime.From(Midnight.AddHours(12).AddMinutes(5)), CosemDateTime.From(Midnight.AddHours(13))));
        var byEntry = Read(EventLogProfile.Buffer, SelectiveAccess.By(new EntryDescriptor(count, 0, 2, 2)));

        Assert.Equal("0101 0204 090C07EA010F040C0A0000000000 120014 09023137 0C067365636F6E64".Replace(" ", ""), Convert.ToHexString(byTime));
        Assert.Equal("0101 0201 120014".Replace(" ", ""), Convert.ToHexString(byEntry));
        Assert.Equal(count, Number(Read(7, "0-0:99.98.0.255", 7, HeadEnd)));
    }

    [Fact]
    public void The_archive_shows_each_meter_as_it_was_found_last()
    {
        Store("17", 1);

        Assert.True(ArchiveEntry.TryReadAll(Read(1, "0-0:96.128.2.255", 2, HeadEnd), out var entries, out _));
        Assert.Equal(new ArchiveEntry("17", true, "meter_tcp", "three_phase", null, ""), Assert.Single(entries));
    }

    [Fact]
    public void The_object_list_names_every_object_that_the_client_can_use()
    {
        string[] everyone = ["0-0:42.0.0.255", "0-0:43.1.1.255", "0-0:96.1.0.255", "1-0:0.2.0.255", "0-0:1.0.0.255", "0-0:40.0.0.255"];
        string[] headEnd =
        [
            "0-0:41.0.0.255", "0-0:43.0.1.255", "0-0:96.128.2.255", "0-0:96.128.3.255", "0-0:99.98.0.255", "0-0:99.128.0.255", "0-0:40.0.1.255", "0-0:40.0.2.255",
        ];

        Assert.Equal(everyone.Concat(headEnd).Order(), ObjectList(HeadEnd).Order());
        Assert.Equal([.. everyone.Append("0-0:40.0.2.255").Order()], ObjectList(Public).Order());
    }

    [Fact]
    public void Nothing_can_be_written_or_invoked_here()
    {
        var context = new RequestContext { ClientSap = HeadEnd };

        Assert.Equal(DataAccessResult.ReadWriteDenied, _device.Set(new(8, ConcentratorObjects.Clock, 2), context, Bytes.Hex("09 0C 07EA010F040C000000000000")));
        Assert.Equal(ActionResult.ReadWriteDenied, _device.Invoke(new(7, ConcentratorObjects.Journal, 1), context, Bytes.Hex("0F 00"), new ArrayBufferWriter<byte>()));
    }

    [Fact]
    public void The_codes_of_the_event_log_are_those_that_other_vendors_are_told() =>
        Assert.Equal(
            EventCode.All.Values.OrderBy(c => c.Number).Select(c => (c.Number, c.Name, c.Severity.ToString())),
            EventCodes.All.Select(c => (c.Code, c.Name, c.Severity.ToString())));

    private static byte[] Row(int interval)
    {
        var target = new ArrayBufferWriter<byte>();
        target.WriteStructure(2);
        target.WriteDateTime(CosemDateTime.From(new DateTimeOffset(Midnight.AddMinutes(30 * interval))));
        target.WriteDoubleLongUnsigned((uint)interval);
        return target.WrittenSpan.ToArray();
    }

    private void Store(string meter, params int[] intervals)
    {
        var services = _host.Services;
        var record = services.Archive.Add(new(meter) { Channel = "meter_tcp", Address = "127.0.0.1:4059", Task = "three_phase", Phase = 3 }, null, "test");
        var layout = services.Store.StoreLayout(record.Id, Layout, Midnight);
        (DateTime, ReadOnlyMemory<byte>)[] rows = [.. intervals.Select(i => (Midnight.AddMinutes(30 * i), (ReadOnlyMemory<byte>)Row(i)))];
        services.Database.Write(session => services.Store.StoreRows(session, record.Id, layout, rows, new Span(Midnight, rows[^1].Item1), rows[^1].Item1));
    }

    private List<(ulong Sequence, JournalRecordKind Kind, byte[] Octets)> Journal(SelectiveAccess access)
    {
        var entries = new List<(ulong, JournalRecordKind, byte[])>();
        var reader = new JournalBufferReader(Read(JournalProfile.Buffer, access));
        while (reader.TryReadNext(out var entry))
        {
            Assert.True(JournalRecord.TryReadKind(entry.Record, out var kind, out _));
            entries.Add((entry.Sequence, kind, entry.Record.ToArray()));
        }

        Assert.False(reader.Failed);
        return entries;
    }

    private byte[] Read(ushort classId, string name, sbyte attribute, ushort client)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(DataAccessResult.Success, _device.Get(new(classId, ObisCode.Parse(name), attribute), new RequestContext { ClientSap = client }, output));
        return output.WrittenSpan.ToArray();
    }

    private byte[] Read(AttributeRef target, SelectiveAccess access)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(DataAccessResult.Success, Get(target, access, output));
        return output.WrittenSpan.ToArray();
    }

    private DataAccessResult Try(AttributeRef target, SelectiveAccess access) => Get(target, access, new ArrayBufferWriter<byte>());

    private DataAccessResult Try(ushort classId, string name, sbyte attribute, ushort client) =>
        _device.Get(new(classId, ObisCode.Parse(name), attribute), new RequestContext { ClientSap = client }, new ArrayBufferWriter<byte>());

    private DataAccessResult Get(AttributeRef target, SelectiveAccess access, ArrayBufferWriter<byte> output) =>
        _device.Get(target, new RequestContext { ClientSap = HeadEnd, Selector = access.Selector, SelectorParameters = access.Parameters.Span }, output);

    private List<string> ObjectList(ushort client)
    {
        var names = new List<string>();
        var reader = new AxdrReader(Read(15, "0-0:40.0.0.255", 2, client));
        Assert.True(reader.TryReadArray(out var count));
        for (var i = 0; i < count; i++)
        {
            Assert.True(reader.TryReadStructureOf(4) && reader.TryReadNumber(out _) && reader.TryReadNumber(out _));
            Assert.True(reader.TryReadObis(out var name) && reader.TrySkip(out _));
            names.Add(name.ToString());
        }

        return names;
    }

    private static string Text(byte[] data) => new AxdrReader(data).TryReadOctets(out var octets) ? Encoding.ASCII.GetString(octets) : "";

    private static long Number(byte[] data) => new AxdrReader(data).TryReadNumber(out var number) ? number : -1;

    private static byte[] Number(long value) => Bytes.Written(target => target.WriteLong64Unsigned((ulong)value));
}
