using System.Buffers;
using System.Buffers.Binary;
using System.Numerics;

namespace Gridtally.Meter.Persistence;

/// <summary>What a record of the memory file says.</summary>
internal enum MemoryRecordKind : byte
{
    /// <summary>A meter's whole state, and the rows captured since its last record. Applied whole or not at all.</summary>
    Meter = 1,
    /// <summary>The invocation counters of one client of one meter, since its last record.</summary>
    Counters = 2,
}

/// <summary>What a scan found at an offset of the memory file.</summary>
internal enum MemoryScan
{
    /// <summary>A whole record.</summary>
    Record,
    /// <summary>The end of the file, after a whole record.</summary>
    End,
    /// <summary>The end of the file in the middle of a record: what a kill leaves behind.</summary>
    Torn,
    /// <summary>Octets that no kill leaves behind.</summary>
    Corrupt,
}

/// <summary>The frame around each record: length, checksum of the body, checksum of these two; kind and body.</summary>
/// <remarks>
/// Little-endian, CRC-32C. The head has a checksum of its own, so that a damaged length is told apart from a record that was cut
/// short: a write that was cut leaves a prefix, whose head is sound or too short itself.
/// </remarks>
internal static class MemoryRecord
{
    public const int HeadSize = 12;

    /// <summary>Octets of the longest record: a meter with a full buffer takes 415 KB.</summary>
    public const int MaxBody = 1024 * 1024;

    public static void Write(IBufferWriter<byte> target, MemoryRecordKind kind, ReadOnlySpan<byte> body)
    {
        var span = target.GetSpan(HeadSize + 1 + body.Length)[..(HeadSize + 1 + body.Length)];
        span[HeadSize] = (byte)kind;
        body.CopyTo(span[(HeadSize + 1)..]);
        BinaryPrimitives.WriteInt32LittleEndian(span, 1 + body.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], Checksum(span[HeadSize..]));
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], Checksum(span[..8]));
        target.Advance(span.Length);
    }

    /// <summary>Reads the record at the stream's position.</summary>
    /// <param name="source">The file.</param>
    /// <param name="content">Kind and body.</param>
    public static MemoryScan Read(Stream source, out byte[] content)
    {
        content = [];
        Span<byte> head = stackalloc byte[HeadSize];
        var read = source.ReadAtLeast(head, HeadSize, throwOnEndOfStream: false);
        if (read == 0) return MemoryScan.End;
        if (read < HeadSize) return MemoryScan.Torn;
        var length = BinaryPrimitives.ReadInt32LittleEndian(head);
        if (BinaryPrimitives.ReadUInt32LittleEndian(head[8..]) != Checksum(head[..8]) || length is < 1 or > MaxBody) return MemoryScan.Corrupt;
        content = new byte[length];
        if (source.ReadAtLeast(content, length, throwOnEndOfStream: false) < length) return MemoryScan.Torn;
        return Checksum(content) == BinaryPrimitives.ReadUInt32LittleEndian(head[4..]) ? MemoryScan.Record : MemoryScan.Corrupt;
    }

    private static uint Checksum(ReadOnlySpan<byte> octets)
    {
        var crc = uint.MaxValue;
        for (; octets.Length >= 8; octets = octets[8..]) crc = BitOperations.Crc32C(crc, BinaryPrimitives.ReadUInt64LittleEndian(octets));
        foreach (var octet in octets) crc = BitOperations.Crc32C(crc, octet);
        return ~crc;
    }
}
