using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>What one specification of an ACCESS request asks for.</summary>
/// <remarks>Access-Request-Specification, IEC 62056-5-3.</remarks>
public enum AccessKind : byte
{
    /// <summary>Read an attribute.</summary>
    Get = 1,
    /// <summary>Write an attribute.</summary>
    Set = 2,
    /// <summary>Invoke a method.</summary>
    Action = 3,
    /// <summary>Read a part of an attribute.</summary>
    GetWithSelection = 4,
    /// <summary>Write a part of an attribute.</summary>
    SetWithSelection = 5,
}

/// <summary>One specification of an ACCESS request.</summary>
/// <remarks>Access-Request-Specification, IEC 62056-5-3.</remarks>
public readonly ref struct AccessSpecification : IApduItem<AccessSpecification>
{
    /// <summary>What to do.</summary>
    public AccessKind Kind { get; init; }

    /// <summary>Reads and writes: which attribute.</summary>
    public AttributeRef Attribute { get; init; }

    /// <summary>Action: which method.</summary>
    public MethodRef Method => new(Attribute.ClassId, Attribute.Instance, Attribute.AttributeId);

    /// <summary>With selection: the access selector.</summary>
    public byte Selector { get; init; }

    /// <summary>With selection: the selector's parameters, encoded Data.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Writes a read or write of <paramref name="attribute"/>; with selection where <paramref name="selector"/> is not 0.</summary>
    public static void Write(IBufferWriter<byte> target, AccessKind kind, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters)
    {
        target.WriteByte((byte)kind);
        attribute.WriteTo(target);
        if (kind is not (AccessKind.GetWithSelection or AccessKind.SetWithSelection)) return;
        target.WriteByte(selector);
        target.Write(parameters);
    }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out AccessSpecification value)
    {
        value = default;
        if (reader.Peek is not (null or (DataTag)AccessKind.Get or (DataTag)AccessKind.Set or (DataTag)AccessKind.Action or (DataTag)AccessKind.GetWithSelection
            or (DataTag)AccessKind.SetWithSelection)) return reader.Fail(DecodeFault.UnknownTag);
        if (!reader.TryReadByte(out var kind) || !reader.TryReadAttribute(out var attribute)) return false;
        byte selector = 0;
        ReadOnlySpan<byte> parameters = default;
        if ((AccessKind)kind is AccessKind.GetWithSelection or AccessKind.SetWithSelection && !(reader.TryReadByte(out selector) && reader.TrySkip(out parameters))) return false;
        value = new() { Kind = (AccessKind)kind, Attribute = attribute, Selector = selector, Parameters = parameters };
        return true;
    }
}

/// <summary>What became of each specification of an ACCESS request, read in place and checked as a whole.</summary>
/// <remarks>SEQUENCE OF Access-Response-Specification, IEC 62056-5-3: a choice (1 get, 2 set, 3 action) and a result each.</remarks>
public readonly ref struct AccessResultList
{
    private const int ItemSize = 2;
    private readonly ReadOnlySpan<byte> _items;

    private AccessResultList(ReadOnlySpan<byte> items) => _items = items;

    /// <summary>Results, at most <see cref="Limits.MaxListItems"/>.</summary>
    public int Count => _items.Length / ItemSize;

    /// <summary>Which family the result at <paramref name="index"/> belongs to: get, set or action.</summary>
    public AccessKind FamilyAt(int index) => (AccessKind)_items[index * ItemSize];

    /// <summary>The result at <paramref name="index"/>: a data-access-result, or an action-result where <see cref="FamilyAt"/> says action.</summary>
    public byte ResultAt(int index) => _items[(index * ItemSize) + 1];

    /// <summary>With and without selection, the result is of the same family.</summary>
    internal static AccessKind FamilyOf(AccessKind kind) => kind switch
    {
        AccessKind.GetWithSelection => AccessKind.Get,
        AccessKind.SetWithSelection => AccessKind.Set,
        _ => kind,
    };

    internal static bool TryRead(scoped ref AxdrReader reader, out AccessResultList value)
    {
        value = default;
        if (!reader.TryReadCount(out var count)) return false;
        var rest = reader.Rest;
        for (var i = 0; i < count; i++)
        {
            if (reader.Peek is not (null or (DataTag)AccessKind.Get or (DataTag)AccessKind.Set or (DataTag)AccessKind.Action)) return reader.Fail(DecodeFault.UnknownTag);
            if (!reader.TryReadBytes(ItemSize, out _)) return false;
        }

        value = new(rest[..(count * ItemSize)]);
        return true;
    }
}
