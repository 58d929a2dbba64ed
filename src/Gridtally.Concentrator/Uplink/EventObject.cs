using System.Buffers;
using Gridtally.Companion;
using Gridtally.Concentrator.Events;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
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
        Span<int> room = stackalloc int[ProfileLayout.MaxColumns];
        var result = ProfileQuery.TryRead(context, EventLogProfile.Columns, room, out var query);
        if (result != DataAccessResult.Success) return result;
        if (query.Selector == SelectiveAccess.ByRangeSelector)
        {
            if (EventLogProfile.Columns[query.RestrictingColumn] != EventLogProfile.ClockColumn || !query.TryGetMoments(out var from, out var to)) return DataAccessResult.OtherReason;
            Write(events.Between(from, to), query.Columns, output);
            return DataAccessResult.Success;
        }

        var count = Math.Max(0, (long)query.ToEntry - query.FromEntry + 1);
        Write(events.Oldest(query.FromEntry - 1, (int)Math.Min(count, EventLog.MaxEntries)), query.Columns, output);
        return DataAccessResult.Success;
    }

    private static void Write(IReadOnlyList<EventEntry> entries, in ColumnChoice columns, IBufferWriter<byte> output)
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
