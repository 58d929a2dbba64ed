using System.Buffers;
using Gridtally.Companion;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
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
        switch (context.Selector)
        {
            case SelectiveAccess.ByRangeSelector:
                if (!RangeDescriptor.TryRead(context.SelectorParameters, out var range, out _)) return DataAccessResult.TypeUnmatched;
                if (range!.Restricting != JournalProfile.SequenceColumn || !range.TryGetNumbers(out var from, out var to)) return DataAccessResult.OtherReason;
                if (!ProfileAnswer.TryChoose(Columns, range.Columns, out var columns)) return DataAccessResult.OtherReason;
                Acknowledge(from - 1);
                Write(Math.Max(from, 1), to, columns, output);
                return DataAccessResult.Success;
            case SelectiveAccess.ByEntrySelector:
                if (!EntryDescriptor.TryRead(context.SelectorParameters, out var entries, out _)) return DataAccessResult.TypeUnmatched;
                if (!ProfileAnswer.TryChoose(Columns.Length, entries, out columns)) return DataAccessResult.OtherReason;
                var first = services.Journal.SequenceAt(entries.FromEntry) ?? long.MaxValue;
                var last = entries.ToEntry == 0 ? long.MaxValue : services.Journal.SequenceAt(entries.ToEntry) ?? long.MaxValue;
                Write(first, last, columns, output);
                return DataAccessResult.Success;
            default:
                Write(1, long.MaxValue, null, output);
                return DataAccessResult.Success;
        }
    }

    // Who asks from n on has what is before n. Only for people to see how far the head end is; nothing depends on it.
    private void Acknowledge(long sequence)
    {
        if (sequence <= _acknowledged || sequence > services.Journal.Bounds().Last) return;
        services.Journal.MoveCursor(CursorName, sequence, services.Clock.GetUtcNow().UtcDateTime);
        _acknowledged = sequence;
    }

    private void Write(long from, long to, int[]? columns, IBufferWriter<byte> output)
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
