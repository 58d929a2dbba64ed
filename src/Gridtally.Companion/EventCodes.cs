using System.Collections.Frozen;

namespace Gridtally.Companion;

/// <summary>How serious an event is.</summary>
public enum EventSeverity : byte
{
    /// <summary>Nothing to do.</summary>
    Info,
    /// <summary>Something is not as it should be, but goes on.</summary>
    Warning,
    /// <summary>Something fails until somebody acts.</summary>
    Error,
}

/// <summary>What an event code stands for.</summary>
/// <param name="Code">As on the wire.</param>
/// <param name="Name">Short, for people.</param>
/// <param name="Severity">How serious.</param>
public sealed record EventKind(ushort Code, string Name, EventSeverity Severity);

/// <summary>The event codes of the concentrator's log and journal. docs/journal.md lists them.</summary>
public static class EventCodes
{
#pragma warning disable CS1591 // each name is its meaning
    public const ushort SoftwareStart = 1;
    public const ushort SoftwareStop = 2;
    public const ushort ParameterChange = 3;
    public const ushort StoreFailed = 4;
    public const ushort StoreWorks = 5;
    public const ushort ClockChange = 6;
    public const ushort MeterAdded = 16;
    public const ushort MeterChanged = 17;
    public const ushort MeterRemoved = 18;
    public const ushort MeterUnreachable = 19;
    public const ushort MeterReachable = 20;
    public const ushort MeterRefused = 21;
    public const ushort LayoutChange = 22;
    public const ushort RowConflict = 23;
    public const ushort ChannelLost = 32;
    public const ushort ChannelWorks = 33;
    public const ushort UplinkConnected = 48;
    public const ushort UplinkLost = 49;
    public const ushort UplinkNotAuthentic = 50;
    public const ushort GatewayRefused = 51;
    public const ushort Login = 64;
    public const ushort LoginFailed = 65;
    public const ushort LoginBlocked = 66;
#pragma warning restore CS1591

    private static readonly FrozenDictionary<ushort, EventKind> Kinds = new EventKind[]
    {
        new(SoftwareStart, "Software started", EventSeverity.Info),
        new(SoftwareStop, "Software stopped", EventSeverity.Info),
        new(ParameterChange, "Parameter changed", EventSeverity.Info),
        new(StoreFailed, "Store failed", EventSeverity.Error),
        new(StoreWorks, "Store works again", EventSeverity.Info),
        new(ClockChange, "Clock set", EventSeverity.Info),
        new(MeterAdded, "Meter added", EventSeverity.Info),
        new(MeterChanged, "Meter changed", EventSeverity.Info),
        new(MeterRemoved, "Meter removed", EventSeverity.Info),
        new(MeterUnreachable, "Meter unreachable", EventSeverity.Warning),
        new(MeterReachable, "Meter reachable", EventSeverity.Info),
        new(MeterRefused, "Meter refused", EventSeverity.Warning),
        new(LayoutChange, "Profile layout changed", EventSeverity.Warning),
        new(RowConflict, "Row with a time stamp that is taken", EventSeverity.Warning),
        new(ChannelLost, "Channel lost", EventSeverity.Error),
        new(ChannelWorks, "Channel works", EventSeverity.Info),
        new(UplinkConnected, "Head end connected", EventSeverity.Info),
        new(UplinkLost, "Head end lost", EventSeverity.Warning),
        new(UplinkNotAuthentic, "Head end not authentic", EventSeverity.Warning),
        new(GatewayRefused, "Gateway refused a request", EventSeverity.Warning),
        new(Login, "Login", EventSeverity.Info),
        new(LoginFailed, "Login failed", EventSeverity.Warning),
        new(LoginBlocked, "Login blocked", EventSeverity.Warning),
    }.ToFrozenDictionary(kind => kind.Code);

    /// <summary>All codes, rising.</summary>
    public static IReadOnlyList<EventKind> All { get; } = [.. Kinds.Values.OrderBy(kind => kind.Code)];

    /// <summary>What a code stands for; one that is not known is a warning with its number for a name.</summary>
    public static EventKind Find(ushort code) => Kinds.TryGetValue(code, out var kind) ? kind : new(code, $"Event {code}", EventSeverity.Warning);
}
