using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.HttpResults;
using Microsoft.AspNetCore.Routing;

namespace Gridtally.WebHost.Access;

/// <summary>Login, logout, own password, and the list of users.</summary>
internal sealed class SessionEndpoints(WebServerOptions options, UserStore users, SessionStore sessions, LoginThrottle throttle) : IDisposable
{
    /// <summary>Password hashes worked out at once: each keeps a core busy, and reading meters comes first.</summary>
    private const int MaxHashing = 1;

    private readonly SemaphoreSlim _hashing = new(MaxHashing);

    // __Host-: the browser takes it over HTTPS only, for this host and the whole path, from nobody else.
    public string CookieName { get; } = $"__Host-gridtally-{options.Product}";

    public void Dispose() => _hashing.Dispose();

    public void Map(IEndpointRouteBuilder api)
    {
        api.MapPost("/login", LoginAsync).WithMetadata(Access.Open).WithTags("Session").WithSummary("Logs in; the session is kept in a cookie.");
        api.MapGet("/session", (HttpContext http) => Answer(http.Session())).WithTags("Session").WithSummary("Who is logged in.");
        api.MapPost("/logout", Logout).WithMetadata(Access.Open).WithTags("Session").WithSummary("Logs out.");
        api.MapPut("/session/password", ChangePasswordAsync).WithMetadata(Access.AnyUser).WithTags("Session").WithSummary("Changes the own password and ends the other sessions.");
        api.MapGet("/users", () => TypedResults.Ok(users.List().Select(u => new UserAnswer(u.Name, u.Role)).ToArray())).WithMetadata(Access.AdminOnly).WithTags("Users").WithSummary("All users.");
        api.MapPost("/users", AddUserAsync).WithTags("Users").WithSummary("Adds a user.");
        api.MapDelete("/users/{name}", RemoveUser).WithTags("Users").WithSummary("Removes a user and ends the user's sessions.");
    }

    public string? Token(HttpContext http) => http.Request.Cookies[CookieName];

    private static Ok<SessionAnswer> Answer(Session session) => TypedResults.Ok(new SessionAnswer(session.User, session.Role, session.ExpiresAt));

    private static string Remote(HttpContext http) => http.Connection.RemoteIpAddress?.ToString() ?? "unknown address";

    private async Task<IResult> LoginAsync(Credentials login, HttpContext http)
    {
        if (string.IsNullOrEmpty(login.User)) return Problems.Invalid(("user", "expected a name, got nothing."));
        if (login.User.Length > UserStore.MaxNameLength || login.Password is not { Length: <= UserStore.MaxPasswordLength }) return WrongPassword();
        var remote = Remote(http);
        await _hashing.WaitAsync(http.RequestAborted);
        try
        {
            // Looked at only once it is our turn: a hundred guesses sent at once wait for each other's failures.
            var known = users.Find(login.User);
            var wait = throttle.Wait(login.User, remote);
            if (wait > TimeSpan.Zero) return LockedOut(http, wait);
            if (known is not null && await Task.Run(() => PasswordHash.Verify(login.Password, known.PasswordHash))) return Open(http, known, remote);
            if (known is null) await Task.Run(() => PasswordHash.Waste(login.Password));
            NoteFailure(login.User, known?.Name, remote, $"Login refused: {(known is null ? "no such user" : "wrong password")}.");
            return WrongPassword();
        }
        finally
        {
            _hashing.Release();
        }
    }

    private static IResult WrongPassword() =>
        Problems.Other(StatusCodes.Status401Unauthorized, "Not logged in.", "The user or the password is wrong. Check both; after several failures each further try has to wait.");

    // A lock-out is told once, when it begins: the tries that it refuses must not fill the event log.
    private void NoteFailure(string typedUser, string? knownUser, string remote, string detail)
    {
        throttle.Failed(typedUser, remote);
        Tell(AuditKind.LoginFailed, knownUser, remote, detail);
        var wait = throttle.Wait(typedUser, remote);
        if (wait > TimeSpan.Zero) Tell(AuditKind.LoginLockedOut, knownUser, remote, $"Too many failures: no login is looked at for {wait.TotalSeconds:0} s.");
    }

    private static IResult LockedOut(HttpContext http, TimeSpan wait)
    {
        var seconds = (int)Math.Ceiling(wait.TotalSeconds);
        http.Response.Headers.RetryAfter = seconds.ToString();
        return Problems.Of(new("Too many failed logins.", StatusCodes.Status429TooManyRequests, $"Wait {seconds} seconds, then try again.") { RetryAfterSeconds = seconds });
    }

    private Ok<SessionAnswer> Open(HttpContext http, StoredUser user, string remote)
    {
        throttle.Succeeded(user.Name, remote);
        sessions.Close(Token(http));
        var token = sessions.Open(user);
        http.Response.Cookies.Append(CookieName, token, Cookie());
        Tell(AuditKind.LoginSucceeded, user.Name, remote, "Logged in.");
        return Answer(sessions.Peek(token)!);
    }

    private NoContent Logout(HttpContext http)
    {
        var session = sessions.Peek(Token(http));
        sessions.Close(Token(http));
        http.Response.Cookies.Delete(CookieName, Cookie());
        if (session is not null) Tell(AuditKind.LoggedOut, session.User, Remote(http), "Logged out.");
        return TypedResults.NoContent();
    }

    private async Task<IResult> ChangePasswordAsync(PasswordRequest request, HttpContext http)
    {
        if (UserStore.PasswordFault(request.Next) is { } fault) return Problems.Invalid(("next", fault));
        var (name, remote) = (http.Session().User, Remote(http));
        await _hashing.WaitAsync(http.RequestAborted);
        try
        {
            var wait = throttle.Wait(name, remote);
            if (wait > TimeSpan.Zero) return LockedOut(http, wait);
            if (users.Find(name) is not { } user) return WrongPassword();
            if (request.Current is not { Length: <= UserStore.MaxPasswordLength } current || !await Task.Run(() => PasswordHash.Verify(current, user.PasswordHash)))
            {
                NoteFailure(name, name, remote, "Change of password refused: the current password is wrong.");
                return Problems.Invalid(("current", "expected the password you logged in with, got another."));
            }

            users.Put(user with { PasswordHash = await Task.Run(() => PasswordHash.Create(request.Next)) });
        }
        finally
        {
            _hashing.Release();
        }

        users.ForgetInitialPassword(name);
        sessions.CloseAllOf(name, exceptToken: Token(http));
        Tell(AuditKind.PasswordChanged, name, remote, "Password changed.");
        return TypedResults.NoContent();
    }

    private async Task<IResult> AddUserAsync(NewUserRequest request, HttpContext http)
    {
        if (UserStore.NameFault(request.Name) is { } nameFault) return Problems.Invalid(("name", nameFault));
        if (UserStore.PasswordFault(request.Password) is { } passwordFault) return Problems.Invalid(("password", passwordFault));
        if (users.List().Count >= UserStore.MaxUsers) return Problems.Conflict($"There are {UserStore.MaxUsers} users, the most there may be. Remove one first.");
        await _hashing.WaitAsync(http.RequestAborted);
        try
        {
            if (users.Find(request.Name) is not null) return Problems.Conflict($"There is a user {request.Name} already. Choose another name.");
            users.Put(new(request.Name, request.Role, await Task.Run(() => PasswordHash.Create(request.Password))));
        }
        finally
        {
            _hashing.Release();
        }

        Tell(AuditKind.UserAdded, request.Name, Remote(http), $"Added as {request.Role} by {http.Session().User}.");
        return TypedResults.Created($"/api/users/{request.Name}", new UserAnswer(request.Name, request.Role));
    }

    private IResult RemoveUser(string name, HttpContext http)
    {
        if (users.Find(name) is null) return Problems.NotFound("There is no such user.");
        if (!users.TryRemove(name)) return Problems.Conflict("This is the last administrator; without one nobody could manage the device. Add another administrator first.");
        sessions.CloseAllOf(name);
        Tell(AuditKind.UserRemoved, name, Remote(http), $"Removed by {http.Session().User}.");
        return TypedResults.NoContent();
    }

    private static CookieOptions Cookie() => new() { HttpOnly = true, Secure = true, SameSite = SameSiteMode.Strict, Path = "/", IsEssential = true };

    private void Tell(AuditKind kind, string? user, string remote, string detail) => options.Audit?.Invoke(new(kind, user, remote, detail));
}
