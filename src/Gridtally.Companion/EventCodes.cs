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
    public const ushort Started = 1;
    public const ushort Stopped = 2;
    public const ushort RestartedAfterFailure = 3;
    public const ushort ClockSet = 10;
    public const ushort SettingsChanged = 20;
    public const ushort ArchiveChanged = 21;
    public const ushort SettingsRejected = 22;
    public const ushort LoggedIn = 30;
    public const ushort LoginFailed = 31;
    public const ushort LoginLocked = 32;
    public const ushort HeadEndConnected = 40;
    public const ushort HeadEndDisconnected = 41;
    public const ushort HeadEndUnreachable = 42;
    public const ushort HeadEndNotAuthentic = 43;
    public const ushort GatewayRefused = 44;
    public const ushort MeterReachable = 50;
    public const ushort MeterUnreachable = 51;
    public const ushort MeterSecurityFailed = 52;
    public const ushort MeterRefused = 53;
    public const ushort MeterClockWrong = 54;
    public const ushort ProfileLayoutChanged = 55;
    public const ushort MeterAnswerMalformed = 56;
    public const ushort RowsMissingInMeter = 57;
    public const ushort RowConflict = 58;
    public const ushort ChannelFailed = 60;
    public const ushort ChannelRestored = 61;
    public const ushort StoreFull = 70;
    public const ushort StoreFailed = 71;
    public const ushort RowsExpired = 72;
#pragma warning restore CS1591

    private static readonly FrozenDictionary<ushort, EventKind> Kinds = new EventKind[]
    {
        new(Started, "Started", EventSeverity.Info),
        new(Stopped, "Stopped", EventSeverity.Info),
        new(RestartedAfterFailure, "Restarted after a failure", EventSeverity.Warning),
        new(ClockSet, "Clock set", EventSeverity.Info),
        new(SettingsChanged, "Settings changed", EventSeverity.Info),
        new(ArchiveChanged, "Meter archive changed", EventSeverity.Info),
        new(SettingsRejected, "Settings rejected", EventSeverity.Warning),
        new(LoggedIn, "Logged in", EventSeverity.Info),
        new(LoginFailed, "Login failed", EventSeverity.Warning),
        new(LoginLocked, "Login locked", EventSeverity.Error),
        new(HeadEndConnected, "Head end connected", EventSeverity.Info),
        new(HeadEndDisconnected, "Head end disconnected", EventSeverity.Info),
        new(HeadEndUnreachable, "Head end unreachable", EventSeverity.Warning),
        new(HeadEndNotAuthentic, "Head end not authentic", EventSeverity.Error),
        new(GatewayRefused, "Gateway refused a request", EventSeverity.Warning),
        new(MeterReachable, "Meter reachable", EventSeverity.Info),
        new(MeterUnreachable, "Meter unreachable", EventSeverity.Error),
        new(MeterSecurityFailed, "Meter security failed", EventSeverity.Error),
        new(MeterRefused, "Meter refused a request", EventSeverity.Warning),
        new(MeterClockWrong, "Meter clock wrong", EventSeverity.Warning),
        new(ProfileLayoutChanged, "Profile layout changed", EventSeverity.Info),
        new(MeterAnswerMalformed, "Meter answer malformed", EventSeverity.Warning),
        new(RowsMissingInMeter, "Rows missing in the meter", EventSeverity.Warning),
        new(RowConflict, "Meter changed a row", EventSeverity.Error),
        new(ChannelFailed, "Channel failed", EventSeverity.Error),
        new(ChannelRestored, "Channel restored", EventSeverity.Info),
        new(StoreFull, "Store full", EventSeverity.Error),
        new(StoreFailed, "Store failed", EventSeverity.Error),
        new(RowsExpired, "Rows passed their retention", EventSeverity.Info),
    }.ToFrozenDictionary(kind => kind.Code);

    /// <summary>All codes, rising.</summary>
    public static IReadOnlyList<EventKind> All { get; } = [.. Kinds.Values.OrderBy(kind => kind.Code)];

    /// <summary>What a code stands for; one that is not known is a warning with its number for a name.</summary>
    public static EventKind Find(ushort code) => Kinds.TryGetValue(code, out var kind) ? kind : new(code, $"Event {code}", EventSeverity.Warning);
}
