namespace Gridtally.Meter.Tests;

public class FootprintTests
{
    [Fact]
    public void A_meter_without_rows_takes_less_than_20_kilobytes()
    {
        _ = TestMeters.New(); // what is shared by all meters
        var meters = new VirtualMeter[100];
        var before = GC.GetAllocatedBytesForCurrentThread();

        for (var i = 0; i < meters.Length; i++) meters[i] = TestMeters.New();

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / meters.Length, 1, 20 * 1024);
    }

    [Fact]
    public void Measuring_allocates_nothing_between_two_rows()
    {
        var meter = TestMeters.New();
        var load = new Load.LoadModel(TestMeters.Household.Value, 1);
        meter.Run(60, load);
        var before = GC.GetAllocatedBytesForCurrentThread();

        meter.Run(1000, load);

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }
}
