using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.WebHost.Contract;
using Gridtally.WebHost.Http;

namespace Gridtally.Concentrator.Web;

// The wire shapes of the concentrator's API; the front end's half is web/concentrator/src/api.ts.

/// <summary>Identity and clock of this concentrator.</summary>
/// <param name="Serial">Serial number.</param>
/// <param name="SoftwareVersion">Version.</param>
/// <param name="StartedAt">When the process started, by the civil clock.</param>
/// <param name="Time">Now by the civil clock.</param>
/// <param name="Rate">Device seconds per real second.</param>
/// <param name="TimeZone">Zone in which days begin.</param>
internal sealed record DeviceView(string Serial, string SoftwareVersion, DateTimeOffset StartedAt, DateTimeOffset Time, double Rate, string TimeZone);

[JsonConverter(typeof(WireEnum<CountPeriod>))]
internal enum CountPeriod { Day, Month }

internal sealed record HomeCountView(string Key, string Label, CountPeriod Period, long Got, long Expected);

internal sealed record NextRunView(string Task, string Item, DateTimeOffset Time, int Priority);

internal sealed record MeterTotals(int Total, int Enabled, int Reachable);

internal sealed record DayCounts(Counted Today, Counted Yesterday);

internal sealed record HomeErrorView(DateTimeOffset Time, FailureReason Reason, string Text, string? MeterNo, string? Channel);

internal sealed record HomeView(
    DeviceView Device, UplinkView Uplink, MeterTotals Meters, HomeCountView[] Counts, DayCounts Completeness, NextRunView[] NextRuns,
    StorageUse Storage, MemoryUse Memory, HomeErrorView[] Errors);

internal sealed record MeterKeysInput(string? EncryptionKey = null, string? AuthenticationKey = null, string? Password = null);

internal sealed record MeterInput(
    string MeterNo, bool Enabled, int Mac, string Channel, int MeterType, int Phase, int Credit, string Task, int Prepaid, int Wiring, string Address,
    MeterKeysInput? Keys = null);

internal sealed record MeterView(
    long Id, string MeterNo, bool Enabled, int Mac, string Channel, int MeterType, int Phase, int Credit, string Task, int Prepaid, int Wiring, string Address,
    bool HasKeys, MeterReach State, DateTimeOffset? LastContact, Failure? LastError, Counted Today);

internal sealed record MeterDetailView(
    long Id, string MeterNo, bool Enabled, int Mac, string Channel, int MeterType, int Phase, int Credit, string Task, int Prepaid, int Wiring, string Address,
    bool HasKeys, MeterReach State, DateTimeOffset? LastContact, Failure? LastError, Counted Today,
    Counted Yesterday, string? LogicalDeviceName, ProfileSummary[] Profiles, NextRunView[] NextRuns);

internal sealed record ChannelChoice(string Name, bool Enabled, string Addressing);

internal sealed record TaskChoice(string Name, bool Enabled);

internal sealed record ArchiveView(MeterView[] Meters, ChannelChoice[] Channels, TaskChoice[] Tasks);

[JsonConverter(typeof(WireEnum<CommunicationOutcomeView>))]
internal enum CommunicationOutcomeView { Done, Partial, Failed }

internal sealed record CommunicationView(
    long Id, DateTimeOffset Time, long DurationMs, string Channel, string Item, CommunicationOutcomeView Outcome, FailureReason? Reason, string Text,
    int Rows, long BytesSent, long BytesReceived, int Retries);

internal sealed record CommunicationsView(CommunicationView[] Items);

internal sealed record ReadAcceptedView(string[] Items);

[JsonConverter(typeof(WireEnum<SettingType>))]
internal enum SettingType { Text, Integer, Boolean, Choice, Cron, Secret }

internal sealed record SettingColumnView(string Name, string Label, SettingType Type, bool Editable, string[]? Choices);

internal sealed record SettingRowView(long Id, Dictionary<string, JsonElement> Values);

internal sealed record SettingTableView(string Name, string Title, SettingColumnView[] Columns, SettingRowView[] Rows);

internal sealed record SettingTableName(string Name, string Title, int Rows);

internal sealed record SettingTablesView(SettingTableName[] Tables);

internal sealed record SettingChangeInput(long Id, Dictionary<string, JsonElement> Values);

internal sealed record SettingChangesInput(SettingChangeInput[] Changes);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, Converters = [typeof(UtcTimestamp)])]
[JsonSerializable(typeof(HomeView))]
[JsonSerializable(typeof(ArchiveView))]
[JsonSerializable(typeof(MeterInput))]
[JsonSerializable(typeof(MeterDetailView))]
[JsonSerializable(typeof(CommunicationsView))]
[JsonSerializable(typeof(ReadAcceptedView))]
[JsonSerializable(typeof(ProfileRows))]
[JsonSerializable(typeof(EventPage))]
[JsonSerializable(typeof(SettingTablesView))]
[JsonSerializable(typeof(SettingTableView))]
[JsonSerializable(typeof(SettingChangesInput))]
[JsonSerializable(typeof(string))]
[JsonSerializable(typeof(bool))]
[JsonSerializable(typeof(long))]
[JsonSerializable(typeof(int?))]
[JsonSerializable(typeof(long?))]
internal sealed partial class ConcentratorApiJson : JsonSerializerContext;
