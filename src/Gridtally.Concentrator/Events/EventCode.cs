namespace Gridtally.Concentrator.Events;

/// <summary>How bad an event is.</summary>
public enum EventSeverity
{
    /// <summary>Something happened as it should.</summary>
    Info,
    /// <summary>Something to look at.</summary>
    Warning,
    /// <summary>Something does not work.</summary>
    Error,
}

/// <summary>What kind of event: its number on the wire, name and severity.</summary>
/// <param name="Number">On the wire and in the log.</param>
/// <param name="Name">For people.</param>
/// <param name="Severity">How bad.</param>
public sealed record EventCode(ushort Number, string Name, EventSeverity Severity)
{
#pragma warning disable CS1591 // each name is its meaning
    public static readonly EventCode SoftwareStart = new(1, "Software started", EventSeverity.Info);
    public static readonly EventCode SoftwareStop = new(2, "Software stopped", EventSeverity.Info);
    public static readonly EventCode ParameterChange = new(3, "Parameter changed", EventSeverity.Info);
    public static readonly EventCode StoreFailed = new(4, "Store failed", EventSeverity.Error);
    public static readonly EventCode StoreWorks = new(5, "Store works again", EventSeverity.Info);
    public static readonly EventCode ClockChange = new(6, "Clock set", EventSeverity.Info);
    public static readonly EventCode MeterAdded = new(16, "Meter added", EventSeverity.Info);
    public static readonly EventCode MeterChanged = new(17, "Meter changed", EventSeverity.Info);
    public static readonly EventCode MeterRemoved = new(18, "Meter removed", EventSeverity.Info);
    public static readonly EventCode MeterUnreachable = new(19, "Meter unreachable", EventSeverity.Warning);
    public static readonly EventCode MeterReachable = new(20, "Meter reachable", EventSeverity.Info);
    public static readonly EventCode MeterRefused = new(21, "Meter refused", EventSeverity.Warning);
    public static readonly EventCode LayoutChange = new(22, "Profile layout changed", EventSeverity.Warning);
    public static readonly EventCode RowConflict = new(23, "Row with a time stamp that is taken", EventSeverity.Warning);
    public static readonly EventCode ChannelLost = new(32, "Channel lost", EventSeverity.Error);
    public static readonly EventCode ChannelWorks = new(33, "Channel works", EventSeverity.Info);
    public static readonly EventCode UplinkConnected = new(48, "Head end connected", EventSeverity.Info);
    public static readonly EventCode UplinkLost = new(49, "Head end lost", EventSeverity.Warning);
    public static readonly EventCode UplinkNotAuthentic = new(50, "Head end not authentic", EventSeverity.Warning);
    public static readonly EventCode GatewayRefused = new(51, "Gateway refused a request", EventSeverity.Warning);
    public static readonly EventCode Login = new(64, "Login", EventSeverity.Info);
    public static readonly EventCode LoginFailed = new(65, "Login failed", EventSeverity.Warning);
    public static readonly EventCode LoginBlocked = new(66, "Login blocked", EventSeverity.Warning);
#pragma warning restore CS1591

    /// <summary>All codes by number.</summary>
    public static readonly IReadOnlyDictionary<ushort, EventCode> All = new[]
    {
        SoftwareStart, SoftwareStop, ParameterChange, StoreFailed, StoreWorks, ClockChange, MeterAdded, MeterChanged, MeterRemoved, MeterUnreachable,
        MeterReachable, MeterRefused, LayoutChange, RowConflict, ChannelLost, ChannelWorks, UplinkConnected, UplinkLost, UplinkNotAuthentic, GatewayRefused, Login, LoginFailed, LoginBlocked,
    }.ToDictionary(c => c.Number);

    /// <summary>The code with that number; an unknown one keeps its number.</summary>
    public static EventCode Of(ushort number) => All.GetValueOrDefault(number) ?? new(number, $"Event {number}", EventSeverity.Info);
}
