using System.Security.Cryptography;
using Gridtally.Concentrator;
using Gridtally.Meter.Fleet;

namespace Gridtally.Cli.Demo;

/// <summary>Two keys of suite 0, made for the demo, in hexadecimal digits.</summary>
internal sealed class DemoKeys
{
    public required string Encryption { get; init; }

    public required string Authentication { get; init; }

    public static DemoKeys Create() => new() { Encryption = NewKey(), Authentication = NewKey() };

    public static string NewKey() => Convert.ToHexString(RandomNumberGenerator.GetBytes(16));

    public KeyImport ToImport() => new() { EncryptionKey = Encryption, AuthenticationKey = Authentication };

    public ClientKeysConfig ToConfig() => new() { EncryptionKey = Encryption, AuthenticationKey = Authentication };

    public string ToKeyFile() => $$"""{ "encryptionKey": "{{Encryption}}", "authenticationKey": "{{Authentication}}" }""" + "\n";
}

/// <summary>One meter of the demo, as each of the three products is told of it.</summary>
internal sealed class DemoMeter
{
    public static readonly string[] BusNames = ["bus1", "bus2"];

    // The channels of the concentrator's settings that the buses are.
    private static readonly string[] Channels = ["485_1", "485_2"];

    private const long FirstNumber = 11539401;
    // 16 and above are free for use in HDLC.
    private const int FirstAddress = 17;

    public required string Number { get; init; }

    /// <summary>Index of its bus; null on TCP.</summary>
    public int? Bus { get; init; }

    public required ushort Address { get; init; }

    public required ushort Port { get; init; }

    public DemoKeys Read { get; } = DemoKeys.Create();

    public DemoKeys Management { get; } = DemoKeys.Create();

    /// <summary>Two in five are on the buses, in turn; the others on TCP, each with a port of its own.</summary>
    public static DemoMeter Create(int index, DemoState state)
    {
        var onBuses = state.Meters * 2 / 5;
        return new()
        {
            Number = $"{FirstNumber + index:0000000000}",
            Bus = index < onBuses ? index % BusNames.Length : null,
            Address = (ushort)(FirstAddress + index / BusNames.Length),
            Port = (ushort)state.MeterPort(index),
        };
    }

    public MeterConfig ForFleet(string? serviceBus) => new()
    {
        Number = Number,
        TcpPort = Bus is null ? Port : null,
        Bus = Bus is { } bus ? BusNames[bus] : serviceBus,
        PhysicalAddress = Bus is null && serviceBus is null ? null : Address,
        MasterKey = DemoKeys.NewKey(),
        Read = Read.ToConfig(),
        Management = Management.ToConfig(),
    };

    public MeterImport ForConcentrator() => new()
    {
        MeterNo = Number,
        Channel = Bus is { } bus ? Channels[bus] : "meter_tcp",
        Address = Bus is null ? $"127.0.0.1:{Port}" : $"{Address}",
        Keys = Read.ToImport(),
    };

    public HeadEnd.MeterConfig ForHeadEnd(DateTimeOffset since) => new()
    {
        Number = Number,
        Since = since,
        EncryptionKey = Management.Encryption,
        AuthenticationKey = Management.Authentication,
    };
}
