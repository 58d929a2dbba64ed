// A DLMS server: a set of objects and a session for each client. Usage: ServeMeter [address], such as tcp://127.0.0.1:4059
using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Sessions;

const byte publicClient = 16;
var everyone = ClientSet.Of(publicClient);
var terms = new AssociationSpec(); // no security is demanded
var heater = new Heater();

// The table says what a heater looks like on the wire; made once, it serves any number of heaters.
var objects = new ObjectTableBuilder<Heater>();
objects.Add(InterfaceClasses.Data, ObisCode.Parse("0-0:42.0.0.255"), everyone).Constant(2, output => output.WriteOctetString("GTY0000000000001"u8));
objects.Add(InterfaceClasses.Register, ObisCode.Parse("1-0:1.8.0.255"), everyone)
    .Get(2, (device, output) => output.WriteDoubleLongUnsigned(device.EnergyWh))
    .Constant(3, output => output.WriteScalerUnit(new(0, Unit.WattHour)));
objects.Add(InterfaceClasses.DisconnectControl, ObisCode.Parse("0-0:96.3.10.255"), everyone)
    .Get(2, (device, output) => output.WriteBoolean(device.IsOn))
    .Method(1, (device, in _, _, _) => device.Switch(on: false), everyone)
    .Method(2, (device, in _, _, _) => device.Switch(on: true), everyone);
objects.Add(InterfaceClasses.Clock, ObisCode.Parse("0-0:1.0.0.255"), everyone).Get(2, (_, output) => output.WriteDateTime(CosemDateTime.From(DateTimeOffset.UtcNow)));
objects.Add(InterfaceClasses.ProfileGeneric, ObisCode.Parse("1-0:99.1.0.255"), everyone)
    .Get(2, (device, in context, output) => ProfileServer.Write(device.Rows, context, output))
    .Constant(3, output =>
    {
        output.WriteArray(Heater.Columns.Length);
        foreach (var column in Heater.Columns) output.WriteCaptureObject(column);
    })
    .Constant(4, output => output.WriteDoubleLongUnsigned(900));
objects.AddAssociations([new(publicClient, ServerSap: 1, ContextId: 1, MechanismId: 0, (uint)terms.Conformance, AssociationSpec.DefaultMaxPdu, SecuritySetup: null)], ClientSet.None);
var served = objects.Build().Bind(heater);

var server = new DlmsServer(new()
{
    Resolve = peer => peer.Client == publicClient
        ? new(new ServerAssociation(terms, peer.Client, served, new InMemoryInvocationCounters()), heater.Gate)
        : null,
}, TimeProvider.System);

using var stop = new CancellationTokenSource();
Console.CancelKeyPress += (_, pressed) =>
{
    pressed.Cancel = true;
    stop.Cancel();
};
await using var listener = LinkAddress.Listen(args is [var address] ? address : "tcp://127.0.0.1:4059");
Console.WriteLine($"Serving on {listener.Name}; Ctrl-C ends it.");
await server.ServeAsync(listener, stop.Token);

/// <summary>The device: plain state, and a day of rows, one a quarter of an hour.</summary>
internal sealed class Heater
{
    public static readonly CaptureObject[] Columns =
        [new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), new(3, ObisCode.Parse("1-0:1.8.0.255"), 2)];

    public Heater()
    {
        var quarter = TimeSpan.FromMinutes(15);
        var now = DateTimeOffset.UtcNow;
        var last = now - TimeSpan.FromTicks(now.Ticks % quarter.Ticks);
        for (uint row = 0; row < 96; row++)
        {
            var octets = new ArrayBufferWriter<byte>();
            octets.WriteStructure(2);
            octets.WriteDateTime(CosemDateTime.From(last - quarter * (95 - row)));
            octets.WriteDoubleLongUnsigned(EnergyWh - 250 * (95 - row));
            Rows.Add(octets.WrittenSpan);
        }
    }

    public Lock Gate { get; } = new();

    public ProfileRing Rows { get; } = new(Columns, capacity: 96);

    public uint EnergyWh { get; } = 123_456;

    public bool IsOn { get; private set; } = true;

    public ActionResult Switch(bool on)
    {
        IsOn = on;
        return ActionResult.Success;
    }
}
