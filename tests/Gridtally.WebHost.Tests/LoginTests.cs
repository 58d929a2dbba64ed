using System.Text.Json;
using Gridtally.Testing;
using Gridtally.WebHost.Access;

namespace Gridtally.WebHost.Tests;

public sealed class LoginTests
{
    [Fact]
    public async Task The_right_password_opens_a_session_in_a_cookie_that_scripts_and_other_sites_never_see()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var answer = await client.Login("admin", TestServer.Password);

        Assert.Equal(200, (int)answer.Status);
        Assert.Equal("administrator", answer.Json.GetProperty("role").GetString());
        Assert.Equal("2026-01-15T01:00:00Z", answer.Json.GetProperty("expiresAt").GetString());
        var cookie = answer.Headers["Set-Cookie"];
        Assert.StartsWith("__Host-gridtally-test=", cookie);
        Assert.Contains("; secure", cookie);
        Assert.Contains("; httponly", cookie);
        Assert.Contains("; samesite=strict", cookie);
        Assert.Equal("admin", (await client.Get("/api/session")).Json.GetProperty("user").GetString());
        Assert.Equal(AuditKind.LoginSucceeded, Assert.Single(server.Audit).Kind);
    }

    [Theory]
    [InlineData("admin", "wrong password")]
    [InlineData("nobody", TestServer.Password)]
    public async Task A_wrong_password_and_an_unknown_user_get_the_same_answer(string user, string password)
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        var answer = await client.Login(user, password);

        Assert.Equal(401, (int)answer.Status);
        Assert.Equal("application/problem+json", answer.Headers["Content-Type"]);
        Assert.StartsWith("The user or the password is wrong.", answer.Json.GetProperty("detail").GetString());
        Assert.DoesNotContain("Set-Cookie", answer.Headers.Keys);
        Assert.Equal(401, (int)(await client.Get("/api/session")).Status);
    }

    [Fact]
    public async Task What_was_typed_as_an_unknown_user_name_stays_out_of_the_audit_trail()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();

        await client.Login("my-password-in-the-wrong-box", "x");

        Assert.Null(Assert.Single(server.Audit).User);
        Assert.DoesNotContain("my-password", server.Audit.Single().Detail);
    }

    [Fact]
    public async Task After_five_failures_even_the_right_password_has_to_wait_and_then_works()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();
        for (var i = 0; i < 5; i++) Assert.Equal(401, (int)(await client.Login("admin", "wrong")).Status);

        var locked = await client.Login("admin", TestServer.Password);
        Assert.Equal(429, (int)locked.Status);
        Assert.Equal("15", locked.Headers["Retry-After"]);
        Assert.Equal(15, locked.Json.GetProperty("retryAfterSeconds").GetInt32());

        server.Clock.Advance(TimeSpan.FromSeconds(15));
        Assert.Equal(200, (int)(await client.Login("admin", TestServer.Password)).Status);
    }

    [Fact]
    public async Task An_address_that_tries_many_names_has_to_wait_as_well()
    {
        await using var server = await TestServer.Start();
        using var client = server.Client();
        for (var i = 0; i < 5; i++) await client.Login($"guess{i}", "wrong");

        Assert.Equal(429, (int)(await client.Login("admin", TestServer.Password)).Status);
    }

    [Fact]
    public async Task A_logout_ends_the_session_at_the_server_too()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();
        var cookie = client.Cookies.GetCookieHeader(server.Web.Address);

        Assert.Equal(204, (int)(await client.Post("/api/logout")).Status);

        using var thief = server.Client();
        Assert.Equal(401, (int)(await thief.Send(HttpMethod.Get, "/api/things", null, ("Cookie", cookie))).Status);
        Assert.Equal(204, (int)(await client.Post("/api/logout")).Status);
    }

    [Fact]
    public async Task A_session_ends_when_it_is_not_used_for_an_hour_and_at_the_latest_after_twelve()
    {
        await using var server = await TestServer.Start();
        using var idle = await server.LoggedIn();
        server.Clock.Advance(TimeSpan.FromMinutes(61));
        Assert.Equal(401, (int)(await idle.Get("/api/things")).Status);

        using var busy = await server.LoggedIn();
        for (var i = 0; i < 12; i++)
        {
            Assert.Equal(200, (int)(await busy.Get("/api/things")).Status);
            server.Clock.Advance(TimeSpan.FromMinutes(60) - TimeSpan.FromSeconds(1));
        }

        server.Clock.Advance(TimeSpan.FromSeconds(12));
        Assert.Equal(401, (int)(await busy.Get("/api/things")).Status);
    }

    [Fact]
    public async Task A_changed_password_ends_the_users_other_sessions_and_replaces_the_old_one()
    {
        await using var server = await TestServer.Start();
        using var here = await server.LoggedIn();
        using var there = await server.LoggedIn();

        var answer = await here.Put("/api/session/password", $$"""{"current":"{{TestServer.Password}}","next":"a new long password"}""");

        Assert.Equal(204, (int)answer.Status);
        Assert.Equal(200, (int)(await here.Get("/api/things")).Status);
        Assert.Equal(401, (int)(await there.Get("/api/things")).Status);
        Assert.Equal(401, (int)(await there.Login("admin", TestServer.Password)).Status);
        Assert.Equal(200, (int)(await there.Login("admin", "a new long password")).Status);
    }

    [Fact]
    public async Task A_password_change_needs_the_current_one_and_a_long_enough_new_one()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var wrong = await client.Put("/api/session/password", """{"current":"wrong","next":"a new long password"}""");
        var shortOne = await client.Put("/api/session/password", $$"""{"current":"{{TestServer.Password}}","next":"short"}""");

        Assert.Equal("expected the password you logged in with, got another.", wrong.Fault("current"));
        Assert.StartsWith("expected at least 10 characters, got 5", shortOne.Fault("next"));
    }

    [Fact]
    public async Task Without_a_given_password_one_is_made_and_kept_in_a_private_file_until_it_is_changed()
    {
        await using var server = await TestServer.Start(password: null);
        var file = server.Web.InitialPasswordFile!;
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var password = (await File.ReadAllTextAsync(file)).Trim();
        using var client = await server.LoggedIn("admin", password);

        Assert.Equal(204, (int)(await client.Put("/api/session/password", JsonSerializer.Serialize(new { current = password, next = "a new long password" }))).Status);

        Assert.False(File.Exists(file));
    }

    [Fact]
    public async Task Users_outlive_a_restart_and_their_file_is_private_and_holds_no_password()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        await using (var first = await TestServer.Start(folder)) { }

        // The configured password counts for the first start only.
        await using var second = await TestServer.Start(folder, "another first password");
        using var client = await second.LoggedIn();

        var file = Path.Combine(folder, "users.json");
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(file));
        var text = await File.ReadAllTextAsync(file);
        Assert.DoesNotContain(TestServer.Password, text);
        Assert.Contains("pbkdf2-sha256$600000$", text);
    }

    [Fact]
    public async Task A_damaged_users_file_stops_the_start_and_says_which_and_what_to_do()
    {
        using var temporary = new TemporaryFolder();
        var folder = temporary.Path;
        await File.WriteAllTextAsync(Path.Combine(folder, "users.json"), "{ not json");

        var e = await Assert.ThrowsAsync<WebServerException>(() => TestServer.Start(folder));

        Assert.Contains(Path.Combine(folder, "users.json"), e.Message);
        Assert.Contains("Restore the file, or remove it", e.Message);
    }

    [Fact]
    public async Task The_last_administrator_can_not_be_removed()
    {
        await using var server = await TestServer.Start();
        using var client = await server.LoggedIn();

        var answer = await client.Delete("/api/users/admin");

        Assert.Equal(409, (int)answer.Status);
        Assert.Equal(200, (int)(await client.Get("/api/users")).Status);
    }

    [Fact]
    public async Task A_removed_user_is_out_at_once()
    {
        await using var server = await TestServer.Start();
        using var viewer = await server.Viewer();
        using var admin = await server.LoggedIn();

        Assert.Equal(204, (int)(await admin.Delete("/api/users/guest")).Status);

        Assert.Equal(401, (int)(await viewer.Get("/api/things")).Status);
    }
}
