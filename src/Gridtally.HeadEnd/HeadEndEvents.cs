using System.Collections.Frozen;
using Gridtally.Companion;

namespace Gridtally.HeadEnd;

/// <summary>Codes of the head end's own events; above all codes that a concentrator uses.</summary>
public static class HeadEndEvents
{
#pragma warning disable CS1591 // each name is its meaning
    public const ushort Started = 2001;
    public const ushort Stopped = 2002;
    public const ushort ConcentratorConnected = 2010;
    public const ushort ConcentratorDisconnected = 2011;
    public const ushort UnknownConcentrator = 2012;
    public const ushort ConcentratorFailed = 2013;
    public const ushort JournalReplaced = 2020;
    public const ushort JournalTrimmed = 2021;
    public const ushort RecordQuarantined = 2022;
    public const ushort RowDiscrepancy = 2023;
    public const ushort StoreFailed = 2024;
    public const ushort CommandDone = 2030;
    public const ushort CommandFailed = 2031;
#pragma warning restore CS1591

    private static readonly FrozenDictionary<ushort, EventKind> Kinds = new EventKind[]
    {
        new(Started, "Head end started", EventSeverity.Info),
        new(Stopped, "Head end stopped", EventSeverity.Info),
        new(ConcentratorConnected, "Concentrator connected", EventSeverity.Info),
        new(ConcentratorDisconnected, "Concentrator disconnected", EventSeverity.Info),
        new(UnknownConcentrator, "Unknown concentrator", EventSeverity.Warning),
        new(ConcentratorFailed, "Concentrator failed", EventSeverity.Error),
        new(JournalReplaced, "Journal replaced", EventSeverity.Warning),
        new(JournalTrimmed, "Journal trimmed before it was read", EventSeverity.Error),
        new(RecordQuarantined, "Journal record unreadable", EventSeverity.Error),
        new(RowDiscrepancy, "Row came again with other values", EventSeverity.Error),
        new(StoreFailed, "Store failed", EventSeverity.Error),
        new(CommandDone, "Command done", EventSeverity.Info),
        new(CommandFailed, "Command failed", EventSeverity.Warning),
    }.ToFrozenDictionary(kind => kind.Code);

    /// <summary>What a code stands for, a concentrator's or the head end's own.</summary>
    public static EventKind Find(ushort code) => Kinds.TryGetValue(code, out var kind) ? kind : EventCodes.Find(code);
}
