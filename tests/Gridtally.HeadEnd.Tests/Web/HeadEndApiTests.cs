using System.Text;
using System.Text.Json;

namespace Gridtally.HeadEnd.Tests.Web;

public sealed class HeadEndApiTests
{
    [Fact]
    public async Task The_overview_counts_concentrators_meters_and_rows()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var overview = (await client.Get("/api/overview")).Json;

        Assert.Equal((2, 0), Pair(overview.GetProperty("concentrators"), "total", "online"));
        Assert.Equal((3, 2), Pair(overview.GetProperty("meters"), "total", "enabled"));
        Assert.Equal(1, overview.GetProperty("meters").GetProperty("reachable").GetInt32());
        // 17 has 20 of its 24 rows, 18 none of 24; 19 is disabled.
        Assert.Equal((20, 48), Pair(overview.GetProperty("completeness").GetProperty("today"), "got", "expected"));
        Assert.Equal((20, 997), Pair(overview.GetProperty("ingest"), "rows", "lag"));
        Assert.Contains(bed.Services.Listening, overview.GetProperty("system").GetProperty("listening").EnumerateArray().Select(l => l.GetString()));
        Assert.Equal("2026-01-15T12:00:00Z", overview.GetProperty("system").GetProperty("time").GetString());
    }

    [Fact]
    public async Task The_stream_begins_with_the_overview()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var (name, data) = Assert.Single(await client.Stream("/api/stream", 1));

        Assert.Equal("overview", name);
        Assert.Equal(2, data.GetProperty("concentrators").GetProperty("total").GetInt32());
    }

    [Fact]
    public async Task Concentrators_show_state_cursor_and_meters()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var list = (await client.Get("/api/concentrators")).Json.GetProperty("concentrators").EnumerateArray().ToArray();
        Assert.Equal(["C1", "C2"], list.Select(c => c.GetProperty("serial").GetString()));
        Assert.Equal("offline", list[0].GetProperty("state").GetString());
        Assert.Equal((3, 1000), Pair(list[0], "cursor", "journalEnd"));

        var one = (await client.Get("/api/concentrators/C1")).Json;
        Assert.Equal("GTCC1", one.GetProperty("logicalDeviceName").GetString());
        Assert.Equal(["17", "18", "19"], one.GetProperty("meterList").EnumerateArray().Select(m => m.GetProperty("meterNo").GetString()));
        Assert.Contains("C9 is not in the registry", (await client.Get("/api/concentrators/C9")).Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Meters_show_state_last_row_and_completeness()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var meters = (await client.Get("/api/meters")).Json.GetProperty("meters").EnumerateArray().ToArray();

        Assert.Equal(["reachable", "unreachable", "disabled"], meters.Select(m => m.GetProperty("state").GetString()));
        Assert.Equal("2026-01-15T10:00:00Z", meters[0].GetProperty("lastRow").GetString());
        Assert.Equal((20, 24), Pair(meters[0].GetProperty("today"), "got", "expected"));
        Assert.Equal("No answer within 3 s.", meters[1].GetProperty("lastError").GetString());
        Assert.Equal(JsonValueKind.Null, meters[0].GetProperty("lastError").ValueKind);
    }

    [Fact]
    public async Task A_meter_shows_its_profiles_and_whether_its_keys_are_held()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var meter = (await client.Get("/api/meters/17")).Json;

        Assert.True(meter.GetProperty("hasKeys").GetBoolean());
        Assert.Equal("offline", meter.GetProperty("concentratorState").GetString());
        var profile = Assert.Single(meter.GetProperty("profiles").EnumerateArray());
        Assert.Equal("Energy load profile", profile.GetProperty("name").GetString());
        Assert.Equal((1800, 20), Pair(profile, "capturePeriodSeconds", "rows"));
        Assert.False((await client.Get("/api/meters/18")).Json.GetProperty("hasKeys").GetBoolean());
        Assert.Equal(404, (int)(await client.Get("/api/meters/99")).Status);
    }

    [Fact]
    public async Task A_curve_has_scaled_columns_and_its_status_apart()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var curve = (await client.Get("/api/meters/17/profiles/1-0%3A99.1.0.255/rows?from=2026-01-15T00:30:00Z&to=2026-01-15T01:30:00Z")).Json;

        var column = Assert.Single(curve.GetProperty("columns").EnumerateArray());
        Assert.Equal(("Active demand import (+P)", "W"), (column.GetProperty("name").GetString(), column.GetProperty("unit").GetString()));
        Assert.Equal([0.2, 0.3], curve.GetProperty("values")[0].EnumerateArray().Select(v => v.GetDouble()));
        Assert.Equal([0, 0], curve.GetProperty("status").EnumerateArray().Select(s => s.GetInt32()));
        Assert.Equal(404, (int)(await client.Get("/api/meters/18/profiles/1-0%3A99.1.0.255/rows?from=2026-01-15T00:30:00Z&to=2026-01-15T01:30:00Z")).Status);
        Assert.StartsWith("expected an OBIS code", (await client.Get("/api/meters/17/profiles/load/rows?from=2026-01-15T00:30:00Z&to=2026-01-15T01:30:00Z")).Fault("profile"));
    }

    [Fact]
    public async Task Completeness_is_a_row_per_meter_and_a_cell_per_day()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(20);
        using var client = await bed.Admin();

        var matrix = (await client.Get("/api/completeness?from=2026-01-14&to=2026-01-15")).Json;

        Assert.Equal(["2026-01-14", "2026-01-15"], matrix.GetProperty("days").EnumerateArray().Select(d => d.GetString()));
        var row = matrix.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("meterNo").GetString() == "17");
        Assert.Equal("C1", row.GetProperty("concentrator").GetString());
        Assert.Equal((20, 24), Pair(row.GetProperty("cells")[1], "got", "expected"));
        // Nothing is due from a disabled meter.
        var disabled = matrix.GetProperty("rows").EnumerateArray().Single(r => r.GetProperty("meterNo").GetString() == "19");
        Assert.Equal((0, 0), Pair(disabled.GetProperty("cells")[1], "got", "expected"));
    }

    [Theory]
    [InlineData("?from=2026-01-15", "to", "expected a day such as 2026-01-31, got nothing.")]
    [InlineData("?from=2026-01-15&to=2026-01-14", "to", "expected 1..62 days from 2026-01-15 on, got '2026-01-14'.")]
    [InlineData("?from=2026-01-15&to=2026-04-15", "to", "expected 1..62 days from 2026-01-15 on, got '2026-04-15'.")]
    [InlineData("?from=15.1.2026&to=2026-01-15", "from", "expected a day such as 2026-01-31, got '15.1.2026'.")]
    public async Task Days_that_can_not_be_read_are_named(string query, string field, string fault)
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        Assert.Equal(fault, (await client.Get("/api/completeness" + query)).Fault(field));
    }

    [Theory]
    [InlineData("17", """{"classId":3,"obis":"1-0:1.8.0.255","attribute":2}""", 409, "concentrator", "Concentrator C1 is not connected.")]
    [InlineData("18", """{"classId":3,"obis":"1-0:1.8.0.255","attribute":2}""", 409, "headend", "The head end has no keys of meter 18.")]
    public async Task A_register_that_can_not_be_read_says_who_is_to_blame(string meter, string request, int status, string blame, string text)
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var answer = await client.Post($"/api/meters/{meter}/read-register", request);

        Assert.Equal(status, (int)answer.Status);
        Assert.Equal(blame, answer.Json.GetProperty("blame").GetString());
        Assert.StartsWith(text, answer.Json.GetProperty("detail").GetString());
        var told = bed.Services.Store.Events.List(new() { Meter = meter })[0].Event;
        Assert.Equal((HeadEndEvents.CommandFailed, "admin"), (told.Code, told.User));
    }

    [Fact]
    public async Task A_register_request_that_makes_no_sense_names_each_field()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var answer = await client.Post("/api/meters/17/read-register", """{"classId":0,"obis":"1-0:1.8.0.256","attribute":0}""");

        Assert.Equal(400, (int)answer.Status);
        Assert.Equal("expected 1..65535, got 0.", answer.Fault("classId"));
        Assert.StartsWith("expected an OBIS code", answer.Fault("obis"));
        Assert.Equal("expected 1..127, got 0.", answer.Fault("attribute"));
        Assert.Equal("expected a whole number in its range, got something else.", (await client.Post("/api/meters/17/read-register", """{"classId":70000,"obis":"1-0:1.8.0","attribute":2}""")).Fault("classId"));
    }

    [Fact]
    public async Task Events_of_concentrators_and_of_the_head_end_are_one_list()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(1);
        using var client = await bed.Admin();

        var page = (await client.Get("/api/events?limit=1")).Json;
        Assert.Equal("Login", page.GetProperty("items")[0].GetProperty("name").GetString());
        var older = (await client.Get($"/api/events?limit=1&before={page.GetProperty("next").GetInt64()}")).Json;
        var item = older.GetProperty("items")[0];
        Assert.Equal(("C1", "18", "warning"), (item.GetProperty("concentrator").GetString(), item.GetProperty("meterNo").GetString(), item.GetProperty("severity").GetString()));
        Assert.Equal(JsonValueKind.Null, older.GetProperty("next").ValueKind);
        Assert.Single((await client.Get("/api/events?severity=warning&meter=18")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_viewer_looks_but_sends_nothing_to_meters()
    {
        await using var bed = await WebBed.Start();
        using var admin = await bed.Admin();
        await admin.Post("/api/users", """{"name":"guest","role":"viewer","password":"only looking around"}""");
        using var viewer = bed.Client();
        await viewer.Login("guest", "only looking around");

        Assert.Equal(200, (int)(await viewer.Get("/api/overview")).Status);
        Assert.Equal(403, (int)(await viewer.Post("/api/meters/17/read-register", """{"classId":3,"obis":"1-0:1.8.0.255","attribute":2}""")).Status);
    }

    [Fact]
    public async Task Without_a_login_nothing_is_told_and_with_one_no_secret()
    {
        await using var bed = await WebBed.Start();
        bed.Ingest(3);
        using var client = bed.Client();
        string[] paths = ["/api/session", "/api/users", "/api/overview", "/api/concentrators", "/api/concentrators/C1", "/api/meters", "/api/meters/17", "/api/events",
            "/api/completeness?from=2026-01-14&to=2026-01-15", "/api/meters/17/profiles/1-0%3A99.1.0.255/rows?from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z"];
        foreach (var path in paths) Assert.Equal(401, (int)(await client.Get(path)).Status);
        await client.Login("admin", WebBed.AdminPassword);

        var texts = new StringBuilder((await client.Get("/openapi.json")).Text);
        foreach (var path in paths)
        {
            var answer = await client.Get(path);
            Assert.True((int)answer.Status == 200, $"{path}: {answer.Text}");
            texts.Append(answer.Text);
        }

        foreach (var secret in (string[])[TestRegistry.EncryptionKey, TestRegistry.AuthenticationKey, Convert.ToBase64String(Convert.FromHexString(TestRegistry.EncryptionKey)), WebBed.AdminPassword, "pbkdf2"])
            Assert.DoesNotContain(secret, texts.ToString(), StringComparison.OrdinalIgnoreCase);
    }

    private static (int, int) Pair(JsonElement of, string first, string second) => (of.GetProperty(first).GetInt32(), of.GetProperty(second).GetInt32());
}
