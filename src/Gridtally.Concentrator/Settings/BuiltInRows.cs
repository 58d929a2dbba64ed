namespace Gridtally.Concentrator.Settings;

/// <summary>The rows that a new concentrator has: figures 10, 17, 19 and 20 of the manual.</summary>
/// <remarks>Rows of what this version does not serve are there, disabled.</remarks>
internal static class BuiltInRows
{
    private static readonly string[][] Protocols =
    [
        ["dlms_down", "ToMeter", "DLMS over PLC"],
        ["dlms_up", "ToHeadEnd", "DLMS towards the head end"],
        ["dlms_up_server", "ToHeadEnd", "DLMS in server mode"],
        ["485_test_fis", "ToMeter", "DLMS over HDLC on RS-485 port 1"],
        ["485_test_fis_ch2", "ToMeter", "DLMS over HDLC on RS-485 port 2"],
        ["485_test_fis_ch3", "ToMeter", "DLMS over HDLC on RS-485 port 3"],
        ["dlms_tcp_down", "ToMeter", "DLMS wrapper over TCP"],
        ["mip", "ToMeter", "for meter"],
        ["dlms_up_server_gui", "ToHeadEnd", "DLMS in server mode (WEB-GUI)"],
        ["dlms_up_server_im", "ToHeadEnd", "DLMS in server mode (Balance-Meter)"],
    ];

    private static readonly string[][] Channels =
    [
        ["485_1", "485_test_fis", "empty_task", "Enable", "2", "3", "4", "RS-485 port 1"],
        ["tcp_server", "dlms_up_server", "empty_task", "Disable", "3", "5", "9", "Waits for the head end"],
        ["tcp_client", "dlms_up", "upload_task", "Enable", "3", "5", "5", "Dials the head end"],
        ["reading_module", "mip", "sync_time", "Disable", "3", "2", "2", "PLC reading module"],
        ["485_2", "485_test_fis_ch2", "empty_task", "Disable", "2", "3", "7", "RS-485 port 2"],
        ["485_3", "485_test_fis_ch3", "empty_task", "Disable", "2", "3", "8", "RS-485 port 3"],
        ["tcp_server_gui", "dlms_up_server_gui", "empty_task", "Disable", "3", "5", "10", "Maintenance"],
        ["tcp_server_im", "dlms_up_server_im", "empty_task", "Disable", "3", "5", "11", "Balance meter"],
        ["meter_tcp", "dlms_tcp_down", "empty_task", "Enable", "3", "5", "20", "Meters with a TCP address"],
    ];

    private static readonly string[][] Tasks =
    [
        ["empty_task", "Disable"], ["upload_task", "Enable"], ["down_device_task", "Enable"], ["single_phase", "Enable"],
        ["three_phase", "Enable"], ["sync_time", "Enable"],
    ];

    // name, interval, offset, max recall, status, priority, type, cron
    private static readonly string[][] Items =
    [
        ["path discovery", "0", "0", "0", "Disable", "4", "G3 Path Discovery", "0 */4 * * *"],
        ["monthbilling", "259200", "0", "34819200", "Enable", "1", "Monthly Billing", "0 */1 1-5 * *"],
        ["monthbilling", "2332800", "0", "34819200", "Enable", "3", "Monthly Billing", "0 */4 6-31 * *"],
        ["energy profile", "120", "0", "864000", "Enable", "2", "Energy profile", "0 */4 * * *"],
        ["demand profile", "120", "0", "864000", "Disable", "4", "Demand profile", "0 */4 * * *"],
        ["fraud event", "300", "0", "34819200", "Enable", "3", "Fraud Event", "0 10 * * *"],
        ["relay event", "300", "0", "34819200", "Enable", "3", "Relay Event", "0 10 * * *"],
        ["standard event", "300", "0", "34819200", "Enable", "3", "Standard Event", "0 10 * * *"],
        ["power failure event", "300", "0", "34819200", "Enable", "3", "Power Failure Event", "0 10 * * *"],
        ["phase interruption event", "300", "0", "34819200", "Enable", "3", "Phase Interruption Event", "0 10 * * *"],
        ["power quality event", "300", "0", "34819200", "Enable", "3", "Power Quality Event", "0 10 * * *"],
        ["meter clock", "0", "0", "0", "Disable", "4", "Meter Clock", "0 10 */2 * *"],
    ];

    // The manual's own values where they differ from a key's default.
    private static readonly Dictionary<(string Owner, string Key), string> Special = new()
    {
        [("dlms_down", "max.bytes")] = "80",
        [("dlms_down", "send.silent")] = "2",
        [("dlms_up_server", "server.mode")] = "1",
        [("dlms_up_server_gui", "server.mode")] = "1",
        [("dlms_up_server_im", "server.mode")] = "1",
    };

    /// <summary>The built-in rows of a table, in order.</summary>
    public static IEnumerable<Dictionary<string, string>> Of(TableSpec table) => table.Name switch
    {
        "system" => SettingKeys.System.Select(k => KeyRow(null, "", k)),
        "task" => Tasks.Select(r => Row(table, r)),
        "task-item" => ((string[])["single_phase", "three_phase"]).SelectMany(task => Items.Select(i => Row(table, [i[0], task, .. i[1..]]))),
        "channel" => Channels.Select(r => Row(table, r)),
        "protocol" => Protocols.Select(r => Row(table, r)),
        "channel-attribute" => Channels.SelectMany(c => SettingKeys.OfChannel(CommType.All.First(t => t.Number.ToString() == c[6])).Select(k => KeyRow("channel", c[0], k))),
        "protocol-attribute" => Protocols.SelectMany(p => SettingKeys.OfProtocol(p[1]).Select(k => KeyRow("protocol", p[0], k))),
        _ => [],
    };

    /// <summary>The row of a key that nobody has set.</summary>
    public static Dictionary<string, string> KeyRow(string? ownerColumn, string owner, ValueSpec key)
    {
        var row = new Dictionary<string, string>();
        if (ownerColumn is not null) row[ownerColumn] = owner;
        row["key"] = key.Name;
        row["value"] = Special.GetValueOrDefault((owner, key.Name), key.Default);
        row["description"] = key.Meaning;
        return row;
    }

    private static Dictionary<string, string> Row(TableSpec table, string[] cells) =>
        table.Columns.Zip(cells).ToDictionary(p => p.First.Name, p => p.Second);
}
