using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A set-request, read in place.</summary>
/// <remarks>Set-Request, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>; with-list-and-first-datablock is not read.</remarks>
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

    /// <summary>With list: what to write; checked already, as many as <see cref="Values"/>.</summary>
    public AttributeList Items { get; init; }

    /// <summary>With list: the values in the same order; checked already.</summary>
    public DataList Values { get; init; }

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
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, ReadOnlySpan<byte> data)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.Normal, invokeId);
        attribute.WriteTo(target);
        target.WriteSelection(0, default);
        target.Write(data);
    }

    /// <summary>Writes set-request-with-first-datablock.</summary>
    public static void WriteFirstBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteHead(ApduTag.SetRequest, (byte)SetRequestKind.WithFirstDatablock, invokeId);
        attribute.WriteTo(target);
        target.WriteSelection(0, default);
        target.WriteBlock(last, number, raw);
    }

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
                reader.TryReadBlock(out var last, out var number, out var raw);
                return new()
                {
                    Kind = SetRequestKind.WithFirstDatablock,
                    InvokeId = invokeId,
                    Target = attribute,
                    Selector = selector,
                    Parameters = parameters,
                    LastBlock = last,
                    BlockNumber = number,
                    Data = raw,
                };
            case SetRequestKind.WithDatablock:
                reader.TryReadBlock(out last, out number, out raw);
                return new() { Kind = SetRequestKind.WithDatablock, InvokeId = invokeId, LastBlock = last, BlockNumber = number, Data = raw };
            case SetRequestKind.WithList:
                return ReadList(ref reader, invokeId);
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }

    private static SetRequest ReadList(scoped ref AxdrReader reader, InvokeIdAndPriority invokeId)
    {
        if (!AttributeList.TryRead(ref reader, out var items) || !DataList.TryRead(ref reader, out var values)) return default;
        if (items.Count != values.Count) reader.Fail(DecodeFault.BadLength);
        return new() { Kind = SetRequestKind.WithList, InvokeId = invokeId, Items = items, Values = values };
    }
}

/// <summary>A set-response, read in place.</summary>
/// <remarks>Set-Response, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>; last-datablock-with-list is not read.</remarks>
public readonly ref struct SetResponse
{
    private const string Production = "Set-Response";

    /// <summary>Which of the responses it is.</summary>
    public SetResponseKind Kind { get; init; }

    /// <summary>Copied from the request.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal and last datablock: what became of the whole.</summary>
    public DataAccessResult Result { get; init; }

    /// <summary>Datablocks: the number of the block that is acknowledged.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>With list: one data-access-result per octet.</summary>
    public ReadOnlySpan<byte> Results { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out SetResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes set-response-normal.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, DataAccessResult result)
    {
        target.WriteHead(ApduTag.SetResponse, (byte)SetResponseKind.Normal, invokeId);
        target.WriteByte((byte)result);
    }

    /// <summary>Writes set-response-datablock: one block has arrived, the next may come.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, uint number)
    {
        target.WriteHead(ApduTag.SetResponse, (byte)SetResponseKind.Datablock, invokeId);
        target.WriteUInt32(number);
    }

    /// <summary>Writes set-response-last-datablock.</summary>
    public static void WriteLastBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, DataAccessResult result, uint number)
    {
        target.WriteHead(ApduTag.SetResponse, (byte)SetResponseKind.LastDatablock, invokeId);
        target.WriteByte((byte)result);
        target.WriteUInt32(number);
    }

    /// <summary>Begins set-response-with-list; <paramref name="count"/> results follow, an octet each.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.SetResponse, (byte)SetResponseKind.WithList, invokeId);
        target.WriteLength(count);
    }

    private static SetResponse Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.SetResponse) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        byte result = 0;
        uint number = 0;
        ReadOnlySpan<byte> results = default;
        switch ((SetResponseKind)kind)
        {
            case SetResponseKind.Normal:
                reader.TryReadByte(out result);
                break;
            case SetResponseKind.Datablock:
                reader.TryReadUInt32(out number);

                // Gurux servers add a result, success, that the production does not have.
                if (reader.Remaining == 1 && reader.Peek == (DataTag)DataAccessResult.Success) reader.TryReadByte(out _);
                break;
            case SetResponseKind.LastDatablock:
                reader.TryReadByte(out result);
                reader.TryReadUInt32(out number);
                break;
            case SetResponseKind.WithList:
                if (reader.TryReadCount(out var count)) reader.TryReadBytes(count, out results);
                break;
            default:
                reader.Fail(DecodeFault.UnknownTag);
                break;
        }

        return new() { Kind = (SetResponseKind)kind, InvokeId = invokeId, Result = (DataAccessResult)result, BlockNumber = number, Results = results };
    }
}
