using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Companion;

/// <summary>The journal as a profile: its columns, its limits, and how to ask for a part of it.</summary>
public static class JournalProfile
{
    /// <summary>
    /// Octets after which the concentrator ends an answer. Bounds its memory and the time a line is busy. An entry is never cut, so an
    /// answer goes over by less than one entry, and always has at least one if there is any.
    /// </summary>
    public const int MaxAnswer = 256 * 1024;

    /// <summary>Column 1: sequence, long64-unsigned; counts up by 1 and is never used twice.</summary>
    public static readonly CaptureObject SequenceColumn = new(1, ConcentratorObjects.JournalSequence, 2);

    /// <summary>Column 2: record, structure.</summary>
    public static readonly CaptureObject RecordColumn = new(1, ConcentratorObjects.JournalRecordColumn, 2);

    /// <summary>The journal's buffer.</summary>
    public static readonly AttributeRef Buffer = new(7, ConcentratorObjects.Journal, 2);

    /// <summary>Writes one entry of the buffer up to its record, which must be written next.</summary>
    public static void WriteEntryHead(IBufferWriter<byte> target, ulong sequence)
    {
        target.WriteStructure(2);
        target.WriteLong64Unsigned(sequence);
    }

    /// <summary>Asks for the entries whose sequence is from..to, both included.</summary>
    /// <remarks>This is what a head end uses: it stays right when old entries are trimmed.</remarks>
    public static SelectiveAccess Range(ulong fromSequence, ulong toSequence = long.MaxValue) =>
        SelectiveAccess.By(RangeDescriptor.ByNumber(SequenceColumn, fromSequence, toSequence));
}

/// <summary>One entry of the journal, in place.</summary>
public readonly ref struct JournalEntry
{
    internal JournalEntry(ulong sequence, ReadOnlySpan<byte> record)
    {
        Sequence = sequence;
        Record = record;
    }

    /// <summary>Its place in the journal.</summary>
    public ulong Sequence { get; }

    /// <summary>The encoded record, well formed as Data; what it says is read with <see cref="JournalRecord"/>.</summary>
    public ReadOnlySpan<byte> Record { get; }
}

/// <summary>Walks the entries of a received journal buffer, without copying.</summary>
public ref struct JournalBufferReader
{
    private AxdrReader _reader;
    private int _left;
    private ulong _last;

    /// <summary>Starts at the head of the buffer.</summary>
    /// <param name="buffer">Encoded Data of attribute 2, as received.</param>
    public JournalBufferReader(ReadOnlySpan<byte> buffer)
    {
        _reader = new(buffer, "journal-buffer");
        _reader.TryReadArray(out _left);
        Count = _left;
    }

    /// <summary>Entries that the buffer says it has.</summary>
    public int Count { get; }

    /// <summary>True once the buffer turned out not to be a journal's; <see cref="Error"/> says why.</summary>
    public readonly bool Failed => _reader.Failed;

    /// <summary>The first failure; meaningless while <see cref="Failed"/> is false.</summary>
    public readonly DecodeError Error => _reader.Error;

    /// <summary>Reads the next entry. Sequences must rise; a buffer where they do not has failed.</summary>
    public bool TryReadNext(out JournalEntry entry)
    {
        entry = default;
        if (_left == 0)
        {
            _reader.TryEnd();
            return false;
        }

        if (!_reader.TryReadStructureOf(2) || !_reader.TryReadNumber(out var sequence)) return false;
        if (sequence <= 0 || (ulong)sequence <= _last) return _reader.Fail(DecodeFault.BadValue);
        if (!_reader.TrySkip(out var record)) return false;
        _left--;
        _last = (ulong)sequence;
        entry = new(_last, record);
        return true;
    }
}

/// <summary>Which journal a concentrator has, and what it still holds.</summary>
/// <param name="JournalId">
/// Drawn at random when the journal is created. Another id than the last time means another journal: a cursor into the old one says nothing.
/// </param>
/// <param name="FirstSequence">The oldest entry that is still there; <paramref name="LastSequence"/> + 1 where there is none.</param>
/// <param name="LastSequence">The newest entry; 0 where there was never any.</param>
public sealed record JournalState(Guid JournalId, ulong FirstSequence, ulong LastSequence)
{
    /// <summary>The attribute that holds it.</summary>
    public static readonly AttributeRef Attribute = new(1, ConcentratorObjects.JournalStateObject, 2);

    /// <summary>Writes the attribute's value: structure of octet-string(16) and two long64-unsigned.</summary>
    public void WriteTo(IBufferWriter<byte> target)
    {
        Span<byte> id = stackalloc byte[16];
        JournalId.TryWriteBytes(id, bigEndian: true, out _);
        target.WriteStructure(3);
        target.WriteOctetString(id);
        target.WriteLong64Unsigned(FirstSequence);
        target.WriteLong64Unsigned(LastSequence);
    }

    /// <summary>Reads the attribute's value.</summary>
    public static bool TryRead(ReadOnlySpan<byte> source, out JournalState? state, out DecodeError error)
    {
        state = null;
        var reader = new AxdrReader(source, "journal-state");
        if (reader.TryReadStructureOf(3) && reader.TryReadOctets(out var id) && (id.Length == 16 || reader.Fail(DecodeFault.BadLength))
            && reader.TryReadNumber(out var first) && reader.TryReadNumber(out var last)
            && (first >= 0 && last >= 0 || reader.Fail(DecodeFault.BadValue)) && reader.TryEnd())
        {
            state = new(new Guid(id, bigEndian: true), (ulong)first, (ulong)last);
        }

        error = reader.Error;
        return state is not null;
    }
}
