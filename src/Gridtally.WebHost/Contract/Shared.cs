using System.Text.Json.Serialization;
using Gridtally.Metering;
using Gridtally.WebHost.Http;

namespace Gridtally.WebHost.Contract;

// What the APIs of concentrator and head end have in common; the front ends' half is web/shared/src/contract.ts.

/// <summary>How many of the expected rows are there.</summary>
/// <param name="Got">Rows held.</param>
/// <param name="Expected">Rows due; 0 where none was due.</param>
public sealed record Counted(long Got, long Expected);

/// <summary>How serious an event is.</summary>
[JsonConverter(typeof(WireEnum<SeverityView>))]
public enum SeverityView
{
    /// <summary>As it should be.</summary>
    Info,

    /// <summary>Something to look at.</summary>
    Warning,

    /// <summary>Something failed.</summary>
    Error,
}

/// <summary>One entry of an event log.</summary>
/// <param name="Id">Grows with time; unique in this product.</param>
/// <param name="Time">When, by the clock of whom it happened to.</param>
/// <param name="Severity">How serious.</param>
/// <param name="Code">Event code, as on the wire.</param>
/// <param name="Name">Short name of the code.</param>
/// <param name="MeterNo">Null when the event is the product's own.</param>
/// <param name="Concentrator">Serial of the concentrator it came from; null in a concentrator's own log.</param>
/// <param name="Text">What happened.</param>
/// <param name="User">Who caused it, for changes made by a user.</param>
public sealed record EventItem(
    long Id, DateTimeOffset Time, SeverityView Severity, int Code, string Name, string? MeterNo, string? Concentrator, string Text, string? User);

/// <summary>Events, newest first.</summary>
/// <param name="Items">The events.</param>
/// <param name="Next">Give it as <c>before</c> to get the next older page; null on the last page.</param>
public sealed record EventPage(EventItem[] Items, long? Next);

/// <summary>What a column of a profile means.</summary>
[JsonConverter(typeof(WireEnum<ColumnKind>))]
public enum ColumnKind
{
    /// <summary>A register that only grows.</summary>
    Cumulative,

    /// <summary>A quantity of the interval.</summary>
    Interval,

    /// <summary>A value at the time stamp.</summary>
    Instant,

    /// <summary>A bit field.</summary>
    Status,
}

/// <summary>One column of a profile.</summary>
/// <param name="Obis">Logical name of the captured object.</param>
/// <param name="Attribute">Captured attribute.</param>
/// <param name="Name">For people.</param>
/// <param name="Unit">Unit symbol; empty without unit.</param>
/// <param name="Kind">What it means.</param>
/// <param name="Decimals">Digits after the point that the scaler gives, 0 to 9.</param>
public sealed record CurveColumn(string Obis, int Attribute, string Name, string Unit, ColumnKind Kind, int Decimals)
{
    private const int MaxDecimals = 9;

    /// <summary>A column, named and described by what it captures.</summary>
    /// <param name="instance">Logical name of the captured object.</param>
    /// <param name="attribute">Captured attribute.</param>
    /// <param name="scale">Its scaler and unit.</param>
    public static CurveColumn Of(ObisCode instance, int attribute, ScalerUnit scale) => new(
        instance.ToString(), attribute, QuantityNames.Of(instance), scale.Unit.Symbol(),
        QuantityNames.KindOf(instance) switch
        {
            QuantityKind.Cumulative => ColumnKind.Cumulative,
            QuantityKind.Interval => ColumnKind.Interval,
            QuantityKind.Status => ColumnKind.Status,
            _ => ColumnKind.Instant,
        },
        Math.Clamp(-scale.Scaler, 0, MaxDecimals));
}

/// <summary>Rows of a profile as columns of scaled numbers.</summary>
/// <param name="MeterNo">Meter number.</param>
/// <param name="Profile">Logical name of the profile.</param>
/// <param name="CapturePeriodSeconds">Seconds between rows; 0 when rows are captured by events.</param>
/// <param name="Columns">All columns but the clock's and the status's.</param>
/// <param name="Times">Unix seconds, rising; each is the end of its interval.</param>
/// <param name="Values">Per column, one number per row; null where the meter sent none.</param>
/// <param name="Status">Profile status of each row; null where the profile has none.</param>
/// <param name="Truncated">True when the range held more rows than one answer may carry; the first are given.</param>
public sealed record ProfileRows(
    string MeterNo, string Profile, int CapturePeriodSeconds, CurveColumn[] Columns, long[] Times, double?[][] Values, double?[] Status, bool Truncated);

/// <summary>What is held of one profile of one meter.</summary>
/// <param name="Obis">Logical name of the profile.</param>
/// <param name="Name">For people.</param>
/// <param name="CapturePeriodSeconds">Seconds between rows.</param>
/// <param name="Rows">Rows held.</param>
/// <param name="First">Time stamp of the oldest row.</param>
/// <param name="Last">Time stamp of the newest row.</param>
public sealed record ProfileSummary(string Obis, string Name, int CapturePeriodSeconds, long Rows, DateTimeOffset? First, DateTimeOffset? Last);

/// <summary>Why an exchange failed.</summary>
[JsonConverter(typeof(WireEnum<FailureReason>))]
public enum FailureReason
{
    /// <summary>Nothing came back in time.</summary>
    NoAnswer,

    /// <summary>What came back was damaged, or the link was lost.</summary>
    LineError,

    /// <summary>The other side understood and refused.</summary>
    Refused,

    /// <summary>A key, a password or a counter was not accepted.</summary>
    Security,

    /// <summary>The other side broke the protocol or failed inside.</summary>
    DeviceError,

    /// <summary>Stopped by the user or by a shutdown.</summary>
    Cancelled,
}

/// <summary>One failed exchange.</summary>
/// <param name="Time">When.</param>
/// <param name="Reason">Why, for programs.</param>
/// <param name="Text">Why, for people.</param>
public sealed record Failure(DateTimeOffset Time, FailureReason Reason, string Text);

/// <summary>Whether a meter can be read.</summary>
[JsonConverter(typeof(WireEnum<MeterReach>))]
public enum MeterReach
{
    /// <summary>The last exchange worked.</summary>
    Reachable,

    /// <summary>The last exchange failed.</summary>
    Unreachable,

    /// <summary>Never tried.</summary>
    Unknown,

    /// <summary>Not read on purpose.</summary>
    Disabled,
}

/// <summary>Room of the store.</summary>
/// <param name="DatabaseBytes">Bytes of the database files.</param>
/// <param name="FreeBytes">Bytes free on that disk.</param>
public sealed record StorageUse(long DatabaseBytes, long FreeBytes);

/// <summary>Memory of the process.</summary>
/// <param name="ResidentBytes">Resident set size.</param>
public sealed record MemoryUse(long ResidentBytes);
