// Reads a meter as public client. Usage: ReadMeter [address], such as tcp://192.168.1.20:4059
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using Gridtally.Sessions;

await using var meter = await DlmsClient.ConnectAsync(args is [var address] ? address : "tcp://127.0.0.1:4059", new() { Peer = new(Client: 16, LogicalDevice: 1) });
var energy = await meter.GetAsync(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2));
Console.WriteLine(CosemValue.TryRead(energy.Value(meter).Span, out var value, out var error) ? value : error);
