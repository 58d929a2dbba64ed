using System.Buffers;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>A read-request, read in place: short names to be read.</summary>
/// <remarks>ReadRequest, IEC 62056-5-3.</remarks>
public readonly ref struct ReadRequest
{
    private const string Production = "ReadRequest";

    /// <summary>Octets of a request for a block, or of one that is a block, without its raw data and their length.</summary>
    public const int BlockHeadSize = 6;

    /// <summary>What to read; checked already.</summary>
    public ApduList<VariableAccess> Items { get; init; }

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ReadRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        ApduList<VariableAccess> items = default;
        if (reader.TryReadTag(ApduTag.ReadRequest)) ApduList<VariableAccess>.TryRead(ref reader, out items);
        return Finish(ref reader, items, out value, out error);
    }

    /// <summary>Reads what the blocks of a long request add up to: a request without its tag.</summary>
    public static bool TryReadBlocks(ReadOnlySpan<byte> octets, out ReadRequest value, out DecodeError error)
    {
        var reader = new AxdrReader(octets, Production);
        ApduList<VariableAccess>.TryRead(ref reader, out var items);
        return Finish(ref reader, items, out value, out error);
    }

    /// <summary>Begins a request; <paramref name="count"/> items follow, by <see cref="VariableAccess"/>.</summary>
    public static void WriteHead(IBufferWriter<byte> target, int count)
    {
        target.WriteByte((byte)ApduTag.ReadRequest);
        target.WriteLength(count);
    }

    /// <summary>Writes the request for the block after <paramref name="received"/>.</summary>
    public static void WriteNext(IBufferWriter<byte> target, ushort received)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)VariableAccessKind.BlockNumberAccess);
        target.WriteUInt16(received);
    }

    /// <summary>Writes one block of a long request.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, bool last, ushort number, ReadOnlySpan<byte> raw)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)VariableAccessKind.ReadDataBlockAccess);
        target.WriteByte(last ? (byte)1 : (byte)0);
        target.WriteUInt16(number);
        target.WriteLength(raw.Length);
        target.Write(raw);
    }

    private static bool Finish(scoped ref AxdrReader reader, ApduList<VariableAccess> items, out ReadRequest value, out DecodeError error)
    {
        value = new() { Items = items };
        reader.TryEnd();
        error = reader.Error;
        return !reader.Failed;
    }
}

/// <summary>First octet of an item of a read-response.</summary>
/// <remarks>ReadResponse, IEC 62056-5-3.</remarks>
public enum ReadResultKind : byte
{
#pragma warning disable CS1591 // each name is the standard's own
    Data = 0, DataAccessError = 1, DataBlockResult = 2, BlockNumber = 3,
#pragma warning restore CS1591
}

/// <summary>One item of a read-response, read in place.</summary>
/// <remarks>Which members count depends on <see cref="Kind"/>.</remarks>
public readonly ref struct ReadResult : IApduItem<ReadResult>
{
    /// <summary>What it is.</summary>
    public ReadResultKind Kind { get; init; }

    /// <summary>Data: encoded.</summary>
    public ReadOnlySpan<byte> Data { get; init; }

    /// <summary>Data access error: why there is none.</summary>
    public DataAccessResult Error { get; init; }

    /// <summary>Data block: true for the last one.</summary>
    public bool LastBlock { get; init; }

    /// <summary>Data block: its number, from 1. Block number: which block of the request has arrived.</summary>
    public ushort BlockNumber { get; init; }

    /// <summary>Data block: a slice of the answer.</summary>
    public ReadOnlySpan<byte> Raw { get; init; }

    /// <inheritdoc/>
    public static bool TryRead(scoped ref AxdrReader reader, out ReadResult value)
    {
        value = default;
        if (!reader.TryReadByte(out var kind)) return false;
        byte last = 0, error = 0;
        ushort number = 0;
        ReadOnlySpan<byte> data = default, raw = default;
        var done = (ReadResultKind)kind switch
        {
            ReadResultKind.Data => reader.TrySkip(out data),
            ReadResultKind.DataAccessError => reader.TryReadResult(out error),
            ReadResultKind.DataBlockResult => reader.TryReadByte(out last) && reader.TryReadUInt16(out number) && reader.TryReadLengthPrefixed(out raw),
            ReadResultKind.BlockNumber => reader.TryReadUInt16(out number),
            _ => reader.Fail(DecodeFault.BadValue),
        };
        value = new() { Kind = (ReadResultKind)kind, Data = data, Error = (DataAccessResult)error, LastBlock = last != 0, BlockNumber = number, Raw = raw };
        return done;
    }
}

/// <summary>A read-response, read in place.</summary>
/// <remarks>ReadResponse, IEC 62056-5-3.</remarks>
public readonly ref struct ReadResponse
{
    private const string Production = "ReadResponse";

    /// <summary>Octets of a response that is a block, without its raw data and their length.</summary>
    public const int BlockHeadSize = 6;

    private readonly ApduList<ReadResult> _items;

    private ReadResponse(ApduList<ReadResult> items) => _items = items;

    /// <summary>Items, at most <see cref="Limits.MaxListItems"/>; checked already.</summary>
    public int Count => _items.Count;

    /// <summary>Starts at the first item.</summary>
    public ApduList<ReadResult>.Enumerator GetEnumerator() => _items.GetEnumerator();

    /// <summary>Reads a whole APDU, tag included.</summary>
    public static bool TryRead(ReadOnlySpan<byte> apdu, out ReadResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(apdu, Production);
        value = reader.TryReadTag(ApduTag.ReadResponse) ? ReadItems(ref reader) : default;
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Reads what the blocks of a long response add up to: a response without its tag.</summary>
    public static bool TryReadBlocks(ReadOnlySpan<byte> octets, out ReadResponse value, out DecodeError error)
    {
        var reader = new AxdrReader(octets, Production);
        value = ReadItems(ref reader);
        error = reader.Error;
        return !reader.Failed;
    }

    /// <summary>Begins a response; <paramref name="count"/> items follow: 00 and Data, or <see cref="WriteError"/>.</summary>
    public static void WriteHead(IBufferWriter<byte> target, int count)
    {
        target.WriteByte((byte)ApduTag.ReadResponse);
        target.WriteLength(count);
    }

    /// <summary>Writes an item: why there is no data.</summary>
    public static void WriteError(IBufferWriter<byte> target, DataAccessResult error)
    {
        target.WriteByte((byte)ReadResultKind.DataAccessError);
        target.WriteByte((byte)error);
    }

    /// <summary>Writes one block of a long response.</summary>
    public static void WriteBlock(IBufferWriter<byte> target, bool last, ushort number, ReadOnlySpan<byte> raw)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)ReadResultKind.DataBlockResult);
        target.WriteByte(last ? (byte)1 : (byte)0);
        target.WriteUInt16(number);
        target.WriteLength(raw.Length);
        target.Write(raw);
    }

    /// <summary>Acknowledges a block of a long request.</summary>
    public static void WriteBlockNumber(IBufferWriter<byte> target, ushort number)
    {
        WriteHead(target, 1);
        target.WriteByte((byte)ReadResultKind.BlockNumber);
        target.WriteUInt16(number);
    }

    private static ReadResponse ReadItems(scoped ref AxdrReader reader) =>
        ApduList<ReadResult>.TryRead(ref reader, out var items) && reader.TryEnd() ? new(items) : default;
}
