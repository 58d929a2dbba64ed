using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>The symmetric keys that two parties share (suite 0). Never shown, not even by <see cref="ToString"/>.</summary>
public sealed class SecurityKeys : IDisposable
{
    /// <summary>Octets of each key in suite 0.</summary>
    public const int KeySize = 16;

    /// <summary>Hexadecimal digits of each key in suite 0, as files and pages give them.</summary>
    public const int KeyDigits = 2 * KeySize;

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

    /// <summary>True for a key written as <see cref="KeyDigits"/> hexadecimal digits.</summary>
    /// <param name="text">What a file or a person gave.</param>
    public static bool IsKey([NotNullWhen(true)] string? text) => text?.Length == KeyDigits && text.All(char.IsAsciiHexDigit);

    /// <summary>What a message may say of a text that is no key: how long it is, never what it is.</summary>
    /// <param name="text">A text that <see cref="IsKey"/> refused.</param>
    /// <returns>Such as <c>8 characters</c>, to stand after "expected 32 hexadecimal digits, got".</returns>
    public static string Describe(string? text) => text?.Length == KeyDigits
        ? $"{KeyDigits} characters, not all of them such digits"
        : $"{text?.Length ?? 0} characters";

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
