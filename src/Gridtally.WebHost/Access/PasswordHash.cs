using System.Security.Cryptography;
using System.Text;

namespace Gridtally.WebHost.Access;

/// <summary>PBKDF2 with HMAC-SHA-256, a salt of its own per password; written as <c>pbkdf2-sha256$iterations$salt$hash</c>.</summary>
internal static class PasswordHash
{
    /// <summary>OWASP's figure for PBKDF2-HMAC-SHA256 (Password Storage Cheat Sheet, 2023).</summary>
    public const int Iterations = 600_000;

    private const string Scheme = "pbkdf2-sha256";
    private const int SaltSize = 16;
    private const int HashSize = 32;

    // A users file from elsewhere must not stop the login for minutes.
    private const int MaxIterations = 10_000_000;

    public static string Create(string password)
    {
        var salt = RandomNumberGenerator.GetBytes(SaltSize);
        return $"{Scheme}${Iterations}${Convert.ToBase64String(salt)}${Convert.ToBase64String(Derive(password, salt, Iterations))}";
    }

    public static bool Verify(string password, string stored) =>
        TryParse(stored, out var iterations, out var salt, out var hash)
        && CryptographicOperations.FixedTimeEquals(Derive(password, salt, iterations), hash);

    /// <summary>As much work as <see cref="Verify"/>, so that the time taken doesn't tell which users exist.</summary>
    public static void Waste(string password) => Derive(password, new byte[SaltSize], Iterations);

    public static bool IsWellFormed(string stored) => TryParse(stored, out _, out _, out _);

    private static byte[] Derive(string password, byte[] salt, int iterations) =>
        Rfc2898DeriveBytes.Pbkdf2(Encoding.UTF8.GetBytes(password), salt, iterations, HashAlgorithmName.SHA256, HashSize);

    private static bool TryParse(string stored, out int iterations, out byte[] salt, out byte[] hash)
    {
        (iterations, salt, hash) = (0, [], []);
        var parts = stored.Split('$');
        if (parts.Length != 4 || parts[0] != Scheme || !int.TryParse(parts[1], out iterations)) return false;
        return iterations is > 0 and <= MaxIterations && TryBase64(parts[2], SaltSize, out salt) && TryBase64(parts[3], HashSize, out hash);
    }

    private static bool TryBase64(string text, int size, out byte[] bytes)
    {
        bytes = new byte[size];
        return Convert.TryFromBase64String(text, bytes, out var written) && written == size;
    }
}
