namespace Gridtally.WebHost.Access;

/// <summary>Counts failed logins per user and per address; from the fifth on, each makes both wait twice as long as the one before.</summary>
internal sealed class LoginThrottle(TimeProvider lineTime)
{
    /// <summary>Typing mistakes that cost nothing.</summary>
    public const int FreeFailures = 4;

    /// <summary>Names and addresses remembered; beyond it the oldest is forgotten. Bounds what a flood of made-up names can take.</summary>
    public const int MaxEntries = 4096;

    public static readonly TimeSpan FirstDelay = TimeSpan.FromSeconds(15);

    /// <summary>Long enough to stop guessing, short enough that nobody is locked out of a device for a shift.</summary>
    public static readonly TimeSpan LongestDelay = TimeSpan.FromMinutes(15);

    /// <summary>Failures older than this are forgotten.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Lock _lock = new();
    private readonly Dictionary<string, Entry> _entries = new(StringComparer.Ordinal);

    /// <summary>How long this user, or this address, has to wait before a login is looked at; zero if not at all.</summary>
    public TimeSpan Wait(string user, string address)
    {
        var now = lineTime.GetUtcNow();
        lock (_lock)
        {
            var until = Later(Until(UserKey(user), now), Until(AddressKey(address), now));
            return until > now ? until - now : TimeSpan.Zero;
        }
    }

    public void Failed(string user, string address)
    {
        lock (_lock)
        {
            Count(UserKey(user));
            Count(AddressKey(address));
        }
    }

    public void Succeeded(string user, string address)
    {
        lock (_lock)
        {
            _entries.Remove(UserKey(user));
            _entries.Remove(AddressKey(address));
        }
    }

    private static string UserKey(string user) => "user " + user;

    private static string AddressKey(string address) => "from " + address;

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static TimeSpan DelayAfter(int failures)
    {
        if (failures <= FreeFailures) return TimeSpan.Zero;
        var doublings = Math.Min(failures - FreeFailures - 1, 10);
        var delay = FirstDelay * (1 << doublings);
        return delay < LongestDelay ? delay : LongestDelay;
    }

    private DateTimeOffset Until(string key, DateTimeOffset now)
    {
        if (!_entries.TryGetValue(key, out var entry)) return DateTimeOffset.MinValue;
        if (now < entry.Last + Memory) return entry.Last + DelayAfter(entry.Failures);
        _entries.Remove(key);
        return DateTimeOffset.MinValue;
    }

    private void Count(string key)
    {
        var now = lineTime.GetUtcNow();
        var before = _entries.TryGetValue(key, out var entry) && now < entry.Last + Memory ? entry.Failures : 0;
        if (before == 0 && _entries.Count >= MaxEntries) _entries.Remove(_entries.MinBy(e => e.Value.Last).Key);
        _entries[key] = new(before + 1, now);
    }

    private readonly record struct Entry(int Failures, DateTimeOffset Last);
}
