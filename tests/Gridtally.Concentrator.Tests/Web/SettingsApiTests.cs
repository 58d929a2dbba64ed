using System.Text.Json;
using Gridtally.Concentrator.Settings;
using Gridtally.Testing;

namespace Gridtally.Concentrator.Tests.Web;

public sealed class SettingsApiTests
{
    [Fact]
    public async Task All_tables_are_listed_and_each_can_be_read()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var tables = (await client.Get("/api/settings")).Json.GetProperty("tables").EnumerateArray().ToArray();

        Assert.Equal(["system", "task", "task-item", "channel", "channel-attribute", "protocol", "protocol-attribute"], tables.Select(t => t.GetProperty("name").GetString()));
        foreach (var table in tables)
        {
            var read = (await client.Get($"/api/settings/{table.GetProperty("name").GetString()}")).Json;
            Assert.Equal(table.GetProperty("rows").GetInt32(), read.GetProperty("rows").GetArrayLength());
        }

        Assert.Equal(404, (int)(await client.Get("/api/settings/nonsense")).Status);
    }

    [Fact]
    public async Task Columns_say_their_type_unit_and_choices()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var columns = (await client.Get("/api/settings/task-item")).Json.GetProperty("columns").EnumerateArray().ToDictionary(c => c.GetProperty("name").GetString()!);

        Assert.Equal(("Interval [s]", "integer"), (columns["interval"].GetProperty("label").GetString(), columns["interval"].GetProperty("type").GetString()));
        Assert.Equal("boolean", columns["status"].GetProperty("type").GetString());
        Assert.Equal("cron", columns["cron"].GetProperty("type").GetString());
        Assert.Contains("three_phase", columns["task"].GetProperty("choices").EnumerateArray().Select(c => c.GetString()));
    }

    [Fact]
    public async Task A_change_is_stored_answered_and_told_by_whom()
    {
        await using var bed = await WebBed.Start();
        var changes = new List<SettingChange>();
        bed.Services.Settings.Changed += changes.AddRange;
        using var client = await bed.Admin();
        var id = Item(bed);

        var answer = await Change(client, "task-item", id, """{"interval":600,"status":false,"cron":"*/15 * * * *"}""");

        Assert.Equal(200, (int)answer.Status);
        var row = answer.Json.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("id").GetInt64() == id).GetProperty("values");
        Assert.Equal((600, false, "*/15 * * * *"), (row.GetProperty("interval").GetInt32(), row.GetProperty("status").GetBoolean(), row.GetProperty("cron").GetString()));
        Assert.Equal("admin", Assert.Single(changes).User);
    }

    [Fact]
    public async Task One_wrong_value_is_named_by_its_cell_and_nothing_is_changed()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();
        var id = Item(bed);
        var before = bed.Services.Settings.Rows(SettingTables.TaskItem).Single(r => r.Id == id)["interval"];

        var answer = await Change(client, "task-item", id, """{"interval":600,"priority":9,"cron":"every day"}""");

        Assert.Equal(400, (int)answer.Status);
        Assert.Equal("Expected a whole number 1..5, got '9'.", answer.Fault($"{id}.priority"));
        Assert.StartsWith("Expected five cron fields", answer.Fault($"{id}.cron"));
        Assert.Equal(before, bed.Services.Settings.Rows(SettingTables.TaskItem).Single(r => r.Id == id)["interval"]);
    }

    [Theory]
    [InlineData("""{"colour":"red"}""", "colour", "Expected one of the columns name, task,")]
    [InlineData("""{"interval":[1]}""", "interval", "Expected a whole number 0..31622400 s, got array.")]
    public async Task A_cell_that_is_no_cell_is_named(string values, string column, string fault)
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();
        var id = Item(bed);

        Assert.StartsWith(fault, (await Change(client, "task-item", id, values)).Fault($"{id}.{column}"));
    }

    [Fact]
    public async Task Names_that_other_rows_refer_to_never_change()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();
        var id = bed.Services.Settings.Rows(SettingTables.Channel)[0].Id;

        Assert.Contains("never changes", (await Change(client, "channel", id, """{"name":"other"}""")).Fault($"{id}.name"));
    }

    [Fact]
    public async Task A_secret_reads_stars_once_set_is_kept_by_stars_and_a_refused_one_is_not_repeated()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();
        var id = bed.Services.Settings.Rows(SettingTables.System).Single(r => r["key"] == "ppp.password").Id;
        Assert.Equal(JsonValueKind.Null, Value(await client.Get("/api/settings/system"), id).ValueKind);

        Assert.Equal("***", Value(await Change(client, "system", id, """{"value":"apn secret"}"""), id).GetString());
        Assert.Equal("***", Value(await Change(client, "system", id, """{"value":"***"}"""), id).GetString());
        Assert.Equal("apn secret", bed.Services.Settings.Secret("ppp.password"));

        var refused = await Change(client, "system", id, $$"""{"value":"hush{{new string('x', 300)}}"}""");
        Assert.Equal("Expected at most 256 characters, got 304.", refused.Fault($"{id}.value"));
        Assert.DoesNotContain("hush", refused.Text);
    }

    private static long Item(WebBed bed) => bed.Services.Settings.Rows(SettingTables.TaskItem).First(r => r["name"] == "energy profile").Id;

    private static Task<WebAnswer> Change(WebClient client, string table, long id, string values) =>
        client.Put($"/api/settings/{table}", $$"""{"changes":[{"id":{{id}},"values":{{values}}}]}""");

    private static JsonElement Value(WebAnswer answer, long id) =>
        answer.Json.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("id").GetInt64() == id).GetProperty("values").GetProperty("value");
}
