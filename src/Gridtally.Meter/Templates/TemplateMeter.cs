using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Meter.Templates;

/// <summary>A virtual device of exactly the objects that were read from a meter, with their values and rights.</summary>
/// <remarks>
/// What was writable can be written, in memory, with values of its class's type. Methods that the client may invoke answer success; those of
/// disconnect control and the reset of a profile do what they say, the others nothing, because a template does not know what a meter
/// would do. Single-threaded, as all devices.
/// </remarks>
public sealed class TemplateMeter : ILogicalDevice
{
    private readonly Dictionary<ObisCode, Entry> _objects = [];
    private readonly bool _demandsProtection;

    /// <summary>Serves a template.</summary>
    /// <param name="template">The objects.</param>
    /// <param name="demandsProtection">False where clients have no keys to protect anything with: only read, write and invoke of the rights count then.</param>
    public TemplateMeter(MeterTemplate template, bool demandsProtection)
    {
        ArgumentNullException.ThrowIfNull(template);
        _demandsProtection = demandsProtection;
        foreach (var one in template.Objects) _objects[one.Instance] = new(one);
    }

    /// <summary>Objects that are served.</summary>
    public int Count => _objects.Count;

    /// <inheritdoc/>
    public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
    {
        if (Find(target.ClassId, target.Instance, out var entry) is var found && found != DataAccessResult.Success) return found;
        if (target.AttributeId == 1)
        {
            Span<byte> name = stackalloc byte[ObisCode.Size];
            target.Instance.Write(name);
            output.WriteOctetString(name);
            return DataAccessResult.Success;
        }

        if (!entry.Attributes.TryGetValue(target.AttributeId, out var attribute)) return DataAccessResult.ObjectUndefined;
        if (!attribute.Rights.CanRead) return DataAccessResult.ReadWriteDenied;
        if (attribute.Data is not { } data) return attribute.Refusal;
        if (target is { ClassId: 7, AttributeId: 2 } && Rows(entry, data) is { } rows) return ProfileServer.Write(rows, context, output);
        if (context.Selector != 0) return DataAccessResult.ScopeOfAccessViolated;
        output.Write(data.Span);
        return DataAccessResult.Success;
    }

    /// <inheritdoc/>
    public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
    {
        if (Find(target.ClassId, target.Instance, out var entry) is var found && found != DataAccessResult.Success) return found;
        if (!entry.Attributes.TryGetValue(target.AttributeId, out var attribute)) return DataAccessResult.ObjectUndefined;
        if (!attribute.Rights.CanWrite) return DataAccessResult.ReadWriteDenied;
        if (context.Selector != 0) return DataAccessResult.ScopeOfAccessViolated;
        var type = entry.Spec?.Attribute(target.AttributeId)?.Type;
        if (type is not null && !type.Matches(data)) return DataAccessResult.TypeUnmatched;
        entry.Attributes[target.AttributeId] = attribute with { Data = data.ToArray() };
        entry.Rows = null;
        return DataAccessResult.Success;
    }

    /// <inheritdoc/>
    public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (Find(target.ClassId, target.Instance, out var entry) is var found && found != DataAccessResult.Success) return (ActionResult)found;
        if (!entry.Methods.TryGetValue(target.MethodId, out var rights)) return ActionResult.ObjectUndefined;
        if (!rights.CanInvoke) return ActionResult.ReadWriteDenied;
        var argument = entry.Spec?.Method(target.MethodId)?.Argument;
        if (argument is not null && !parameter.IsEmpty && !argument.Matches(parameter)) return ActionResult.TypeUnmatched;
        switch (target)
        {
            case { ClassId: 70, MethodId: 1 or 2 }:
                var connects = target.MethodId == 2;
                Put(entry, 2, [(byte)DataTag.Boolean, (byte)(connects ? 1 : 0)]);
                Put(entry, 3, [(byte)DataTag.Enum, (byte)(connects ? 1 : 0)]);
                break;
            case { ClassId: 7, MethodId: 1 }:
                Put(entry, 2, [(byte)DataTag.Array, 0]);
                Put(entry, 7, [(byte)DataTag.DoubleLongUnsigned, 0, 0, 0, 0]);
                entry.Rows = null;
                break;
        }

        return ActionResult.Success;
    }

    /// <inheritdoc/>
    public AccessRights RightsOf(in AttributeRef target, ushort clientSap) =>
        _demandsProtection && _objects.TryGetValue(target.Instance, out var entry) && entry.Attributes.TryGetValue(target.AttributeId, out var attribute)
            ? attribute.Rights
            : AccessRights.Unprotected;

    /// <inheritdoc/>
    public AccessRights RightsOf(in MethodRef target, ushort clientSap) =>
        _demandsProtection && _objects.TryGetValue(target.Instance, out var entry) && entry.Methods.TryGetValue(target.MethodId, out var rights)
            ? rights
            : AccessRights.Unprotected;

    /// <inheritdoc/>
    public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) =>
        Find(classId, instance, out var entry) == DataAccessResult.Success ? entry.Attributes.Keys.DefaultIfEmpty((sbyte)0).Max() : 0;

    private static void Put(Entry entry, sbyte id, byte[] data)
    {
        if (entry.Attributes.TryGetValue(id, out var attribute)) entry.Attributes[id] = attribute with { Data = data };
    }

    private static TemplateRows? Rows(Entry entry, ReadOnlyMemory<byte> buffer)
    {
        if (entry.Rows is not null) return entry.Rows;
        return entry.Attributes.TryGetValue(3, out var columns) && columns.Data is { } captured ? entry.Rows = TemplateRows.Of(buffer.Span, captured.Span) : null;
    }

    private DataAccessResult Find(ushort classId, ObisCode instance, out Entry entry)
    {
        if (!_objects.TryGetValue(instance, out entry!)) return DataAccessResult.ObjectUndefined;
        return entry.ClassId == classId ? DataAccessResult.Success : DataAccessResult.ObjectClassInconsistent;
    }

    private sealed class Entry(TemplateObject source)
    {
        public ushort ClassId => source.ClassId;

        public ClassSpec? Spec { get; } = InterfaceClasses.Find(source.ClassId, source.Version);

        public Dictionary<sbyte, TemplateAttribute> Attributes { get; } = source.Attributes.DistinctBy(a => a.Id).ToDictionary(a => a.Id);

        public Dictionary<sbyte, AccessRights> Methods { get; } = source.Methods.DistinctBy(m => m.Id).ToDictionary(m => m.Id, m => m.Rights);

        public TemplateRows? Rows { get; set; }
    }
}
