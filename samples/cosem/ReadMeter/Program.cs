// Reads a meter as public client. Usage: ReadMeter [address], such as tcp://192.168.1.20:4059
using Gridtally.Metering;
using Gridtally.Sessions;

await using var meter = await DlmsClient.ConnectAsync(args is [var address] ? address : "tcp://127.0.0.1:4059", new() { Peer = new(Client: 16, LogicalDevice: 1) });
Console.WriteLine($"Clock: {await meter.Clock(ObisCode.Parse("0-0:1.0.0.255")).GetTimeAsync()}");
Console.WriteLine($"Active energy import: {await meter.Register(ObisCode.Parse("1-0:1.8.0.255")).ReadAsync()}");
await foreach (var row in meter.ReadRowsAsync(ObisCode.Parse("1-0:99.1.0.255"), DateTimeOffset.UtcNow.AddHours(-1), DateTimeOffset.UtcNow))
    Console.WriteLine($"{row.Utc:u} {string.Join(' ', row.Values())}");
