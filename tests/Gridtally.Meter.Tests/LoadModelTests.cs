using Gridtally.Meter.Load;
using Gridtally.Meter.Metrology;

namespace Gridtally.Meter.Tests;

public class LoadModelTests
{
    [Fact]
    public void The_same_seed_and_second_give_the_same_sample_in_any_order()
    {
        var (forwards, backwards) = (new LoadModel(TestMeters.Household.Value, 7), new LoadModel(TestMeters.Household.Value, 7));
        var seconds = Enumerable.Range(0, 5000).Select(i => TestMeters.Midnight + 17L * i).ToArray();

        var first = seconds.Select(forwards.At).ToArray();
        var second = seconds.Reverse().Select(backwards.At).Reverse().ToArray();

        Assert.Equal(first, second);
    }

    [Fact]
    public void No_two_of_two_hundred_meters_have_the_same_load()
    {
        var hour = Enumerable.Range(0, 200).Select(seed => Energy(new(TestMeters.Household.Value, (ulong)seed), TestMeters.Midnight + 43200, 60)).ToArray();

        Assert.Equal(hour.Length, hour.Distinct().Count());
    }

    [Fact]
    public void Some_households_export_at_noon_and_some_do_not()
    {
        var noon = TestMeters.Midnight + 43200 + 180 * 86400;
        var nets = Enumerable.Range(1, 40).Select(seed => Energy(new(TestMeters.Household.Value, (ulong)seed), noon, 600)).ToArray();

        Assert.InRange(nets.Count(net => net < 0), 4, 30);
    }

    [Fact]
    public void A_plant_gives_nothing_at_midnight()
    {
        var plant = Enumerable.Range(1, 40).Select(seed => new LoadModel(TestMeters.Household.Value, (ulong)seed)).First(m => m.SolarPeakWatts > 0);

        Assert.All(Enumerable.Range(0, 600), second => Assert.True(Power.Of(plant.At(TestMeters.Midnight + second).L1).Active >= 0));
    }

    [Fact]
    public void Voltage_and_frequency_stay_in_the_operating_range()
    {
        for (ulong seed = 0; seed < 20; seed++)
        {
            var load = new LoadModel(TestMeters.Household.Value, seed);
            for (var minute = 0; minute < 1440; minute += 7)
            {
                var sample = load.At(TestMeters.Midnight + 60 * minute);
                Assert.All([sample.L1, sample.L2, sample.L3], phase => Assert.InRange(phase.Voltage, 184, 276));
                Assert.InRange(sample.Frequency, 49.9f, 50.1f);
            }
        }
    }

    private static long Energy(LoadModel load, long from, int seconds)
    {
        var present = new Instantaneous();
        long sum = 0;
        for (var i = 0; i < seconds; i++)
        {
            present.Update(load.At(from + i));
            sum += present.Total.Active;
        }

        return sum;
    }
}
