using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;

namespace Gridtally.HeadEnd.Web;

// The wire shapes of the head end's API; the front end's half is web/headend/src/api.ts.

internal sealed record SystemView(string SoftwareVersion, DateTimeOffset StartedAt, string[] Listening, DateTimeOffset Time, double Rate, string TimeZone);

internal sealed record ConcentratorTotals(int Total, int Online);

internal sealed record MeterTotals(int Total, int Enabled, int Reachable);

internal sealed record DayCounts(Counted Today, Counted Yesterday);

internal sealed record IngestView(long Rows, long Lag, DateTimeOffset? LastStored);

internal sealed record OverviewErrorView(DateTimeOffset Time, FailureReason Reason, string Text, string? Concentrator, string? MeterNo);

internal sealed record OverviewView(
    SystemView System, ConcentratorTotals Concentrators, MeterTotals Meters, DayCounts Completeness, IngestView Ingest, StorageUse Storage, MemoryUse Memory,
    OverviewErrorView[] Errors);

[JsonConverter(typeof(WireEnum<ConcentratorStateView>))]
internal enum ConcentratorStateView { Online, Offline, Refused }

internal sealed record ConcentratorView(
    string Serial, string Name, ConcentratorStateView State, string? Remote, DateTimeOffset? ConnectedSince, DateTimeOffset? LastContact,
    long Cursor, long JournalEnd, long Lag, int Meters, string? Software, Failure? LastError, Counted Today);

internal sealed record ConcentratorsView(ConcentratorView[] Concentrators);

internal sealed record ConcentratorDetailView(
    string Serial, string Name, ConcentratorStateView State, string? Remote, DateTimeOffset? ConnectedSince, DateTimeOffset? LastContact,
    long Cursor, long JournalEnd, long Lag, int Meters, string? Software, Failure? LastError, Counted Today,
    Counted Yesterday, string? LogicalDeviceName, MeterRowView[] MeterList);

internal sealed record MeterRowView(
    string MeterNo, string Concentrator, bool Enabled, string Channel, string Task, MeterReach State, DateTimeOffset? LastContact, string? LastError,
    DateTimeOffset? LastRow, Counted Today, Counted Yesterday);

internal sealed record MetersView(MeterRowView[] Meters);

internal sealed record MeterDetailView(
    string MeterNo, string Concentrator, bool Enabled, string Channel, string Task, MeterReach State, DateTimeOffset? LastContact, string? LastError,
    DateTimeOffset? LastRow, Counted Today, Counted Yesterday, ConcentratorStateView ConcentratorState, ProfileSummary[] Profiles, bool HasKeys);

internal sealed record CompletenessRow(string MeterNo, string Concentrator, Counted[] Cells);

internal sealed record CompletenessMatrix(string[] Days, CompletenessRow[] Rows);

internal sealed record RegisterRequest(ushort ClassId, string Obis, sbyte Attribute);

/// <summary>What a meter answered.</summary>
/// <param name="Value">Number, text or null.</param>
/// <param name="Unit">Unit symbol after scaling; empty without.</param>
/// <param name="Text">The value for people.</param>
/// <param name="DataType">COSEM type as sent.</param>
/// <param name="Time">When the meter answered.</param>
/// <param name="DurationMs">Real milliseconds from request to answer.</param>
internal sealed record RegisterReadingView(JsonElement? Value, string Unit, string Text, string DataType, DateTimeOffset Time, long DurationMs);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(UtcTimestamp)])]
[JsonSerializable(typeof(OverviewView))]
[JsonSerializable(typeof(ConcentratorsView))]
[JsonSerializable(typeof(ConcentratorDetailView))]
[JsonSerializable(typeof(MetersView))]
[JsonSerializable(typeof(MeterDetailView))]
[JsonSerializable(typeof(CompletenessMatrix))]
[JsonSerializable(typeof(RegisterRequest))]
[JsonSerializable(typeof(RegisterReadingView))]
[JsonSerializable(typeof(ProfileRows))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(decimal))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(long?))]
internal sealed partial class HeadEndApiJson : JsonSerializerContext;
