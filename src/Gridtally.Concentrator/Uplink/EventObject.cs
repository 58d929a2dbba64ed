using System.Buffers;
using Gridtally.Companion;
using Gridtally.Concentrator.Events;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;

namespace Gridtally.Concentrator.Uplink;

/// <summary>Serves the event log as a profile.</summary>
internal sealed class EventObject(EventLog events)
{
    /// <summary>An event as the companion's records have it.</summary>
    public static EventRecord RecordOf(EventEntry entry) =>
        new(entry.Meter, CosemDateTime.From(new DateTimeOffset(entry.Time, TimeSpan.Zero)), entry.Code.Number, entry.Text);

    /// <summary>Writes the rows that the selector asks for, as many as an answer holds.</summary>
    public DataAccessResult Write(in RequestContext context, IBufferWriter<byte> output)
    {
        switch (context.Selector)
        {
            case SelectiveAccess.ByRangeSelector:
                if (!RangeDescriptor.TryRead(context.SelectorParameters, out var range, out _)) return DataAccessResult.TypeUnmatched;
                if (range!.Restricting != EventLogProfile.ClockColumn || !range.TryGetDateTimes(out var low, out var high)) return DataAccessResult.OtherReason;
                if (!low.TryToUtc(out var from) || !high.TryToUtc(out var to)) return DataAccessResult.OtherReason;
                if (!ProfileAnswer.TryChoose(EventLogProfile.Columns, range.Columns, out var columns)) return DataAccessResult.OtherReason;
                Write(events.Between(from, to), columns, output);
                return DataAccessResult.Success;
            case SelectiveAccess.ByEntrySelector:
                if (!EntryDescriptor.TryRead(context.SelectorParameters, out var entries, out _)) return DataAccessResult.TypeUnmatched;
                if (!ProfileAnswer.TryChoose(EventLogProfile.Columns.Count, entries, out columns)) return DataAccessResult.OtherReason;
                var count = entries.ToEntry == 0 ? EventLog.MaxEntries : Math.Max(0, (long)entries.ToEntry - entries.FromEntry + 1);
                Write(events.Oldest(entries.FromEntry - 1, (int)Math.Min(count, EventLog.MaxEntries)), columns, output);
                return DataAccessResult.Success;
            default:
                Write(events.Oldest(0, EventLog.MaxEntries), null, output);
                return DataAccessResult.Success;
        }
    }

    private static void Write(IReadOnlyList<EventEntry> entries, int[]? columns, IBufferWriter<byte> output)
    {
        var answer = new ProfileAnswer(columns);
        var row = new ArrayBufferWriter<byte>(256);
        foreach (var entry in entries)
        {
            if (answer.IsFull) break;
            row.ResetWrittenCount();
            EventLogProfile.WriteRow(row, RecordOf(entry));
            answer.Add(row.WrittenSpan);
        }

        answer.WriteTo(output);
    }
}
