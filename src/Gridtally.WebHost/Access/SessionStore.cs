using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace Gridtally.WebHost.Access;

/// <summary>Who a request speaks for.</summary>
/// <param name="User">Account name.</param>
/// <param name="Role">What it may do.</param>
/// <param name="ExpiresAt">Real time at which it ends unless it is used before.</param>
public sealed record Session(string User, UserRole Role, DateTimeOffset ExpiresAt);

/// <summary>
/// The open sessions, in memory, by the hash of a random token. Chosen over encrypted cookies with a stored key ring: a logout
/// or a new password ends a session at once, no key lies on disk, and the parts it needs are smaller. A restart asks for a new login.
/// </summary>
internal sealed class SessionStore(TimeProvider lineTime, TimeSpan idle, TimeSpan lifetime)
{
    /// <summary>A few per user at most; beyond it the one unused for longest ends.</summary>
    public const int MaxSessions = 256;
    private const int TokenSize = 32;

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _sessions = new(StringComparer.Ordinal);

    public string Open(StoredUser user)
    {
        var token = Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(TokenSize));
        var now = lineTime.GetUtcNow();
        lock (_lock)
        {
            foreach (var (key, entry) in _sessions.ToArray())
            {
                if (IsOver(entry, now)) _sessions.Remove(key);
            }

            while (_sessions.Count >= MaxSessions) _sessions.Remove(_sessions.MinBy(e => e.Value.LastUse).Key);
            _sessions[Hash(token)] = new(user.Name, user.Role, now + lifetime) { LastUse = now };
        }

        return token;
    }

    /// <summary>The session of a token, and counts as its use.</summary>
    public Session? Find(string? token) => Find(token, isUse: true);

    /// <summary>The session of a token; an open page that only watches does not keep it alive.</summary>
    public Session? Peek(string? token) => Find(token, isUse: false);

    public void Close(string? token)
    {
        if (string.IsNullOrEmpty(token)) return;
        lock (_lock) _sessions.Remove(Hash(token));
    }

    /// <summary>Ends all sessions of a user, except one if given.</summary>
    public void CloseAllOf(string user, string? exceptToken = null)
    {
        var except = string.IsNullOrEmpty(exceptToken) ? null : Hash(exceptToken);
        lock (_lock)
        {
            foreach (var key in _sessions.Where(e => e.Value.User == user && e.Key != except).Select(e => e.Key).ToArray()) _sessions.Remove(key);
        }
    }

    private Session? Find(string? token, bool isUse)
    {
        if (string.IsNullOrEmpty(token)) return null;
        var (key, now) = (Hash(token), lineTime.GetUtcNow());
        lock (_lock)
        {
            if (!_sessions.TryGetValue(key, out var entry)) return null;
            if (IsOver(entry, now))
            {
                _sessions.Remove(key);
                return null;
            }

            if (isUse) entry.LastUse = now;
            return new(entry.User, entry.Role, End(entry));
        }
    }

    private bool IsOver(Entry entry, DateTimeOffset now) => now >= End(entry);

    private DateTimeOffset End(Entry entry) => entry.Latest < entry.LastUse + idle ? entry.Latest : entry.LastUse + idle;

    // Only the hash is kept: neither a look-up's timing nor a memory dump gives a token away.
    private static string Hash(string token) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(token)));

    private sealed class Entry(string user, UserRole role, DateTimeOffset latest)
    {
        public string User => user;

        public UserRole Role => role;

        public DateTimeOffset Latest => latest;

        public DateTimeOffset LastUse { get; set; }
    }
}
