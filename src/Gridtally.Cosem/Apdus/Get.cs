using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A get-request, read in place.</summary>
/// <remarks>Get-Request, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct GetRequest
{
    private const string Production = "Get-Request";

    /// <summary>Which of the three requests it is.</summary>
    public GetRequestKind Kind { get; init; }

    /// <summary>To be copied into the response.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal: what to read.</summary>
    public AttributeRef Target { get; init; }

    /// <summary>Normal: access selector, 0 for none.</summary>
    public byte Selector { get; init; }

    /// <summary>Normal: the selector's parameters, encoded Data.</summary>
    public ReadOnlySpan<byte> Parameters { get; init; }

    /// <summary>Next: number of the block received last.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>With list: what to read; checked already.</summary>
    public ApduList<AttributeItem> Items { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out GetRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes get-request-normal.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters)
    {
        target.WriteHead(ApduTag.GetRequest, (byte)GetRequestKind.Normal, invokeId);
        attribute.WriteTo(target);
        target.WriteSelection(selector, parameters);
    }

    /// <summary>Writes get-request-next.</summary>
    public static void WriteNext(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, uint blockNumber)
    {
        target.WriteHead(ApduTag.GetRequest, (byte)GetRequestKind.Next, invokeId);
        target.WriteUInt32(blockNumber);
    }

    /// <summary>Begins get-request-with-list; <paramref name="count"/> items follow by <see cref="WriteItem"/>.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.GetRequest, (byte)GetRequestKind.WithList, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Writes one item of a list.</summary>
    public static void WriteItem(IBufferWriter<byte> target, in AttributeRef attribute, byte selector, ReadOnlySpan<byte> parameters)
    {
        attribute.WriteTo(target);
        target.WriteSelection(selector, parameters);
    }

    private static GetRequest Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.GetRequest) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        switch ((GetRequestKind)kind)
        {
            case GetRequestKind.Normal:
                reader.TryReadAttribute(out var attribute);
                reader.TryReadSelection(out var selector, out var parameters);
                return new() { Kind = GetRequestKind.Normal, InvokeId = invokeId, Target = attribute, Selector = selector, Parameters = parameters };
            case GetRequestKind.Next:
                reader.TryReadUInt32(out var number);
                return new() { Kind = GetRequestKind.Next, InvokeId = invokeId, BlockNumber = number };
            case GetRequestKind.WithList:
                ApduList<AttributeItem>.TryRead(ref reader, out var items);
                return new() { Kind = GetRequestKind.WithList, InvokeId = invokeId, Items = items };
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }
}

/// <summary>A get-response, read in place.</summary>
/// <remarks>Get-Response, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct GetResponse
{
    private const string Production = "Get-Response";

    /// <summary>Octets of get-response-with-datablock before the length of its raw data.</summary>
    public const int BlockHeadSize = 9;

    /// <summary>Which of the three responses it is.</summary>
    public GetResponseKind Kind { get; init; }

    /// <summary>Copied from the request.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal and datablock: success, or why there is no data.</summary>
    public DataAccessResult Result { get; init; }

    /// <summary>Normal: encoded Data. Datablock: this block's octets.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Datablock: true in the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Datablock: its number, from 1.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>With list: the results; checked already.</summary>
    public ApduList<DataResultItem> Items { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out GetResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins get-response-normal with data, which follow.</summary>
    public static void WriteNormalHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId)
    {
        target.WriteHead(ApduTag.GetResponse, (byte)GetResponseKind.Normal, invokeId);
        target.WriteByte(0);
    }

    /// <summary>Writes get-response-normal without data.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, DataAccessResult result)
    {
        target.WriteHead(ApduTag.GetResponse, (byte)GetResponseKind.Normal, invokeId);
        target.WriteByte(1);
        target.WriteByte((byte)result);
    }

    /// <summary>Writes get-response-with-datablock with data.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        WriteBlockHead(target, invokeId, last, number);
        target.WriteByte(0);
        target.WriteLength(raw.Length);
        target.Write(raw);
    }

    /// <summary>Writes get-response-with-datablock that ends the transfer with a reason.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, uint number, DataAccessResult result)
    {
        WriteBlockHead(target, invokeId, last: true, number);
        target.WriteByte(1);
        target.WriteByte((byte)result);
    }

    /// <summary>Begins get-response-with-list; <paramref name="count"/> results follow, each 00 and Data, or 01 and a data-access-result.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.GetResponse, (byte)GetResponseKind.WithList, invokeId);
        target.WriteLength(count);
    }

    private static void WriteBlockHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, bool last, uint number)
    {
        target.WriteHead(ApduTag.GetResponse, (byte)GetResponseKind.WithDatablock, invokeId);
        target.WriteByte(last ? (byte)1 : (byte)0);
        target.WriteUInt32(number);
    }

    private static GetResponse Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.GetResponse) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        switch ((GetResponseKind)kind)
        {
            case GetResponseKind.Normal:
                reader.TryReadDataResult(out var result, out var data);
                return new() { Kind = GetResponseKind.Normal, InvokeId = invokeId, Result = result, Data = data };
            case GetResponseKind.WithDatablock:
                return ReadBlock(ref reader, invokeId);
            case GetResponseKind.WithList:
                ApduList<DataResultItem>.TryRead(ref reader, out var items);
                return new() { Kind = GetResponseKind.WithList, InvokeId = invokeId, Items = items };
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }

    private static GetResponse ReadBlock(scoped ref AxdrReader reader, InvokeIdAndPriority invokeId)
    {
        reader.TryReadByte(out var last);
        reader.TryReadUInt32(out var number);
        if (!reader.TryReadPresence(out var isResult)) return default;
        byte result = 0;
        var raw = ReadOnlySpan<byte>.Empty;
        if (isResult) reader.TryReadResult(out result);
        else reader.TryReadLengthPrefixed(out raw);
        return new()
        {
            Kind = GetResponseKind.WithDatablock,
            InvokeId = invokeId,
            LastBlock = last != 0,
            BlockNumber = number,
            Result = (DataAccessResult)result,
            Data = raw,
        };
    }
}
