using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A write-request or unconfirmed-write-request, read in place: values for short names.</summary>
/// <remarks>WriteRequest and UnconfirmedWriteRequest, IEC 62056-5-3: what is written, then as many Data.</remarks>
public readonly ref struct WriteRequest
{
    private const string Production = "WriteRequest";

    /// <summary>Octets of a request that is a block, without its raw data and their length.</summary>
    public const int BlockHeadSize = 8;

    /// <summary>True where no answer is wanted.</summary>
    public bool Unconfirmed { get; init; }

    /// <summary>What to write; checked already.</summary>
    public ApduList<VariableAccess> Items { get; init; }

    /// <summary>The values; checked already, one for each item.</summary>
    public ApduList<DataItem> Values { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out WriteRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        var unconfirmed = reader.Peek == (DataTag)ApduTag.UnconfirmedWriteRequest;
        value = default;
        if (reader.TryReadTag(unconfirmed ? ApduTag.UnconfirmedWriteRequest : ApduTag.WriteRequest)) value = ReadLists(ref reader, unconfirmed);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Reads what the blocks of a long request add up to: a request without its tag.</summary>
    public static bool TryReadBlocks(ReadOnlySpan<byte> octets, out WriteRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(octets, Production);
        value = ReadLists(ref reader, unconfirmed: false);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins a request; <paramref name="count"/> items follow by <see cref="VariableAccess"/>, then the count again and as many Data.</summary>
    public static void WriteHead(IBufferWriter<byte> target, int count, bool unconfirmed = false)
    {
        target.WriteByte((byte)(unconfirmed ? ApduTag.UnconfirmedWriteRequest : ApduTag.WriteRequest));
        target.WriteLength(count);
    }

    /// <summary>Writes one block of a long request: its octets are the request's one Data, an octet-string.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, bool last, ushort number, ReadOnlySpan<byte> raw)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)VariableAccessKind.WriteDataBlockAccess);
        target.WriteByte(last ? (byte)1 : (byte)0);
        target.WriteUInt16(number);
        target.WriteLength(1);
        target.WriteOctetString(raw);
    }

    private static WriteRequest ReadLists(scoped ref AxdrReader reader, bool unconfirmed)
    {
        if (!ApduList<VariableAccess>.TryRead(ref reader, out var items) || !ApduList<DataItem>.TryRead(ref reader, out var values)) return default;
        if (values.Count != items.Count) reader.Fail(DecodeFault.BadLength);
        reader.TryEnd();
        return new() { Unconfirmed = unconfirmed, Items = items, Values = values };
    }
}

/// <summary>First octet of an item of a write-response.</summary>
/// <remarks>WriteResponse, IEC 62056-5-3.</remarks>
public enum WriteResultKind : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Success = 0, DataAccessError = 1, BlockNumber = 2,
#pragma warning restore CS1591
}

/// <summary>One item of a write-response.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Error">Why nothing was written; success where it was.</param>
/// <param name="BlockNumber">Which block of a long request has arrived.</param>
public readonly record struct WriteResult(WriteResultKind Kind, DataAccessResult Error, ushort BlockNumber) : IApduItem<WriteResult>
{
    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out WriteResult value)
    {
        value = default;
        if (!reader.TryReadByte(out var kind)) return false;
        byte error = 0;
        ushort number = 0;
        var done = (WriteResultKind)kind switch
        {
            WriteResultKind.Success => true,
            WriteResultKind.DataAccessError => reader.TryReadResult(out error),
            WriteResultKind.BlockNumber => reader.TryReadUInt16(out number),
            _ => reader.Fail(DecodeFault.BadValue),
        };
        value = new((WriteResultKind)kind, (DataAccessResult)error, number);
        return done;
    }
}

/// <summary>A write-response, read in place.</summary>
/// <remarks>WriteResponse, IEC 62056-5-3.</remarks>
public readonly ref struct WriteResponse
{
    private const string Production = "WriteResponse";

    private readonly ApduList<WriteResult> _items;

    private WriteResponse(ApduList<WriteResult> items) => _items = items;

    /// <summary>Items, at most <see cref="Limits.MaxListItems"/>; checked already.</summary>
    public int Count => _items.Count;

    /// <summary>Starts at the first item.</summary>
    public ApduList<WriteResult>.Enumerator GetEnumerator() => _items.GetEnumerator();

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out WriteResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.WriteResponse) ? ReadItems(ref reader) : default;
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins a response; <paramref name="count"/> items follow by <see cref="WriteResult"/>.</summary>
    public static void WriteHead(IBufferWriter<byte> target, int count)
    {
        target.WriteByte((byte)ApduTag.WriteResponse);
        target.WriteLength(count);
    }

    /// <summary>Writes what became of one item.</summary>
    public static void WriteResult(IBufferWriter<byte> target, DataAccessResult result)
    {
        target.WriteByte((byte)(result == DataAccessResult.Success ? WriteResultKind.Success : WriteResultKind.DataAccessError));
        if (result != DataAccessResult.Success) target.WriteByte((byte)result);
    }

    /// <summary>Acknowledges a block of a long request.</summary>
    public static void WriteBlockNumber(IBufferWriter<byte> target, ushort number)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)WriteResultKind.BlockNumber);
        target.WriteUInt16(number);
    }

    private static WriteResponse ReadItems(scoped ref AxdrReader reader) =>
        ApduList<WriteResult>.TryRead(ref reader, out var items) && reader.TryEnd() ? new(items) : default;
}
