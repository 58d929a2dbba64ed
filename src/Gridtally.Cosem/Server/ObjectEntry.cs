using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>One object of an <see cref="ObjectTable{TDevice}"/>, filled while the table is built.</summary>
public sealed partial class ObjectEntry<TDevice>
{
    // From this version of Association LN on, access is a mask.
    private const byte MaskVersion = 3;

    private readonly ClientSet _defaultReaders;

    internal ObjectEntry(ClassSpec @class, ObisCode logicalName, ClientSet readers)
    {
        (Class, LogicalName, _defaultReaders) = (@class, logicalName, readers);
        Attributes = new AttributeSlot[@class.AttributeSlots];
        Methods = new MethodSlot[@class.MethodSlots];
    }

    /// <summary>Its interface class.</summary>
    public ClassSpec Class { get; }

    /// <summary>Its logical name.</summary>
    public ObisCode LogicalName { get; }

    /// <summary>Clients that may do anything with it.</summary>
    public ClientSet VisibleTo { get; private set; }

    internal AttributeSlot[] Attributes { get; }

    internal MethodSlot[] Methods { get; }

    /// <summary>Serves an attribute: <paramref name="getter"/> may refuse.</summary>
    /// <param name="id">Attribute id, as in the class.</param>
    /// <param name="getter">Writes the encoded value.</param>
    /// <param name="readers">Who may read it; the object's readers where not given.</param>
    /// <exception cref="ArgumentException">The class has no such attribute.</exception>
    public ObjectEntry<TDevice> Get(sbyte id, AttributeGetter<TDevice> getter, ClientSet? readers = null)
    {
        ref var slot = ref Attribute(id);
        if (Class.Attribute(id)!.IsSecret) throw new ArgumentException($"{Class.Name} attribute {id} is a secret: nobody may read it.", nameof(id));
        (slot.Getter, slot.Readers) = (getter, readers ?? _defaultReaders);
        VisibleTo |= slot.Readers;
        return this;
    }

    /// <summary>Serves an attribute that is always there.</summary>
    public ObjectEntry<TDevice> Get(sbyte id, Action<TDevice, IBufferWriter<byte>> write, ClientSet? readers = null) =>
        Get(id, (device, in _, output) =>
        {
            write(device, output);
            return DataAccessResult.Success;
        }, readers);

    /// <summary>Serves an attribute that never changes; encoded once.</summary>
    public ObjectEntry<TDevice> Constant(sbyte id, Action<IBufferWriter<byte>> write, ClientSet? readers = null)
    {
        var buffer = new ArrayBufferWriter<byte>();
        write(buffer);
        var encoded = buffer.WrittenSpan.ToArray();
        return Get(id, (_, in _, output) =>
        {
            output.Write(encoded);
            return DataAccessResult.Success;
        }, readers);
    }

    /// <summary>Lets clients write an attribute.</summary>
    /// <exception cref="ArgumentException">The class has no such attribute.</exception>
    public ObjectEntry<TDevice> Set(sbyte id, AttributeSetter<TDevice> setter, ClientSet writers)
    {
        ref var slot = ref Attribute(id);
        (slot.Setter, slot.Writers) = (setter, writers);
        VisibleTo |= writers;
        return this;
    }

    /// <summary>Lets clients invoke a method.</summary>
    /// <exception cref="ArgumentException">The class has no such method.</exception>
    public ObjectEntry<TDevice> Method(sbyte id, MethodInvoker<TDevice> invoker, ClientSet users)
    {
        if (Class.Method(id) is null) throw new ArgumentException($"{Class.Name} has no method {id}.", nameof(id));
        ref var slot = ref Methods[id];
        (slot.Invoker, slot.Users) = (invoker, users);
        VisibleTo |= users;
        return this;
    }

    /// <summary>Demands protection of requests for an attribute, and of the responses, whatever the policy of the association is.</summary>
    /// <param name="id">Attribute id, 1 included.</param>
    /// <param name="protection">Bits of <see cref="AccessMode.Protection"/>.</param>
    /// <param name="clients">Of whom it is demanded; of all where not given.</param>
    /// <exception cref="ArgumentException">The class has no such attribute, or the bits are not those of protection.</exception>
    public ObjectEntry<TDevice> Protect(sbyte id, AccessMode protection, ClientSet? clients = null)
    {
        if (Class.Attribute(id) is null) throw new ArgumentException($"{Class.Name} has no attribute {id}.", nameof(id));
        ref var slot = ref Attributes[id];
        slot.Demands = Demanded(slot.Demands, protection, clients);
        return this;
    }

    /// <summary>Demands protection of requests for a method, and of the responses.</summary>
    /// <inheritdoc cref="Protect"/>
    public ObjectEntry<TDevice> ProtectMethod(sbyte id, AccessMode protection, ClientSet? clients = null)
    {
        if (Class.Method(id) is null) throw new ArgumentException($"{Class.Name} has no method {id}.", nameof(id));
        ref var slot = ref Methods[id];
        slot.Demands = Demanded(slot.Demands, protection, clients);
        return this;
    }

    /// <summary>The rights of a client to an attribute; none where the class has no such attribute.</summary>
    public AccessRights RightsTo(sbyte attributeId, ushort clientSap)
    {
        if (Class.Attribute(attributeId) is null) return AccessRights.None;
        ref readonly var slot = ref Attributes[attributeId];
        var readable = attributeId == 1 ? VisibleTo.Contains(clientSap) : slot.Getter is not null && slot.Readers.Contains(clientSap);
        var mode = (readable ? AccessMode.Read : 0) | (slot.Writers.Contains(clientSap) ? AccessMode.Write : 0);
        return mode == 0 ? default : new(mode | DemandOf(slot.Demands, clientSap));
    }

    /// <summary>The rights of a client to a method; none where the class has no such method.</summary>
    public AccessRights RightsToMethod(sbyte methodId, ushort clientSap)
    {
        if (Class.Method(methodId) is null) return AccessRights.None;
        ref readonly var slot = ref Methods[methodId];
        return slot.Users.Contains(clientSap) ? new(AccessMode.Invoke | DemandOf(slot.Demands, clientSap)) : default;
    }

    internal bool DemandsProtection => Attributes.Any(slot => slot.Demands is not null) || Methods.Any(slot => slot.Demands is not null);

    internal void WriteListElement(ushort clientSap, byte version, IBufferWriter<byte> output)
    {
        output.WriteStructure(4);
        output.WriteLongUnsigned(Class.Id);
        output.WriteUnsigned(Class.Version);
        output.WriteObis(LogicalName);
        output.WriteStructure(2);
        WriteRights(clientSap, version, output);
    }

    /// <summary>Writes attribute_access and method_access as Association LN of that version states them.</summary>
    internal void WriteRights(ushort clientSap, byte version, IBufferWriter<byte> output)
    {
        output.WriteArray(Class.Attributes.Length);
        foreach (var attribute in Class.Attributes) WriteAttributeAccess(attribute, RightsTo(attribute.Id, clientSap), version, output);
        output.WriteArray(Class.Methods.Length);
        foreach (var method in Class.Methods) WriteMethodAccess(method, RightsToMethod(method.Id, clientSap), version, output);
    }

    private static void WriteAttributeAccess(AttributeSpec spec, AccessRights rights, byte version, IBufferWriter<byte> output)
    {
        output.WriteStructure(3);
        output.WriteInteger(spec.Id);
        output.WriteEnum(version >= MaskVersion ? (byte)rights.Mode : rights.ToAttributeMode());
        if (spec.Selectors.Length == 0 || !rights.CanRead)
        {
            output.WriteNull();
            return;
        }

        output.WriteArray(spec.Selectors.Length);
        foreach (var selector in spec.Selectors) output.WriteInteger((sbyte)selector);
    }

    private static void WriteMethodAccess(MethodSpec spec, AccessRights rights, byte version, IBufferWriter<byte> output)
    {
        output.WriteStructure(2);
        output.WriteInteger(spec.Id);
        if (version == 0) output.WriteBoolean(rights.CanInvoke);
        else output.WriteEnum(version >= MaskVersion ? (byte)rights.Mode : rights.ToMethodMode());
    }

    private static Demand[] Demanded(Demand[]? demands, AccessMode protection, ClientSet? clients) =>
        (protection & ~AccessMode.Protection) == 0
            ? [.. demands ?? [], new(clients ?? ClientSet.All, protection)]
            : throw new ArgumentException($"{protection} is not protection only.", nameof(protection));

    private static AccessMode DemandOf(Demand[]? demands, ushort clientSap)
    {
        var mode = AccessMode.None;
        foreach (var demand in demands ?? [])
        {
            if (demand.Clients.Contains(clientSap)) mode |= demand.Protection;
        }

        return mode;
    }

    private ref AttributeSlot Attribute(sbyte id)
    {
        if (id < 2 || Class.Attribute(id) is null) throw new ArgumentException($"{Class.Name} has no attribute {id} that a device serves.", nameof(id));
        return ref Attributes[id];
    }

    internal struct AttributeSlot
    {
        public AttributeGetter<TDevice>? Getter;
        public AttributeSetter<TDevice>? Setter;
        public ClientSet Readers;
        public ClientSet Writers;
        public Demand[]? Demands;
    }

    internal struct MethodSlot
    {
        public MethodInvoker<TDevice>? Invoker;
        public ClientSet Users;
        public Demand[]? Demands;
    }

    /// <summary>Protection that is demanded of some clients.</summary>
    internal readonly record struct Demand(ClientSet Clients, AccessMode Protection);
}
