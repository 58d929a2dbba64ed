namespace Gridtally.WebHost.Tests;

public sealed class AccessTests
{
    private const string Thing = """{"name":"b","count":2,"at":"2026-01-01T00:00:00Z"}""";

    [Theory]
    [InlineData("GET", "/api/things")]
    [InlineData("POST", "/api/things")]
    [InlineData("GET", "/api/stream")]
    [InlineData("GET", "/api/users")]
    [InlineData("GET", "/api/nothing-here")]
    public async Task Without_a_login_the_api_says_401_and_how_to_log_in(string method, string path)
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var answer = await client.Send(new(method), path, method == "POST" ? Thing : null);

        Assert.Equal(401, (int)answer.Status);
        Assert.Contains("POST /api/login", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_viewer_reads_but_does_not_write_nor_see_the_users()
    {
        await using var server = await TestServer.Start();
        using var viewer = await server.Viewer();

        Assert.Equal(200, (int)(await viewer.Get("/api/things")).Status);
        var refused = await viewer.Post("/api/things", Thing);
        Assert.Equal(403, (int)refused.Status);
        Assert.Contains("needs the role administrator; guest has the role viewer", refused.Json.GetProperty("detail").GetString());
        Assert.Equal(403, (int)(await viewer.Get("/api/users")).Status);
        Assert.Equal(403, (int)(await viewer.Delete("/api/users/admin")).Status);
        Assert.Equal(204, (int)(await viewer.Put("/api/session/password", """{"current":"only looking around","next":"still only looking"}""")).Status);
    }

    [Theory]
    [InlineData("X-Requested-With", "")]
    [InlineData("X-Requested-With", "XMLHttpRequest")]
    [InlineData("Origin", "https://evil.example")]
    [InlineData("Origin", "https://localhost:1")]
    [InlineData("Sec-Fetch-Site", "same-site")]
    public async Task A_write_that_another_site_could_have_sent_is_refused(string header, string value)
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        Assert.Equal(403, (int)(await client.Send(HttpMethod.Post, "/api/things", Thing, (header, value))).Status);
        Assert.Equal(200, (int)(await client.Send(HttpMethod.Post, "/api/things", Thing, ("Origin", server.Web.Address.GetLeftPart(UriPartial.Authority)))).Status);
    }

    [Theory]
    [InlineData("""{"name":"b","count":"many","at":"2026-01-01T00:00:00Z"}""", "count", "expected a whole number in its range, got something else.")]
    [InlineData("""{"name":"b","count":1,"at":"soon"}""", "at", "expected a date and time such as 2026-01-31T14:00:00Z, got something else.")]
    [InlineData("""{"name":"b","at":"2026-01-01T00:00:00Z"}""", "count", "expected a value, got none.")]
    [InlineData("""{"name":"b","count":1,"at":"2026-01-01T00:00:00Z","colour":"red"}""", "colour", "no field of this name is known here; look at /openapi.json for those that are.")]
    [InlineData("{ \"name\": ", "name", "expected well-formed JSON, broken at line 1, byte 10.")]
    public async Task Bad_input_is_answered_with_the_field_and_what_was_expected(string body, string field, string fault)
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Post("/api/things", body);

        Assert.Equal(400, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
        Assert.Equal(fault, answer.Fault(field));
    }

    [Fact]
    public async Task A_value_outside_a_closed_set_is_answered_with_the_set()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Post("/api/users", """{"name":"x","role":"king","password":"a long enough one"}""");

        Assert.Equal("expected one of viewer, administrator, got something else.", answer.Fault("role"));
    }

    [Fact]
    public async Task A_bad_query_parameter_is_a_problem_too()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Get("/api/things?limit=many");

        Assert.Equal(400, (int)answer.Status);
        Assert.Contains("Expected the parameters", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_body_over_the_limit_is_refused_with_the_limit()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Post("/api/things", $$"""{"name":"{{new string('x', WebServer.MaxRequestBytes)}}","count":1,"at":"2026-01-01T00:00:00Z"}""");

        Assert.Equal(413, (int)answer.Status);
        Assert.Contains("at most 1048576 bytes", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_missing_body_is_refused_with_what_was_expected()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Send(HttpMethod.Post, "/api/things", null);

        Assert.InRange((int)answer.Status, 400, 415);
        Assert.Contains("Content-Type application/json", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task A_failure_inside_gives_a_reference_and_none_of_its_text()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Get("/api/broken");

        Assert.Equal(500, (int)answer.Status);
        Assert.DoesNotContain("000102030405", answer.Text);
        Assert.Contains("The log has the cause under", answer.Json.GetProperty("detail").GetString());
    }

    [Fact]
    public async Task An_unknown_path_or_method_below_api_is_answered_as_a_problem_not_as_a_page()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        Assert.Equal(404, (int)(await client.Get("/api/nothing-here")).Status);
        var answer = await client.Send(HttpMethod.Put, "/api/things", Thing);
        Assert.Equal(405, (int)answer.Status);
        Assert.Contains("it takes GET, POST", answer.Json.GetProperty("detail").GetString());
    }
}
