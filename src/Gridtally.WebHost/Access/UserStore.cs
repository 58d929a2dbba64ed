using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using Gridtally.WebHost.Http;

namespace Gridtally.WebHost.Access;

/// <summary>What a user may do.</summary>
[JsonConverter(typeof(WireEnum<UserRole>))]
public enum UserRole
{
    /// <summary>May look at everything that is not secret, and change nothing but the own password.</summary>
    Viewer,

    /// <summary>May change everything.</summary>
    Administrator,
}

/// <summary>One account as it is stored; the hash never leaves this assembly.</summary>
internal sealed record StoredUser(string Name, UserRole Role, string PasswordHash);

internal sealed record StoredUsers(List<StoredUser> Users);

[JsonSourceGenerationOptions(JsonSerializerDefaults.Web, WriteIndented = true)]
[JsonSerializable(typeof(StoredUsers))]
internal sealed partial class UserJson : JsonSerializerContext;

/// <summary>The accounts, in one file of mode 0600. Few and rarely written, so a file serves better than a database.</summary>
internal sealed class UserStore
{
    public const string FileName = "users.json";
    public const string InitialPasswordFileName = "initial-admin-password";
    public const string InitialUser = "admin";

    /// <summary>The people of one utility's control room; a list beyond it is a mistake or an attack.</summary>
    public const int MaxUsers = 200;
    public const int MaxNameLength = 64;
    public const int MinPasswordLength = 10;
    public const int MaxPasswordLength = 256;

    private readonly Lock _lock = new();
    private readonly string _path;
    private readonly Dictionary<string, StoredUser> _users;

    private UserStore(string dataFolder, IEnumerable<StoredUser> users)
    {
        _path = Path.Combine(dataFolder, FileName);
        InitialPasswordFile = Path.Combine(dataFolder, InitialPasswordFileName);
        _users = users.ToDictionary(u => u.Name, StringComparer.Ordinal);
    }

    /// <summary>Holds the made-up first password until <c>admin</c> changes it.</summary>
    public string InitialPasswordFile { get; }

    public static UserStore Open(string dataFolder, string? initialAdminPassword)
    {
        var path = Path.Combine(dataFolder, FileName);
        if (File.Exists(path)) return new(dataFolder, Load(path));
        if (initialAdminPassword is not null && PasswordFault(initialAdminPassword) is { } fault)
            throw new WebServerException($"The initial admin password can't be used: {fault}");
        var store = new UserStore(dataFolder, []);
        var password = initialAdminPassword ?? NewPassword();
        if (initialAdminPassword is null) PrivateFile.Write(store.InitialPasswordFile, Encoding.ASCII.GetBytes(password + "\n"));
        store.Put(new(InitialUser, UserRole.Administrator, PasswordHash.Create(password)));
        return store;
    }

    /// <summary>Null when the password may be used, else the sentence that says what to change. Never repeats it.</summary>
    public static string? PasswordFault(string? password) => password switch
    {
        null or { Length: < MinPasswordLength } => $"expected at least {MinPasswordLength} characters, got {password?.Length ?? 0}; a few words are easier to keep than symbols.",
        { Length: > MaxPasswordLength } => $"expected at most {MaxPasswordLength} characters, got {password.Length}.",
        _ => null,
    };

    public static string? NameFault(string? name) => name switch
    {
        null or "" => "expected a name, got nothing.",
        { Length: > MaxNameLength } => $"expected at most {MaxNameLength} characters, got {name.Length}.",
        _ when !name.All(c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '@') => "expected letters, digits and . _ - @ only.",
        _ => null,
    };

    public IReadOnlyList<StoredUser> List()
    {
        lock (_lock) return [.. _users.Values.OrderBy(u => u.Name, StringComparer.Ordinal)];
    }

    public StoredUser? Find(string name)
    {
        lock (_lock) return _users.GetValueOrDefault(name);
    }

    public void Put(StoredUser user)
    {
        lock (_lock)
        {
            var before = _users.GetValueOrDefault(user.Name);
            _users[user.Name] = user;
            try
            {
                Save();
            }
            catch
            {
                // What the disk refused must not hold in memory either, or a restart would undo it silently.
                if (before is null) _users.Remove(user.Name);
                else _users[user.Name] = before;
                throw;
            }
        }
    }

    /// <summary>False when the user is the last admin: nobody could manage the device any more.</summary>
    public bool TryRemove(string name)
    {
        lock (_lock)
        {
            if (!_users.TryGetValue(name, out var user)) return true;
            if (user.Role == UserRole.Administrator && _users.Values.Count(u => u.Role == UserRole.Administrator) == 1) return false;
            _users.Remove(name);
            try
            {
                Save();
            }
            catch
            {
                _users[name] = user;
                throw;
            }

            return true;
        }
    }

    /// <summary>Removes the note of the first password, once it is not the password any more.</summary>
    public void ForgetInitialPassword(string user)
    {
        if (user == InitialUser) File.Delete(InitialPasswordFile);
    }

    private static List<StoredUser> Load(string path)
    {
        try
        {
            PrivateFile.Tighten(path);
            var users = JsonSerializer.Deserialize(File.ReadAllBytes(path), UserJson.Default.StoredUsers)?.Users ?? [];
            if (users.Count is 0 or > MaxUsers) throw new WebServerException($"{path}: expected 1 to {MaxUsers} users, got {users.Count}. Restore the file, or remove it to start with a new admin.");
            var bad = users.FirstOrDefault(u => NameFault(u.Name) is not null || !PasswordHash.IsWellFormed(u.PasswordHash ?? ""));
            return bad is null ? users : throw new WebServerException($"{path}: the entry of user '{bad.Name}' is damaged. Restore the file, or remove it to start with a new admin.");
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException)
        {
            throw new WebServerException($"{path} can't be read: {e.Message} Restore the file, or remove it to start with a new admin.", e);
        }
    }

    // 20 of 31 signs that can't be mistaken for each other: 99 bits.
    private static string NewPassword() => RandomNumberGenerator.GetString("abcdefghjkmnpqrstuvwxyz23456789", 20);

    private void Save() =>
        PrivateFile.Write(_path, JsonSerializer.SerializeToUtf8Bytes(new StoredUsers([.. _users.Values]), UserJson.Default.StoredUsers));
}
