using System.Buffers;
using System.Buffers.Binary;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Apdus;

/// <summary>What the APDU codecs read and write besides Data.</summary>
internal static class ApduReading
{
    /// <summary>Reads an octet that must be <paramref name="expected"/>.</summary>
    public static bool TryReadTag(this ref AxdrReader reader, ApduTag expected)
    {
        if (reader.Peek != (DataTag)expected) return reader.Fail(reader.Remaining == 0 ? DecodeFault.Truncated : DecodeFault.UnknownTag);
        return reader.TryReadByte(out _);
    }

    /// <summary>Reads the presence octet of an OPTIONAL: 00 or 01.</summary>
    public static bool TryReadPresence(this ref AxdrReader reader, out bool present)
    {
        present = reader.Peek == (DataTag)1;
        return reader.Peek is null or (DataTag)0 or (DataTag)1 ? reader.TryReadByte(out _) : reader.Fail(DecodeFault.BadValue);
    }

    public static bool TryReadInvokeId(this ref AxdrReader reader, out InvokeIdAndPriority value)
    {
        var done = reader.TryReadByte(out var octet);
        value = new(octet);
        return done;
    }

    public static bool TryReadAttribute(this ref AxdrReader reader, out AttributeRef value)
    {
        value = default;
        return reader.TryReadBytes(AttributeRef.Size, out var octets) && AttributeRef.TryRead(octets, out value, out _) == OperationStatus.Done;
    }

    /// <summary>Reads 00, or 01 with a selector and its parameters.</summary>
    public static bool TryReadSelection(this ref AxdrReader reader, out byte selector, out ReadOnlySpan<byte> parameters)
    {
        selector = 0;
        parameters = default;
        if (!reader.TryReadPresence(out var present)) return false;
        return !present || (reader.TryReadByte(out selector) && reader.TrySkip(out parameters));
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
}
