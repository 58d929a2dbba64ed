using System.Buffers;
using System.Collections.Frozen;
using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>Reads one attribute of a device.</summary>
public delegate DataAccessResult AttributeGetter<in TDevice>(TDevice device, in RequestContext context, IBufferWriter<byte> output);

/// <summary>Writes one attribute of a device; the data has the type that the class gives it.</summary>
public delegate DataAccessResult AttributeSetter<in TDevice>(TDevice device, in RequestContext context, ReadOnlySpan<byte> data);

/// <summary>Invokes one method of a device; the parameter has the type that the class gives it, or is empty.</summary>
public delegate ActionResult MethodInvoker<in TDevice>(TDevice device, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output);

/// <summary>The objects of one model of device: made once, shared by every device of that model.</summary>
/// <remarks>
/// A device then costs only its state. Access rights are part of the table; an object that a client may do nothing with does not
/// exist for that client, and its object_list leaves it out.
/// </remarks>
public sealed partial class ObjectTable<TDevice>
{
    private readonly FrozenDictionary<ulong, ObjectEntry<TDevice>> _objects;
    private readonly ObjectEntry<TDevice>[] _ordered;
    private readonly bool _demandsProtection;

    internal ObjectTable(IEnumerable<ObjectEntry<TDevice>> objects)
    {
        _ordered = [.. objects.OrderBy(o => o.Class.Id).ThenBy(o => o.LogicalName)];
        _objects = _ordered.ToFrozenDictionary(o => Key(o.Class.Id, o.LogicalName));
        _demandsProtection = _ordered.Any(o => o.DemandsProtection);
    }

    /// <summary>The objects, by class and logical name.</summary>
    public IReadOnlyList<ObjectEntry<TDevice>> Objects => _ordered;

    /// <summary>Reads one attribute of <paramref name="device"/>.</summary>
    public DataAccessResult Get(TDevice device, in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        if (Find(target.ClassId, target.Instance, context.ClientSap, out var entry) is { } refusal) return refusal;
        if (entry!.Class.Attribute(target.AttributeId) is not { } spec) return DataAccessResult.ScopeOfAccessViolated;
        if (context.Selector != 0 && Array.IndexOf(spec.Selectors, context.Selector) < 0) return DataAccessResult.ScopeOfAccessViolated;
        if (target.AttributeId == 1)
        {
            output.WriteObis(target.Instance);
            return DataAccessResult.Success;
        }

        ref readonly var slot = ref entry.Attributes[target.AttributeId];
        if (slot.Getter is null || !slot.Readers.Contains(context.ClientSap)) return DataAccessResult.ReadWriteDenied;
        return slot.Getter(device, context, output);
    }

    /// <summary>Writes one attribute of <paramref name="device"/>.</summary>
    public DataAccessResult Set(TDevice device, in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
    {
        if (Find(target.ClassId, target.Instance, context.ClientSap, out var entry) is { } refusal) return refusal;
        if (entry!.Class.Attribute(target.AttributeId) is not { } spec) return DataAccessResult.ScopeOfAccessViolated;

        // A part of a value must not be taken for the whole.
        if (context.Selector != 0 && Array.IndexOf(spec.Selectors, context.Selector) < 0) return DataAccessResult.ScopeOfAccessViolated;
        ref readonly var slot = ref entry.Attributes[target.AttributeId];
        if (slot.Setter is null || !slot.Writers.Contains(context.ClientSap)) return DataAccessResult.ReadWriteDenied;
        return spec.Type.Matches(data) ? slot.Setter(device, context, data) : DataAccessResult.TypeUnmatched;
    }

    /// <summary>Invokes one method of <paramref name="device"/>.</summary>
    public ActionResult Invoke(
        TDevice device, in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (Find(target.ClassId, target.Instance, context.ClientSap, out var entry) is { } refusal) return (ActionResult)refusal;
        if (entry!.Class.Method(target.MethodId) is not { } spec) return ActionResult.ScopeOfAccessViolated;
        ref readonly var slot = ref entry.Methods[target.MethodId];
        if (slot.Invoker is null || !slot.Users.Contains(context.ClientSap)) return ActionResult.ReadWriteDenied;
        return parameter.IsEmpty || spec.Argument.Matches(parameter)
            ? slot.Invoker(device, context, parameter, output)
            : ActionResult.TypeUnmatched;
    }

    /// <summary>The protection that an attribute demands. A table that demands none answers without looking the object up.</summary>
    /// <returns>The client's rights; <see cref="AccessRights.Unprotected"/> for what is not there, which is then refused for that reason.</returns>
    public AccessRights RightsOf(in AttributeRef target, ushort clientSap) =>
        _demandsProtection && _objects.TryGetValue(Key(target.ClassId, target.Instance), out var entry)
            ? entry.RightsTo(target.AttributeId, clientSap)
            : AccessRights.Unprotected;

    /// <summary>The protection that a method demands.</summary>
    /// <inheritdoc cref="RightsOf(in AttributeRef, ushort)"/>
    public AccessRights RightsOf(in MethodRef target, ushort clientSap) =>
        _demandsProtection && _objects.TryGetValue(Key(target.ClassId, target.Instance), out var entry)
            ? entry.RightsToMethod(target.MethodId, clientSap)
            : AccessRights.Unprotected;

    /// <summary>What a client may do with an attribute; nothing where there is no such object for it.</summary>
    public AccessRights AccessTo(in AttributeRef target, ushort clientSap) =>
        _objects.TryGetValue(Key(target.ClassId, target.Instance), out var entry) ? entry.RightsTo(target.AttributeId, clientSap) : AccessRights.None;

    /// <summary>What a client may do with a method; nothing where there is no such object for it.</summary>
    public AccessRights AccessTo(in MethodRef target, ushort clientSap) =>
        _objects.TryGetValue(Key(target.ClassId, target.Instance), out var entry) ? entry.RightsToMethod(target.MethodId, clientSap) : AccessRights.None;

    /// <summary>How many attributes an object has for this client; 0 where there is none.</summary>
    public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) =>
        _objects.TryGetValue(Key(classId, instance), out var entry) && entry.VisibleTo.Contains(clientSap) ? entry.Class.Attributes.Length : 0;

    /// <summary>This table's objects on one device.</summary>
    public ILogicalDevice Bind(TDevice device) => new BoundDevice(this, device);

    // Null when found; else the refusal. Result codes of GET/SET and ACTION have the same numbers here.
    private DataAccessResult? Find(ushort classId, ObisCode name, ushort clientSap, out ObjectEntry<TDevice>? entry)
    {
        if (_objects.TryGetValue(Key(classId, name), out entry) && entry.VisibleTo.Contains(clientSap)) return null;
        foreach (var other in _ordered)
        {
            if (other.LogicalName == name && other.VisibleTo.Contains(clientSap)) return DataAccessResult.ObjectClassInconsistent;
        }

        return DataAccessResult.ObjectUndefined;
    }

    private static ulong Key(ushort classId, ObisCode name) => (ulong)classId << 48 | name.ToUInt64();

    private sealed class BoundDevice(ObjectTable<TDevice> table, TDevice device) : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output) =>
            table.Get(device, target, context, output);

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) =>
            table.Set(device, target, context, data);

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) =>
            table.Invoke(device, target, context, parameter, output);

        public AccessRights RightsOf(in AttributeRef target, ushort clientSap) => table.RightsOf(target, clientSap);

        public AccessRights RightsOf(in MethodRef target, ushort clientSap) => table.RightsOf(target, clientSap);

        public AccessRights? AccessTo(in AttributeRef target, ushort clientSap) => table.AccessTo(target, clientSap);

        public AccessRights? AccessTo(in MethodRef target, ushort clientSap) => table.AccessTo(target, clientSap);

        public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) => table.AttributesOf(classId, instance, clientSap);
    }
}
