using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Profiles;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Meter.Tests;

public class StatusTests
{
    private static readonly Sample Load = TestMeters.Constant(100);

    [Fact]
    public void An_outage_inside_an_interval_marks_its_row()
    {
        var meter = TestMeters.New();
        meter.Run(600, Load);
        var before = meter.Energy.Exact(EnergyChannel.ImportActive);
        meter.PowerUp(meter.Now + 300);
        Assert.Equal(before, meter.Energy.Exact(EnergyChannel.ImportActive));
        meter.Run(900 + 1800, Load);

        Assert.Equal([ProfileStatus.PowerDown | ProfileStatus.DataNotValid, ProfileStatus.None], Statuses(meter));
        Assert.Equal([1800L, 3600L], Stamps(meter));
    }

    [Fact]
    public void Intervals_that_ended_without_power_are_absent_and_the_next_one_is_marked()
    {
        var meter = TestMeters.New();
        meter.Run(1800 + 600, Load);
        meter.PowerUp(TestMeters.Midnight + 7200 + 60);
        meter.Run(1740 + 1800, Load);

        Assert.Equal([1800L, 9000L, 10800L], Stamps(meter));
        Assert.Equal([ProfileStatus.None, ProfileStatus.PowerDown | ProfileStatus.DataNotValid, ProfileStatus.None], Statuses(meter));
    }

    [Fact]
    public void Power_off_begins_the_demand_anew()
    {
        var meter = TestMeters.New();
        meter.Run(900, TestMeters.Constant(1000));
        meter.PowerUp(meter.Now + 60);

        Assert.Equal(0u, meter.Demand.Current(0, meter.Energy));
        Assert.Equal((uint)(TestMeters.Midnight + 960), meter.Demand.StartTime.Utc);
    }

    [Fact]
    public void Power_up_without_lost_time_is_no_outage()
    {
        var meter = TestMeters.New();
        meter.Run(600, Load);
        meter.PowerUp(meter.Now);
        meter.Run(1200, Load);

        Assert.Equal([ProfileStatus.None], Statuses(meter));
    }

    [Fact]
    public void An_outage_longer_than_the_power_reserve_makes_the_clock_invalid_until_it_is_set()
    {
        var meter = TestMeters.New();
        meter.PowerUp(meter.Now + 4L * 365 * 86400);
        Assert.True(meter.Time.Status.HasFlag(ClockStatus.InvalidValue));
        Assert.Equal(1, meter.Number("8/0-0:1.0.0.255:4"));
        Assert.True(meter.InternalStatus.HasFlag(InternalStatus.ClockInvalid));
        meter.Run(1800, Load);
        Assert.Equal(
            ProfileStatus.PowerDown | ProfileStatus.ClockInvalid | ProfileStatus.DataNotValid, Assert.Single(Statuses(meter)));

        meter.SetClock(meter.Time.Utc);
        meter.Run(1800, Load);

        Assert.Equal(ProfileStatus.ClockAdjusted | ProfileStatus.DataNotValid, Statuses(meter).Last());
        Assert.Equal(ClockStatus.None, meter.Time.Status);
    }

    [Fact]
    public void A_small_correction_of_the_clock_marks_nothing_and_makes_no_second_row()
    {
        var meter = TestMeters.New();
        meter.Run(1803, Load);
        meter.SetClock(meter.Time.Utc - 5);
        meter.Run(5 + 1797 + 3 - 3, Load);
        meter.Run(100, Load);

        Assert.Equal([1800L, 3600L], Stamps(meter));
        Assert.All(Statuses(meter), status => Assert.Equal(ProfileStatus.None, status));
    }

    [Fact]
    public void A_small_correction_over_a_boundary_closes_the_interval_at_the_boundary()
    {
        var meter = TestMeters.New();
        meter.Run(1797, Load);
        meter.SetClock(meter.Time.Utc + 8);
        meter.Run(1, Load);

        Assert.Equal([1800L], Stamps(meter));
    }

    [Fact]
    public void Setting_the_clock_beyond_the_limit_marks_the_interval_and_begins_the_demand_anew()
    {
        var meter = TestMeters.New();
        meter.Run(600, Load);

        Assert.Equal(DataAccessResult.Success, meter.Set("8/0-0:1.0.0.255:2", w => w.WriteDateTime(At(TestMeters.Midnight + 900))));
        Assert.Equal(TestMeters.Midnight + 900, meter.Time.Utc);
        Assert.Equal(0u, meter.Demand.Current(0, meter.Energy));
        meter.Run(900, Load);

        Assert.Equal([1800L], Stamps(meter));
        Assert.Equal([ProfileStatus.ClockAdjusted | ProfileStatus.DataNotValid], Statuses(meter));
    }

    [Fact]
    public void A_clock_set_back_does_not_capture_a_time_stamp_twice()
    {
        var meter = TestMeters.New();
        meter.Run(5400, Load);
        var first = meter.Profile.Rows[0];
        meter.SetClock(TestMeters.Midnight + 60);
        meter.Run(7200, TestMeters.Constant(300));

        Assert.Equal([1800L, 3600L, 5400L, 7200L], Stamps(meter));
        Assert.Equal(first, meter.Profile.Rows[0]);
        Assert.Equal(ProfileStatus.ClockAdjusted | ProfileStatus.DataNotValid, Statuses(meter).Last());
    }

    [Fact]
    public void A_failing_memory_marks_the_interval_as_critical()
    {
        var meter = TestMeters.New();
        meter.ReportMemory(failed: true);
        meter.Run(60, Load);
        meter.ReportMemory(failed: false);
        meter.Run(1740 + 1800, Load);

        Assert.Equal([ProfileStatus.CriticalError | ProfileStatus.DataNotValid, ProfileStatus.None], Statuses(meter));
    }

    [Fact]
    public void Daylight_saving_moves_local_time_marks_the_rows_and_leaves_utc_alone()
    {
        // Berlin, 2026-03-29: 01:00 UTC is the change to summer time.
        var change = new DateTimeOffset(2026, 3, 29, 1, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds();
        var meter = TestMeters.New(start: change - 1800);
        Assert.Equal(DataAccessResult.Success, meter.Set("8/0-0:1.0.0.255:3", w => w.WriteLong(-60)));
        Assert.Equal(DataAccessResult.Success, meter.Set("8/0-0:1.0.0.255:8", w => w.WriteBoolean(true)));
        meter.Run(1799, Load);
        Assert.Equal(Hex("09 0C 07EA 03 1D 07 01 3B 3B 00 FFC4 00"), meter.Get("8/0-0:1.0.0.255:2"));

        meter.Run(1 + 1800, Load);

        Assert.Equal(Hex("09 0C 07EA 03 1D 07 03 1E 00 00 FF88 80"), meter.Get("8/0-0:1.0.0.255:2"));
        Assert.Equal([change, change + 1800], meter.Profile.Rows.Between(0, uint.MaxValue).Select(n => (long)meter.Profile.Rows[n].Time.Utc));
        Assert.True(Statuses(meter).Last().HasFlag(ProfileStatus.DaylightSaving));
        meter.SetClock(new DateTimeOffset(2026, 10, 25, 1, 0, 0, TimeSpan.Zero).ToUnixTimeSeconds());
        Assert.Equal(ClockStatus.None, meter.Time.Status);
    }

    [Fact]
    public void South_of_the_equator_summer_reaches_over_new_year()
    {
        var clock = new MeterClock();
        var (first, april) = (new CosemDateTime(0xFFFF, 10, 1, 7, 2, 0, 0, 0, CosemDateTime.NoDeviation, 0), new CosemDateTime(0xFFFF, 4, 1, 7, 3, 0, 0, 0, CosemDateTime.NoDeviation, 0));
        Assert.True(clock.Configure(timeZone: -600, dstBegin: first, dstEnd: april, dstEnabled: true));

        Assert.Equal(-660, clock.At(TestMeters.Midnight).Deviation);
        Assert.Equal(-600, clock.At(TestMeters.Midnight + 180 * 86400).Deviation);
    }

    [Fact]
    public void Clock_settings_that_make_no_sense_are_refused_and_change_nothing()
    {
        var meter = TestMeters.New();
        var before = meter.Get("8/0-0:1.0.0.255:5");

        Assert.Equal(DataAccessResult.OtherReason, meter.Set("8/0-0:1.0.0.255:3", w => w.WriteLong(2000)));
        Assert.Equal(DataAccessResult.OtherReason, meter.Set("8/0-0:1.0.0.255:2", w => w.WriteOctetString(Hex("FFFF FF FF FF FF FF FF FF 8000 FF"))));
        Assert.Equal(DataAccessResult.OtherReason, meter.Set("8/0-0:1.0.0.255:5", w => w.WriteOctetString(Hex("FFFF 0D FE 07 02 00 00 00 8000 00"))));
        Assert.Equal(DataAccessResult.TypeUnmatched, meter.Set("8/0-0:1.0.0.255:2", w => w.WriteOctetString(Hex("07EA"))));
        Assert.Equal(before, meter.Get("8/0-0:1.0.0.255:5"));
    }

    [Theory]
    [InlineData(1, 440, 0)]
    [InlineData(1, 460, 900)]
    [InlineData(2, 1000, 1800)]
    [InlineData(3, 95, 120)]
    public void The_clock_is_adjusted_to_the_nearest_quarter_period_or_minute(int method, int seconds, long expected)
    {
        var meter = TestMeters.New();
        meter.Run(seconds, Load);

        Assert.Equal(ActionResult.Success, meter.Invoke($"8/0-0:1.0.0.255!{method}"));
        Assert.Equal(TestMeters.Midnight + expected, meter.Time.Utc);
    }

    [Fact]
    public void Shift_time_moves_the_clock_by_up_to_a_quarter()
    {
        var meter = TestMeters.New();

        Assert.Equal(ActionResult.Success, meter.Invoke("8/0-0:1.0.0.255!6", w => w.WriteLong(-900)));
        Assert.Equal(TestMeters.Midnight - 900, meter.Time.Utc);
        Assert.Equal(ActionResult.OtherReason, meter.Invoke("8/0-0:1.0.0.255!6", w => w.WriteLong(901)));
    }

    [Fact]
    public void A_household_that_exports_shows_reversed_current()
    {
        var meter = TestMeters.New();
        meter.Tick(new Sample(new(230, 5, 180), new(230, 5, 0), new(0, 0, 0), 50));

        Assert.Equal(InternalStatus.CurrentReversalL1 | InternalStatus.VoltageMissingL3, meter.InternalStatus);
        Assert.Equal((long)meter.InternalStatus, meter.Number("1/0-0:96.10.3.255:2"));
    }

    private static CosemDateTime At(long utc) => CosemDateTime.From(DateTimeOffset.FromUnixTimeSeconds(utc));

    private static ProfileStatus[] Statuses(VirtualMeter meter) => [.. meter.Profile.Rows.Between(0, uint.MaxValue).Select(n => meter.Profile.Rows[n].Status)];

    private static long[] Stamps(VirtualMeter meter) =>
        [.. meter.Profile.Rows.Between(0, uint.MaxValue).Select(n => meter.Profile.Rows[n].Time.Utc - TestMeters.Midnight)];
}
