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
    // key_transfer knows four keys; a request with more is not one.
    private const int MaxKeys = 4;

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
        builder.Add(InterfaceClasses.SecuritySetup, name, readers)
            .Get(2, (meter, in context, output) => Write(of(meter, context.ClientSap), security => output.WriteEnum(security.Policy)))
            .Constant(3, static output => output.WriteEnum(0))
            .Get(4, (meter, in context, output) => Write(of(meter, context.ClientSap), security => WriteTitle(security.Counters.LastOriginator, output)))
            .Get(5, static (meter, output) => WriteTitle(meter.Identity.SystemTitle, output))
            .Constant(6, static output => output.WriteArray(0))
            .Method(1, (meter, in context, parameter, _) => Activate(meter, of(meter, context.ClientSap), parameter), MeterObjects.Management)
            .Method(2, (meter, in context, parameter, _) => Transfer(meter, of(meter, context.ClientSap), parameter), MeterObjects.Management);
    }

    private static DataAccessResult Write(ClientSecurity? security, Action<ClientSecurity> write)
    {
        if (security is null) return DataAccessResult.ObjectUnavailable;
        write(security);
        return DataAccessResult.Success;
    }

    private static void WriteTitle(SystemTitle? title, System.Buffers.IBufferWriter<byte> output)
    {
        Span<byte> octets = stackalloc byte[SystemTitle.Size];
        title?.Write(octets);
        output.WriteOctetString(title is null ? [] : octets);
    }

    private static ActionResult Activate(VirtualMeter meter, ClientSecurity? security, ReadOnlySpan<byte> parameter)
    {
        if (!new AxdrReader(parameter).TryReadNumber(out var policy)) return ActionResult.TypeUnmatched;
        if (security is null || !security.Strengthen((byte)policy)) return ActionResult.OtherReason;
        meter.Touch();
        return ActionResult.Success;
    }

    private static ActionResult Transfer(VirtualMeter meter, ClientSecurity? security, ReadOnlySpan<byte> parameter)
    {
        var reader = new AxdrReader(parameter);
        if (!reader.TryReadArray(out var count) || count is 0 or > MaxKeys) return ActionResult.TypeUnmatched;
        var keys = new List<(byte, byte[])>(count);
        for (var i = 0; i < count; i++)
        {
            if (!reader.TryReadStructureOf(2) || !reader.TryReadNumber(out var id) || !reader.TryReadOctets(out var wrapped)) return ActionResult.TypeUnmatched;
            keys.Add(((byte)id, wrapped.ToArray()));
        }

        return security is not null && meter.TransferKeys(security, keys) ? ActionResult.Success : ActionResult.OtherReason;
    }
}
