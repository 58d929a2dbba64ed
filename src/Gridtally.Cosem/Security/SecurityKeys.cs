using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;

namespace Gridtally.Cosem.Security;

/// <summary>The keys that two parties share, and the suite that they are for. Never shown, not even by <see cref="ToString"/>.</summary>
public sealed class SecurityKeys : IDisposable
{
    /// <summary>Octets of each key in suites 0 and 1; see <see cref="SecuritySuites.KeySize"/> for suite 2.</summary>
    public const int KeySize = 16;

    /// <summary>Hexadecimal digits of each key in suites 0 and 1, as files and pages give them.</summary>
    public const int KeyDigits = 2 * KeySize;

    private readonly byte[] _encryption;
    private readonly byte[] _authentication;
    private readonly byte[]? _broadcast;
    private readonly byte[]? _master;
    private GcmKey? _idle;
    private bool _disposed;

    /// <summary>Copies the keys of suite 0; the caller may clear its own copies.</summary>
    /// <param name="encryption">Global unicast encryption key (EK, GUEK).</param>
    /// <param name="authentication">Authentication key (AK, GAK).</param>
    /// <param name="broadcast">Global broadcast encryption key, or empty.</param>
    /// <param name="master">Master key (KEK), or empty.</param>
    /// <exception cref="ArgumentException">A key that is not 16 octets long.</exception>
    public SecurityKeys(ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> broadcast = default, ReadOnlySpan<byte> master = default)
        : this(SecuritySuite.Suite0, encryption, authentication, broadcast, master)
    {
    }

    /// <summary>Copies the keys of a suite; the caller may clear its own copies.</summary>
    /// <param name="suite">Decides the size of the keys.</param>
    /// <param name="encryption">Global unicast encryption key (EK, GUEK).</param>
    /// <param name="authentication">Authentication key (AK, GAK).</param>
    /// <param name="broadcast">Global broadcast encryption key, or empty.</param>
    /// <param name="master">Master key (KEK), or empty.</param>
    /// <exception cref="ArgumentException">An unknown suite, or a key of another size than the suite's.</exception>
    public SecurityKeys(
        SecuritySuite suite, ReadOnlySpan<byte> encryption, ReadOnlySpan<byte> authentication, ReadOnlySpan<byte> broadcast = default, ReadOnlySpan<byte> master = default)
    {
        if (!suite.IsKnown()) throw new ArgumentException($"Security suite {(byte)suite} is not known; expected 0, 1 or 2.", nameof(suite));
        Suite = suite;
        _encryption = Copy(encryption, nameof(encryption));
        _authentication = Copy(authentication, nameof(authentication));
        _broadcast = broadcast.IsEmpty ? null : Copy(broadcast, nameof(broadcast));
        _master = master.IsEmpty ? null : Copy(master, nameof(master));
    }

    /// <summary>The security suite.</summary>
    public SecuritySuite Suite { get; }

    /// <summary>Global unicast encryption key.</summary>
    public ReadOnlySpan<byte> Encryption => _encryption;

    /// <summary>Authentication key.</summary>
    public ReadOnlySpan<byte> Authentication => _authentication;

    /// <summary>Global broadcast encryption key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Broadcast => _broadcast;

    /// <summary>Master key; empty where there is none.</summary>
    public ReadOnlySpan<byte> Master => _master;

    /// <summary>Key pairs for signatures and key agreement (suites 1 and 2); null where there are none. Not disposed of with these keys.</summary>
    public EllipticKeys? Elliptic { get; init; }

    /// <summary>True for a key of suites 0 and 1 written as <see cref="KeyDigits"/> hexadecimal digits.</summary>
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
        _disposed = true;
        Interlocked.Exchange(ref _idle, null)?.Dispose();
        CryptographicOperations.ZeroMemory(_encryption);
        CryptographicOperations.ZeroMemory(_authentication);
        CryptographicOperations.ZeroMemory(_broadcast);
        CryptographicOperations.ZeroMemory(_master);
    }

    /// <summary>Says which keys there are, never what they are.</summary>
    public override string ToString() => $"{(Suite == SecuritySuite.Suite0 ? "" : $"{Suite}: ")}EK, AK{(_broadcast is null ? "" : ", GBEK")}{(_master is null ? "" : ", KEK")} (hidden)";

    /// <summary>
    /// The unicast key ready for use by one association, which gives it back at its end: setting up AES costs as much as several APDUs.
    /// A <see cref="GcmKey"/> serves one user at a time, so the association after gets the same one, the association beside another.
    /// </summary>
    /// <exception cref="ObjectDisposedException">The keys are zeros by now, which anybody could use.</exception>
    internal GcmKey Rent()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return Interlocked.Exchange(ref _idle, null) ?? new(_encryption, _authentication, Suite);
    }

    /// <summary>Takes a key of <see cref="Rent"/> back.</summary>
    internal void Return(GcmKey key)
    {
        if (_disposed || Interlocked.CompareExchange(ref _idle, key, null) is not null) key.Dispose();
        else if (_disposed) Interlocked.Exchange(ref _idle, null)?.Dispose();
    }

    private byte[] Copy(ReadOnlySpan<byte> key, string name) => key.Length == Suite.KeySize()
        ? key.ToArray()
        : throw new ArgumentException($"A key of {Suite} has {Suite.KeySize()} octets; this one has {key.Length}.", name);
}
