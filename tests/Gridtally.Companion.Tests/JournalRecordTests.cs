using System.Buffers;
using System.Text;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Companion.Tests;

/// <summary>The golden bytes here are the ones that docs/journal.md shows, written by hand from its tables.</summary>
public class JournalRecordTests
{
    private static readonly ObisCode LoadProfile = ObisCode.Parse("1-0:99.1.0.255");

    private static readonly LayoutRecord ExampleLayout = new("000000000017", 5, new(LoadProfile, 1800,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None),
        new(new(5, ObisCode.Parse("1-0:1.4.0.255"), 3), new(-1, Unit.Watt)),
    ]));

    private const string LayoutBytes = """
        02 06                             structure of 6
        16 01                             enum 1, layout
        09 0C 303030303030303030303137    meter 000000000017
        09 06 0100630100FF                profile 1-0:99.1.0.255
        06 00000005                       layout id 5
        06 00000708                       capture period 1800 s
        01 02                             2 columns
        02 06 12 0008 09 06 0000010000FF 0F 02 12 0000 0F 00 16 FF    clock, no unit
        02 06 12 0005 09 06 0100010400FF 0F 03 12 0000 0F FF 16 1B    average demand, 0.1 W
        """;

    private const string RowsBytes = """
        02 05                             structure of 5
        16 02                             enum 2, rows
        09 0C 303030303030303030303137    meter 000000000017
        09 06 0100630100FF                profile 1-0:99.1.0.255
        06 00000005                       layout id 5
        01 02                             2 rows
        02 02 09 0C 07EA010F040A1E0000000000 06 000030D4    10:30, 12500
        02 02 09 0C 07EA010F040B000000000000 06 00002EE0    11:00, 12000
        """;

    private const string EventBytes = """
        02 05                             structure of 5
        16 03                             enum 3, event
        09 0C 303030303030303030303137    meter 000000000017
        09 0C 07EA010F040A1F0000000000    2026-01-15 10:31:00 UTC
        12 0065                           code 101
        0C 09 6E6F20616E73776572          "no answer"
        """;

    [Fact]
    public void A_layout_is_written_as_documented() =>
        Assert.Equal(Annotated(LayoutBytes), Written(target => JournalRecord.WriteLayout(target, ExampleLayout)));

    [Fact]
    public void A_layout_is_read_as_documented()
    {
        Assert.True(JournalRecord.TryReadLayout(Annotated(LayoutBytes), out var layout, out _));

        Assert.Equal(ExampleLayout, layout);
    }

    [Fact]
    public void Rows_are_written_as_documented_and_byte_for_byte_as_the_meter_sent_them()
    {
        var wire = Annotated(RowsBytes);

        Assert.Equal(wire, Written(target =>
        {
            JournalRecord.WriteRowsHead(target, "000000000017", LoadProfile, 5, 2);
            target.Write(Hex("0202 090C 07EA010F040A1E0000000000 06 000030D4"));
            target.Write(Hex("0202 090C 07EA010F040B000000000000 06 00002EE0"));
        }));
    }

    [Fact]
    public void Rows_are_read_in_place()
    {
        Assert.True(JournalRecord.TryReadRows(Annotated(RowsBytes), out var record, out _));

        var rows = new List<string>();
        foreach (var row in record) rows.Add(Convert.ToHexString(row));
        Assert.Equal(("000000000017", LoadProfile, 5u, 2), (record.Meter, record.Profile, record.LayoutId, record.Count));
        Assert.Equal(["0202090C07EA010F040A1E000000000006000030D4", "0202090C07EA010F040B0000000000000600002EE0"], rows);
    }

    [Fact]
    public void An_event_is_written_and_read_as_documented()
    {
        var wire = Annotated(EventBytes);
        var entry = new EventRecord("000000000017", CosemDateTime.From(new(2026, 1, 15, 10, 31, 0, TimeSpan.Zero)), 101, "no answer");

        Assert.Equal(wire, Written(target => JournalRecord.WriteEvent(target, entry)));
        Assert.True(JournalRecord.TryReadEvent(wire, out var read, out _));
        Assert.Equal(entry, read);
    }

    [Fact]
    public void An_event_without_a_meter_is_the_concentrators_own()
    {
        var entry = new EventRecord("", CosemDateTime.From(new(2026, 1, 15, 10, 31, 0, TimeSpan.Zero)), 1, "started");

        Assert.True(JournalRecord.TryReadEvent(Written(target => JournalRecord.WriteEvent(target, entry)), out var read, out _));
        Assert.Equal("", read!.Meter);
    }

    [Theory, InlineData(LayoutBytes, 1), InlineData(RowsBytes, 2), InlineData(EventBytes, 3)]
    public void The_kind_of_a_record_is_its_first_element(string wire, byte kind)
    {
        Assert.True(JournalRecord.TryReadKind(Annotated(wire), out var read, out _));
        Assert.Equal((JournalRecordKind)kind, read);
    }

    [Fact]
    public void A_kind_that_does_not_exist_is_an_error_with_its_place()
    {
        Assert.False(JournalRecord.TryReadKind(Hex("0202 1604 00"), out _, out var error));
        Assert.Equal(new DecodeError(DecodeFault.BadValue, "journal-record", 4), error);
    }

    [Fact]
    public void Every_prefix_of_a_record_is_refused_and_never_read_past_its_end()
    {
        foreach (var wire in new[] { Annotated(LayoutBytes), Annotated(RowsBytes), Annotated(EventBytes) })
        {
            for (var length = 0; length < wire.Length; length++)
            {
                var prefix = wire.AsSpan(0, length);
                Assert.False(JournalRecord.TryReadLayout(prefix, out _, out var a));
                Assert.False(JournalRecord.TryReadRows(prefix, out _, out var b));
                Assert.False(JournalRecord.TryReadEvent(prefix, out _, out var c));
                Assert.All([a, b, c], error => Assert.NotEqual(default, error.Fault));
            }
        }
    }

    [Fact]
    public void A_record_with_octets_after_its_end_is_refused()
    {
        Assert.False(JournalRecord.TryReadRows([.. Annotated(RowsBytes), 0], out _, out var error));
        Assert.Equal(DecodeFault.TrailingBytes, error.Fault);
    }

    [Fact]
    public void A_row_that_is_not_a_structure_is_refused()
    {
        var wire = Written(target =>
        {
            JournalRecord.WriteRowsHead(target, "17", LoadProfile, 5, 1);
            target.WriteUnsigned(7);
        });

        Assert.False(JournalRecord.TryReadRows(wire, out _, out var error));
        Assert.Equal(DecodeFault.UnknownTag, error.Fault);
    }

    [Fact]
    public void A_meter_number_that_is_not_printable_is_refused()
    {
        var wire = Annotated(EventBytes);
        wire[6] = 0x0A;

        Assert.False(JournalRecord.TryReadEvent(wire, out _, out var error));
        Assert.Equal(DecodeFault.BadValue, error.Fault);
    }

    [Fact]
    public void A_meter_number_that_could_not_be_read_again_is_not_written()
    {
        var target = new ArrayBufferWriter<byte>();

        Assert.Throws<ArgumentException>(() => JournalRecord.WriteRowsHead(target, "", LoadProfile, 1, 0));
        Assert.Throws<ArgumentException>(() => JournalRecord.WriteRowsHead(target, new string('1', 33), LoadProfile, 1, 0));
        Assert.Throws<ArgumentException>(() => JournalRecord.WriteRowsHead(target, "méter", LoadProfile, 1, 0));
    }

    [Fact]
    public void A_count_of_columns_beyond_the_maximum_is_refused_before_anything_is_allocated()
    {
        byte[] wire = [.. Annotated(LayoutBytes)[..36], 0x01, 0x81, 0x81, .. new byte[200]];

        Assert.False(JournalRecord.TryReadLayout(wire, out _, out var error));
        Assert.Equal(DecodeFault.BadLength, error.Fault);
    }

    [Fact]
    public void A_text_that_is_too_long_is_cut_at_a_whole_character()
    {
        var entry = new EventRecord("", default, 1, new string('é', 400));

        Assert.True(JournalRecord.TryReadEvent(Written(target => JournalRecord.WriteEvent(target, entry)), out var read, out _));
        Assert.Equal(new string('é', JournalRecord.MaxText / 2), read!.Text);
        Assert.True(Encoding.UTF8.GetByteCount(read.Text) <= JournalRecord.MaxText);
    }

    // Hex at the start of each line, ended by three spaces and words.
    private static byte[] Annotated(string text) =>
        Hex(string.Concat(text.Split('\n').Select(line => line.Split("    ", 2)[0])));
}
