using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An action-response, read in place.</summary>
/// <remarks>Action-Response, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct ActionResponse
{
    private const string Production = "Action-Response";

    /// <summary>Octets of action-response-with-pblock before the length of its raw data.</summary>
    public const int BlockHeadSize = 3 + 1 + 4;

    /// <summary>Which of the responses it is.</summary>
    public ActionResponseKind Kind { get; init; }

    /// <summary>Copied from the request.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal: what became of the method.</summary>
    public ActionResult Result { get; init; }

    /// <summary>Normal: success, or why the method's value could not be returned though it was carried out.</summary>
    public DataAccessResult ReturnResult { get; init; }

    /// <summary>Normal: encoded return Data; empty where there is none. Pblock: this block's octets.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>With list: the results; checked already.</summary>
    public ApduList<ActionResultItem> Items { get; init; }

    /// <summary>Pblock: true in the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Pblock: its number, from 1. Next pblock: the number of the one that has arrived.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ActionResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins action-response-normal, success, with return Data, which follow.</summary>
    public static void WriteNormalHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.Normal, invokeId);
        WriteDataHead(target);
    }

    /// <summary>Writes action-response-normal without return Data.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, ActionResult result)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.Normal, invokeId);
        WriteItem(target, result);
    }

    /// <summary>Begins action-response-with-list; <paramref name="count"/> results follow by <see cref="WriteDataHead"/> and Data, or by <see cref="WriteItem"/>.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.WithList, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Begins one result: success, with return Data, which follow.</summary>
    public static void WriteDataHead(IBufferWriter<byte> target)
    {
        var span = target.GetSpan(3);
        (span[0], span[1], span[2]) = ((byte)ActionResult.Success, 1, 0);
        target.Advance(3);
    }

    /// <summary>Writes one result without return Data.</summary>
    public static void WriteItem(IBufferWriter<byte> target, ActionResult result)
    {
        target.WriteByte((byte)result);
        target.WriteByte(0);
    }

    /// <summary>Writes action-response-with-pblock: a part of the return Data of one method, or of the count and results of a list.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.WithPblock, invokeId);
        target.WriteBlock(last, number, raw);
    }

    /// <summary>Writes action-response-next-pblock: one block has arrived, the next may come.</summary>
    public static void WriteNext(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, uint number)
    {
        target.WriteHead(ApduTag.ActionResponse, (byte)ActionResponseKind.NextPblock, invokeId);
        target.WriteUInt32(number);
    }

    private static ActionResponse Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.ActionResponse) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        switch ((ActionResponseKind)kind)
        {
            case ActionResponseKind.Normal:
                reader.TryReadActionResult(out var result, out var returned, out var data);
                return new() { Kind = ActionResponseKind.Normal, InvokeId = invokeId, Result = result, ReturnResult = returned, Data = data };
            case ActionResponseKind.WithPblock:
                reader.TryReadBlock(out var last, out var number, out var raw);
                return new() { Kind = ActionResponseKind.WithPblock, InvokeId = invokeId, LastBlock = last, BlockNumber = number, Data = raw };
            case ActionResponseKind.WithList:
                ApduList<ActionResultItem>.TryRead(ref reader, out var items);
                return new() { Kind = ActionResponseKind.WithList, InvokeId = invokeId, Items = items };
            case ActionResponseKind.NextPblock:
                reader.TryReadUInt32(out number);
                return new() { Kind = ActionResponseKind.NextPblock, InvokeId = invokeId, BlockNumber = number };
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }
}
