using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Fleet;
using Gridtally.Meter.Persistence;
using Gridtally.Testing;

namespace Gridtally.Meter.Tests;

/// <summary>A fleet of two meters in a folder of its own, on a clock that stands still until a test moves it.</summary>
public abstract class MemoryBed : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    protected MemoryBed() => Config = TestFleets.Config(_folder.Path, meters: 2);

    internal ManualTimeProvider Clock { get; } = new(TestFleets.Start);

    internal FleetConfig Config { get; }

    internal string MemoryPath => Path.Combine(Config.DataFolder, MemoryFile.FileName);

    public void Dispose()
    {
        _folder.Dispose();
        GC.SuppressFinalize(this);
    }

    internal void Pass(MeterFleet fleet, TimeSpan time)
    {
        Clock.Advance(time);
        fleet.Advance();
    }

    // The process is gone: nothing is written any more, and its lock on the folder is.
    internal static void Kill(MeterFleet fleet) => fleet.Abandon();

    internal static DataAccessResult TryRead(FleetMeter meter, string target, out byte[] data)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = meter.Get(TestMeters.Attribute(target), new RequestContext { ClientSap = 2 }, output);
        data = output.WrittenSpan.ToArray();
        return result;
    }

    internal static byte[] Read(FleetMeter meter, string target)
    {
        Assert.Equal(DataAccessResult.Success, TryRead(meter, target, out var data));
        return data;
    }
}
