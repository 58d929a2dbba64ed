using System.Globalization;

namespace Gridtally.Concentrator.Settings;

/// <summary>One table of settings: its columns, and what makes a row unique.</summary>
/// <param name="Name">In the REST API and in templates: <c>task-item</c>.</param>
/// <param name="Title">In the GUI: <c>Task Item</c>.</param>
/// <param name="Columns">Its columns, in the order of the manual.</param>
/// <param name="Unique">Columns that together tell rows apart; empty where names may repeat.</param>
public sealed record TableSpec(string Name, string Title, IReadOnlyList<ValueSpec> Columns, IReadOnlyList<string> Unique)
{
    /// <summary>The column with that name, or null.</summary>
    public ValueSpec? Column(string name) => Columns.FirstOrDefault(c => c.Name == name);
}

/// <summary>The tables of the concentrator's settings, after chapters 7.7.2 and 7.7.3 of the SX5D1 manual.</summary>
/// <remarks>Validation, defaults, forms and documentation all derive from here and from <see cref="SettingKeys"/>.</remarks>
public static class SettingTables
{
    /// <summary>Rows that one table may have: 200 tasks of 12 items is more than a concentrator is asked to do.</summary>
    public const int MaxRows = 2_500;

    /// <summary>A task that can't be deleted; channels that run no task have it.</summary>
    public const string EmptyTask = "empty_task";

    /// <summary>Key and value of the concentrator as a whole.</summary>
    public static readonly TableSpec System = new("system", "System",
        [Name("key", "Key", 64), Text("value", "Value", 256), Text("description", "Description", 256)], ["key"]);

    /// <summary>Groups of task items.</summary>
    public static readonly TableSpec Task = new("task", "Task", [Name("name", "Name", 32), Status("Items of a disabled task don't run.")], ["name"]);

    /// <summary>What is read when.</summary>
    public static readonly TableSpec TaskItem = new("task-item", "Task Item",
    [
        new("name", ValueKind.Text, "", "What people call it.") { Label = "Name", Min = 1, Max = 64 },
        Reference("task", "Task", "task", EmptyTask, "The task it belongs to."),
        Integer("interval", "Interval", 300, 0, 366 * 86_400, "s", "After a success the item is not repeated for that meter for so long."),
        Integer("offset", "Offset", 0, 0, 86_400, "s", "Runs this much later than the cron says."),
        Integer("maxRecall", "MaxRecall", 864_000, 0, 1_100 * 86_400, "s", "Data older than this is not read any more."),
        Status("A disabled item does not run."),
        Integer("priority", "Priority", 3, 1, 5, "", "1 is the highest, 5 the lowest."),
        new("type", ValueKind.Choice, "Energy profile", "What is read.") { Label = "Type", Choices = [.. ReadKind.All.Select(k => k.Name)] },
        new("cron", ValueKind.Cron, "0 */4 * * *", "When it runs: minute, hour, day of month, month, day of week (0 = Sunday).") { Label = "Cron" },
    ], []);

    /// <summary>Ways to meters and head ends.</summary>
    public static readonly TableSpec Channel = new("channel", "Channel",
    [
        Name("name", "Name", 32),
        Reference("protocol", "Protocol", "protocol", "485_test_fis", "What is spoken on it."),
        Reference("task", "Task", "task", EmptyTask, "The channel's own task."),
        Status("A disabled channel moves nothing."),
        Integer("readTimeout", "ReadTimeout", 3, 1, 60, "s", "An answer is waited for so long."),
        Integer("writeTimeout", "WriteTimeout", 5, 1, 60, "s", "Sending and connecting may take so long."),
        new("commType", ValueKind.Choice, "4", "How bytes are moved.") { Label = "CommType", Choices = [.. CommType.All.Select(t => t.Number.ToString(CultureInfo.InvariantCulture))] },
        Text("description", "Description", 256),
    ], ["name"]);

    /// <summary>Keys of each channel.</summary>
    public static readonly TableSpec ChannelAttribute = new("channel-attribute", "Channel Attribution",
        [Reference("channel", "Channel", "channel", "", "The channel."), Name("key", "Key", 64), Text("value", "Value", 256), Text("description", "Description", 256)], ["channel", "key"]);

    /// <summary>What can be spoken.</summary>
    public static readonly TableSpec Protocol = new("protocol", "Protocol",
    [
        Name("name", "Name", 32),
        new("type", ValueKind.Choice, "ToMeter", "Towards meters or towards the head end.") { Label = "Type", Choices = ["ToMeter", "ToHeadEnd"] },
        Text("description", "Description", 256),
    ], ["name"]);

    /// <summary>Keys of each protocol.</summary>
    public static readonly TableSpec ProtocolAttribute = new("protocol-attribute", "Protocol Attribution",
        [Reference("protocol", "Protocol", "protocol", "", "The protocol."), Name("key", "Key", 64), Text("value", "Value", 256), Text("description", "Description", 256)], ["protocol", "key"]);

    /// <summary>Columns of the meter archive, figure 8, and where the meter is found. Keys and passwords are written apart.</summary>
    public static readonly TableSpec Meter = new("meter", "Meter",
    [
        new("meterNo", ValueKind.Name, "", "The meter's number.") { Label = "MeterNo", Max = 16 },
        Status("A disabled meter is not read."),
        Integer("mac", "MAC", -1, -1, int.MaxValue, "", "Number of the meter on the PLC network; -1 without one."),
        Reference("channel", "Channel", "channel", "meter_tcp", "How the meter is reached."),
        Integer("meterType", "MeterType", 1, 0, 255, "", "1 is a DLMS electricity meter."),
        Integer("phase", "Phase", 1, 1, 3, "", "Phases: 1 or 3."),
        Integer("credit", "Credit", 1, 0, 255, "", "Credit mode of the meter."),
        Reference("task", "Task", "task", "single_phase", "What is read from it."),
        Integer("prepaid", "Prepaid", 255, 0, 255, "", "255: not a prepayment meter."),
        Integer("wiring", "Wiring", 0, 0, 255, "", "Wiring scheme."),
        new("address", ValueKind.Text, "", "On a bus the HDLC physical address (17), on TCP host:port.") { Label = "Address", Min = 1, Max = 260 },
        Integer("logicalDevice", "LogicalDevice", 1, 1, 16_383, "", "Server SAP of the meter's management logical device."),
    ], ["meterNo"]);

    /// <summary>The tables of the settings pages, in the manual's order. The archive has pages of its own.</summary>
    public static readonly IReadOnlyList<TableSpec> All = [System, Task, TaskItem, Channel, ChannelAttribute, Protocol, ProtocolAttribute];

    /// <summary>The table with that name, or null.</summary>
    public static TableSpec? Find(string name) => All.FirstOrDefault(t => t.Name == name);

    private static ValueSpec Text(string name, string label, int max) => new(name, ValueKind.Text, "", label + ".") { Label = label, Max = max, Optional = true };

    private static ValueSpec Name(string name, string label, int max) => new(name, ValueKind.Name, "", label + ".") { Label = label, Max = max };

    private static ValueSpec Status(string meaning) => new("status", ValueKind.Choice, "Enable", meaning) { Label = "Status", Choices = ["Enable", "Disable"] };

    private static ValueSpec Integer(string name, string label, long value, long min, long max, string unit, string meaning) =>
        new(name, ValueKind.Integer, value.ToString(CultureInfo.InvariantCulture), meaning) { Label = label, Min = min, Max = max, Unit = unit };

    private static ValueSpec Reference(string name, string label, string table, string value, string meaning) =>
        new(name, ValueKind.Reference, value, meaning) { Label = label, Table = table };
}
