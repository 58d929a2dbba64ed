using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Cosem.ShortNames;

/// <summary>Which short names the objects of a meter have, and what each stands for. Never changes.</summary>
/// <remarks>
/// Blue Book, short name tables: attribute n of an object lies at base name + 8 (n - 1), method n at an offset that its class gives + 8 (n - 1).
/// </remarks>
public sealed class ShortNameMap
{
    /// <summary>Base name of the current association, class 12, in every meter.</summary>
    public const ushort Association = 0xFA00;

    /// <summary>Objects that fit into 16 bits of names, eight apart at the least.</summary>
    public const int MaxObjects = 0x10000 / ShortNameObject.Step;

    /// <summary>Logical name of the current association.</summary>
    public static readonly ObisCode AssociationName = new(0, 0, 40, 0, 0, 255);

    private const ushort FirstFree = 0x0100, FirstReserved = 0xFA00;

    // Reserved base names, Green Book: SAP assignment, and the COSEM logical device name.
    private static readonly Dictionary<(ushort, ObisCode), ushort> Reserved = new()
    {
        [(AssociationClass, AssociationName)] = Association,
        [(17, new ObisCode(0, 0, 41, 0, 0, 255))] = 0xFC00,
        [(1, new ObisCode(0, 0, 42, 0, 0, 255))] = 0xFD00,
    };

    private readonly ShortNameObject[] _ordered;
    private readonly Dictionary<(ushort, ObisCode), ShortNameObject> _byName;

    /// <summary>A map with these base names. The current association is added at <see cref="Association"/> where it is missing.</summary>
    /// <exception cref="ArgumentException">A base name, or an object, twice; or more than <see cref="MaxObjects"/>.</exception>
    public ShortNameMap(IEnumerable<ShortNameObject> objects)
    {
        var all = objects.Take(MaxObjects + 1).ToList();
        if (all.Count > MaxObjects) throw new ArgumentException($"More than {MaxObjects} objects.", nameof(objects));
        if (all.TrueForAll(o => o.BaseName != Association)) all.Add(new(Association, AssociationClass, AssociationVersion, AssociationName));
        _ordered = [.. all.OrderBy(o => o.BaseName)];
        _byName = new(_ordered.Length);
        for (var i = 0; i < _ordered.Length; i++)
        {
            var one = _ordered[i];
            if (i > 0 && _ordered[i - 1].BaseName == one.BaseName) throw new ArgumentException($"Base name {one.BaseName:X4} is there twice.", nameof(objects));
            if (!_byName.TryAdd((one.ClassId, one.LogicalName), one)) throw new ArgumentException($"{one} is there twice.", nameof(objects));
        }
    }

    /// <summary>The objects, by base name.</summary>
    public IReadOnlyList<ShortNameObject> Objects => _ordered;

    private static ushort AssociationClass => InterfaceClasses.AssociationSn.Id;

    // What is served of the current association: no user list.
    private const byte AssociationVersion = 2;

    /// <summary>Gives each object a base name: the reserved one where there is one, else the next that is free. The same objects get the same names.</summary>
    /// <exception cref="ArgumentException">An object twice, or more than 16 bits of names hold.</exception>
    public static ShortNameMap Assign(IEnumerable<(ClassSpec Class, ObisCode LogicalName)> objects)
    {
        var named = new List<ShortNameObject>();
        var next = (int)FirstFree;
        foreach (var (spec, name) in objects.OrderBy(o => o.Class.Id).ThenBy(o => o.LogicalName))
        {
            if (!Reserved.TryGetValue((spec.Id, name), out var baseName))
            {
                baseName = (ushort)next;
                next += SpanOf(spec);
                if (next > FirstReserved) throw new ArgumentException($"The objects need more short names than there are below {FirstReserved:X4}; {name} does not fit.", nameof(objects));
            }

            named.Add(new(baseName, spec.Id, spec.Version, name));
        }

        return new(named);
    }

    /// <summary>Gives each object of a table a base name.</summary>
    /// <inheritdoc cref="Assign"/>
    public static ShortNameMap Of<TDevice>(ObjectTable<TDevice> table) => Assign(table.Objects.Select(o => (o.Class, o.LogicalName)));

    /// <summary>The short name of an attribute; false where the meter has no such object, or no class gives an attribute that number.</summary>
    public bool TryGetName(in AttributeRef attribute, out ushort name)
    {
        name = 0;
        if (!_byName.TryGetValue((attribute.ClassId, attribute.Instance), out var found) || attribute.AttributeId < 1) return false;
        var wide = found.BaseName + ((attribute.AttributeId - 1) * ShortNameObject.Step);
        name = (ushort)wide;
        return wide <= ushort.MaxValue;
    }

    /// <summary>The short name of a method; false where the meter has no such object, or its class no such method.</summary>
    public bool TryGetName(in MethodRef method, out ushort name)
    {
        name = 0;
        if (!_byName.TryGetValue((method.ClassId, method.Instance), out var found) || method.MethodId < 1 || found.Class?.ShortNameMethods is not { } offset) return false;
        var wide = found.BaseName + offset + ((method.MethodId - 1) * ShortNameObject.Step);
        name = (ushort)wide;
        return wide <= ushort.MaxValue;
    }

    /// <summary>What a short name stands for; false where it is none of this meter's.</summary>
    public bool TryFind(ushort name, out ShortNameTarget target)
    {
        target = default;
        var index = IndexOf(name);
        if (index < 0) return false;
        var one = _ordered[index];
        var offset = name - one.BaseName;
        if (offset % ShortNameObject.Step != 0) return false;
        if (one.Class is { } spec) return TryFind(one, spec, offset, out target);

        // A manufacturer's class: all names up to the next object are attributes.
        var id = (offset / ShortNameObject.Step) + 1;
        target = new(one, (sbyte)Math.Min(id, sbyte.MaxValue), IsMethod: false);
        return id <= sbyte.MaxValue;
    }

    /// <summary>Reads attribute 2 of the current association, <c>object_list</c>.</summary>
    /// <param name="data">Encoded Data.</param>
    /// <param name="map">The map.</param>
    /// <param name="error">What is wrong with it, and where.</param>
    public static bool TryReadObjectList(ReadOnlySpan<byte> data, [NotNullWhen(true)] out ShortNameMap? map, out DecodeError error)
    {
        map = null;
        var reader = new AxdrReader(data, "object_list");
        var objects = new List<ShortNameObject>();
        var (bases, names) = (new HashSet<ushort>(), new HashSet<(ushort, ObisCode)>());
        if (reader.TryReadArray(out var count) && count > MaxObjects) reader.Fail(DecodeFault.BadLength);
        for (var i = 0; i < count && !reader.Failed; i++)
        {
            if (!TryReadElement(ref reader, out var one)) break;

            // An object that is listed twice, as some meters do, is taken as it comes first.
            if (bases.Add(one.BaseName) & names.Add((one.ClassId, one.LogicalName))) objects.Add(one);
        }

        reader.TryEnd();
        error = reader.Error;
        if (reader.Failed) return false;
        map = new(bases.Contains(Association) || !names.Contains((AssociationClass, AssociationName)) ? objects : objects.Where(o => o.ClassId != AssociationClass || o.LogicalName != AssociationName));
        return true;
    }

    /// <summary>Writes one element of <c>object_list</c>: base_name (long, so FA00 is negative), class_id, version, logical_name.</summary>
    public static void WriteElement(IBufferWriter<byte> output, in ShortNameObject one)
    {
        output.WriteStructure(4);
        output.WriteLong((short)one.BaseName);
        output.WriteLongUnsigned(one.ClassId);
        output.WriteUnsigned(one.Version);
        output.WriteObis(one.LogicalName);
    }

    private static bool TryReadElement(scoped ref AxdrReader reader, out ShortNameObject value)
    {
        value = default;
        if (!reader.TryReadStructureOf(4) || !reader.TryReadNumber(out var baseName) || !reader.TryReadNumber(out var classId)
            || !reader.TryReadNumber(out var version) || !reader.TryReadObis(out var name)) return false;
        if (baseName is < short.MinValue or > ushort.MaxValue || classId is < 0 or > ushort.MaxValue || version is < 0 or > byte.MaxValue)
            return reader.Fail(DecodeFault.BadValue);
        value = new((ushort)baseName, (ushort)classId, (byte)version, name);
        return true;
    }

    private static bool TryFind(in ShortNameObject one, ClassSpec spec, int offset, out ShortNameTarget target)
    {
        var method = spec.ShortNameMethods is { } start && offset >= start ? ((offset - start) / ShortNameObject.Step) + 1 : 0;
        if (method is > 0 and <= sbyte.MaxValue && spec.Method((sbyte)method) is not null)
        {
            target = new(one, (sbyte)method, IsMethod: true);
            return true;
        }

        var attribute = (offset / ShortNameObject.Step) + 1;
        var exists = attribute <= sbyte.MaxValue && spec.Attribute((sbyte)attribute) is not null;
        target = exists ? new(one, (sbyte)attribute, IsMethod: false) : default;
        return exists;
    }

    /// <summary>The object with the greatest base name that is not above <paramref name="name"/>.</summary>
    private int IndexOf(ushort name)
    {
        var (low, high) = (0, _ordered.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) / 2;
            if (_ordered[middle].BaseName <= name) low = middle + 1;
            else high = middle - 1;
        }

        return high;
    }

    /// <summary>Names from the first attribute up to the last attribute or method.</summary>
    private static int SpanOf(ClassSpec spec)
    {
        var attributes = spec.Attributes.Max(a => (int)a.Id) * ShortNameObject.Step;
        var methods = spec.ShortNameMethods is { } start && spec.Methods.Length > 0 ? start + (spec.Methods.Max(m => (int)m.Id) * ShortNameObject.Step) : 0;
        return Math.Max(attributes, methods);
    }
}
