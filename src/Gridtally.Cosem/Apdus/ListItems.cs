using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An attribute that a with-list request names.</summary>
/// <remarks>Cosem-Attribute-Descriptor-With-Selection, IEC 62056-5-3.</remarks>
public readonly ref struct AttributeItem : IApduItem<AttributeItem>
{
    /// <summary>The attribute.</summary>
    public AttributeRef Target { get; private init; }

    /// <summary>Access selector, 0 for none.</summary>
    public byte Selector { get; private init; }

    /// <summary>The selector's parameters, encoded Data.</summary>
    public ReadOnlySpan<byte> Parameters { get; private init; }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out AttributeItem value)
    {
        value = default;
        if (!reader.TryReadAttribute(out var target) || !reader.TryReadSelection(out var selector, out var parameters)) return false;
        value = new() { Target = target, Selector = selector, Parameters = parameters };
        return true;
    }
}

/// <summary>A result in a get-response-with-list.</summary>
/// <remarks>Get-Data-Result, IEC 62056-5-3.</remarks>
public readonly ref struct DataResultItem : IApduItem<DataResultItem>
{
    /// <summary>Success, or why there is no data.</summary>
    public DataAccessResult Result { get; private init; }

    /// <summary>Encoded Data; empty without success.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out DataResultItem value)
    {
        value = default;
        if (!reader.TryReadDataResult(out var result, out var data)) return false;
        value = new() { Result = result, Data = data };
        return true;
    }
}

/// <summary>A value in a list of Data.</summary>
public readonly ref struct DataItem : IApduItem<DataItem>
{
    /// <summary>Encoded Data.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out DataItem value)
    {
        value = default;
        if (!reader.TrySkip(out var data)) return false;
        value = new() { Data = data };
        return true;
    }
}

/// <summary>A method that a with-list request names.</summary>
/// <remarks>Cosem-Method-Descriptor, IEC 62056-5-3.</remarks>
public readonly record struct MethodItem(MethodRef Method) : IApduItem<MethodItem>
{
    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out MethodItem value)
    {
        value = default;
        if (!reader.TryReadAttribute(out var shape)) return false; // the same three fields
        value = new(new(shape.ClassId, shape.Instance, shape.AttributeId));
        return true;
    }
}

/// <summary>A result in an action-response-with-list.</summary>
/// <remarks>Action-Response-With-Optional-Data, IEC 62056-5-3.</remarks>
public readonly ref struct ActionResultItem : IApduItem<ActionResultItem>
{
    /// <summary>What became of the method.</summary>
    public ActionResult Result { get; private init; }

    /// <summary>Success, or why the method's value could not be returned though it was carried out.</summary>
    public DataAccessResult ReturnResult { get; private init; }

    /// <summary>Encoded return Data; empty where there is none.</summary>
    public ReadOnlySpan<byte> Data { get; private init; }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out ActionResultItem value)
    {
        value = default;
        if (!reader.TryReadActionResult(out var result, out var returned, out var data)) return false;
        value = new() { Result = result, ReturnResult = returned, Data = data };
        return true;
    }
}
