using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>An action-request, read in place.</summary>
/// <remarks>Action-Request, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct ActionRequest
{
    private const string Production = "Action-Request";

    /// <summary>Octets of one pblock before the length of its raw data.</summary>
    public const int BlockHeadSize = 1 + 4;

    /// <summary>Which of the requests it is.</summary>
    public ActionRequestKind Kind { get; init; }

    /// <summary>To be copied into the response.</summary>
    public InvokeIdAndPriority InvokeId { get; init; }

    /// <summary>Normal and first pblock: what to invoke.</summary>
    public MethodRef Target { get; init; }

    /// <summary>Normal: encoded Data; empty where none was sent.</summary>
    public ReadOnlySpan<byte> Parameter { get; init; }

    /// <summary>With list, and with list and first pblock: what to invoke; checked already.</summary>
    public ApduList<MethodItem> Items { get; init; }

    /// <summary>With list: the parameters in the same order, null-data for none; checked already, as many as <see cref="Items"/>.</summary>
    public ApduList<DataItem> Parameters { get; init; }

    /// <summary>Pblocks: true in the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Pblocks: the number, from 1. Next pblock: the number of the one received last.</summary>
    public uint BlockNumber { get; init; }

    /// <summary>Pblocks: this block's octets.</summary>
    public ReadOnlySpan<byte> Raw { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ActionRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = Read(ref reader);
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Writes action-request-normal; an empty <paramref name="parameter"/> is left out.</summary>
    public static void WriteNormal(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in MethodRef method, ReadOnlySpan<byte> parameter)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.Normal, invokeId);
        method.WriteTo(target);
        target.WriteByte(parameter.IsEmpty ? (byte)0 : (byte)1);
        target.Write(parameter);
    }

    /// <summary>Writes action-request-next-pblock.</summary>
    public static void WriteNext(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, uint blockNumber)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.NextPblock, invokeId);
        target.WriteUInt32(blockNumber);
    }

    /// <summary>Begins action-request-with-list; <paramref name="count"/> methods follow, then the count again and as many Data.</summary>
    public static void WriteListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithList, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Writes action-request-with-first-pblock: the raw data are those of the one parameter.</summary>
    public static void WriteFirstBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, in MethodRef method, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithFirstPblock, invokeId);
        method.WriteTo(target);
        target.WriteBlock(last, number, raw);
    }

    /// <summary>Begins action-request-with-list-and-first-pblock; <paramref name="count"/> methods follow, then the block (<see cref="WriteListBlock"/>).</summary>
    public static void WriteListFirstBlockHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithListAndFirstPblock, invokeId);
        target.WriteLength(count);
    }

    /// <summary>Ends action-request-with-list-and-first-pblock: the raw data are those of the count and the parameters.</summary>
    public static void WriteListBlock(IBufferWriter<byte> target, bool last, uint number, ReadOnlySpan<byte> raw) => target.WriteBlock(last, number, raw);

    /// <summary>Writes action-request-with-pblock.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteHead(ApduTag.ActionRequest, (byte)ActionRequestKind.WithPblock, invokeId);
        target.WriteBlock(last, number, raw);
    }

    private static ActionRequest Read(scoped ref AxdrReader reader)
    {
        if (!reader.TryReadTag(ApduTag.ActionRequest) || !reader.TryReadByte(out var kind) || !reader.TryReadInvokeId(out var invokeId)) return default;
        switch ((ActionRequestKind)kind)
        {
            case ActionRequestKind.Normal:
                reader.TryReadMethod(out var method);
                ReadOnlySpan<byte> parameter = default;
                if (reader.TryReadPresence(out var present) && present) reader.TrySkip(out parameter);
                return new() { Kind = ActionRequestKind.Normal, InvokeId = invokeId, Target = method, Parameter = parameter };
            case ActionRequestKind.NextPblock:
                reader.TryReadUInt32(out var number);
                return new() { Kind = ActionRequestKind.NextPblock, InvokeId = invokeId, BlockNumber = number };
            case ActionRequestKind.WithList:
                return ReadList(ref reader, invokeId);
            case ActionRequestKind.WithFirstPblock:
                reader.TryReadMethod(out method);
                return ReadBlock(ref reader, ActionRequestKind.WithFirstPblock, invokeId, method, default);
            case ActionRequestKind.WithListAndFirstPblock:
                ApduList<MethodItem>.TryRead(ref reader, out var items);
                return ReadBlock(ref reader, ActionRequestKind.WithListAndFirstPblock, invokeId, default, items);
            case ActionRequestKind.WithPblock:
                return ReadBlock(ref reader, ActionRequestKind.WithPblock, invokeId, default, default);
            default:
                reader.Fail(DecodeFault.UnknownTag);
                return default;
        }
    }

    private static ActionRequest ReadList(scoped ref AxdrReader reader, InvokeIdAndPriority invokeId)
    {
        if (!ApduList<MethodItem>.TryRead(ref reader, out var items) || !ApduList<DataItem>.TryRead(ref reader, out var values)) return default;
        if (items.Count != values.Count) reader.Fail(DecodeFault.BadLength);
        return new() { Kind = ActionRequestKind.WithList, InvokeId = invokeId, Items = items, Parameters = values };
    }

    private static ActionRequest ReadBlock(scoped ref AxdrReader reader, ActionRequestKind kind, InvokeIdAndPriority invokeId, MethodRef method, ApduList<MethodItem> items)
    {
        reader.TryReadBlock(out var last, out var number, out var raw);
        return new() { Kind = kind, InvokeId = invokeId, Target = method, Items = items, LastBlock = last, BlockNumber = number, Raw = raw };
    }
}
