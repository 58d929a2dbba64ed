using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>One object of an <see cref="ObjectTable{TDevice}"/>, filled while the table is built.</summary>
public sealed class ObjectEntry<TDevice>
{
    private readonly ClientSet _defaultReaders;

    internal ObjectEntry(ClassSpec @class, ObisCode logicalName, ClientSet readers)
    {
        (Class, LogicalName, _defaultReaders) = (@class, logicalName, readers);
        Attributes = new AttributeSlot[@class.Attributes.Length];
        Methods = new MethodSlot[@class.Methods.Length];
        Attributes[0].Readers = readers;
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
        Methods[id - 1] = new() { Invoker = invoker, Users = users };
        VisibleTo |= users;
        return this;
    }

    internal void WriteListElement(ushort clientSap, IBufferWriter<byte> output)
    {
        output.WriteStructure(4);
        output.WriteLongUnsigned(Class.Id);
        output.WriteUnsigned(Class.Version);
        output.WriteObis(LogicalName);
        output.WriteStructure(2);
        output.WriteArray(Attributes.Length);
        for (var i = 0; i < Attributes.Length; i++) WriteAttributeAccess(Class.Attributes[i], Attributes[i], clientSap, output);
        output.WriteArray(Methods.Length);
        for (var i = 0; i < Methods.Length; i++)
        {
            output.WriteStructure(2);
            output.WriteInteger(Class.Methods[i].Id);
            output.WriteEnum(Methods[i].Users.Contains(clientSap) ? (byte)1 : (byte)0);
        }
    }

    private static void WriteAttributeAccess(in AttributeSpec spec, in AttributeSlot slot, ushort clientSap, IBufferWriter<byte> output)
    {
        var readable = spec.Id == 1 || slot.Readers.Contains(clientSap);
        var mode = (readable ? 1 : 0) | (slot.Writers.Contains(clientSap) ? 2 : 0);
        output.WriteStructure(3);
        output.WriteInteger(spec.Id);
        output.WriteEnum((byte)mode);
        if (spec.Selectors.Length == 0 || !readable)
        {
            output.WriteNull();
            return;
        }

        output.WriteArray(spec.Selectors.Length);
        foreach (var selector in spec.Selectors) output.WriteInteger((sbyte)selector);
    }

    private ref AttributeSlot Attribute(sbyte id)
    {
        if (id < 2 || Class.Attribute(id) is null) throw new ArgumentException($"{Class.Name} has no attribute {id} that a device serves.", nameof(id));
        return ref Attributes[id - 1];
    }

    internal struct AttributeSlot
    {
        public AttributeGetter<TDevice>? Getter;
        public AttributeSetter<TDevice>? Setter;
        public ClientSet Readers;
        public ClientSet Writers;
    }

    internal struct MethodSlot
    {
        public MethodInvoker<TDevice>? Invoker;
        public ClientSet Users;
    }
}
