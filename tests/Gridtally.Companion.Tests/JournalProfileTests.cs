using Gridtally.Cosem;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Companion.Tests;

public class JournalProfileTests
{
    [Fact]
    public void A_range_is_restricted_by_the_sequence_column()
    {
        //                     structure of 4: { class 1, 0-0:96.128.0.255, 2, 0 }, from 101, to the last that is possible, all columns
        byte[] wire = Hex("    02 04    02 04 12 0001 09 06 0000608000FF 0F 02 12 0000    15 0000000000000065    15 7FFFFFFFFFFFFFFF    01 00");

        var access = JournalProfile.Range(101);

        Assert.Equal((1, Convert.ToHexString(wire)), (access.Selector, Convert.ToHexString(access.Parameters.Span)));
    }

    [Fact]
    public void A_buffer_is_walked_entry_by_entry_in_place()
    {
        var reader = new JournalBufferReader(Hex("01 02   02 02 15 0000000000000065 02 01 16 03   02 02 15 0000000000000067 00"));

        Assert.Equal(2, reader.Count);
        Assert.True(reader.TryReadNext(out var entry));
        Assert.Equal(101ul, entry.Sequence);
        Assert.Equal(Hex("02 01 16 03"), entry.Record.ToArray());
        Assert.True(reader.TryReadNext(out entry));
        Assert.Equal(103ul, entry.Sequence);
        Assert.False(reader.TryReadNext(out _));
        Assert.False(reader.Failed);
    }

    [Fact]
    public void An_empty_buffer_has_no_entries_and_is_no_failure()
    {
        var reader = new JournalBufferReader(Hex("01 00"));

        Assert.False(reader.TryReadNext(out _));
        Assert.False(reader.Failed);
    }

    [Theory]
    [InlineData("01 01   02 02 15 0000000000000065", DecodeFault.Truncated)]
    [InlineData("01 01   02 02 15 0000000000000065 00 00", DecodeFault.TrailingBytes)]
    [InlineData("01 01   02 03 15 0000000000000065 00 00", DecodeFault.BadLength)]
    [InlineData("01 02   02 02 15 0000000000000065 00   02 02 15 0000000000000065 00", DecodeFault.BadValue)]
    [InlineData("02 02", DecodeFault.UnknownTag)]
    public void A_buffer_that_is_not_a_journals_says_where_it_fails(string hex, DecodeFault fault)
    {
        var reader = new JournalBufferReader(Hex(hex));
        while (reader.TryReadNext(out _)) { }

        Assert.True(reader.Failed);
        Assert.Equal(fault, reader.Error.Fault);
    }

    [Fact]
    public void The_state_of_a_journal_is_its_id_and_its_two_ends()
    {
        var state = new JournalState(new Guid("00112233-4455-6677-8899-aabbccddeeff"), 12, 4711);
        byte[] wire = Hex("02 03   09 10 00112233445566778899AABBCCDDEEFF   15 000000000000000C   15 0000000000001267");

        Assert.Equal(wire, Written(state.WriteTo));
        Assert.True(JournalState.TryRead(wire, out var read, out _));
        Assert.Equal(state, read);
    }

    [Fact]
    public void A_state_with_an_id_of_another_size_is_refused()
    {
        Assert.False(JournalState.TryRead(Hex("02 03   09 02 0011   15 000000000000000C   15 0000000000001267"), out _, out var error));
        Assert.Equal(DecodeFault.BadLength, error.Fault);
    }

    [Fact]
    public void The_archive_lists_each_meter_with_its_last_contact()
    {
        var entries = new[]
        {
            new ArchiveEntry("17", true, "485_1", "three_phase", new DateTimeOffset(2026, 1, 15, 10, 31, 0, TimeSpan.Zero), ""),
            new ArchiveEntry("18", false, "tcp", "", null, "wrong key"),
        };
        byte[] wire = Hex("""
            01 02
            02 06   09 02 3137   03 01   0A 05 3438355F31   0A 0B 74687265655F7068617365   09 0C 07EA010F040A1F0000000000   0A 00
            02 06   09 02 3138   03 00   0A 03 746370   0A 00   00   0A 09 77726F6E67206B6579
            """);

        Assert.Equal(wire, Written(target => ArchiveEntry.WriteAll(target, entries)));
        Assert.True(ArchiveEntry.TryReadAll(wire, out var read, out _));
        Assert.Equal(entries, read);
    }

    [Fact]
    public void An_archive_cut_short_is_refused()
    {
        Assert.False(ArchiveEntry.TryReadAll(Hex("01 02   02 06 09 02 3137 03 01"), out _, out var error));
        Assert.Equal(DecodeFault.Truncated, error.Fault);
    }
}
