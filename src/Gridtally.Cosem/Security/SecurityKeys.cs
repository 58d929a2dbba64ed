using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>The symmetric keys that two parties share (suite 0). Never shown, not even by <see cref="ToString"/>.</summary>
public sealed class SecurityKeys : IDisposable
{
    /// <summary>Octets of each key in suite 0.</summary>
    public const int KeySize = 16;

    private readonly byte[] _encryption;
    private readonly byte[] _authentication;
    private readonly byte[]? _broadcast;
    private readonly byte[]? _master;

    /// <summary>Copies the keys; the caller may clear its own copies.</summary>
    /// <param name="encryption">Global unicast encryption key (EK, GUEK).</param>
    /// <param name="authentication">Authentication key (AK, GAK).</param>
    /// <param name="broadcast">Global broadcast encryption key, or empty.</param>
    /// <param name="master">Master key (KEK), or empty.</param>
    /// <exception cref="ArgumentException">A key that is not 16 octets long.</exception>
    public SecurityKeys(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> broadcast = default, ReadOnlySpan<byte> master = default)
    {
        _encryption = Copy(encryption, nameof(encryption));
        _authentication = Copy(authentication, nameof(authentication));
        _broadcast = broadcast.IsEmpty ? null : Copy(broadcast, nameof(broadcast));
        _master = master.IsEmpty ? null : Copy(master, nameof(master));
    }

    /// <summary>Global unicast encryption key.</summary>
    public ReadOnlySpan<byte> Encryption => _encryption;

    /// <summary>Authentication key.</summary>
    public ReadOnlySpan<byte> Authentication => _authentication;

    /// <summary>Global broadcast encryption key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Broadcast => _broadcast;

    /// <summary>Master key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Master => _master;

    /// <summary>Overwrites the keys with zeros.</summary>
    public void Dispose()
    {
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_authentication);
        CryptographicOperations.ZeroMemory(_broadcast);
        CryptographicOperations.ZeroMemory(_master);
    }

    /// <summary>Says which keys there are, never what they are.</summary>
    public override string ToString() => $"EK, AK{(_broadcast is null ? "" : ", GBEK")}{(_master is null ? "" : ", KEK")} (hidden)";

    private static byte[] Copy(ReadOnlySpan<byte> key, string name) => key.Length == KeySize
        ? key.ToArray()
        : throw new ArgumentException($"A key of suite 0 has {KeySize} octets; this one has {key.Length}.", name);
}
