using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Meter.Objects;

/// <summary>Security setups and invocation counters.</summary>
/// <remarks>
/// DTSD545 5.2.7: the management client changes the settings and keys of every client. 0-0:43.0.0.255 is the setup of the
/// association that asks. Invocation counters are readable without keys: a client needs them before it can use its own.
/// </remarks>
internal static class SecurityObjects
{
    private static readonly byte[] Clients = [VirtualMeter.ManagementClient, VirtualMeter.ReadClient];

    public static ObisCode SetupOf(byte client) => new(0, 0, 43, 0, client, 255);

    public static ObisCode CounterOf(byte client) => new(0, 0, 43, 1, client, 255);

    public static void Add(ObjectTableBuilder<VirtualMeter> builder)
    {
        AddSetup(builder, SetupOf(0), MeterObjects.Readers, static (meter, sap) => meter.Security(sap));
        foreach (var client in Clients)
        {
            AddSetup(builder, SetupOf(client), MeterObjects.Management | ClientSet.Of(client), (meter, _) => meter.Security(client));
            builder.Add(InterfaceClasses.Data, CounterOf(client), MeterObjects.Everyone)
                .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Security(client)!.Counters.LastAccepted));
        }
    }

    private static void AddSetup(
        ObjectTableBuilder<VirtualMeter> builder, ObisCode name, ClientSet readers, Func<VirtualMeter, ushort, ClientSecurity?> of)
    {
        var setup = builder.Add(InterfaceClasses.SecuritySetup, name, readers);
        for (sbyte attribute = 2; attribute <= 6; attribute++)
        {
            var id = attribute;
            setup.Get(id, (meter, in context, output) => SetupFor(meter, of(meter, context.ClientSap))?.Get(id, output) ?? DataAccessResult.ObjectUnavailable);
        }

        // Suite 0 has security_activate and key_transfer; the other methods are for key pairs.
        for (sbyte method = 1; method <= 2; method++)
        {
            var id = method;
            setup.Method(id, (meter, in context, parameter, output) => SetupFor(meter, of(meter, context.ClientSap))?.Invoke(id, parameter, output) ?? ActionResult.OtherReason, MeterObjects.Management);
        }
    }

    private static SecuritySetup? SetupFor(VirtualMeter meter, ClientSecurity? security) => security is null ? null : new(new MeterSecurityStore(meter, security));
}
