using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A set-request, read in place.</summary>
/// <remarks>Set-Request, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct SetRequest
{
    private const string Production = "Set-Request";

    /// <summary>Octets of one datablock before the length of its raw data.</summary>
    public const int BlockHeadSize = 1 + 4;

    /// <summary>Which of the requests it is.</summary>
    public SetRequestKind Kind { get; init; }

    /// <summary>To be copied into the response.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal and first datablock: what to write.</summary>
    public AttributeRef Target { get; init; }

    /// <summary>Normal and first datablock: access selector, 0 for none.</summary>
    public byte Selector { get; init; }

    /// <summary>Normal and first datablock: the selector's parameters, encoded Data.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Normal: encoded Data. Datablocks: this block's octets.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Datablocks: true in the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Datablocks: the number, from 1.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>With list, and with list and first datablock: what to write; checked already.</summary>
    public ApduList<AttributeItem> Items { get; init; }

    /// <summary>With list: the values in the same order; checked already, as many as <see cref="Items"/>.</summary>
    public ApduList<DataItem> Values { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out SetRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes set-request-normal.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters, ReadOnlySpan<byte> data)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.Normal, invokeId);
        attribute.WriteTo(target);
        target.WriteSelection(selector, parameters);
        target.Write(data);
    }

    /// <summary>Writes set-request-normal for the whole attribute.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, ReadOnlySpan<byte> data) =>
        WriteNormal(target, invokeId, attribute, 0, default, data);

    /// <summary>Writes set-request-with-first-datablock.</summary>
    public static void WriteFirstBlock(
        IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        WriteFirstBlockHead(target, invokeId, attribute, selector, parameters);
        target.WriteBlock(last, number, raw);
    }

    /// <summary>Begins set-request-with-first-datablock; the block follows.</summary>
    internal static void WriteFirstBlockHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithFirstDatablock, invokeId);
        attribute.WriteTo(target);
        target.WriteSelection(selector, parameters);
    }

    /// <summary>Begins set-request-with-list; <paramref name="count"/> items follow by <see cref="GetRequest.WriteItem"/>, then the count again and as many Data.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithList, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Begins set-request-with-list-and-first-datablock; <paramref name="count"/> items follow, then the block (<see cref="WriteListBlock"/>).</summary>
    public static void WriteListFirstBlockHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithListAndFirstDatablock, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Ends set-request-with-list-and-first-datablock: the raw data are those of the count and the values.</summary>
    public static void WriteListBlock(IBufferWriter<byte> target, bool last, uint number, ReadOnlySpan<byte> raw) => target.WriteBlock(last, number, raw);

    /// <summary>Writes set-request-with-datablock.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithDatablock, invokeId);
        target.WriteBlock(last, number, raw);
    }

    private static SetRequest Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.SetRequest) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        switch ((SetRequestKind)kind)
        {
            case SetRequestKind.Normal:
                reader.TryReadAttribute(out var attribute);
                reader.TryReadSelection(out var selector, out var parameters);
                reader.TrySkip(out var data);
                return new() { Kind = SetRequestKind.Normal, InvokeId = invokeId, Target = attribute, Selector = selector, Parameters = parameters, Data = data };
            case SetRequestKind.WithFirstDatablock:
                reader.TryReadAttribute(out attribute);
                reader.TryReadSelection(out selector, out parameters);
                return ReadBlock(ref reader, SetRequestKind.WithFirstDatablock, invokeId, attribute, selector, parameters, default);
            case SetRequestKind.WithDatablock:
                return ReadBlock(ref reader, SetRequestKind.WithDatablock, invokeId, default, 0, default, default);
            case SetRequestKind.WithListAndFirstDatablock:
                ApduList<AttributeItem>.TryRead(ref reader, out var items);
                return ReadBlock(ref reader, SetRequestKind.WithListAndFirstDatablock, invokeId, default, 0, default, items);
            case SetRequestKind.WithList:
                return ReadList(ref reader, invokeId);
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }

    private static SetRequest ReadList(scoped ref AxdrReader reader, InvokeIdAndPriority invokeId)
    {
        if (!ApduList<AttributeItem>.TryRead(ref reader, out var items) || !ApduList<DataItem>.TryRead(ref reader, out var values)) return default;
        if (items.Count != values.Count) reader.Fail(DecodeFault.BadLength);
        return new() { Kind = SetRequestKind.WithList, InvokeId = invokeId, Items = items, Values = values };
    }

    private static SetRequest ReadBlock(
        scoped ref AxdrReader reader, SetRequestKind kind, InvokeIdAndPriority invokeId, AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters, ApduList<AttributeItem> items)
    {
        reader.TryReadBlock(out var last, out var number, out var raw);
        return new()
        {
            Kind = kind,
            InvokeId = invokeId,
            Target = attribute,
            Selector = selector,
            Parameters = parameters,
            Items = items,
            LastBlock = last,
            BlockNumber = number,
            Data = raw,
        };
    }
}
