using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Profiles;

public class ProfileServerTests
{
    private static readonly CaptureObject Clock = WorkloadProfile.Columns[0];
    private static readonly CaptureObject Register1 = WorkloadProfile.Columns[2];

    // The request of workload d: 2026-01-15 00:00 to 23:45, hundredths not specified, no column list.
    private const string WholeDay = "0204020412000809060000010000FF0F02120000 090C07EA010FFF000000FF000000 090C07EA010FFF172D00FF000000 0100";

    [Fact, Shows("select.range")]
    public void A_day_of_rows_has_the_octets_of_the_benchmark()
    {
        var answer = Ask(WorkloadProfile.Ring(0, 96), 1, Hex(WholeDay));

        Assert.Equal(5570, answer.Length);
        Assert.Equal(Hex("0160020A090C07EA010FFF000000FF0000001100060010C8E006"), answer[..26]);
        Assert.Equal("9622363bb704d7cfa4359cca23d3198dd90bc91226b9e1554201bea86d063c85", Convert.ToHexStringLower(SHA256.HashData(answer)));
    }

    [Fact]
    public void A_day_out_of_a_year_costs_a_search_and_its_own_rows()
    {
        var rows = new CountedRows(WorkloadProfile.Ring(96 - 11_520, 11_520));
        var output = new ArrayBufferWriter<byte>();
        ProfileServer.Write(rows, new RequestContext { Selector = 1, SelectorParameters = Hex(WholeDay) }, output);

        Assert.Equal(Ask(WorkloadProfile.Ring(0, 96), 1, Hex(WholeDay)), output.WrittenSpan.ToArray());
        Assert.Equal(96, rows.Written);
        Assert.InRange(rows.Keys, 2, 30); // twice the logarithm of 11,520
    }

    [Fact]
    public void An_answer_from_a_ring_allocates_nothing()
    {
        var (ring, output, parameters) = (WorkloadProfile.Ring(0, 96), new ArrayBufferWriter<byte>(8192), Hex(WholeDay));
        void Serve()
        {
            output.ResetWrittenCount();
            ProfileServer.Write(ring, new RequestContext { Selector = 1, SelectorParameters = parameters }, output);
        }

        for (var i = 0; i < 50; i++) Serve();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Serve();
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Theory, Shows("select.range")]
    //          from: year mo da wd ho mi se hu dev  st    to
    [InlineData("07EA010FFF 01000000 0000 00", "07EA010FFF 02000000 0000 00", 4, 8)]
    [InlineData("07EA010FFF 01000000 FFC4 00", "07EA010FFF 02000000 FFC4 00", 0, 4)]      // at UTC+1
    [InlineData("07EA010FFF 01000000 8000 FF", "07EA010FFF 02000000 8000 FF", 4, 8)]      // no deviation: the options' own
    [InlineData("07EA010FFF 010100FF 0000 00", "07EA010FFF 011DFFFF 0000 00", 5, 5)]      // 01:01 to some time in 01:29
    [InlineData("07EA010FFF 01FFFFFF 0000 00", "07EA010FFF 01FFFFFF 0000 00", 4, 7)]      // all of the hour after one
    [InlineData("07EA010FFF FFFFFFFF 0000 00", "07EA010FFF FFFFFFFF 0000 00", 0, 95)]     // all of the day
    [InlineData("FFFFFFFFFF FFFFFFFF 8000 FF", "07EA010FFF 003BFFFF 0000 00", 0, 3)]      // no lower bound
    [InlineData("07EA010FFF 170000FF 0000 00", "FFFFFFFFFF FFFFFFFF 8000 FF", 92, 95)]    // no upper bound
    [InlineData("07EA010FFF 020000FF 0000 00", "07EA010FFF 010000FF 0000 00", 0, -1)]     // from after to
    [InlineData("07EA0110FF 000000FF 0000 00", "07EA0110FF 010000FF 0000 00", 0, -1)]     // no row
    [InlineData("FFFFFFFFFF 08000000 8000 FF", "FFFFFFFFFF 09000000 8000 FF", 32, 36)]    // each day from eight to nine
    [InlineData("FFFFFFFF04 FFFFFFFF 8000 FF", "FFFFFFFF05 FFFFFFFF 8000 FF", 0, 95)]     // weekdays: the rows specify none, so it is ignored
    public void A_range_of_time_has_the_rows_between_its_ends(string from, string to, int first, int last)
    {
        var expected = Enumerable.Range(first, last - first + 1).ToArray();
        foreach (var form in (string[])["090C", "19"])
        {
            var answer = Ask(WorkloadProfile.Ring(0, 96), 1, Range(Clock, form + from, form + to));

            Assert.Equal(expected, RowsOf(answer));
        }
    }

    [Theory, Shows("select.range-any")]
    [InlineData("06 0010CAE0", "06 0010CB05", new[] { 31, 32 })]                                                // double-long-unsigned, 1,100,000 + 17 k
    [InlineData("15 000000000010CAE0", "14 000000000010CB05", new[] { 31, 32 })]                                // other widths
    [InlineData("18 4130CAE000000000", "17 49865828", new[] { 31, 32 })]                                        // floats: 1,100,512 to 1,100,549
    [InlineData("00", "06 0010C8F1", new[] { 0, 1 })]                                                           // open below
    [InlineData("15 FFFFFFFFFFFFFFFF", "00", new int[0])]
    public void Any_column_may_be_the_one_that_is_restricted(string from, string to, int[] expected) =>
        Assert.Equal(expected, RowsOf(Ask(WorkloadProfile.Ring(0, 96), 1, Range(Register1, from, to))));

    [Fact, Shows("select.range-any")]
    public void Rows_that_are_not_next_to_each_other_are_found_too()
    {
        // The status runs from 0 to 15 and round.
        var answer = Ask(WorkloadProfile.Ring(0, 96), 1, Range(WorkloadProfile.Columns[1], "11 0E", "12 0063"));

        Assert.Equal([14, 15, 30, 31, 46, 47, 62, 63, 78, 79, 94, 95], RowsOf(answer));
    }

    [Theory]
    [InlineData("09 01 42", "0A 01 43", new[] { 1, 2 })]
    [InlineData("09 01 41", "09 02 4142", new[] { 0, 3 })]
    [InlineData("04 08 43", "00", new[] { 2 })]
    public void Texts_and_bits_are_compared_octet_by_octet(string from, string to, int[] expected)
    {
        var column = new CaptureObject(1, ObisCode.Parse("0-0:96.1.0.255"), 2);
        var ring = new ProfileRing([column], 10);
        foreach (var text in (string[])["09 01 41", "0A 01 42", "09 01 43", "0C 02 4141"]) ring.Add(Hex("02 01" + text));

        var answer = Ask(ring, 1, Range(column, from, to));
        Assert.True(CosemValue.TryRead(answer, out var rows, out _));
        Assert.Equal(expected.Length, rows.Elements.Length);
        for (var i = 0; i < expected.Length; i++) Assert.Equal(ring.Row(expected[i]), rows.Elements[i]);
    }

    [Fact, Shows("select.columns", "select.range")]
    public void Chosen_columns_come_in_the_order_that_was_asked_for()
    {
        var range = RangeDescriptor.ByClock(CosemDateTime.Read(Hex("07EA010FFF 00000000 0000 00")), CosemDateTime.Read(Hex("07EA010FFF 001E0000 0000 00")))
            with
        { Columns = [Register1, WorkloadProfile.Columns[1], Register1] };

        Assert.Equal(Hex("01 03"
            + "02 03 06 0010C8E0 11 00 06 0010C8E0"
            + "02 03 06 0010C8F1 11 01 06 0010C8F1"
            + "02 03 06 0010C902 11 02 06 0010C902"), Ask(WorkloadProfile.Ring(0, 96), 1, SelectiveAccess.By(range).Parameters.ToArray()));
    }

    [Theory, Shows("select.entry")]
    [InlineData(1, 2, 3, 3, "01 02 02 01 06 0010C8E0 02 01 06 0010C8F1")]
    [InlineData(3, 0, 2, 2, "01 01 02 01 11 02")]
    [InlineData(2, 99, 2, 3, "01 02 02 02 11 01 06 0010C8F1 02 02 11 02 06 0010C902")]
    [InlineData(4, 0, 1, 0, "01 00")]
    [InlineData(3, 2, 1, 0, "01 00")]
    public void Entries_and_their_columns_count_from_one_and_zero_is_the_last(uint from, uint to, ushort fromColumn, ushort toColumn, string expected) =>
        Assert.Equal(Hex(expected), Ask(WorkloadProfile.Ring(0, 3), 2, SelectiveAccess.By(new EntryDescriptor(from, to, fromColumn, toColumn)).Parameters.ToArray()));

    [Fact]
    public void Without_a_selector_all_rows_come()
    {
        var ring = WorkloadProfile.Ring(0, 100);
        Assert.Equal(Enumerable.Range(0, 100), RowsOf(Ask(ring, 0, [])));
        Assert.Equal(Hex("01 00"), Ask(new ProfileRing(WorkloadProfile.Columns, 10), 0, []));
    }

    [Theory]
    [InlineData(3, "00", DataAccessResult.ScopeOfAccessViolated)]
    [InlineData(1, "00", DataAccessResult.TypeUnmatched)]
    [InlineData(1, "0204020412000809060000010000FF0F02120000 00 00 0100 00", DataAccessResult.TypeUnmatched)]
    [InlineData(2, "0203 06 00000001 06 00000001 12 0001", DataAccessResult.TypeUnmatched)]
    [InlineData(2, "0204 06 00000000 06 00000001 12 0001 12 0000", DataAccessResult.OtherReason)]  // entry 0
    [InlineData(2, "0204 06 00000001 06 00000001 12 0000 12 0000", DataAccessResult.OtherReason)]  // column 0
    [InlineData(2, "0204 06 00000001 06 00000001 12 000B 12 0000", DataAccessResult.OtherReason)]  // column 11 of 10
    [InlineData(1, "0204 020412000309060100090800FF0F02120000 00 00 0100", DataAccessResult.OtherReason)] // restricted by no column
    [InlineData(1, "0204 020412000809060000010000FF0F02120000 00 00 0101 020412000309060100090800FF0F02120000", DataAccessResult.OtherReason)] // no such column
    [InlineData(1, "0204 020412000809060000010000FF0F02120000 06 00000001 06 00000002 0100", DataAccessResult.OtherReason)] // numbers for a clock
    [InlineData(1, "0204 020412000309060100010800FF0F02120000 0100 0100 0100", DataAccessResult.OtherReason)] // arrays for a number
    [InlineData(1, "0204 020412000309060100010800FF0F02120000 090105 090106 0100", DataAccessResult.OtherReason)] // texts for a number
    public void What_can_not_be_served_is_refused_and_nothing_is_written(byte selector, string parameters, DataAccessResult expected)
    {
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(expected, ProfileServer.Write(WorkloadProfile.Ring(0, 3), new RequestContext { Selector = selector, SelectorParameters = Hex(parameters) }, output));
        Assert.Equal(0, output.WrittenCount);
    }

    [Fact]
    public void Rows_of_a_clock_that_was_set_are_all_found_and_in_the_order_of_capture()
    {
        var ring = new ProfileRing(WorkloadProfile.Columns, 100);
        foreach (var row in (int[])[0, 1, 2, 3, 1, 2, 3, 4]) Add(ring, row);
        Assert.Equal(ProfileOrder.Unordered, ring.Order);

        Assert.Equal([1, 2, 1, 2], RowsOf(Ask(ring, 1, Range(Clock, "090C 07EA010FFF 000F0000 0000 00", "090C 07EA010FFF 001E0000 0000 00"))));

        // A clock that had lost its time: its rows have no moment, and are compared by what they specify, the hour.
        var lost = new ArrayBufferWriter<byte>();
        WorkloadProfile.WriteRow(2, lost);
        var octets = lost.WrittenSpan.ToArray();
        octets.AsSpan(4, 5).Fill(0xFF);
        ring.Add(octets);
        Assert.Equal(ProfileOrder.None, ring.Order);
        Assert.Equal(5, CosemValue.TryRead(Ask(ring, 1, Range(Clock, "090C 07EA010FFF 000F0000 0000 00", "090C 07EA010FFF 001E0000 0000 00")), out var rows, out _) ? rows.Elements.Length : 0);
    }

    [Fact]
    public void Random_ranges_over_random_clocks_have_the_rows_that_a_look_at_each_says()
    {
        var random = new Random(99);
        for (var round = 0; round < 400; round++)
        {
            var ring = new ProfileRing(WorkloadProfile.Columns, random.Next(1, 200));
            var kept = new List<int>();
            var setBack = random.Next(3) == 0;
            var at = random.Next(1000);
            for (var i = random.Next(300); i > 0; i--)
            {
                Add(ring, at);
                kept.Add(at);
                at = Math.Max(0, at + random.Next(3) - (setBack && random.Next(40) == 0 ? random.Next(50) : 0));
                if (random.Next(300) == 0)
                {
                    ring.Clear();
                    kept.Clear();
                }
            }

            if (kept.Count > ring.Capacity) kept.RemoveRange(0, kept.Count - ring.Capacity);
            var (low, high) = (random.Next(at + 20), random.Next(at + 20));
            string Bound(int row) => "090C" + Convert.ToHexString(Written(w => w.WriteDateTime(CosemDateTime.From(new(WorkloadProfile.TimeOf(row), TimeSpan.Zero)))).AsSpan(2));
            var byRange = RowsOf(Ask(ring, 1, Range(Clock, Bound(low), Bound(high))));
            Assert.True(kept.Where(r => r >= low && r <= high).SequenceEqual(byRange), $"round {round}");

            var (from, to) = (random.Next(1, 250), random.Next(250));
            var byEntry = RowsOf(Ask(ring, 2, SelectiveAccess.By(new EntryDescriptor((uint)from, (uint)to)).Parameters.ToArray()));
            Assert.True(kept.Skip(from - 1).Take((to == 0 ? kept.Count : to) - from + 1).SequenceEqual(byEntry), $"round {round}");
        }
    }

    [Fact]
    public void Newest_rows_first_are_searched_as_well()
    {
        var rows = new Reversed(WorkloadProfile.Ring(0, 96));

        Assert.Equal([8, 7, 6, 5, 4], RowsOf(Ask(rows, 1, Range(Clock, "090C 07EA010FFF 01000000 0000 00", "090C 07EA010FFF 02000000 0000 00"))));
        Assert.Empty(RowsOf(Ask(rows, 1, Range(Clock, "090C 07EA010FFF 02000000 0000 00", "090C 07EA010FFF 01000000 0000 00"))));
    }

    [Fact]
    public void A_ring_takes_rows_of_its_columns_only()
    {
        var ring = new ProfileRing([Clock, Register1], 4);

        Assert.Throws<ArgumentException>(() => ring.Add(Hex("02 01 11 01")));
        Assert.Throws<ArgumentException>(() => ring.Add(Hex("02 02 11 01 11")));
        Assert.Throws<ArgumentException>(() => ring.Add(Hex("02 02 11 01 11 02 00")));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProfileRing([], 4));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProfileRing([Clock], 0));
        Assert.Throws<ArgumentOutOfRangeException>(() => new ProfileRing([Clock], 4, sortColumn: 1));
        Assert.Equal(0, ring.Count);
    }

    [Fact]
    public void A_row_takes_little_more_memory_than_its_octets()
    {
        WorkloadProfile.Ring(0, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        var ring = new ProfileRing(WorkloadProfile.Columns, 11_520);
        var empty = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(ring);
        Assert.InRange(empty, 1, 600);

        // What is allocated on the way is kept, but for the circle of blocks that grew: the process's other tests do not count.
        before = GC.GetAllocatedBytesForCurrentThread();
        ring = WorkloadProfile.Ring(0, 11_520);
        var full = GC.GetAllocatedBytesForCurrentThread() - before;
        GC.KeepAlive(ring);
        Assert.InRange(full / 11_520.0, 56, 90); // 58 octets on the wire
    }

    private static void Add(ProfileRing ring, int row) => ring.Add(Written(w => WorkloadProfile.WriteRow(row, w)));

    private static byte[] Ask(IProfileRows rows, byte selector, byte[] parameters)
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.Equal(DataAccessResult.Success, ProfileServer.Write(rows, new RequestContext { Selector = selector, SelectorParameters = parameters }, output));
        return output.WrittenSpan.ToArray();
    }

    private static byte[] Range(CaptureObject restricting, string from, string to) =>
        SelectiveAccess.By(new RangeDescriptor(restricting, Hex(from), Hex(to), [])).Parameters.ToArray();

    // Which rows of the workload an answer has, by the value of the first register.
    private static int[] RowsOf(byte[] answer)
    {
        Assert.True(CosemValue.TryRead(answer, out var rows, out var error), error.ToString());
        return [.. rows.Elements.ToArray().Select(r => r.Elements[2].TryGetNumber(out var value) ? (int)((value - 1_100_000) / 17) : -1)];
    }

    private sealed class CountedRows(IProfileRows inner) : IProfileRows
    {
        public int Keys { get; private set; }

        public int Written { get; private set; }

        public IReadOnlyList<CaptureObject> Columns => inner.Columns;

        public int Count => inner.Count;

        public int SortColumn => inner.SortColumn;

        public ProfileOrder Order => inner.Order;

        public long KeyAt(int row)
        {
            Keys++;
            return inner.KeyAt(row);
        }

        public void WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output)
        {
            Written++;
            inner.WriteCells(row, columns, output);
        }
    }

    private sealed class Reversed(IProfileRows inner) : IProfileRows
    {
        public IReadOnlyList<CaptureObject> Columns => inner.Columns;

        public int Count => inner.Count;

        public int SortColumn => inner.SortColumn;

        public ProfileOrder Order => ProfileOrder.Falling;

        public long KeyAt(int row) => inner.KeyAt(Count - 1 - row);

        public void WriteCells(int row, in ColumnChoice columns, IBufferWriter<byte> output) => inner.WriteCells(Count - 1 - row, columns, output);
    }
}

internal static class RingRows
{
    public static CosemValue Row(this ProfileRing ring, int row)
    {
        int[] all = [.. Enumerable.Range(0, ring.Columns.Count)];
        var octets = Written(w =>
        {
            w.WriteStructure(all.Length);
            ring.WriteCells(row, new(all, all.Length), w);
        });
        Assert.True(CosemValue.TryRead(octets, out var value, out _));
        return value;
    }
}
