using System.Text;

namespace Gridtally.Concentrator.Tests.Web;

public sealed class ArchiveApiTests
{
    private static string Meter(string no = "0051920070", string address = "10.0.0.7:4059", string extra = "", string keys = "null") =>
        $$"""
        {"meterNo":"{{no}}","enabled":true,"mac":-1,"channel":"meter_tcp","meterType":1,"phase":3,"credit":1,"task":"three_phase","prepaid":255,"wiring":0,
         "address":"{{address}}"{{extra}},"keys":{{keys}}}
        """;

    [Fact]
    public async Task A_meter_is_added_listed_changed_and_removed()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var added = await client.Post("/api/meters", Meter(keys: $$"""{"encryptionKey":"{{WebBed.KeyHex}}","authenticationKey":"{{WebBed.KeyHex}}"}"""));
        Assert.Equal(201, (int)added.Status);
        Assert.True(added.Json.GetProperty("hasKeys").GetBoolean());
        Assert.Equal("unknown", added.Json.GetProperty("state").GetString());

        var changed = await client.Put("/api/meters/0051920070", Meter(address: "10.0.0.8:4059").Replace("\"enabled\":true", "\"enabled\":false", StringComparison.Ordinal));
        Assert.Equal(200, (int)changed.Status);
        Assert.True(changed.Json.GetProperty("hasKeys").GetBoolean());

        var list = (await client.Get("/api/meters")).Json;
        var one = Assert.Single(list.GetProperty("meters").EnumerateArray());
        Assert.Equal(("10.0.0.8:4059", "disabled"), (one.GetProperty("address").GetString(), one.GetProperty("state").GetString()));
        Assert.Contains(list.GetProperty("channels").EnumerateArray(), c => c.GetProperty("name").GetString() == "485_1" && c.GetProperty("addressing").GetString() == "hdlc");
        Assert.Contains(list.GetProperty("tasks").EnumerateArray(), t => t.GetProperty("name").GetString() == "three_phase");

        Assert.Equal(204, (int)(await client.Delete("/api/meters/0051920070")).Status);
        Assert.Equal(404, (int)(await client.Delete("/api/meters/0051920070")).Status);
    }

    [Fact]
    public async Task A_number_that_exists_is_a_conflict()
    {
        await using var bed = await WebBed.Start();
        bed.AddMeter("0051920070");
        using var client = await bed.Admin();

        var answer = await client.Post("/api/meters", Meter());

        Assert.Equal(409, (int)answer.Status);
        Assert.Contains("0051920070", answer.Json.GetProperty("detail").GetString());
    }

    [Theory]
    [InlineData("address", "10.0.0.7", "expected host:port such as 10.0.0.7:4059 (channel meter_tcp is TCP), got '10.0.0.7'.")]
    [InlineData("meterNo", "00 51", "expected 1..16 of letters, digits, '_', '.', '-', got '00 51'.")]
    public async Task A_wrong_value_is_named_with_what_was_expected(string field, string value, string fault)
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var answer = await client.Post("/api/meters", field == "address" ? Meter(address: value) : Meter(no: value));

        Assert.Equal(400, (int)answer.Status);
        Assert.Equal(fault, answer.Fault(field));
        Assert.Empty(bed.Services.Archive.Meters);
    }

    [Fact]
    public async Task A_wrong_key_is_named_but_not_repeated()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var answer = await client.Post("/api/meters", Meter(keys: """{"encryptionKey":"DEADBEEF","authenticationKey":"zz0102030405060708090a0b0c0d0e0f"}"""));

        Assert.Equal("expected 32 hexadecimal digits, got 8 characters.", answer.Fault("keys.encryptionKey"));
        Assert.Equal("expected 32 hexadecimal digits, got other signs among them.", answer.Fault("keys.authenticationKey"));
        Assert.DoesNotContain("DEADBEEF", answer.Text);
        Assert.DoesNotContain("zz01", answer.Text);
    }

    [Fact]
    public async Task A_member_of_the_wrong_type_is_named_by_its_path()
    {
        await using var bed = await WebBed.Start();
        using var client = await bed.Admin();

        var phase = await client.Post("/api/meters", Meter().Replace("\"phase\":3", "\"phase\":\"three\"", StringComparison.Ordinal));
        var key = await client.Post("/api/meters", Meter(keys: """{"encryptionKey":5}"""));

        Assert.Equal("expected a whole number in its range, got something else.", phase.Fault("phase"));
        Assert.Equal("expected a text, got something else.", key.Fault("keys.encryptionKey"));
    }

    [Fact]
    public async Task The_number_of_a_meter_never_changes()
    {
        await using var bed = await WebBed.Start();
        bed.AddMeter("0051920070");
        using var client = await bed.Admin();

        Assert.StartsWith("expected 0051920070, got '0051920071'", (await client.Put("/api/meters/0051920070", Meter("0051920071"))).Fault("meterNo"));
        Assert.Equal(404, (int)(await client.Put("/api/meters/0051920071", Meter("0051920071"))).Status);
    }

    [Fact]
    public async Task A_viewer_sees_the_archive_and_changes_nothing()
    {
        await using var bed = await WebBed.Start();
        bed.AddMeter("0051920070");
        using var admin = await bed.Admin();
        await admin.Post("/api/users", """{"name":"guest","role":"viewer","password":"only looking around"}""");
        using var viewer = bed.Client();
        await viewer.Login("guest", "only looking around");

        Assert.Equal(200, (int)(await viewer.Get("/api/meters")).Status);
        Assert.Equal(403, (int)(await viewer.Post("/api/meters", Meter("1"))).Status);
        Assert.Equal(403, (int)(await viewer.Put("/api/meters/0051920070", Meter())).Status);
        Assert.Equal(403, (int)(await viewer.Delete("/api/meters/0051920070")).Status);
        Assert.Equal(403, (int)(await viewer.Post("/api/meters/0051920070/read")).Status);
        Assert.Equal(403, (int)(await viewer.Put("/api/settings/system", """{"changes":[]}""")).Status);
        Assert.Single(bed.Services.Archive.Meters);
    }

    [Fact]
    public async Task No_answer_carries_a_key_a_password_or_a_hash()
    {
        await using var bed = await WebBed.Start();
        var meter = bed.AddMeter("0051920070");
        bed.AddRows(meter, new(2026, 1, 15, 11, 0, 0, DateTimeKind.Utc), 4);
        using var client = await bed.Admin();
        await client.Put("/api/meters/0051920070", Meter(keys: $$"""{"encryptionKey":"{{WebBed.KeyHex}}","authenticationKey":"{{WebBed.KeyHex}}","password":"meterpass"}"""));
        var pin = bed.Services.Settings.Rows(Settings.SettingTables.System).Single(r => r["key"] == "ppp.pin").Id;
        var saved = await client.Put("/api/settings/system", $$$"""{"changes":[{"id":{{{pin}}},"values":{"value":"pin-4711"}}]}""");
        Assert.Equal(200, (int)saved.Status);

        var texts = new StringBuilder(saved.Text);
        foreach (var path in (string[])["/api/session", "/api/users", "/api/home", "/api/meters", "/api/meters/0051920070", "/api/meters/0051920070/communications", "/api/events",
            "/api/settings", "/api/settings/system", "/openapi.json", "/healthz",
            "/api/meters/0051920070/profiles/1-0%3A99.1.0.255/rows?from=2026-01-15T00:00:00Z&to=2026-01-16T00:00:00Z"])
        {
            var answer = await client.Get(path);
            Assert.True(answer.Status == System.Net.HttpStatusCode.OK, $"{path}: {answer.Text}");
            texts.Append(answer.Text);
        }

        foreach (var secret in (string[])[WebBed.KeyHex, Convert.ToBase64String(Convert.FromHexString(WebBed.KeyHex)), "meterpass", "pin-4711", WebBed.AdminPassword, "pbkdf2", "sealed:"])
            Assert.DoesNotContain(secret, texts.ToString(), StringComparison.OrdinalIgnoreCase);
    }
}
