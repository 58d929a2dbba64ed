using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Profiles;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Meter.Tests;

public class ProfileTests
{
    private const string Buffer = "7/1-0:99.1.0.255:2";

    [Fact]
    public void The_nine_capture_objects_are_those_of_the_manual_in_its_order()
    {
        // DTSD545 5.2.5: clock, energy profile status, demands +P -P +Q -Q +S -S, meter internal status.
        var wire = Hex("""
            01 09
            02 04 12 0008 09 06 0000010000FF 0F 02 12 0000
            02 04 12 0001 09 06 0000600A01FF 0F 02 12 0000
            02 04 12 0005 09 06 0100010400FF 0F 03 12 0000
            02 04 12 0005 09 06 0100020400FF 0F 03 12 0000
            02 04 12 0005 09 06 0100030400FF 0F 03 12 0000
            02 04 12 0005 09 06 0100040400FF 0F 03 12 0000
            02 04 12 0005 09 06 0100090400FF 0F 03 12 0000
            02 04 12 0005 09 06 01000A0400FF 0F 03 12 0000
            02 04 12 0001 09 06 0000600A03FF 0F 02 12 0000
            """);

        Assert.Equal(wire, TestMeters.New().Get("7/1-0:99.1.0.255:3"));
    }

    [Fact]
    public void A_row_is_stamped_with_the_end_of_its_interval_and_encoded_as_the_columns_say()
    {
        var meter = TestMeters.New();
        meter.Run(1800, TestMeters.Constant(1000, 500));

        // Thursday 2026-01-15 00:30:00.00, deviation 0, status 0; 3,000 W, 1,500 var; apparent 3 x 1,118.034 VA, in whole pulses.
        Assert.Equal(
            Hex("01 01 02 09  09 0C 07EA 01 0F 04 00 1E 00 00 0000 00  11 00  06 00000BB6 06 00000000  06 000005DA 06 00000000  06 00000D18 06 00000000  06 00000000"),
            Normalised(meter.Get(Buffer)));

        // The float sample is a hair below or above the round figure; a block of 1,500 Wh may count 1,499 pulses.
        static byte[] Normalised(byte[] data)
        {
            var copy = (byte[])data.Clone();
            Assert.InRange(ReadU32(copy, 21), 2998u, 3000u);
            Assert.InRange(ReadU32(copy, 31), 1498u, 1500u);
            Assert.InRange(ReadU32(copy, 41), 3352u, 3354u);
            WriteU32(copy, 21, 0x0BB6);
            WriteU32(copy, 31, 0x05DA);
            WriteU32(copy, 41, 0x0D18);
            return copy;
        }
    }

    [Fact]
    public void Nothing_is_captured_a_second_before_the_boundary_and_one_row_at_it()
    {
        var meter = TestMeters.New();

        meter.Run(1799, TestMeters.Constant(100));
        Assert.Equal(0, meter.Profile.Rows.Count);
        Assert.Equal(Hex("01 00"), meter.Get(Buffer));

        meter.Tick(TestMeters.Constant(100));
        Assert.Equal(1, meter.Profile.Rows.Count);
        meter.Run(1799, TestMeters.Constant(100));
        Assert.Equal(1, meter.Profile.Rows.Count);
        Assert.Equal(1, meter.Number("7/1-0:99.1.0.255:7"));
    }

    [Fact]
    public void The_ring_keeps_11520_rows_and_lets_the_oldest_go()
    {
        var ring = new EnergyRows();
        for (uint i = 0; i < EnergyRows.Capacity + 100; i++) ring.Add(RowAt(1_000_000 + 60 * i));

        Assert.Equal(11_520, ring.Count);
        Assert.Equal(100, ring.First);
        Assert.Equal(1_000_000u + 60 * 100, ring[ring.First].Time.Utc);
        Assert.Equal(1_000_000u + 60 * 11_619, ring[ring.Next - 1].Time.Utc);
        Assert.Throws<ArgumentOutOfRangeException>(() => ring[99]);
        Assert.Equal(Enumerable.Range(100, 3).Select(i => (long)i), ring.Between(0, 1_000_000 + 60 * 102));
    }

    [Theory]
    [InlineData(600, 1200, 1, 3)] // both ends are rows
    [InlineData(601, 1199, 2, 2)]
    [InlineData(601, 899, 0, -1)] // between two rows
    [InlineData(0, 299, 0, -1)] // before the first
    [InlineData(3001, 9999, 0, -1)] // after the last
    [InlineData(0, 9999, 0, 9)] // everything
    [InlineData(1200, 600, 0, -1)] // backwards
    [InlineData(3000, 3000, 9, 9)] // exactly one
    public void A_range_includes_both_its_ends(long from, long to, int first, int last)
    {
        var ring = Ten();

        Assert.Equal(Enumerable.Range(first, last - first + 1).Select(i => (long)i), last < first ? ring.Between(from, to).Concat([]) : ring.Between(from, to));
        if (last < first) Assert.Empty(ring.Between(from, to));
    }

    [Fact]
    public void A_range_is_found_even_where_the_clock_was_set_back()
    {
        var ring = Ten();
        ring.Add(RowAt(450));
        ring.Add(RowAt(750));

        Assert.Equal([1, 10], ring.Between(400, 600));
        Assert.True(ring.Contains(750));
        Assert.True(ring.Contains(3000));
        Assert.False(ring.Contains(751));
    }

    [Fact]
    public void A_read_by_range_returns_the_rows_of_the_range_and_only_the_selected_columns()
    {
        var meter = WithRows(6);
        var access = SelectiveAccess.By(RangeDescriptor.ByClock(Clock(2), Clock(3)) with { Columns = [EnergyProfile.Columns[1], EnergyProfile.Columns[0]] });

        Assert.Equal(
            Hex("01 02  02 02 11 00 09 0C 07EA010F04 01000000 0000 00   02 02 11 00 09 0C 07EA010F04 011E0000 0000 00"),
            meter.Get(Buffer, access: access));
    }

    [Fact]
    public void A_read_by_range_without_rows_is_an_empty_array()
    {
        var meter = WithRows(6);

        Assert.Equal(Hex("01 00"), meter.Get(Buffer, access: SelectiveAccess.ByClock(Clock(100), Clock(200))));
        Assert.Equal(Hex("01 00"), meter.Get(Buffer, access: SelectiveAccess.ByClock(Clock(3), Clock(2))));
    }

    [Fact]
    public void A_range_in_another_zone_means_the_same_moments()
    {
        var meter = WithRows(6);
        var oneHourEast = CosemDateTime.From(DateTimeOffset.FromUnixTimeSeconds(TestMeters.Midnight + 1800).ToOffset(TimeSpan.FromHours(1)));

        Assert.Equal(meter.Get(Buffer, access: SelectiveAccess.ByClock(Clock(1), Clock(1))), meter.Get(Buffer, access: SelectiveAccess.ByClock(oneHourEast, oneHourEast)));
    }

    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(1, 0, 6)]
    [InlineData(6, 6, 1)]
    [InlineData(3, 5, 3)]
    [InlineData(7, 9, 0)]
    [InlineData(5, 99, 2)]
    [InlineData(4, 3, 0)]
    public void A_read_by_entry_counts_from_the_oldest_row_and_includes_both_ends(uint from, uint to, byte count)
    {
        var data = WithRows(6).Get(Buffer, access: SelectiveAccess.By(new EntryDescriptor(from, to)));

        Assert.Equal([0x01, count], data[..2]);
        Assert.Equal(2 + count * 53, data.Length);
    }

    [Fact]
    public void A_read_by_entry_returns_the_columns_asked_for()
    {
        Assert.Equal(Hex("01 01 02 02 11 00 06 00000000"), Zeroed(WithRows(3).Get(Buffer, access: SelectiveAccess.By(new EntryDescriptor(2, 2, 2, 3)))));

        static byte[] Zeroed(byte[] data)
        {
            WriteU32(data, data.Length - 4, 0);
            return data;
        }
    }

    [Fact]
    public void What_a_descriptor_can_not_mean_is_refused()
    {
        var meter = WithRows(3);
        var elsewhere = RangeDescriptor.ByClock(Clock(1), Clock(2)) with { Restricting = EnergyProfile.Columns[1] };
        var unknown = RangeDescriptor.ByClock(Clock(1), Clock(2)) with { Columns = [new CaptureObject(3, new ObisCode(1, 0, 1, 8, 0, 255), 2)] };

        Assert.Equal(DataAccessResult.OtherReason, meter.TryGet(Buffer, out _, access: SelectiveAccess.By(elsewhere)));
        Assert.Equal(DataAccessResult.OtherReason, meter.TryGet(Buffer, out _, access: SelectiveAccess.By(unknown)));
        Assert.Equal(DataAccessResult.OtherReason, meter.TryGet(Buffer, out _, access: SelectiveAccess.By(new EntryDescriptor(0, 1))));
        Assert.Equal(DataAccessResult.OtherReason, meter.TryGet(Buffer, out _, access: SelectiveAccess.By(new EntryDescriptor(1, 1, 10, 10))));
        Assert.Equal(DataAccessResult.TypeUnmatched, meter.TryGet(Buffer, out _, access: new SelectiveAccess(1, Hex("02 01 11 00"))));
        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, meter.TryGet(Buffer, out _, access: new SelectiveAccess(3, Hex("00"))));
    }

    [Fact]
    public void The_last_demand_of_the_register_is_what_the_row_holds()
    {
        var meter = WithRows(1);

        Assert.Equal(meter.Profile.Rows[0].Demands[0], meter.Number("5/1-0:1.4.0.255:3"));
        Assert.Equal(meter.Get("5/1-0:1.4.0.255:6"), meter.Get("4/1-0:1.6.0.255:5"));
        Assert.Equal(meter.Number("5/1-0:1.4.0.255:3"), meter.Number("4/1-0:1.6.1.255:2"));
        Assert.Equal(0, meter.Number("4/1-0:1.6.2.255:2"));
    }

    [Fact]
    public void The_maximum_demand_keeps_the_largest_block_and_its_time_until_reset()
    {
        var meter = TestMeters.New();
        meter.Run(1800, TestMeters.Constant(100));
        meter.Run(1800, TestMeters.Constant(400));
        meter.Run(1800, TestMeters.Constant(200));

        Assert.InRange(meter.Number("4/1-0:1.6.0.255:2"), 1198, 1200);
        Assert.Equal((uint)(TestMeters.Midnight + 3600), meter.Demand.Maximum(0, 0).Time.Utc);
        Assert.Equal(ActionResult.Success, meter.Invoke("4/1-0:1.6.0.255!1"));
        Assert.Equal(0, meter.Number("4/1-0:1.6.0.255:2"));
        Assert.Equal(Hex("09 0C FFFFFFFFFFFFFFFFFF 8000 FF"), meter.Get("4/1-0:1.6.0.255:5"));
    }

    [Fact]
    public void A_change_of_the_demand_interval_begins_the_demand_anew()
    {
        var meter = TestMeters.New();
        meter.Run(600, TestMeters.Constant(300));

        Assert.Equal(DataAccessResult.Success, meter.Set("5/1-0:1.4.0.255:8", w => w.WriteDoubleLongUnsigned(900)));
        Assert.Equal(0, meter.Number("5/1-0:1.4.0.255:2"));
        meter.Run(300, TestMeters.Constant(300));

        // The block from 00:10 ends at 00:15 with a third of its energy.
        Assert.InRange(meter.Number("5/1-0:1.4.0.255:3"), 296, 300);
        Assert.Equal(DataAccessResult.OtherReason, meter.Set("5/1-0:1.4.0.255:8", w => w.WriteDoubleLongUnsigned(901)));
        Assert.Equal(DataAccessResult.TypeUnmatched, meter.Set("5/1-0:1.4.0.255:8", w => w.WriteLongUnsigned(900)));
        Assert.Equal(900, meter.Number("5/1-0:10.4.0.255:8"));
    }

    [Fact]
    public void A_change_of_the_capture_period_changes_the_boundaries_and_keeps_the_rows()
    {
        var meter = WithRows(2);

        Assert.Equal(DataAccessResult.Success, meter.Set("7/1-0:99.1.0.255:4", w => w.WriteDoubleLongUnsigned(300)));
        meter.Run(900, TestMeters.Constant(100));

        Assert.Equal([1800, 3600, 3900, 4200, 4500], meter.Profile.Rows.Between(0, uint.MaxValue).Select(n => meter.Profile.Rows[n].Time.Utc - TestMeters.Midnight));
        Assert.Equal(DataAccessResult.OtherReason, meter.Set("7/1-0:99.1.0.255:4", w => w.WriteDoubleLongUnsigned(1200)));
    }

    [Fact]
    public void Reset_clears_the_buffer()
    {
        var meter = WithRows(3);

        Assert.Equal(ActionResult.Success, meter.Invoke("7/1-0:99.1.0.255!1"));
        Assert.Equal(Hex("01 00"), meter.Get(Buffer));
        meter.Run(1800, TestMeters.Constant(100));
        Assert.Equal(1, meter.Profile.Rows.Count);
    }

    private static VirtualMeter WithRows(int rows)
    {
        var meter = TestMeters.New();
        meter.Run(1800 * rows, TestMeters.Constant(100));
        return meter;
    }

    private static CosemDateTime Clock(int rows) => CosemDateTime.From(DateTimeOffset.FromUnixTimeSeconds(TestMeters.Midnight + 1800 * rows));

    private static EnergyRows Ten()
    {
        var ring = new EnergyRows();
        for (uint i = 1; i <= 10; i++) ring.Add(RowAt(300 * i));
        return ring;
    }

    private static ProfileRow RowAt(uint utc) => new(new MeterTime(utc, 0, ClockStatus.None), ProfileStatus.None, default, InternalStatus.None);

    private static uint ReadU32(byte[] data, int at) => System.Buffers.Binary.BinaryPrimitives.ReadUInt32BigEndian(data.AsSpan(at));

    private static void WriteU32(byte[] data, int at, uint value) => System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(data.AsSpan(at), value);
}
