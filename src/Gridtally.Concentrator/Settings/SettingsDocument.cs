using System.Text;

namespace Gridtally.Concentrator.Settings;

/// <summary>The settings as a page of Markdown, from the same tables that validate them.</summary>
public static class SettingsDocument
{
    /// <summary>Writes the page.</summary>
    public static string Write()
    {
        var page = new StringBuilder();
        page.Append("""
            # Settings of the concentrator

            Tables and keys follow the SX5D1 manual, chapters 7.7.2 and 7.7.3. A settings template is all of them as one JSON file:
            `{"format": "gridtally-settings", "version": 1, "system": [{"key": "time.zone", "value": "UTC"}], "task-item": [...], ...}`.
            Tables that a template leaves out stay as they are; tables it has are replaced, except that keys it leaves out keep their value.

            This page is generated from the tables in `src/Gridtally.Concentrator/Settings`; a test compares them.

            ## Tables

            """);
        foreach (var table in SettingTables.All.Append(SettingTables.Meter)) Section(page, "###", $"{table.Title} (`{table.Name}`)", table.Columns);
        page.Append("\n## Keys\n");
        Section(page, "###", "System", SettingKeys.System);
        Section(page, "###", "Channel Attribution: RS-485 (CommType 4, 7, 8)", SettingKeys.Bus);
        Section(page, "###", "Channel Attribution: TCP to meters (CommType 20)", SettingKeys.TcpToMeters);
        Section(page, "###", "Channel Attribution: TCP client to the head end (CommType 5)", SettingKeys.TcpClient);
        Section(page, "###", "Channel Attribution: TCP servers (CommType 9, 10, 11)", SettingKeys.TcpServer);
        Section(page, "###", "Protocol Attribution: towards meters", SettingKeys.ToMeter);
        Section(page, "###", "Protocol Attribution: towards the head end", SettingKeys.ToHeadEnd);
        return page.ToString();
    }

    private static void Section(StringBuilder page, string level, string title, IReadOnlyList<ValueSpec> values)
    {
        page.Append($"\n{level} {title}\n\n| name | default | allowed | meaning |\n|---|---|---|---|\n");
        foreach (var value in values)
            page.Append($"| `{value.Name}` | {(value.Default.Length == 0 ? "" : $"`{value.Default}`")} | {value.Expected.Replace("|", "\\|", StringComparison.Ordinal)} | {value.Meaning} |\n");
    }
}
