using Gridtally.Cosem.Data;
using Gridtally.Metering;

namespace Gridtally.Cosem.Server;

/// <summary>The part of an object_list that a client asks for.</summary>
/// <remarks>
/// Parameterised access of Association LN attribute 2, Blue Book, class 15: selector 1 all objects, 2 those of some classes, 3 some objects, 4 one
/// object. Every element is sent in full. Editions differ in whether the elements of selectors 1 and 2 have access rights; a client that wants none
/// ignores them.
/// </remarks>
internal sealed class ObjectSelection
{
    /// <summary>Classes or objects that one request may name: more than a device has classes, and as many as its association would grant.</summary>
    public const int MaxNamed = 256;

    private readonly HashSet<ushort>? _classes;
    private readonly HashSet<(ushort, ObisCode)>? _objects;

    private ObjectSelection(HashSet<ushort>? classes, HashSet<(ushort, ObisCode)>? objects) => (_classes, _objects) = (classes, objects);

    /// <summary>All objects.</summary>
    public static ObjectSelection All { get; } = new(null, null);

    /// <summary>Reads selector and parameters; null where they are not those of an object_list.</summary>
    public static ObjectSelection? Read(byte selector, ReadOnlySpan<byte> parameters)
    {
        var reader = new AxdrReader(parameters);
        var selection = selector switch
        {
            0 => All,
            1 => parameters.IsEmpty || reader.TryReadNull() ? All : null,
            2 => ReadClasses(ref reader),
            3 => ReadObjects(ref reader),
            4 => TryReadObject(ref reader, out var one) ? new(null, [one]) : null,
            _ => null,
        };
        return selector == 0 || reader.TryEnd() ? selection : null;
    }

    /// <summary>True for an object that is asked for.</summary>
    public bool Selects(ushort classId, ObisCode name) => _classes?.Contains(classId) ?? _objects?.Contains((classId, name)) ?? true;

    private static ObjectSelection? ReadClasses(ref AxdrReader reader)
    {
        if (!reader.TryReadArray(out var count) || count > MaxNamed) return null;
        var classes = new HashSet<ushort>();
        for (var i = 0; i < count; i++)
        {
            if (reader.Peek != DataTag.LongUnsigned || !reader.TryReadNumber(out var id)) return null;
            classes.Add((ushort)id);
        }

        return new(classes, null);
    }

    private static ObjectSelection? ReadObjects(ref AxdrReader reader)
    {
        if (!reader.TryReadArray(out var count) || count > MaxNamed) return null;
        var objects = new HashSet<(ushort, ObisCode)>();
        for (var i = 0; i < count; i++)
        {
            if (!TryReadObject(ref reader, out var one)) return null;
            objects.Add(one);
        }

        return new(null, objects);
    }

    private static bool TryReadObject(ref AxdrReader reader, out (ushort, ObisCode) value)
    {
        value = default;
        if (!reader.TryReadStructureOf(2) || reader.Peek != DataTag.LongUnsigned || !reader.TryReadNumber(out var id) || !reader.TryReadObis(out var name)) return false;
        value = ((ushort)id, name);
        return true;
    }
}
