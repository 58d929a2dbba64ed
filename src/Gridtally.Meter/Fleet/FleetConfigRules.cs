using System.Net;
using Gridtally.Cosem.Security;
using Gridtally.Links;

namespace Gridtally.Meter.Fleet;

/// <summary>What JSON types do not say about a fleet's configuration.</summary>
internal static class FleetConfigRules
{
    // Below are reserved addresses, above is the all-station address (IEC 62056-46); 14 bits fit in two octets.
    private const ushort MinAddress = 16, MaxAddress = 16381;

    // Ten thousand meters is the goal for one process.
    private const int MaxMeters = 10_000;

    public static void Check(FleetConfig config, string name)
    {
        void Fail(string property, string expected, string got) => throw new FleetConfigException($"{name}, {property}: expected {expected}, got {got}.");

        if (config.DataFolder is not { Length: > 0 }) Fail("dataFolder", "a folder", "nothing");
        if (config.LoadFile is not { Length: > 0 }) Fail("loadFile", "a CSV file", "nothing");
        if (!IPAddress.TryParse(config.Bind, out _)) Fail("bind", "an IP address such as 127.0.0.1", $"\"{config.Bind}\"");
        if (config.Clock is { } clock && clock.Speed is not (> 0 and <= 100_000)) Fail("clock.speed", "more than 0 and at most 100000", $"{clock.Speed}");
        if (config.Meters is not { Count: > 0 and <= MaxMeters }) Fail("meters", $"1 to {MaxMeters} meters", $"{config.Meters?.Count ?? 0}");
        if (config.Buses is null) Fail("buses", "a list", "null");
        CheckBuses(config, Fail);
        CheckMeters(config, Fail);
    }

    private static void CheckBuses(FleetConfig config, Action<string, string, string> fail)
    {
        var names = new HashSet<string>();
        for (var i = 0; i < config.Buses.Count; i++)
        {
            var (bus, at) = (config.Buses[i], $"buses[{i}]");
            if (bus is null) fail(at, "a bus", "null");
            if (bus!.Name is not { Length: > 0 } || !names.Add(bus.Name)) fail($"{at}.name", "a name that no other bus has", $"\"{bus.Name}\"");
            if (bus.Path is not { Length: > 0 }) fail($"{at}.path", "the path of a device or of the link to make", "nothing");
            if (bus.Baud is < 300 or > 921_600) fail($"{at}.baud", "300 to 921600", $"{bus.Baud}");
            if (bus.Conditions is { } text && !LineConditions.TryParse(text, out _, out var error)) fail($"{at}.conditions", "line conditions", error!);
        }
    }

    private static void CheckMeters(FleetConfig config, Action<string, string, string> fail)
    {
        var (numbers, ports, addresses) = (new HashSet<string>(), new HashSet<ushort>(), new HashSet<(string, ushort)>());
        for (var i = 0; i < config.Meters.Count; i++)
        {
            var (meter, at) = (config.Meters[i], $"meters[{i}]");
            if (meter is null) fail(at, "a meter", "null");
            if (meter!.Number is not { Length: > 0 and <= MeterIdentity.MaxDigits } || !meter.Number.All(char.IsAsciiDigit))
                fail($"{at}.number", $"1 to {MeterIdentity.MaxDigits} digits", $"\"{meter.Number}\"");
            if (!numbers.Add(meter.Number)) fail($"{at}.number", "a number that no other meter has", $"\"{meter.Number}\"");
            if (meter.TcpPort is null && meter.Bus is null) fail(at, "tcpPort, bus or both", "neither");
            if (meter.TcpPort is { } port && port != 0 && !ports.Add(port)) fail($"{at}.tcpPort", "a port that no other meter has", $"{port}");
            if (meter.Bus is { } bus) CheckAddress(config, meter, bus, at, addresses, fail);
            CheckKey(meter.MasterKey, $"{at}.masterKey", fail);
            CheckClient(meter.Management, $"{at}.management", fail);
            CheckClient(meter.Read, $"{at}.read", fail);
        }
    }

    private static void CheckAddress(
        FleetConfig config, MeterConfig meter, string bus, string at, HashSet<(string, ushort)> addresses, Action<string, string, string> fail)
    {
        if (!config.Buses.Any(b => b.Name == bus)) fail($"{at}.bus", $"one of the buses ({string.Join(", ", config.Buses.Select(b => b.Name))})", $"\"{bus}\"");
        if (meter.PhysicalAddress is not (>= MinAddress and <= MaxAddress))
            fail($"{at}.physicalAddress", $"{MinAddress} to {MaxAddress}", meter.PhysicalAddress is { } got ? $"{got}" : "nothing");
        if (!addresses.Add((bus, meter.PhysicalAddress!.Value))) fail($"{at}.physicalAddress", "an address that no other meter of the bus has", $"{meter.PhysicalAddress}");
    }

    private static void CheckClient(ClientKeysConfig? keys, string at, Action<string, string, string> fail)
    {
        if (keys is null) fail(at, "encryptionKey and authenticationKey", "null");
        CheckKey(keys!.EncryptionKey, $"{at}.encryptionKey", fail);
        CheckKey(keys.AuthenticationKey, $"{at}.authenticationKey", fail);
    }

    // Says how long the text is, never what it is.
    private static void CheckKey(string? key, string at, Action<string, string, string> fail)
    {
        if (!SecurityKeys.IsKey(key)) fail(at, $"{SecurityKeys.KeyDigits} hexadecimal digits", SecurityKeys.Describe(key));
    }
}
