using System.Globalization;

namespace Gridtally.Concentrator.Settings;

/// <summary>All tables at once: <c>table → id → column → text</c>. Secrets are sealed here.</summary>
internal sealed class SettingTableSet
{
    public SettingTableSet(IEnumerable<TableSpec> tables) => Rows = tables.ToDictionary(t => t.Name, _ => new SortedDictionary<long, Dictionary<string, string>>());

    private SettingTableSet(Dictionary<string, SortedDictionary<long, Dictionary<string, string>>> rows) => Rows = rows;

    public Dictionary<string, SortedDictionary<long, Dictionary<string, string>>> Rows { get; }

    public SettingTableSet Copy() => new(Rows.ToDictionary(t => t.Key, t => new SortedDictionary<long, Dictionary<string, string>>(
        t.Value.ToDictionary(r => r.Key, r => new Dictionary<string, string>(r.Value)))));

    public long NextId(string table) => Rows[table].Count == 0 ? 1 : Rows[table].Keys.Last() + 1;

    public bool HasName(string table, string name) => Rows[table].Values.Any(r => r["name"] == name);

    public string? TypeOf(string table, string name, string column) => Rows[table].Values.FirstOrDefault(r => r["name"] == name)?[column];
}

/// <summary>What must hold between values; each broken rule is one <see cref="SettingError"/>.</summary>
internal static class SettingsRules
{
    public static List<SettingError> Check(SettingTableSet set)
    {
        var errors = new List<SettingError>();
        foreach (var table in SettingTables.All)
        {
            if (set.Rows[table.Name].Count > SettingTables.MaxRows) errors.Add(new(table.Name, "table", 0, "rows", set.Rows[table.Name].Count.ToString(CultureInfo.InvariantCulture), $"at most {SettingTables.MaxRows} rows"));
            foreach (var (id, row) in set.Rows[table.Name]) CheckRow(set, table, id, row, errors);
            CheckUnique(set, table, errors);
        }

        return errors;
    }

    /// <summary>The rule for the value of a key-value row, or null where the table has no such key.</summary>
    public static ValueSpec? KeyOf(SettingTableSet set, TableSpec table, IReadOnlyDictionary<string, string> row) => KeysOf(set, table, row)?.FirstOrDefault(k => k.Name == row.GetValueOrDefault("key"));

    public static string Label(TableSpec table, long id, IReadOnlyDictionary<string, string> row) => table.Name switch
    {
        "channel-attribute" => $"{row.GetValueOrDefault("channel")} {row.GetValueOrDefault("key")}",
        "protocol-attribute" => $"{row.GetValueOrDefault("protocol")} {row.GetValueOrDefault("key")}",
        "task-item" => $"item {id} '{row.GetValueOrDefault("name")}' of {row.GetValueOrDefault("task")}",
        _ => row.GetValueOrDefault("key") ?? row.GetValueOrDefault("name") ?? $"row {id}",
    };

    private static IReadOnlyList<ValueSpec>? KeysOf(SettingTableSet set, TableSpec table, IReadOnlyDictionary<string, string> row) => table.Name switch
    {
        "system" => SettingKeys.System,
        "channel-attribute" => int.TryParse(set.TypeOf("channel", row.GetValueOrDefault("channel", ""), "commType"), out var type) && CommType.Find(type) is { } commType ? SettingKeys.OfChannel(commType) : [],
        "protocol-attribute" => set.TypeOf("protocol", row.GetValueOrDefault("protocol", ""), "type") is { } type ? SettingKeys.OfProtocol(type) : [],
        _ => null,
    };

    private static void CheckRow(SettingTableSet set, TableSpec table, long id, Dictionary<string, string> row, List<SettingError> errors)
    {
        void Wrong(string column, string expected) => errors.Add(new(table.Name, Label(table, id, row), id, column, row.GetValueOrDefault(column, ""), expected));

        foreach (var column in table.Columns)
        {
            var value = row.GetValueOrDefault(column.Name, "");
            if (column.Problem(value) is { } expected) Wrong(column.Name, expected);
            else if (column.Kind == ValueKind.Reference && value.Length > 0 && !set.HasName(column.Table, value))
                Wrong(column.Name, $"one of {string.Join(", ", set.Rows[column.Table].Values.Select(r => r["name"]).Take(20))}");
        }

        foreach (var extra in row.Keys.Where(k => table.Column(k) is null)) Wrong(extra, $"only the columns {string.Join(", ", table.Columns.Select(c => c.Name))}");
        if (KeysOf(set, table, row) is { } keys)
        {
            if (keys.FirstOrDefault(k => k.Name == row.GetValueOrDefault("key")) is not { } key) Wrong("key", keys.Count == 0 ? "no key here" : $"one of {string.Join(", ", keys.Select(k => k.Name))}");
            else if (key.Kind != ValueKind.Secret && key.Problem(row.GetValueOrDefault("value", "")) is { } expected) Wrong("value", expected);
        }

        if (table.Name == "task-item" && row.GetValueOrDefault("status") == "Enable" && ReadKind.Find(row.GetValueOrDefault("type", "")) is { IsServed: false } kind)
            Wrong("status", $"Disable: '{kind.Name}' is not served by this version");
        if (table.Name == "channel" && row.GetValueOrDefault("status") == "Enable" && int.TryParse(row.GetValueOrDefault("commType"), out var number) && CommType.Find(number) is { IsServed: false } comm)
            Wrong("status", $"Disable: '{comm.Name}' is not served by this version");
    }

    private static void CheckUnique(SettingTableSet set, TableSpec table, List<SettingError> errors)
    {
        if (table.Unique.Count == 0) return;
        var seen = new HashSet<string>();
        foreach (var (id, row) in set.Rows[table.Name])
        {
            if (!seen.Add(string.Join('\0', table.Unique.Select(c => row.GetValueOrDefault(c, "")))))
                errors.Add(new(table.Name, Label(table, id, row), id, table.Unique[^1], row.GetValueOrDefault(table.Unique[^1], ""), "a value that no other row has"));
        }

        if (table.Name == "task" && !set.HasName("task", SettingTables.EmptyTask))
            errors.Add(new(table.Name, SettingTables.EmptyTask, 0, "name", "", "the row empty_task: it can't be deleted or renamed"));
    }
}
