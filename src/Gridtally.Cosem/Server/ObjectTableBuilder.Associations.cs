using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <content>Association LN and SAP assignment objects, ready-made.</content>
public sealed partial class ObjectTableBuilder<TDevice>
{
    private const ushort AssociationLn = 15;

    private static readonly ObisCode CurrentAssociation = new(0, 0, 40, 0, 0, 255), SapAssignment = new(0, 0, 41, 0, 0, 255);

    /// <summary>Adds the association objects: 0-0:40.0.0.255 for whoever asks, and 0-0:40.0.n.255 for each client in order.</summary>
    /// <param name="associations">One description for each client.</param>
    /// <param name="observers">Clients that may read the other clients' association objects.</param>
    /// <param name="state">Version, secrets and users; version 2 without any where not given.</param>
    /// <exception cref="ArgumentException">A version of Association LN that there is not.</exception>
    public void AddAssociations(IReadOnlyList<AssociationDescription> associations, ClientSet observers, AssociationState<TDevice>? state = null)
    {
        var everyone = associations.Aggregate(ClientSet.None, (all, a) => all | ClientSet.Of(a.ClientSap));
        var served = state ?? new();
        AddAssociation(CurrentAssociation, everyone, sap => associations.First(a => a.ClientSap == sap), served);
        for (var i = 0; i < associations.Count; i++)
        {
            var one = associations[i];
            AddAssociation(CurrentAssociation.WithE((byte)(i + 1)), observers | ClientSet.Of(one.ClientSap), _ => one, served);
        }
    }

    /// <summary>Adds the SAP assignment object 0-0:41.0.0.255: the logical devices of the physical device.</summary>
    /// <param name="readers">Clients that may read it.</param>
    /// <param name="devices">SAP and logical device name of each.</param>
    public ObjectEntry<TDevice> AddSapAssignment(ClientSet readers, Func<TDevice, IReadOnlyList<(ushort Sap, string Name)>> devices) =>
        Add(InterfaceClasses.SapAssignment, SapAssignment, readers).Get(2, (device, output) =>
        {
            var list = devices(device);
            output.WriteArray(list.Count);
            foreach (var (sap, name) in list)
            {
                output.WriteStructure(2);
                output.WriteLongUnsigned(sap);
                output.WriteOctetString(System.Text.Encoding.ASCII.GetBytes(name));
            }
        });

    private void AddAssociation(ObisCode name, ClientSet readers, Func<ushort, AssociationDescription> of, AssociationState<TDevice> state)
    {
        var spec = InterfaceClasses.Find(AssociationLn, state.Version) ?? throw new ArgumentException($"There is no version {state.Version} of Association LN.", nameof(state));
        var entry = Add(spec, name, readers)
            .Get(2, (_, in context, output) => Build().WriteObjectList(of(context.ClientSap).ClientSap, context, state.Version, output))
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
            });
        if (spec.Attribute(9) is not null)
        {
            entry.Get(9, Described(of, static (a, output) =>
            {
                if (a.SecuritySetup is { } setup) output.WriteObis(setup);
                else output.WriteOctetString([]);
            }));
        }

        AddSecret(entry, of, state, state.Managers & readers);
        if (spec.Attribute(10) is not null) AddUsers(entry, of, state, state.Managers & readers);
    }

    private static void AddSecret(ObjectEntry<TDevice> entry, Func<ushort, AssociationDescription> of, AssociationState<TDevice> state, ClientSet managers)
    {
        if (state.ChangeSecret is not { } change) return;
        entry.Set(7, (device, in context, data) => (DataAccessResult)Change(device, context.ClientSap, data), managers)
            .Method(2, (device, in context, parameter, _) => Change(device, context.ClientSap, parameter), managers);

        ActionResult Change(TDevice device, ushort asking, ReadOnlySpan<byte> data)
        {
            var reader = new AxdrReader(data);
            return reader.TryReadOctets(out var secret) ? change(device, of(asking).ClientSap, secret) : ActionResult.TypeUnmatched;
        }
    }

    private static void AddUsers(ObjectEntry<TDevice> entry, Func<ushort, AssociationDescription> of, AssociationState<TDevice> state, ClientSet managers)
    {
        if (state.Users is not { } users) return;
        entry.Get(10, (device, in context, output) =>
            {
                users(device, of(context.ClientSap).ClientSap).WriteTo(output);
                return DataAccessResult.Success;
            })
            .Get(11, (device, in context, output) =>
            {
                var client = of(context.ClientSap).ClientSap;
                users(device, client).WriteUser(state.CurrentUser?.Invoke(device, client), output);
                return DataAccessResult.Success;
            })
            .Method(5, (device, in context, parameter, _) => users(device, of(context.ClientSap).ClientSap).Add(parameter), managers)
            .Method(6, (device, in context, parameter, _) => users(device, of(context.ClientSap).ClientSap).Remove(parameter), managers);
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
