using Gridtally.Meter.Load;
using Gridtally.Meter.Metrology;

namespace Gridtally.Meter.Tests;

public class IntegrationTests
{
    // Of the seeds 1..12 these have a plant, a capacitive load, or both: every register moves.
    private static readonly ulong[] Seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];

    [Fact]
    public void One_kilowatt_for_an_hour_is_one_thousand_watt_hours()
    {
        var meter = TestMeters.New();

        meter.Run(3600, TestMeters.Constant(1000 / 3.0));

        // The sample is in floats; what it stands for is integrated to the milliwatt-second.
        Assert.InRange(meter.Energy.Exact(EnergyChannel.ImportActive), 3_599_990_000, 3_600_010_000);
        Assert.Equal(3600L * meter.Present.Total.Active, meter.Energy.Exact(EnergyChannel.ImportActive));
    }

    [Fact]
    public void Less_than_a_pulse_is_not_lost()
    {
        var meter = TestMeters.New();

        meter.Run(3600 * 10, TestMeters.Constant(0.05));

        Assert.Equal(1u, meter.Energy.Value(1));
        Assert.Equal(36_000L * meter.Present.Total.Active, meter.Energy.Exact(EnergyChannel.ImportActive));
    }

    [Theory]
    [InlineData(100, 50, 1, 5)]
    [InlineData(-100, 50, 2, 6)]
    [InlineData(-100, -50, 2, 7)]
    [InlineData(100, -50, 1, 8)]
    public void Each_quadrant_has_its_registers(double watts, double vars, byte active, byte quadrant)
    {
        var meter = TestMeters.New();

        meter.Run(36_000, TestMeters.Constant(watts, vars));

        Assert.Equal([active], new byte[] { 1, 2 }.Where(c => meter.Energy.Value(c) > 0));
        Assert.Equal([quadrant], new byte[] { 5, 6, 7, 8 }.Where(c => meter.Energy.Value(c) > 0));
        Assert.Equal([(byte)(active + 8)], new byte[] { 9, 10 }.Where(c => meter.Energy.Value(c) > 0));
        Assert.Equal(vars > 0 ? [(byte)3] : [(byte)4], new byte[] { 3, 4 }.Where(c => meter.Energy.Value(c) > 0));
    }

    [Fact]
    public void Sums_hold_to_the_milliwatt_second_on_real_load()
    {
        foreach (var seed in Seeds)
        {
            var meter = TestMeters.New();
            var energy = meter.Energy;
            meter.Run(86_400, new LoadModel(TestMeters.Household.Value, seed));

            long Total(EnergyChannel channel) => energy.Exact(channel);
            long Phases(int channel) => Enumerable.Range(0, 3).Sum(phase => energy.ExactOfPhase(phase, channel));

            Assert.Equal(Total(EnergyChannel.ImportActive) - Total(EnergyChannel.ExportActive), Phases(0) - Phases(1));
            Assert.Equal(
                Total(EnergyChannel.Reactive1) + Total(EnergyChannel.Reactive2) - Total(EnergyChannel.Reactive3) - Total(EnergyChannel.Reactive4),
                Phases(2) - Phases(3));
            foreach (var channel in Enum.GetValues<EnergyChannel>())
            {
                Assert.Equal(Total(channel), Enumerable.Range(1, EnergyRegisters.Tariffs).Sum(tariff => energy.Exact(channel, tariff)));
            }
        }
    }

    [Fact]
    public void Among_a_dozen_meters_every_register_moves_in_a_day()
    {
        var meters = Seeds.Select(seed =>
        {
            var meter = TestMeters.New();
            meter.Run(86_400, new LoadModel(TestMeters.Household.Value, seed));
            return meter;
        }).ToArray();

        foreach (var c in (byte[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15, 21, 22, 23, 24, 41, 42, 43, 44, 61, 62, 63, 64])
        {
            Assert.True(meters.Any(meter => meter.Energy.Value(c) > 0), $"no meter has energy in 1-0:{c}.8.0");
        }
    }

    [Fact]
    public void Total_active_energy_adds_import_and_export()
    {
        var meter = TestMeters.New();
        meter.Run(7200, TestMeters.Constant(1000));
        meter.Run(3600, TestMeters.Constant(-500));

        Assert.InRange(meter.Energy.Value(15), 7499u, 7500u);
        Assert.InRange(meter.Energy.Value(1), 5999u, 6000u);
        Assert.InRange(meter.Energy.Value(2), 1499u, 1500u);
    }

    [Fact]
    public void Demands_of_whole_blocks_add_up_to_what_the_registers_moved()
    {
        foreach (var seed in Seeds)
        {
            var meter = TestMeters.New();
            meter.Run(86_400, new LoadModel(TestMeters.Household.Value, seed));

            var rows = meter.Profile.Rows;
            Assert.Equal(48, rows.Count);
            for (var i = 0; i < DemandRegisters.Quantities.Length; i++)
            {
                var integral = rows.Between(0, uint.MaxValue).Sum(number => (long)rows[number].Demands[i]) / 2;
                Assert.Equal(meter.Energy.Value(DemandRegisters.Quantities[i]), integral);
            }
        }
    }

    [Fact]
    public void Same_samples_make_the_same_meter()
    {
        var (one, two) = (TestMeters.New(), TestMeters.New());
        one.Run(86_400, new LoadModel(TestMeters.Household.Value, 3));
        two.Run(86_400, new LoadModel(TestMeters.Household.Value, 3));

        Assert.Equal(one.Get("7/1-0:99.1.0.255:2"), two.Get("7/1-0:99.1.0.255:2"));
        Assert.Equal(one.Get("3/1-0:1.8.0.255:2"), two.Get("3/1-0:1.8.0.255:2"));
    }

    [Fact]
    public void With_the_relay_open_there_is_voltage_and_no_energy()
    {
        var meter = TestMeters.New();
        meter.Run(100, TestMeters.Constant(1000));
        var before = meter.Energy.Exact(EnergyChannel.ImportActive);

        Assert.True(meter.Relay.RemoteDisconnect());
        meter.Run(3600, TestMeters.Constant(1000));

        Assert.Equal(before, meter.Energy.Exact(EnergyChannel.ImportActive));
        Assert.Equal(2300, meter.Number("3/1-0:32.7.0.255:2"));
        Assert.Equal(0, meter.Number("3/1-0:31.7.0.255:2"));
    }
}
