using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Uplink;

namespace Gridtally.Concentrator.Tests.Web;

public sealed class HomeApiTests
{
    private static readonly DateTime Noon = new(2026, 1, 15, 12, 0, 0, DateTimeKind.Utc);

    [Fact]
    public async Task The_home_page_counts_got_beside_expected()
    {
        await using var bed = await WebBed.Start();
        var meter = bed.AddMeter("0051920070");
        bed.AddRows(meter, Noon.AddHours(-1), 40);
        using var client = await bed.Admin();

        var home = (await client.Get("/api/home")).Json;

        Assert.Equal("5500000527", home.GetProperty("device").GetProperty("serial").GetString());
        Assert.Equal("2026-01-15T12:00:00Z", home.GetProperty("device").GetProperty("time").GetString());
        Assert.Equal(1, home.GetProperty("meters").GetProperty("total").GetInt32());
        var energy = home.GetProperty("counts").EnumerateArray().Single(c => c.GetProperty("key").GetString() == "energyProfile");
        // 22 half hours from 00:30 to 11:00 are there, 24 to 12:00 were due.
        Assert.Equal((22, 24), (energy.GetProperty("got").GetInt32(), energy.GetProperty("expected").GetInt32()));
        Assert.Equal("day", energy.GetProperty("period").GetString());
        var yesterday = home.GetProperty("completeness").GetProperty("yesterday");
        Assert.Equal((18, 18), (yesterday.GetProperty("got").GetInt32(), yesterday.GetProperty("expected").GetInt32()));
        Assert.True(home.GetProperty("storage").GetProperty("freeBytes").GetInt64() > 0);
        Assert.True(home.GetProperty("memory").GetProperty("residentBytes").GetInt64() > 0);
    }

    [Fact]
    public async Task The_home_page_shows_the_uplink_the_next_runs_and_the_last_failures()
    {
        await using var bed = await WebBed.Start();
        var meter = bed.AddMeter("0051920070");
        bed.Uplink = new(UplinkState.Connected, "10.1.2.3:5034", bed.Clock.GetUtcNow(), bed.Clock.GetUtcNow(), null, 7);
        bed.Scheduler.Runs.Add(new(bed.Services.Settings.Current.EnabledItems("three_phase").First(i => i.Name == "energy profile"), bed.Clock.GetUtcNow().AddHours(4)));
        bed.Services.Database.Write(session => CommunicationHistory.Add(session, new(
            0, meter.Id, Noon, TimeSpan.FromSeconds(3), "meter_tcp", "energy profile", CommunicationOutcome.Failed, FailureReason.NoAnswer, "No answer within 3 s.", 0, 12, 0, 3)));
        using var client = await bed.Admin();

        var home = (await client.Get("/api/home")).Json;

        Assert.Equal("connected", home.GetProperty("uplink").GetProperty("state").GetString());
        Assert.Equal(7, home.GetProperty("uplink").GetProperty("backlog").GetInt32());
        Assert.Equal("2026-01-15T16:00:00Z", Assert.Single(home.GetProperty("nextRuns").EnumerateArray()).GetProperty("time").GetString());
        var error = Assert.Single(home.GetProperty("errors").EnumerateArray());
        Assert.Equal("no-answer", error.GetProperty("reason").GetString());
        Assert.Equal("0051920070", error.GetProperty("meterNo").GetString());
    }

    [Fact]
    public async Task The_stream_begins_with_the_state_of_the_home_page()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var (name, data) = Assert.Single(await client.Stream("/api/stream", 1));

        Assert.Equal("home", name);
        Assert.Equal("5500000527", data.GetProperty("device").GetProperty("serial").GetString());
    }

    [Fact]
    public async Task Logins_are_events_with_user_and_address()
    {
        await using var bed = await WebBed.Start();
        using var client = bed.Client();
        await client.Login("admin", "wrong");
        await client.Login("admin", WebBed.AdminPassword);

        var items = (await client.Get("/api/events?limit=2")).Json.GetProperty("items").EnumerateArray().ToArray();

        Assert.Equal([EventCode.Login.Number, EventCode.LoginFailed.Number], items.Select(e => (ushort)e.GetProperty("code").GetInt32()));
        Assert.All(items, e => Assert.Equal("admin", e.GetProperty("user").GetString()));
        Assert.All(items, e => Assert.Contains("127.0.0.1", e.GetProperty("text").GetString()));
    }

    [Fact]
    public async Task Events_come_newest_first_page_by_page_and_by_meter_and_severity()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();
        for (var i = 0; i < 5; i++) bed.Services.Events.Add(EventCode.MeterUnreachable, $"Number {i}", "0051920070");

        var first = (await client.Get("/api/events?limit=3&meter=0051920070&severity=warning")).Json;
        Assert.Equal(["Number 4", "Number 3", "Number 2"], first.GetProperty("items").EnumerateArray().Select(e => e.GetProperty("text").GetString()));
        var last = (await client.Get($"/api/events?limit=3&meter=0051920070&severity=warning&before={first.GetProperty("next").GetInt64()}")).Json;
        Assert.Equal(2, last.GetProperty("items").GetArrayLength());
        Assert.Equal(System.Text.Json.JsonValueKind.Null, last.GetProperty("next").ValueKind);
        Assert.Empty((await client.Get("/api/events?severity=error")).Json.GetProperty("items").EnumerateArray());
    }

    [Fact]
    public async Task A_bad_event_query_names_each_wrong_parameter()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var answer = await client.Get("/api/events?limit=0&severity=fatal");

        Assert.Equal("expected a whole number 1..500, got '0'.", answer.Fault("limit"));
        Assert.Equal("expected one of info, warning, error, got 'fatal'.", answer.Fault("severity"));
    }
}
