using System.Buffers;
using System.Text;
using System.Text.Json;

namespace Gridtally.Concentrator.Settings;

/// <summary>All settings as one JSON file: <c>{"format": "gridtally-settings", "version": 1, "system": [{"key": …}], "task": […], …}</c>.</summary>
/// <remarks>
/// Tables that a template leaves out stay as they are; those it has are replaced. In key-value tables a key that is left out keeps its
/// default. Secrets are exported as <see cref="SettingsStore.Hidden"/>, which on import leaves them as they are.
/// </remarks>
public static class SettingsTemplate
{
    /// <summary>Largest template: ten times what all tables at their maximum take.</summary>
    public const int MaxSize = 8 * 1024 * 1024;

    private const string Format = "gridtally-settings";

    /// <summary>Writes all tables.</summary>
    public static string Export(SettingsStore settings)
    {
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target, new JsonWriterOptions { Indented = true }))
        {
            json.WriteStartObject();
            json.WriteString("format", Format);
            json.WriteNumber("version", 1);
            foreach (var table in SettingTables.All)
            {
                json.WriteStartArray(table.Name);
                foreach (var row in settings.Rows(table)) WriteRow(json, row.Cells);
                json.WriteEndArray();
            }

            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    /// <summary>Reads a template; the values are checked when it is imported.</summary>
    /// <param name="json">The text.</param>
    /// <param name="source">File name or the like, for messages.</param>
    /// <exception cref="SettingsException">It is no such template; the message names the line or the table.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<Dictionary<string, string>>> Parse(string json, string source = "Settings template")
    {
        if (json.Length > MaxSize) throw new SettingsException($"{source}: {json.Length} characters; at most {MaxSize} are read.");
        try
        {
            using var document = JsonDocument.Parse(json, new JsonDocumentOptions { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true });
            return ReadTables(document.RootElement, source);
        }
        catch (JsonException e)
        {
            throw new SettingsException($"{source}: not valid JSON at line {e.LineNumber + 1}, column {e.BytePositionInLine + 1}. {e.Message}", e);
        }
    }

    /// <summary>Reads a template file.</summary>
    /// <exception cref="SettingsException">It can't be read, or is no template.</exception>
    public static IReadOnlyDictionary<string, IReadOnlyList<Dictionary<string, string>>> ParseFile(string path)
    {
        try
        {
            return Parse(File.ReadAllText(path), path);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new SettingsException($"{path}: can't be read: {e.Message}", e);
        }
    }

    internal static string WriteCells(IReadOnlyDictionary<string, string> cells)
    {
        var target = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(target)) WriteRow(json, cells);
        return Encoding.UTF8.GetString(target.WrittenSpan);
    }

    internal static Dictionary<string, string> ReadCells(string json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.EnumerateObject().ToDictionary(p => p.Name, p => p.Value.GetString() ?? "");
    }

    // Rows that are the same by the table's own key keep their id, so that references by id (item runs) stay right.
    internal static void Merge(SettingTableSet set, IReadOnlyDictionary<string, IReadOnlyList<Dictionary<string, string>>> tables)
    {
        foreach (var table in SettingTables.All)
        {
            if (!tables.TryGetValue(table.Name, out var rows)) continue;
            var old = set.Rows[table.Name].ToList();
            var isKeyed = table.Column("key") is not null;
            if (!isKeyed) set.Rows[table.Name].Clear();
            foreach (var row in rows) MergeRow(set, table, old, row);
            if (table.Name is "channel" or "protocol") DropOrphans(set, table.Name);
        }

        AddMissingKeys(set);
    }

    private static void MergeRow(SettingTableSet set, TableSpec table, List<KeyValuePair<long, Dictionary<string, string>>> old, Dictionary<string, string> row)
    {
        var unique = table.Unique.Count > 0 ? table.Unique : ["name", "task", "cron"];
        var same = old.FindIndex(r => unique.All(c => r.Value.GetValueOrDefault(c, "") == row.GetValueOrDefault(c, "")));
        var merged = same >= 0 && table.Column("key") is not null ? new Dictionary<string, string>(old[same].Value) : table.Columns.ToDictionary(c => c.Name, c => c.Default);
        foreach (var (column, value) in row)
        {
            if (value != SettingsStore.Hidden || !SettingsStore.IsSecret(set, table, row)) merged[column] = value;
        }

        var id = same >= 0 ? old[same].Key : Math.Max(set.NextId(table.Name), old.Count == 0 ? 1 : old.Max(r => r.Key) + 1);
        if (same >= 0) old.RemoveAt(same);
        set.Rows[table.Name][id] = merged;
    }

    // Keys of channels and protocols that are gone go too. Done before the keys of the template come in, so that theirs are errors.
    private static void DropOrphans(SettingTableSet set, string owner)
    {
        var table = set.Rows[owner + "-attribute"];
        foreach (var gone in table.Where(r => !set.HasName(owner, r.Value.GetValueOrDefault(owner, ""))).Select(r => r.Key).ToList()) table.Remove(gone);
    }

    private static void AddMissingKeys(SettingTableSet set)
    {
        foreach (var (owner, column) in ((string, string)[])[("channel", "commType"), ("protocol", "type")])
        {
            var table = owner + "-attribute";
            foreach (var row in set.Rows[owner].Values)
            {
                IReadOnlyList<ValueSpec> keys = owner == "protocol" ? SettingKeys.OfProtocol(row[column])
                    : int.TryParse(row[column], out var number) && CommType.Find(number) is { } type ? SettingKeys.OfChannel(type) : [];
                foreach (var key in keys.Where(k => !set.Rows[table].Values.Any(r => r[owner] == row["name"] && r["key"] == k.Name)))
                    set.Rows[table][set.NextId(table)] = BuiltInRows.KeyRow(owner, row["name"], key);
            }
        }
    }

    private static Dictionary<string, IReadOnlyList<Dictionary<string, string>>> ReadTables(JsonElement root, string source)
    {
        if (root.ValueKind != JsonValueKind.Object || !root.TryGetProperty("format", out var format) || format.ValueKind != JsonValueKind.String || format.GetString() != Format)
            throw new SettingsException($"{source}: expected an object with \"format\": \"{Format}\".");
        if (!root.TryGetProperty("version", out var version) || !version.TryGetInt32(out var number) || number != 1)
            throw new SettingsException($"{source}: expected \"version\": 1.");
        var tables = new Dictionary<string, IReadOnlyList<Dictionary<string, string>>>();
        foreach (var member in root.EnumerateObject().Where(m => m.Name is not ("format" or "version")))
        {
            if (SettingTables.Find(member.Name) is not { } table)
                throw new SettingsException($"{source}: there is no table '{member.Name}'; the tables are {string.Join(", ", SettingTables.All.Select(t => t.Name))}.");
            if (member.Value.ValueKind != JsonValueKind.Array) throw new SettingsException($"{source}, {table.Name}: expected an array of rows.");
            tables[table.Name] = [.. member.Value.EnumerateArray().Select((row, i) => ReadRow(row, $"{source}, {table.Name}, row {i + 1}"))];
        }

        return tables;
    }

    private static Dictionary<string, string> ReadRow(JsonElement row, string place)
    {
        if (row.ValueKind != JsonValueKind.Object) throw new SettingsException($"{place}: expected an object such as {{\"key\": \"up.device\", \"value\": \"ethernet\"}}.");
        var cells = new Dictionary<string, string>();
        foreach (var cell in row.EnumerateObject())
        {
            cells[cell.Name] = cell.Value.ValueKind switch
            {
                JsonValueKind.String => cell.Value.GetString()!,
                JsonValueKind.Number => cell.Value.GetRawText(),
                _ => throw new SettingsException($"{place}, {cell.Name}: expected a text or a number, not {cell.Value.ValueKind}."),
            };
        }

        return cells;
    }

    private static void WriteRow(Utf8JsonWriter json, IReadOnlyDictionary<string, string> cells)
    {
        json.WriteStartObject();
        foreach (var (column, value) in cells) json.WriteString(column, value);
        json.WriteEndObject();
    }
}
