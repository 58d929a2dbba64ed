using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Client;

/// <summary>One attribute to write, of several.</summary>
/// <param name="Target">The attribute.</param>
/// <param name="Data">Encoded Data, which must stay as it is until the answer.</param>
/// <param name="Access">The part of it to write; null for the whole.</param>
public readonly record struct SetItem(AttributeRef Target, ReadOnlyMemory<byte> Data, SelectiveAccess? Access = null);

/// <summary>One method to invoke, of several.</summary>
/// <param name="Target">The method.</param>
/// <param name="Parameter">Encoded Data, which must stay as it is until the answer; empty for none.</param>
public readonly record struct InvokeItem(MethodRef Target, ReadOnlyMemory<byte> Parameter = default);

/// <summary>One specification of an ACCESS request.</summary>
/// <remarks>Access-Request-Specification, IEC 62056-5-3.</remarks>
public readonly record struct AccessItem
{
    private AccessItem(AccessKind kind, AttributeRef attribute, ReadOnlyMemory<byte> data, SelectiveAccess? access) =>
        (Kind, Attribute, Data, Selection) = (kind, attribute, data, access);

    /// <summary>What to do.</summary>
    public AccessKind Kind { get; }

    /// <summary>Reads and writes: the attribute.</summary>
    public AttributeRef Attribute { get; }

    /// <summary>Action: the method.</summary>
    public MethodRef Method => new(Attribute.ClassId, Attribute.Instance, Attribute.AttributeId);

    /// <summary>What to write, or the parameter of a method: encoded Data; empty for none.</summary>
    public ReadOnlyMemory<byte> Data { get; }

    /// <summary>The part of an attribute that is meant; null for the whole.</summary>
    public SelectiveAccess? Selection { get; }

    /// <summary>Reads an attribute, or the part of it that <paramref name="access"/> describes.</summary>
    public static AccessItem Get(AttributeRef target, SelectiveAccess? access = null) =>
        new(access is null ? AccessKind.Get : AccessKind.GetWithSelection, target, default, access);

    /// <summary>Writes an attribute, or the part of it that <paramref name="access"/> describes.</summary>
    public static AccessItem Set(AttributeRef target, ReadOnlyMemory<byte> data, SelectiveAccess? access = null) =>
        new(access is null ? AccessKind.Set : AccessKind.SetWithSelection, target, data, access);

    /// <summary>Invokes a method; <paramref name="parameter"/> is encoded Data, empty for none.</summary>
    public static AccessItem Invoke(MethodRef target, ReadOnlyMemory<byte> parameter = default) =>
        new(AccessKind.Action, new(target.ClassId, target.Instance, target.MethodId), parameter, null);
}

/// <summary>How an ACCESS request is to be carried out.</summary>
public readonly record struct AccessOptions
{
    /// <summary>Nothing after the first specification that fails is carried out.</summary>
    public bool BreakOnError { get; init; }

    /// <summary>The response is to repeat the specifications; the client checks that they are the ones it sent.</summary>
    public bool SelfDescriptive { get; init; }
}
