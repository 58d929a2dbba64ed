namespace Gridtally.WebHost.Access;

/// <summary>What happened to an account or a session.</summary>
public enum AuditKind
{
    /// <summary>A user logged in.</summary>
    LoginSucceeded,

    /// <summary>A wrong password or an unknown user.</summary>
    LoginFailed,

    /// <summary>Too many failures: logins are refused unseen for a while.</summary>
    LoginLockedOut,

    /// <summary>A user logged out.</summary>
    LoggedOut,

    /// <summary>A user's password changed; the user's other sessions ended.</summary>
    PasswordChanged,

    /// <summary>A user was added.</summary>
    UserAdded,

    /// <summary>A user was removed; the user's sessions ended.</summary>
    UserRemoved,
}

/// <summary>One entry of the audit trail.</summary>
/// <param name="Kind">What happened.</param>
/// <param name="User">The account; null when nobody of that name exists (what was typed may have been a password).</param>
/// <param name="RemoteAddress">Address that the request came from.</param>
/// <param name="Detail">The sentence for people.</param>
public sealed record AuditEvent(AuditKind Kind, string? User, string RemoteAddress, string Detail);
