using System.Globalization;
using System.Text.Json;
using Gridtally.Concentrator.Settings;
using Gridtally.WebHost.Access;
using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.Concentrator.Web;

/// <summary>The settings tables: read, and change with all rules checked; a secret reads <c>***</c>.</summary>
internal sealed class SettingsEndpoints(SettingsStore settings)
{
    private const string SecretColumn = "value";

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapGet("/settings", List).WithTags("Settings").WithSummary("Names and sizes of the settings tables.");
        api.MapGet("/settings/{table}", Read).Produces<SettingTableView>().WithTags("Settings").WithSummary("One table.");
        api.MapPut("/settings/{table}", Change).Produces<SettingTableView>().WithTags("Settings").WithSummary("Changes rows of a table: all of them, or on any error none.");
    }

    /// <summary>What a user reads when settings were refused: one message per cell, keyed <c>id.column</c>.</summary>
    public static Problem Refusal(SettingsException e) => e.Errors.Count == 0
        ? new("Nothing was changed.", StatusCodes.Status400BadRequest, e.Message)
        : new("Nothing was changed.", StatusCodes.Status400BadRequest, e.Message, e.Errors.GroupBy(CellOf).ToDictionary(g => g.Key, g => g.Select(Sentence).ToArray()));

    private static string CellOf(SettingError error) => $"{error.RowId}.{error.Column}";

    private static string Sentence(SettingError error) => $"Expected {error.Expected}, got '{error.Value}'.";

    private Ok<SettingTablesView> List() => TypedResults.Ok(new SettingTablesView(
        [.. SettingTables.All.Select(t => new SettingTableName(t.Name, t.Title, settings.Rows(t).Count))]));

    private IResult Read(string table) => SettingTables.Find(table) is { } spec ? TypedResults.Ok(View(spec)) : Missing(table);

    private IResult Change(string table, SettingChangesInput input, HttpContext http)
    {
        if (SettingTables.Find(table) is not { } spec) return Missing(table);
        if (input.Changes.Length > SettingTables.MaxRows) return Problems.Invalid(("changes", $"expected at most {SettingTables.MaxRows}, got {input.Changes.Length}."));
        var faults = new List<(string Field, string Fault)>();
        var changes = new List<(long Id, IReadOnlyDictionary<string, string> Cells)>();
        var rows = settings.Rows(spec).ToDictionary(r => r.Id);
        foreach (var change in input.Changes)
        {
            var isSecret = rows.TryGetValue(change.Id, out var row) && IsSecret(spec, row);
            changes.Add((change.Id, Cells(spec, change, isSecret, faults)));
        }

        foreach (var twice in input.Changes.CountBy(c => c.Id).Where(c => c.Value > 1)) faults.Add(($"{twice.Key}", $"expected each row once, got it {twice.Value} times."));
        if (faults.Count > 0) return Problems.Invalid(faults);
        settings.Change(spec, changes, http.Session().User);
        return TypedResults.Ok(View(spec));
    }

    private static IResult Missing(string table) =>
        Problems.NotFound($"There is no settings table '{table}'. There are {string.Join(", ", SettingTables.All.Select(t => t.Name))}.");

    private SettingTableView View(TableSpec table) => new(
        table.Name, table.Title, [.. table.Columns.Select(c => Column(table, c))],
        [.. settings.Rows(table).Select(row => new SettingRowView(row.Id, table.Columns.ToDictionary(c => c.Name, c => Value(table, c, row))))]);

    private SettingColumnView Column(TableSpec table, ValueSpec column) => new(
        column.Name, column.Unit.Length == 0 ? column.Label : $"{column.Label} [{column.Unit}]", TypeOf(column), IsEditable(table, column), Choices(column));

    // What other rows and the archive refer to keeps its name.
    private static bool IsEditable(TableSpec table, ValueSpec column) => !table.Unique.Contains(column.Name);

    private static SettingType TypeOf(ValueSpec column) => column.Kind switch
    {
        ValueKind.Choice when IsSwitch(column) => SettingType.Boolean,
        ValueKind.Choice or ValueKind.Reference => SettingType.Choice,
        ValueKind.Integer => SettingType.Integer,
        ValueKind.Cron => SettingType.Cron,
        ValueKind.Secret => SettingType.Secret,
        _ => SettingType.Text,
    };

    private static bool IsSwitch(ValueSpec column) => column.Choices is ["Enable", "Disable"];

    private string[]? Choices(ValueSpec column) => column.Kind switch
    {
        ValueKind.Choice when !IsSwitch(column) => [.. column.Choices],
        ValueKind.Reference => [.. settings.Rows(SettingTables.Find(column.Table)!).Select(r => r["name"])],
        _ => null,
    };

    private JsonElement Value(TableSpec table, ValueSpec column, SettingRow row)
    {
        var text = row[column.Name];
        if (column.Name == SecretColumn && IsSecret(table, row)) return text.Length == 0 ? Json(null) : Json(SettingsStore.Hidden);
        if (IsSwitch(column)) return JsonSerializer.SerializeToElement(text == "Enable", ConcentratorApiJson.Default.Boolean);
        return column.Kind == ValueKind.Integer && long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number)
            ? JsonSerializer.SerializeToElement(number, ConcentratorApiJson.Default.Int64)
            : Json(text);
    }

    private bool IsSecret(TableSpec table, SettingRow row) => settings.KeyOf(table, row)?.Kind == ValueKind.Secret;

    private static JsonElement Json(string? text) => JsonSerializer.SerializeToElement(text, ConcentratorApiJson.Default.String);

    private static Dictionary<string, string> Cells(TableSpec table, SettingChangeInput change, bool isSecret, List<(string Field, string Fault)> faults)
    {
        var cells = new Dictionary<string, string>();
        foreach (var (name, value) in change.Values)
        {
            var field = $"{change.Id}.{name}";
            if (table.Column(name) is not { } column) faults.Add((field, $"Expected one of the columns {string.Join(", ", table.Columns.Select(c => c.Name))}."));
            else if (!IsEditable(table, column)) faults.Add((field, "This column never changes: other rows refer to it."));
            else if (isSecret && name == SecretColumn && SecretFault(column, value) is { } fault) faults.Add((field, fault));
            else if (Text(column, value) is { } text) cells[name] = text;
            else faults.Add((field, $"Expected {column.Expected}, got {value.ValueKind.ToString().ToLowerInvariant()}."));
        }

        return cells;
    }

    // Checked here, because the store's messages repeat what was refused.
    private static string? SecretFault(ValueSpec column, JsonElement value)
    {
        if (value.ValueKind == JsonValueKind.Null) return null;
        if (value.ValueKind != JsonValueKind.String) return $"Expected a text, got {value.ValueKind.ToString().ToLowerInvariant()}.";
        var text = value.GetString()!;
        if (text.Any(char.IsControl)) return "Expected no control characters, got some.";
        return text.Length <= column.Max ? null : $"Expected at most {column.Max} characters, got {text.Length}.";
    }

    /// <summary>A cell as the store keeps it; null for JSON that is no cell.</summary>
    private static string? Text(ValueSpec column, JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.True or JsonValueKind.False when IsSwitch(column) => value.GetBoolean() ? "Enable" : "Disable",
        JsonValueKind.String => value.GetString(),
        JsonValueKind.Number => value.GetRawText(),
        JsonValueKind.Null => "",
        _ => null,
    };
}
