using System.Globalization;
using Gridtally.Concentrator.Tasks;
using Gridtally.Metering;

namespace Gridtally.Concentrator.Settings;

/// <summary>One item of an enabled or disabled task, ready to run.</summary>
/// <param name="Id">Row of table task-item.</param>
/// <param name="Name">What people call it.</param>
/// <param name="Task">Its task.</param>
/// <param name="Interval">Not repeated for a meter for so long after a success.</param>
/// <param name="Offset">Runs so much later than the cron says.</param>
/// <param name="MaxRecall">Older data is not read.</param>
/// <param name="Enabled">Item and task are both enabled.</param>
/// <param name="Priority">1 highest .. 5.</param>
/// <param name="Kind">What is read.</param>
/// <param name="Cron">When.</param>
public sealed record TaskItem(
    long Id, string Name, string Task, TimeSpan Interval, TimeSpan Offset, TimeSpan MaxRecall, bool Enabled, int Priority, ReadKind Kind, CronExpression Cron)
{
    /// <summary>The first run after a moment.</summary>
    public DateTimeOffset NextRun(DateTimeOffset after, TimeZoneInfo zone) => Cron.Next(after - Offset, zone) + Offset;
}

/// <summary>Keys of one owner with their defaults; texts have been validated.</summary>
public sealed class KeyValues
{
    private readonly IReadOnlyDictionary<string, string> _values;
    private readonly IReadOnlyList<ValueSpec> _keys;

    internal KeyValues(IReadOnlyList<ValueSpec> keys, IReadOnlyDictionary<string, string> values) => (_keys, _values) = (keys, values);

    /// <summary>A text; the key's default where none is set.</summary>
    public string Text(string key) => _values.TryGetValue(key, out var value)
        ? value
        : _keys.FirstOrDefault(k => k.Name == key)?.Default ?? throw new ArgumentException($"There is no setting '{key}' here.", nameof(key));

    /// <summary>True where both have the same keys with the same texts.</summary>
    public bool IsSame(KeyValues other) => _values.Count == other._values.Count && !_values.Except(other._values).Any();

    /// <summary>A setting that is a whole number, in the unit of its table.</summary>
    public int Number(string key) => int.Parse(Text(key), CultureInfo.InvariantCulture);

    /// <summary>A setting that is a number of seconds, as a time.</summary>
    public TimeSpan Seconds(string key) => TimeSpan.FromSeconds(Number(key));

    /// <summary>An OBIS code.</summary>
    public ObisCode Obis(string key) => ObisCode.Parse(Text(key));
}

/// <summary>A channel with its protocol.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Enabled">A disabled channel moves nothing.</param>
/// <param name="Type">How bytes are moved.</param>
/// <param name="ReadTimeout">An answer is waited for so long.</param>
/// <param name="WriteTimeout">Sending may take so long.</param>
/// <param name="Task">Its own task.</param>
/// <param name="Attributes">Its keys.</param>
/// <param name="Protocol">Name of its protocol.</param>
/// <param name="ProtocolAttributes">The protocol's keys.</param>
public sealed record ChannelSettings(
    string Name, bool Enabled, CommType Type, TimeSpan ReadTimeout, TimeSpan WriteTimeout, string Task, KeyValues Attributes, string Protocol, KeyValues ProtocolAttributes)
{
    /// <summary>The profile in which meters of this channel keep a kind of data.</summary>
    public ObisCode ProfileOf(ReadKind kind) => ProtocolAttributes.Obis(kind.AttributeKey);

    /// <summary>What the address of a meter on this channel is: <c>hdlc</c>, <c>host-port</c> or <c>none</c>.</summary>
    public string Addressing => Type.IsBus ? "hdlc" : Type.Number == CommType.TcpToMeters ? "host-port" : "none";
}

/// <summary>All settings at one moment, typed. Immutable.</summary>
public sealed class SettingsView
{
    internal SettingsView(SettingTableSet set)
    {
        System = new(SettingKeys.System, Values(set, "system", "", ""));
        Zone = TimeZoneInfo.FindSystemTimeZoneById(System.Text("time.zone"));
        Tasks = set.Rows["task"].Values.ToDictionary(r => r["name"], r => r["status"] == "Enable");
        Items = [.. set.Rows["task-item"].Select(r => Item(r.Key, r.Value))];
        Channels = set.Rows["channel"].Values.Select(r => Channel(set, r)).ToDictionary(c => c.Name);
    }

    /// <summary>The keys of table System. Secrets are not among them: <see cref="SettingsStore.Secret"/>.</summary>
    public KeyValues System { get; }

    /// <summary>Zone of cron times.</summary>
    public TimeZoneInfo Zone { get; }

    /// <summary>Task name to whether it is enabled.</summary>
    public IReadOnlyDictionary<string, bool> Tasks { get; }

    /// <summary>All task items.</summary>
    public IReadOnlyList<TaskItem> Items { get; }

    /// <summary>All channels by name.</summary>
    public IReadOnlyDictionary<string, ChannelSettings> Channels { get; }

    /// <summary>The items of a task that run.</summary>
    public IEnumerable<TaskItem> EnabledItems(string task) => Items.Where(i => i.Enabled && i.Task == task);

    private TaskItem Item(long id, Dictionary<string, string> row) => new(id, row["name"], row["task"], Seconds(row, "interval"), Seconds(row, "offset"), Seconds(row, "maxRecall"),
        row["status"] == "Enable" && Tasks[row["task"]], int.Parse(row["priority"], CultureInfo.InvariantCulture), ReadKind.Find(row["type"])!, CronExpression.Parse(row["cron"]));

    private static ChannelSettings Channel(SettingTableSet set, Dictionary<string, string> row)
    {
        var type = CommType.Find(int.Parse(row["commType"], CultureInfo.InvariantCulture))!;
        return new(row["name"], row["status"] == "Enable", type, Seconds(row, "readTimeout"), Seconds(row, "writeTimeout"), row["task"],
            new(SettingKeys.OfChannel(type), Values(set, "channel-attribute", "channel", row["name"])), row["protocol"],
            new(SettingKeys.OfProtocol(set.TypeOf("protocol", row["protocol"], "type")!), Values(set, "protocol-attribute", "protocol", row["protocol"])));
    }

    private static Dictionary<string, string> Values(SettingTableSet set, string table, string ownerColumn, string owner) =>
        set.Rows[table].Values.Where(r => ownerColumn.Length == 0 || r[ownerColumn] == owner).ToDictionary(r => r["key"], r => r["value"]);

    private static TimeSpan Seconds(Dictionary<string, string> row, string column) => TimeSpan.FromSeconds(long.Parse(row[column], CultureInfo.InvariantCulture));
}
