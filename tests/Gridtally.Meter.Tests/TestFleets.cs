using Gridtally.Meter.Fleet;
using Gridtally.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gridtally.Meter.Tests;

/// <summary>Fleets that the tests share.</summary>
internal static class TestFleets
{
    public static readonly DateTimeOffset Start = DateTimeOffset.FromUnixTimeSeconds(TestMeters.Midnight);

    public static FleetConfig Config(string folder, int meters = 1) => new()
    {
        DataFolder = Path.Combine(folder, "data"),
        LoadFile = TestMeters.SampleFile,
        StartUtc = Start,
        Meters = [.. Enumerable.Range(1, meters).Select(i => Meter(1000 + i, (ushort)(20000 + i)))],
    };

    public static MeterConfig Meter(int number, ushort? port = 0, string? bus = null, ushort? address = null) => new()
    {
        Number = $"{number}",
        TcpPort = port,
        Bus = bus,
        PhysicalAddress = address,
        MasterKey = Convert.ToHexString(TestMeters.MasterKey),
        Management = new() { EncryptionKey = Convert.ToHexString(TestMeters.Key(0x00)), AuthenticationKey = Convert.ToHexString(TestMeters.Key(0x10)) },
        Read = new() { EncryptionKey = Convert.ToHexString(TestMeters.Key(0x20)), AuthenticationKey = Convert.ToHexString(TestMeters.Key(0x30)) },
    };

    /// <summary>A fleet on a clock that the test moves; line time follows the same clock.</summary>
    public static MeterFleet Open(FleetConfig config, ManualTimeProvider clock, Func<string, Stream>? open = null, ILoggerFactory? log = null) =>
        MeterFleet.Open(config, TestMeters.Household.Value, clock, clock, log ?? NullLoggerFactory.Instance, open);

    public static string Rows(FleetConfig config)
    {
        var text = new StringWriter();
        MeterExport.WriteRows(config, text);
        return text.ToString();
    }
}
