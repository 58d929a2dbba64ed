using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>What an Association LN object says of one client's association.</summary>
/// <param name="ClientSap">The client.</param>
/// <param name="ServerSap">The logical device.</param>
/// <param name="ContextId">Application context: 1 LN without ciphering, 3 LN with ciphering.</param>
/// <param name="MechanismId">Authentication mechanism: 0 lowest, 1 LLS, 5 HLS GMAC.</param>
/// <param name="Conformance">The 24 conformance bits, bit 0 of the standard most significant.</param>
/// <param name="MaxPduSize">Octets of the largest APDU, both ways.</param>
/// <param name="SecuritySetup">Logical name of the security setup object; null where the association has none.</param>
public sealed record AssociationDescription(
    byte ClientSap, ushort ServerSap, byte ContextId, byte MechanismId, uint Conformance, ushort MaxPduSize, ObisCode? SecuritySetup);

/// <summary>Builds an <see cref="ObjectTable{TDevice}"/>.</summary>
/// <example><code>
/// var builder = new ObjectTableBuilder&lt;Meter&gt;();
/// builder.Add(InterfaceClasses.Register, ObisCode.Parse("1-0:1.8.0.255"), ClientSet.Of(1, 2))
///     .Get(2, (meter, output) =&gt; output.WriteDoubleLongUnsigned(meter.ImportWh))
///     .Constant(3, output =&gt; output.WriteScalerUnit(new(0, Unit.WattHour)));
/// var table = builder.Build();
/// </code></example>
public sealed class ObjectTableBuilder<TDevice>
{
    private static readonly ObisCode CurrentAssociation = new(0, 0, 40, 0, 0, 255);

    private readonly Dictionary<(ushort, ObisCode), ObjectEntry<TDevice>> _objects = [];
    private ObjectTable<TDevice>? _built;

    /// <summary>Adds an object; what it serves is said on the returned entry.</summary>
    /// <param name="class">Its interface class.</param>
    /// <param name="logicalName">Its logical name.</param>
    /// <param name="readers">Clients that may read its attributes, where an attribute does not say otherwise.</param>
    /// <exception cref="ArgumentException">The table has it already.</exception>
    public ObjectEntry<TDevice> Add(ClassSpec @class, ObisCode logicalName, ClientSet readers)
    {
        var entry = new ObjectEntry<TDevice>(@class, logicalName, readers);
        return _objects.TryAdd((@class.Id, logicalName), entry)
            ? entry
            : throw new ArgumentException($"{@class.Name} {logicalName} is in the table already.", nameof(logicalName));
    }

    /// <summary>Adds the association objects: 0-0:40.0.0.255 for whoever asks, and 0-0:40.0.n.255 for each client in order.</summary>
    /// <param name="associations">One description for each client.</param>
    /// <param name="observers">Clients that may read the other clients' association objects.</param>
    public void AddAssociations(IReadOnlyList<AssociationDescription> associations, ClientSet observers)
    {
        var everyone = associations.Aggregate(ClientSet.None, (all, a) => all | ClientSet.Of(a.ClientSap));
        AddAssociation(CurrentAssociation, everyone, sap => associations.First(a => a.ClientSap == sap));
        for (var i = 0; i < associations.Count; i++)
        {
            var one = associations[i];
            AddAssociation(CurrentAssociation.WithE((byte)(i + 1)), observers | ClientSet.Of(one.ClientSap), _ => one);
        }
    }

    /// <summary>The finished table. The builder is not used any more after this.</summary>
    public ObjectTable<TDevice> Build() => _built ??= new(_objects.Values);

    private void AddAssociation(ObisCode name, ClientSet readers, Func<ushort, AssociationDescription> of)
    {
        Add(InterfaceClasses.AssociationLn, name, readers)
            .Get(2, (_, in context, output) =>
            {
                Build().WriteObjectList(of(context.ClientSap).ClientSap, output);
                return DataAccessResult.Success;
            })
            .Get(3, Described(of, static (a, output) =>
            {
                output.WriteStructure(2);
                output.WriteInteger((sbyte)a.ClientSap);
                output.WriteLongUnsigned(a.ServerSap);
            }))
            .Get(4, Described(of, static (a, output) => output.WriteOctetString([0x60, 0x85, 0x74, 0x05, 0x08, 0x01, a.ContextId])))
            .Get(5, Described(of, static (a, output) => WriteContextInfo(a, output)))
            .Get(6, Described(of, static (a, output) => output.WriteOctetString([0x60, 0x85, 0x74, 0x05, 0x08, 0x02, a.MechanismId])))
            .Get(8, (_, in context, output) =>
            {
                // Whoever can read this through his own association is associated; of others this table knows nothing.
                output.WriteEnum(of(context.ClientSap).ClientSap == context.ClientSap ? (byte)2 : (byte)0);
                return DataAccessResult.Success;
            })
            .Get(9, Described(of, static (a, output) =>
            {
                if (a.SecuritySetup is { } setup) output.WriteObis(setup);
                else output.WriteOctetString([]);
            }));
    }

    private static AttributeGetter<TDevice> Described(
        Func<ushort, AssociationDescription> of, Action<AssociationDescription, IBufferWriter<byte>> write) =>
        (_, in context, output) =>
        {
            write(of(context.ClientSap), output);
            return DataAccessResult.Success;
        };

    // xDLMS_context_info: conformance, max receive and send PDU size, DLMS version 6, quality of service, ciphering info.
    private static void WriteContextInfo(AssociationDescription association, IBufferWriter<byte> output)
    {
        output.WriteStructure(6);
        output.WriteByte((byte)DataTag.BitString);
        output.WriteLength(24);
        for (var shift = 16; shift >= 0; shift -= 8) output.WriteByte((byte)(association.Conformance >> shift));
        output.WriteLongUnsigned(association.MaxPduSize);
        output.WriteLongUnsigned(association.MaxPduSize);
        output.WriteUnsigned(6);
        output.WriteInteger(0);
        output.WriteOctetString([]);
    }
}
