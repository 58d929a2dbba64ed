using Gridtally.Concentrator.History;

namespace Gridtally.Concentrator.Tests.Web;

public sealed class MeterApiTests
{
    private const string Rows = "/api/meters/0051920070/profiles/1-0%3A99.1.0.255/rows";
    private static readonly DateTime Eleven = new(2026, 1, 15, 11, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task A_meter_shows_what_is_held_of_it()
    {
        await using var bed = await WebBed.Start();
        bed.AddRows(bed.AddMeter("0051920070"), Eleven, 4);
        using var client = await bed.Admin();

        var meter = (await client.Get("/api/meters/0051920070")).Json;

        var profile = Assert.Single(meter.GetProperty("profiles").EnumerateArray());
        Assert.Equal(("1-0:99.1.0.255", "Energy load profile", 1800, 4),
            (profile.GetProperty("obis").GetString(), profile.GetProperty("name").GetString(), profile.GetProperty("capturePeriodSeconds").GetInt32(), profile.GetProperty("rows").GetInt32()));
        Assert.Equal("2026-01-15T09:30:00Z", profile.GetProperty("first").GetString());
        Assert.Equal("2026-01-15T11:00:00Z", profile.GetProperty("last").GetString());
    }

    [Fact]
    public async Task Rows_come_as_scaled_columns_with_unit_and_status()
    {
        await using var bed = await WebBed.Start();
        bed.AddRows(bed.AddMeter("0051920070"), Eleven, 4);
        using var client = await bed.Admin();

        var rows = (await client.Get($"{Rows}?from=2026-01-15T09:30:00Z&to=2026-01-15T10:30:00Z")).Json;

        Assert.Equal([1768471200L, 1768473000L], rows.GetProperty("times").EnumerateArray().Select(t => t.GetInt64()));
        var columns = rows.GetProperty("columns").EnumerateArray().ToArray();
        Assert.Equal(["Active demand import (+P)", "Meter internal status"], columns.Select(c => c.GetProperty("name").GetString()));
        Assert.Equal(("W", "interval", 1), (columns[0].GetProperty("unit").GetString(), columns[0].GetProperty("kind").GetString(), columns[0].GetProperty("decimals").GetInt32()));
        Assert.Equal("status", columns[1].GetProperty("kind").GetString());
        var values = rows.GetProperty("values").EnumerateArray().Select(c => c.EnumerateArray().Select(v => v.GetDouble()).ToArray()).ToArray();
        Assert.Equal([200, 300], values[0]);
        Assert.Equal([5, 5], values[1]);
        Assert.Equal([128, 128], rows.GetProperty("status").EnumerateArray().Select(s => s.GetInt32()));
        Assert.False(rows.GetProperty("truncated").GetBoolean());
    }

    [Theory]
    [InlineData("?to=2026-01-15T10:30:00Z", "from", "expected a date and time such as 2026-01-31T14:00:00Z, got nothing.")]
    [InlineData("?from=yesterday&to=2026-01-15T10:30:00Z", "from", "expected a date and time such as 2026-01-31T14:00:00Z, got 'yesterday'.")]
    public async Task A_range_that_can_not_be_read_is_named(string query, string field, string fault)
    {
        await using var bed = await WebBed.Start();
        bed.AddMeter("0051920070");
        using var client = await bed.Admin();

        Assert.Equal(fault, (await client.Get(Rows + query)).Fault(field));
    }

    [Fact]
    public async Task What_is_not_there_is_a_404_that_says_why()
    {
        await using var bed = await WebBed.Start();
        bed.AddMeter("0051920070");
        using var client = await bed.Admin();

        foreach (var path in (string[])["", "/communications", "/profiles/1-0%3A99.1.0.255/rows"])
            Assert.Contains("Meter 42 is not in the archive", (await client.Get("/api/meters/42" + path)).Json.GetProperty("detail").GetString());
        var noRows = await client.Get($"{Rows}?from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z");
        Assert.Equal(404, (int)noRows.Status);
        Assert.Contains("Nothing is held of profile 1-0:99.1.0.255", noRows.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task Communications_come_newest_first()
    {
        await using var bed = await WebBed.Start();
        var meter = bed.AddMeter("0051920070");
        foreach (var (outcome, reason) in ((CommunicationOutcome, FailureReason?)[])[(CommunicationOutcome.Done, null), (CommunicationOutcome.Partial, FailureReason.LineError)])
            bed.Services.Database.Write(session => CommunicationHistory.Add(session, new(0, meter.Id, Eleven, TimeSpan.FromMilliseconds(1500), "meter_tcp", "energy profile", outcome, reason, "Text", 3, 100, 200, 1)));
        using var client = await bed.Admin();

        var items = (await client.Get("/api/meters/0051920070/communications?limit=10")).Json.GetProperty("items").EnumerateArray().ToArray();

        Assert.Equal(["partial", "done"], items.Select(i => i.GetProperty("outcome").GetString()));
        Assert.Equal("line-error", items[0].GetProperty("reason").GetString());
        Assert.Equal(1500, items[0].GetProperty("durationMs").GetInt32());
    }

    [Fact]
    public async Task Reading_now_queues_the_meters_items_unless_it_is_disabled()
    {
        await using var bed = await WebBed.Start();
        var meter = bed.AddMeter("0051920070");
        using var client = await bed.Admin();

        var accepted = await client.Post("/api/meters/0051920070/read");
        Assert.Equal(202, (int)accepted.Status);
        Assert.Equal(["0051920070"], bed.Scheduler.Read);
        Assert.Equal("energy profile", accepted.Json.GetProperty("items")[0].GetString());

        bed.Services.Archive.Change(meter with { Enabled = false }, null, "test");
        Assert.Equal(409, (int)(await client.Post("/api/meters/0051920070/read")).Status);
    }
}
