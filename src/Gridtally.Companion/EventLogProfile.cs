using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Data;

namespace Gridtally.Companion;

/// <summary>The concentrator's event log as a profile: clock, code, meter, text.</summary>
public static class EventLogProfile
{
    /// <summary>The log's buffer.</summary>
    public static readonly AttributeRef Buffer = new(7, ConcentratorObjects.EventLog, 2);

    /// <summary>When it happened.</summary>
    public static readonly CaptureObject ClockColumn = new(8, ConcentratorObjects.Clock, 2);

    /// <summary>The columns of a row, in order.</summary>
    public static readonly IReadOnlyList<CaptureObject> Columns =
    [
        ClockColumn,
        new(1, ConcentratorObjects.EventCode, 2),
        new(1, ConcentratorObjects.EventMeter, 2),
        new(1, ConcentratorObjects.EventText, 2),
    ];

    /// <summary>Writes one row.</summary>
    public static void WriteRow(IBufferWriter<byte> target, EventRecord entry)
    {
        target.WriteStructure(4);
        target.WriteDateTime(entry.Time);
        target.WriteLongUnsigned(entry.Code);
        JournalRecord.WriteMeter(target, entry.Meter, mayBeEmpty: true);
        target.WriteUtf8String(JournalRecord.Cut(entry.Text));
    }
}
