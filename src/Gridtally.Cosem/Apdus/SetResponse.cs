using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A set-response, read in place.</summary>
/// <remarks>Set-Response, IEC 62056-5-3. Which members count depends on <see cref="Kind"/>.</remarks>
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

    /// <summary>With list, and last datablock with list: one data-access-result per octet.</summary>
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

    /// <summary>Begins set-response-last-datablock-with-list; <paramref name="count"/> results follow, an octet each, then the block's number.</summary>
    public static void WriteLastBlockListHead(IBufferWriter<byte> target, InvokeIdAndPriority invokeId, int count)
    {
        target.WriteHead(ApduTag.SetResponse, (byte)SetResponseKind.LastDatablockWithList, invokeId);
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
            case SetResponseKind.LastDatablockWithList:
                if (reader.TryReadCount(out var count)) reader.TryReadBytes(count, out results);
                reader.TryReadUInt32(out number);
                break;
            case SetResponseKind.WithList:
                if (reader.TryReadCount(out count)) reader.TryReadBytes(count, out results);
                break;
            default:
                reader.Fail(DecodeFault.UnknownTag);
                break;
        }

        return new() { Kind = (SetResponseKind)kind, InvokeId = invokeId, Result = (DataAccessResult)result, BlockNumber = number, Results = results };
    }
}
