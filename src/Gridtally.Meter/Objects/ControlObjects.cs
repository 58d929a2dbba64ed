using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Meter.Objects;

/// <summary>Supply relay and communication ports.</summary>
internal static class ControlObjects
{
    private const byte Baud9600 = 5;

    public static void Add(ObjectTableBuilder<VirtualMeter> builder)
    {
        // The manual ignores a command that the mode does not allow; the answer says so, lest a client believe that it worked.
        builder.Add(InterfaceClasses.DisconnectControl, MeterObjects.Obis("0-0:96.3.10.255"), MeterObjects.Readers)
            .Get(2, static (meter, output) => output.WriteBoolean(meter.Relay.IsClosed))
            .Get(3, static (meter, output) => output.WriteEnum((byte)meter.Relay.State))
            .Get(4, static (meter, output) => output.WriteEnum(meter.Relay.Mode))
            .Set(4, static (meter, in _, data) =>
            {
                if (!new AxdrReader(data).TryReadNumber(out var mode) || !meter.Relay.SetMode((byte)mode)) return DataAccessResult.OtherReason;
                meter.Touch();
                return DataAccessResult.Success;
            }, MeterObjects.Management)
            .Method(1, static (meter, in _, _, _) => Moved(meter, meter.Relay.RemoteDisconnect()), MeterObjects.Management)
            .Method(2, static (meter, in _, _, _) => Moved(meter, meter.Relay.RemoteReconnect()), MeterObjects.Management);

        builder.Add(InterfaceClasses.IecHdlcSetup, MeterObjects.Obis("0-0:22.0.0.255"), MeterObjects.Readers)
            .Constant(2, static output => output.WriteEnum(Baud9600))
            .Constant(3, static output => output.WriteUnsigned(1))
            .Constant(4, static output => output.WriteUnsigned(1))
            .Constant(5, static output => output.WriteLongUnsigned(128))
            .Constant(6, static output => output.WriteLongUnsigned(128))
            .Constant(7, static output => output.WriteLongUnsigned(25))
            .Constant(8, static output => output.WriteLongUnsigned(120))
            .Get(9, static (meter, output) => output.WriteLongUnsigned(meter.Identity.PhysicalAddress));

        builder.Add(InterfaceClasses.TcpUdpSetup, MeterObjects.Obis("0-0:25.0.0.255"), MeterObjects.Readers)
            .Get(2, static (meter, output) => output.WriteLongUnsigned(meter.Identity.TcpPort))
            .Constant(3, static output => output.WriteOctetString([0, 0, 25, 1, 0, 255])) // the IPv4 setup, should there be one
            .Constant(4, static output => output.WriteLongUnsigned(576))
            .Constant(5, static output => output.WriteUnsigned(MaxConnections))
            .Constant(6, static output => output.WriteLongUnsigned(180));
    }

    /// <summary>Connections at a time on one meter's port: a head end, a concentrator, and two with a laptop.</summary>
    public const byte MaxConnections = 4;

    private static ActionResult Moved(VirtualMeter meter, bool moved)
    {
        if (!moved) return ActionResult.OtherReason;
        meter.Touch();
        return ActionResult.Success;
    }
}
