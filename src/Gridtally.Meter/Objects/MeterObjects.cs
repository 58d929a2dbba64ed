using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Meter.Objects;

/// <summary>The object model of the meter: one table, shared by all meters.</summary>
/// <remarks>
/// DTSD545 5.2.7: the public client sees who the meter is and what it has; the read client reads everything; the management client
/// also sets and invokes. What a client has no right to does not exist for it.
/// </remarks>
public static class MeterObjects
{
    /// <summary>SAP of the only logical device, the management logical device.</summary>
    public const ushort LogicalDeviceSap = 1;

    internal static readonly ClientSet Everyone = ClientSet.Of(VirtualMeter.PublicClient, VirtualMeter.ReadClient, VirtualMeter.ManagementClient);
    internal static readonly ClientSet Readers = ClientSet.Of(VirtualMeter.ReadClient, VirtualMeter.ManagementClient);
    internal static readonly ClientSet Management = ClientSet.Of(VirtualMeter.ManagementClient);

    /// <summary>What the public client is granted (DTSD545 5.2.7).</summary>
    public const Conformance PublicConformance = Conformance.Get | Conformance.BlockTransferWithGetOrRead | Conformance.SelectiveAccess;

    /// <summary>What the read client is granted. ACTION carries pass 3 of HLS; the client may invoke nothing else.</summary>
    public const Conformance ReadConformance = PublicConformance | Conformance.MultipleReferences | Conformance.Action;

    /// <summary>What the management client is granted. ACTION carries pass 3 of HLS and the methods.</summary>
    public const Conformance ManagementConformance = ReadConformance | Conformance.BlockTransferWithSetOrWrite | Conformance.Set;

    /// <summary>Octets of the largest APDU.</summary>
    public const ushort MaxPdu = AssociationSpec.DefaultMaxPdu;

    /// <summary>Every object of the model, shared by all meters: a meter has only its state.</summary>
    public static ObjectTable<VirtualMeter> Table { get; } = Build();

    internal static ObisCode Obis(string text) => ObisCode.Parse(text, null);

    private static ObjectTable<VirtualMeter> Build()
    {
        var builder = new ObjectTableBuilder<VirtualMeter>();
        AddIdentification(builder);
        AddAssociations(builder);
        SecurityObjects.Add(builder);
        ClockObjects.Add(builder);
        MeasurementObjects.Add(builder);
        ProfileObjects.Add(builder);
        ControlObjects.Add(builder);
        return builder.Build();
    }

    private static void AddIdentification(ObjectTableBuilder<VirtualMeter> builder)
    {
        builder.Add(InterfaceClasses.Data, Obis("0-0:42.0.0.255"), Everyone)
            .Get(2, static (meter, output) => output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(meter.Identity.LogicalDeviceName)));

        // Device ID 1 is the serial number (DTSD545, attachment A), ID 2 the maker's.
        foreach (var name in (string[])["0-0:96.1.0.255", "1-0:0.0.0.255"])
        {
            builder.Add(InterfaceClasses.Data, Obis(name), Everyone)
                .Get(2, static (meter, output) => output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(meter.Identity.Number)));
        }

        builder.Add(InterfaceClasses.Data, Obis("0-0:96.1.1.255"), Everyone)
            .Constant(2, static output => output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(MeterIdentity.Maker)));
        builder.Add(InterfaceClasses.Data, Obis("1-0:0.2.0.255"), Everyone)
            .Constant(2, static output => output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(MeterIdentity.Firmware)));
        builder.AddSapAssignment(Readers, static meter => [(LogicalDeviceSap, meter.Identity.LogicalDeviceName)]);
    }

    private static void AddAssociations(ObjectTableBuilder<VirtualMeter> builder) => builder.AddAssociations(
    [
        new(VirtualMeter.PublicClient, LogicalDeviceSap, 1, 0, (uint)PublicConformance, MaxPdu, null),
        new(VirtualMeter.ReadClient, LogicalDeviceSap, 3, 5, (uint)ReadConformance, MaxPdu, SecurityObjects.SetupOf(VirtualMeter.ReadClient)),
        new(VirtualMeter.ManagementClient, LogicalDeviceSap, 3, 5, (uint)ManagementConformance, MaxPdu, SecurityObjects.SetupOf(VirtualMeter.ManagementClient)),
    ], Management);
}
