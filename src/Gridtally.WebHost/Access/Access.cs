using Gridtally.WebHost.Http;
using Microsoft.AspNetCore.Http;

namespace Gridtally.WebHost.Access;

/// <summary>Who may call an endpoint, when it differs from the rule: any user reads, administrators write.</summary>
public sealed class Access
{
    /// <summary>No login needed.</summary>
    public static readonly Access Open = new();

    /// <summary>Any user, though it writes: the own session and password.</summary>
    public static readonly Access AnyUser = new();

    /// <summary>Administrators, though it only reads.</summary>
    public static readonly Access AdminOnly = new();

    private Access() { }
}

/// <summary>Finds the session of a request.</summary>
public static class SessionOfRequest
{
    private static readonly object Key = new();

    /// <summary>The session that the access check has found.</summary>
    /// <param name="http">A request below <c>/api</c> that is not <see cref="Access.Open"/>.</param>
    /// <exception cref="InvalidOperationException">The endpoint is open to everyone, so there is no session.</exception>
    public static Session Session(this HttpContext http) =>
        http.Items[Key] as Session ?? throw new InvalidOperationException("This endpoint needs no login, so it has no session.");

    internal static void SetSession(this HttpContext http, Session session) => http.Items[Key] = session;
}

/// <summary>Lets a request through to its endpoint, or says why not.</summary>
internal sealed class AccessCheck(SessionStore sessions, Func<HttpContext, string?> token)
{
    /// <summary>What every request but a read carries in X-Requested-With: other sites' forms can't set headers, and their scripts not without being asked first.</summary>
    public const string WriteMark = "gridtally";

    /// <summary>Null when the request may go on; then its session, if it needs one, is set.</summary>
    public Problem? Check(HttpContext http)
    {
        var rule = http.GetEndpoint()?.Metadata.GetMetadata<Access>();
        var writes = !(HttpMethods.IsGet(http.Request.Method) || HttpMethods.IsHead(http.Request.Method));
        if (writes && http.Request.Headers.XRequestedWith.ToString() != WriteMark)
            return new("Refused.", StatusCodes.Status403Forbidden, $"Expected the header X-Requested-With: {WriteMark} on a {http.Request.Method}; a page of another site can't send it.");
        if (writes && !IsSameOrigin(http.Request))
            return new("Refused.", StatusCodes.Status403Forbidden, "The request was sent by a page of another site. Use the pages of this device, or a client that sends no Origin header.");
        if (rule == Access.Open) return null;
        if (sessions.Find(token(http)) is not { } session)
            return new("Not logged in.", StatusCodes.Status401Unauthorized, "There is no session, or it has ended. Log in with POST /api/login.");
        http.SetSession(session);
        var adminNeeded = rule == Access.AdminOnly || (writes && rule != Access.AnyUser);
        return adminNeeded && session.Role != UserRole.Administrator
            ? new("Not allowed.", StatusCodes.Status403Forbidden, $"This needs the role administrator; {session.User} has the role viewer. Ask an administrator.")
            : null;
    }

    // SameSite=Strict takes the cookie from other sites, but another port of the same host is the same site (the head end beside
    // the concentrator): so writes must come from this origin. Only browsers send these headers, and only they need the check.
    private static bool IsSameOrigin(HttpRequest request)
    {
        if (request.Headers.TryGetValue("Sec-Fetch-Site", out var site) && site.ToString() is not ("same-origin" or "none")) return false;
        var origin = request.Headers.Origin.ToString();
        return origin.Length == 0 || origin.Equals($"{request.Scheme}://{request.Host}", StringComparison.OrdinalIgnoreCase);
    }
}
