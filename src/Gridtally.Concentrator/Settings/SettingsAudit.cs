namespace Gridtally.Concentrator.Settings;

/// <summary>Says in words what a change of settings changed. Secrets are named, not shown.</summary>
internal static class SettingsAudit
{
    public static IEnumerable<string> Compare(SettingTableSet before, SettingTableSet after)
    {
        foreach (var table in SettingTables.All)
        {
            var (old, now) = (before.Rows[table.Name], after.Rows[table.Name]);
            foreach (var (id, row) in now)
            {
                if (!old.TryGetValue(id, out var was)) yield return $"{table.Title} '{SettingsRules.Label(table, id, row)}' added";
                else if (Differences(after, table, was, row) is { Length: > 0 } text) yield return $"{table.Title} '{SettingsRules.Label(table, id, row)}': {text}";
            }

            foreach (var (id, row) in old.Where(r => !now.ContainsKey(r.Key))) yield return $"{table.Title} '{SettingsRules.Label(table, id, row)}' removed";
        }
    }

    private static string Differences(SettingTableSet set, TableSpec table, Dictionary<string, string> was, Dictionary<string, string> now)
    {
        var secret = SettingsStore.IsSecret(set, table, now);
        return string.Join(", ", table.Columns.Where(c => was.GetValueOrDefault(c.Name, "") != now.GetValueOrDefault(c.Name, ""))
            .Select(c => secret && c.Name == "value" ? $"{c.Label} changed" : $"{c.Label} '{was.GetValueOrDefault(c.Name, "")}' → '{now.GetValueOrDefault(c.Name, "")}'"));
    }
}
