using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>What the APDU codecs read and write besides Data.</summary>
internal static class ApduReading
{
    /// <summary>Reads an octet that must be <paramref name="expected"/>.</summary>
    public static bool TryReadTag(this scoped ref AxdrReader reader, ApduTag expected)
    {
        if (reader.Peek != (DataTag)expected) return reader.Fail(reader.Remaining == 0 ? DecodeFault.Truncated : DecodeFault.UnknownTag);
        return reader.TryReadByte(out _);
    }

    /// <summary>Reads the presence octet of an OPTIONAL: 00 or 01.</summary>
    public static bool TryReadPresence(this scoped ref AxdrReader reader, out bool present)
    {
        present = reader.Peek == (DataTag)1;
        return reader.Peek is null or (DataTag)0 or (DataTag)1 ? reader.TryReadByte(out _) : reader.Fail(DecodeFault.BadValue);
    }

    public static bool TryReadInvokeId(this scoped ref AxdrReader reader, out InvokeIdAndPriority value)
    {
        var done = reader.TryReadByte(out var octet);
        value = new(octet);
        return done;
    }

    public static bool TryReadAttribute(this scoped ref AxdrReader reader, out AttributeRef value)
    {
        value = default;
        return reader.TryReadBytes(AttributeRef.Size, out var octets) && AttributeRef.TryRead(octets, out value, out _) == OperationStatus.Done;
    }

    public static bool TryReadMethod(this scoped ref AxdrReader reader, out MethodRef value)
    {
        value = default;
        return reader.TryReadBytes(AttributeRef.Size, out var octets) && MethodRef.TryRead(octets, out value, out _) == OperationStatus.Done;
    }

    public static bool TryReadLongInvokeId(this scoped ref AxdrReader reader, out LongInvokeIdAndPriority value)
    {
        var done = reader.TryReadUInt32(out var bits);
        value = new(bits);
        return done;
    }

    /// <summary>Reads a date-time that is no Data: an octet-string of 12, or of none for null.</summary>
    public static bool TryReadBareDateTime(this scoped ref AxdrReader reader, out CosemDateTime? value)
    {
        value = null;
        if (reader.Peek is { } and not 0 and not (DataTag)CosemDateTime.Size) return reader.Fail(DecodeFault.BadLength);
        if (!reader.TryReadLengthPrefixed(out var octets)) return false;
        if (!octets.IsEmpty) value = CosemDateTime.Read(octets);
        return true;
    }

    /// <summary>Reads an Action-Response-With-Optional-Data: a result, then 00, or 01 and a Get-Data-Result.</summary>
    public static bool TryReadActionResult(this scoped ref AxdrReader reader, out ActionResult result, out DataAccessResult returned, out ReadOnlySpan<byte> data)
    {
        returned = DataAccessResult.Success;
        data = default;
        var done = reader.TryReadByte(out var octet);
        result = (ActionResult)octet;
        if (!done || !reader.TryReadPresence(out var present)) return false;
        return !present || reader.TryReadDataResult(out returned, out data);
    }

    /// <summary>Reads 00, or 01 with a selector and its parameters.</summary>
    public static bool TryReadSelection(this scoped ref AxdrReader reader, out byte selector, out ReadOnlySpan<byte> parameters)
    {
        selector = 0;
        parameters = default;
        if (!reader.TryReadPresence(out var present)) return false;
        return !present || (reader.TryReadByte(out selector) && reader.TrySkip(out parameters));
    }

    /// <summary>Reads a count of list items and holds it against <see cref="Limits.MaxListItems"/>.</summary>
    public static bool TryReadCount(this scoped ref AxdrReader reader, out int count)
    {
        if (!reader.TryReadLength(out count)) return false;
        if (count > Limits.MaxListItems) return reader.Fail(DecodeFault.BadLength);

        // Every item has an octet at least: a count past the end is a lie or a message cut short, and nothing is done for it.
        return count <= reader.Remaining || reader.Fail(DecodeFault.Truncated);
    }

    /// <summary>Reads a Get-Data-Result: 00 and Data, or 01 and a data-access-result other than success.</summary>
    public static bool TryReadDataResult(this scoped ref AxdrReader reader, out DataAccessResult result, out ReadOnlySpan<byte> data)
    {
        result = DataAccessResult.Success;
        data = default;
        if (!reader.TryReadPresence(out var isResult)) return false;
        if (!isResult) return reader.TrySkip(out data);
        var done = reader.TryReadResult(out var octet);
        result = (DataAccessResult)octet;
        return done;
    }

    /// <summary>Reads a data-access-result in place of data; success would be a contradiction.</summary>
    public static bool TryReadResult(this scoped ref AxdrReader reader, out byte result) =>
        reader.TryReadByte(out result) && (result != 0 || reader.Fail(DecodeFault.BadValue));

    /// <summary>Reads one datablock: last, number, raw octets.</summary>
    public static bool TryReadBlock(this scoped ref AxdrReader reader, out bool last, out uint number, out ReadOnlySpan<byte> raw)
    {
        (last, number) = (false, 0);
        raw = default;
        if (!reader.TryReadByte(out var flag) || !reader.TryReadUInt32(out number) || !reader.TryReadLengthPrefixed(out raw)) return false;
        last = flag != 0;
        return true;
    }

    public static void WriteUInt32(this IBufferWriter<byte> target, uint value)
    {
        BinaryPrimitives.WriteUInt32BigEndian(target.GetSpan(4), value);
        target.Advance(4);
    }

    public static void WriteUInt16(this IBufferWriter<byte> target, ushort value)
    {
        BinaryPrimitives.WriteUInt16BigEndian(target.GetSpan(2), value);
        target.Advance(2);
    }

    /// <summary>Writes a date-time that is no Data: its length, 12 or 0 for null, and its octets.</summary>
    public static void WriteBareDateTime(this IBufferWriter<byte> target, in CosemDateTime? value)
    {
        if (value is not { } time)
        {
            target.WriteByte(0);
            return;
        }

        var span = target.GetSpan(1 + CosemDateTime.Size);
        span[0] = CosemDateTime.Size;
        time.Write(span[1..]);
        target.Advance(1 + CosemDateTime.Size);
    }

    public static void WriteSelection(this IBufferWriter<byte> target, byte selector, ReadOnlySpan<byte> parameters)
    {
        target.WriteByte(selector == 0 ? (byte)0 : (byte)1);
        if (selector == 0) return;
        target.WriteByte(selector);
        target.Write(parameters);
    }

    /// <summary>Tag, kind and invoke id: the start of every xDLMS service APDU.</summary>
    public static void WriteHead(this IBufferWriter<byte> target, ApduTag tag, byte kind, InvokeIdAndPriority invokeId)
    {
        var span = target.GetSpan(3);
        (span[0], span[1], span[2]) = ((byte)tag, kind, invokeId.Value);
        target.Advance(3);
    }

    public static void WriteBlock(this IBufferWriter<byte> target, bool last, uint number, ReadOnlySpan<byte> raw)
    {
        target.WriteByte(last ? (byte)1 : (byte)0);
        target.WriteUInt32(number);
        target.WriteLength(raw.Length);
        target.Write(raw);
    }
}
