using System.Buffers;
using Gridtally.Companion;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;

namespace Gridtally.Concentrator.Uplink;

/// <summary>Serves the journal as a profile. The rows come from the day blocks each time, so the journal itself stays small.</summary>
internal sealed class JournalObject(ConcentratorServices services)
{
    /// <summary>Name of the cursor that remembers what the head end has asked for.</summary>
    public const string CursorName = "head end";

    /// <summary>The columns in order.</summary>
    public static readonly CaptureObject[] Columns = [JournalProfile.SequenceColumn, JournalProfile.RecordColumn];

    private long _acknowledged = services.Journal.Cursor(CursorName);

    /// <summary>Writes the entries that the selector asks for, as many as an answer holds.</summary>
    public DataAccessResult Write(in RequestContext context, IBufferWriter<byte> output)
    {
        Span<int> room = stackalloc int[ProfileLayout.MaxColumns];
        var result = ProfileQuery.TryRead(context, Columns, room, out var query);
        if (result != DataAccessResult.Success) return result;
        var (first, last) = (1L, long.MaxValue);
        if (query.Selector == SelectiveAccess.ByRangeSelector)
        {
            if (query.RestrictingColumn != 0 || !query.TryGetNumbers(out first, out last)) return DataAccessResult.OtherReason;
            if (first > 1) Acknowledge(first - 1);
        }
        else if (query.Selector == SelectiveAccess.ByEntrySelector)
        {
            first = services.Journal.SequenceAt(query.FromEntry) ?? long.MaxValue;
            if (query.ToEntry != uint.MaxValue) last = services.Journal.SequenceAt(query.ToEntry) ?? long.MaxValue;
        }

        Write(Math.Max(first, 1), last, query.Columns, output);
        return DataAccessResult.Success;
    }

    // Who asks from n on has what is before n. Only for people to see how far the head end is; nothing depends on it.
    private void Acknowledge(long sequence)
    {
        if (sequence <= _acknowledged || sequence > services.Journal.Bounds().Last) return;
        services.Journal.MoveCursor(CursorName, sequence, services.Clock.GetUtcNow().UtcDateTime);
        _acknowledged = sequence;
    }

    private void Write(long from, long to, in ColumnChoice columns, IBufferWriter<byte> output)
    {
        var answer = new ProfileAnswer(columns);
        var row = new ArrayBufferWriter<byte>(4096);
        while (!answer.IsFull && from <= to && services.Journal.Read(from, to) is { Count: > 0 } entries)
        {
            foreach (var entry in entries)
            {
                row.ResetWrittenCount();
                JournalProfile.WriteEntryHead(row, (ulong)entry.Sequence);
                if (TryWriteRecord(entry, row)) answer.Add(row.WrittenSpan);
                if (answer.IsFull) break;
            }

            from = entries[^1].Sequence + 1;
        }

        answer.WriteTo(output);
    }

    // False where what the entry refers to is not there any more: an old event, trimmed from the log.
    private bool TryWriteRecord(in JournalReference entry, ArrayBufferWriter<byte> output)
    {
        switch (entry.Kind)
        {
            case JournalKind.Layout when entry.MeterNumber.Length > 0 && services.Store.Layout(entry.Reference) is { } layout:
                JournalRecord.WriteLayout(output, new(entry.MeterNumber, (uint)layout.Id, layout.Layout));
                return true;
            case JournalKind.Rows when entry.MeterNumber.Length > 0:
                var rows = services.Journal.RowsOf(entry);
                JournalRecord.WriteRowsHead(output, entry.MeterNumber, entry.Profile, (uint)entry.Reference, rows.Count);
                foreach (var row in rows) output.Write(row.Octets.Span);
                return true;
            case JournalKind.Event when services.Events.Find(entry.Reference) is { } happened:
                JournalRecord.WriteEvent(output, EventObject.RecordOf(happened));
                return true;
            default:
                return false;
        }
    }
}
