using System.Security.Cryptography;
using System.Text;

namespace Gridtally.Storage;

/// <summary>Encrypts secrets at rest (meter keys, passwords) under one device key.</summary>
/// <remarks>
/// AES-256-GCM with a random nonce per secret; the purpose is authenticated, so a sealed secret can't be moved to another
/// meter or field. The key lives in a file of mode 0600 beside the database: who copies the database alone learns no secret.
/// </remarks>
public sealed class SecretBox : IDisposable
{
    private const byte Version = 1;
    private const int KeySize = 32;
    private const int NonceSize = 12;
    private const int TagSize = 16;

    // An AesGcm keeps a context of the system's library: two threads in it at once get each other's results.
    private readonly Lock _gate = new();
    private readonly AesGcm _cipher;

    private SecretBox(ReadOnlySpan<byte> key) => _cipher = new(key, TagSize);

    /// <summary>Octets that sealing adds.</summary>
    public const int Overhead = 1 + NonceSize + TagSize;

    /// <summary>Opens the device key, and creates it when there is none yet.</summary>
    /// <exception cref="StorageException">The file is not a key, others may read it, or it can't be created.</exception>
    public static SecretBox Open(string keyFile)
    {
        var path = Path.GetFullPath(keyFile);
        try
        {
            if (!File.Exists(path)) Create(path);
            return new(Load(path));
        }
        catch (Exception e) when (e is UnauthorizedAccessException || (e is IOException and not StorageException))
        {
            throw new StorageException(StorageFault.CannotOpen, path, $"Device key {path} can't be used: {e.Message} The user that runs this program must own the file and its folder.", e);
        }
    }

    /// <summary>Encrypts a secret.</summary>
    /// <param name="secret">The secret.</param>
    /// <param name="purpose">What it is, such as <c>meter 00115394 EK client 2</c>; needed again to open it.</param>
    public byte[] Seal(ReadOnlySpan<byte> secret, string purpose)
    {
        var box = new byte[Overhead + secret.Length];
        box[0] = Version;
        var nonce = box.AsSpan(1, NonceSize);
        RandomNumberGenerator.Fill(nonce);
        var associated = Encoding.UTF8.GetBytes(purpose);
        lock (_gate) _cipher.Encrypt(nonce, secret, box.AsSpan(1 + NonceSize, secret.Length), box.AsSpan(box.Length - TagSize), associated);
        return box;
    }

    /// <summary>Decrypts a secret.</summary>
    /// <exception cref="CryptographicException">Sealed under another device key or for another purpose, or altered.</exception>
    public byte[] Unseal(ReadOnlySpan<byte> box, string purpose)
    {
        if (box.Length < Overhead || box[0] != Version)
            throw new CryptographicException($"The stored secret '{purpose}' is not one that this program sealed.");
        var secret = new byte[box.Length - Overhead];
        try
        {
            var associated = Encoding.UTF8.GetBytes(purpose);
            lock (_gate) _cipher.Decrypt(box.Slice(1, NonceSize), box[(1 + NonceSize)..^TagSize], box[^TagSize..], secret, associated);
        }
        catch (AuthenticationTagMismatchException e)
        {
            throw new CryptographicException($"The stored secret '{purpose}' does not open with this device key. Restore the key file that belongs to this database, or enter the secret again.", e);
        }

        return secret;
    }

    /// <inheritdoc/>
    public void Dispose() => _cipher.Dispose();

    private static byte[] Load(string path)
    {
        if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(path) & ~(UnixFileMode.UserRead | UnixFileMode.UserWrite)) != 0)
            throw new StorageException(StorageFault.CannotOpen, path, $"Device key {path} may be read by others (mode {Convert.ToString((int)File.GetUnixFileMode(path), 8)}; expected 600). Run: chmod 600 {path}");
        var key = File.ReadAllBytes(path);
        return key.Length == KeySize
            ? key
            : throw new StorageException(StorageFault.Corrupt, path, $"Device key {path} has {key.Length} octets; expected {KeySize}. Restore it from a backup; without it the stored secrets must be entered again.");
    }

    // Written beside and renamed, so that a power cut never leaves half a key under the final name.
    private static void Create(string path)
    {
        var beside = path + ".new";
        File.Delete(beside);
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        using (var file = new FileStream(beside, options))
        {
            file.Write(RandomNumberGenerator.GetBytes(KeySize));
            file.Flush(flushToDisk: true);
        }

        File.Move(beside, path, overwrite: false);
    }
}
