using System.Security.Cryptography;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Explain;

/// <summary>What came of deciphering: good, wrong, or what is missing for it.</summary>
/// <param name="Missing">What would be needed; null where nothing is.</param>
internal readonly record struct ExplainVerdict(string? Missing = null)
{
    /// <summary>The content can be read.</summary>
    public bool IsReadable { get; init; }

    /// <summary>The tag verifies, or there is none.</summary>
    public bool IsGood { get; init; }

    /// <summary>The tag does not verify.</summary>
    public bool IsWrong { get; init; }
}

/// <summary>Finds the key of a ciphered APDU among those given and those that the octets told.</summary>
internal static class ExplainKeys
{
    /// <summary>Deciphers and verifies, as far as the keys go.</summary>
    /// <param name="received">The APDU.</param>
    /// <param name="titles">Whose it may be, the likeliest first.</param>
    /// <param name="session">Keys.</param>
    /// <param name="plain">Receives the plain APDU.</param>
    public static ExplainVerdict Unprotect(scoped in CipheredApdu received, IReadOnlyList<SystemTitle> titles, ExplainSession session, byte[] plain)
    {
        var control = received.Control;
        if (!control.Suite.IsKnown()) return new($"Security suite {(byte)control.Suite} is not known; 0, 1 and 2 are deciphered.");
        if (control.Compressed) return new("Compressed content is not deciphered.");
        if (control.Protection == Protection.None) return new() { IsReadable = true };
        var key = FindKey(received, session, out var name);
        if (key.Length == 0) return new($"Needs the {name} to be read or verified.");
        try
        {
            return Unprotect(received, titles, session, key, plain, name);
        }
        finally
        {
            CryptographicOperations.ZeroMemory(key);
        }
    }

    private static ExplainVerdict Unprotect(
        scoped in CipheredApdu received, IReadOnlyList<SystemTitle> titles, ExplainSession session, byte[] key, byte[] plain, string name)
    {
        var (control, keys) = (received.Control, session.Options.Keys);
        var size = control.Suite.KeySize();
        if (key.Length != size) return new($"The {name} has {key.Length} octets; this APDU is of suite {(byte)control.Suite}, whose keys have {size}.");
        if (titles.Count == 0) return new("Needs the system title of its sender.");
        var authenticates = keys is not null && session.Options.VerifiesTags && keys.Authentication.Length == size;
        if (!authenticates && control.Protection == Protection.Authenticated) return new("Needs the authentication key to be verified.") { IsReadable = true };
        Span<byte> none = stackalloc byte[SecuritySuites.MaxKeySize];
        using var cipher = new GcmKey(key, authenticates ? keys!.Authentication : none[..size], control.Suite);
        if (!authenticates && control.Protection != Protection.Encrypted)
        {
            cipher.ReadUnverified(received, titles[0], plain);
            return new("Not verified: needs the authentication key.") { IsReadable = true };
        }

        foreach (var title in titles)
        {
            if (cipher.TryUnprotect(received, title, plain)) return new() { IsReadable = true, IsGood = true };
        }

        return new() { IsWrong = true };
    }

    // A copy of the key, which the caller clears; empty where there is none, and what it would be called.
    private static byte[] FindKey(scoped in CipheredApdu received, ExplainSession session, out string name)
    {
        var keys = session.Options.Keys;
        if (Apdus.ApduTags.IsDedicated(received.Tag))
        {
            name = "dedicated key";
            return session.DedicatedKey.ToArray();
        }

        var info = received.KeyInfo;
        var isGeneral = received.Tag == Apdus.ApduTag.GeneralCiphering;
        if (isGeneral && info.Kind == KeyInfoKind.Wrapped)
        {
            name = "master key";
            return keys is { Master.IsEmpty: false } && KeyWrap.TryUnwrap(keys.Master, info.Data, out var unwrapped) ? unwrapped : [];
        }

        if (isGeneral && info.Kind == KeyInfoKind.Agreed)
        {
            name = "recipient's key agreement key";
            return Agree(received, keys?.Elliptic) ?? [];
        }

        var isBroadcast = isGeneral ? info.Id == 1 : received.Control.Broadcast;
        name = isBroadcast ? "global broadcast encryption key" : "global unicast encryption key";
        return keys is null || !session.Options.HasEncryptionKey && !isBroadcast ? [] : (isBroadcast ? keys.Broadcast : keys.Encryption).ToArray();
    }

    /// <summary>The key of C(1e,1s) or C(0e,2s), where the own key pair is that of the recipient.</summary>
    private static byte[]? Agree(scoped in CipheredApdu received, EllipticKeys? elliptic)
    {
        if (elliptic is not { CanAgree: true } || received.Control.Suite != elliptic.Suite) return null;
        var suite = elliptic.Suite;
        var info = received.KeyInfo;
        var header = received.Header;
        var isStatic = info.Id == KeyInfo.StaticUnified;
        if (!isStatic && info.Data.Length < suite.PublicKeySize()) return null;
        if (header.Originator.Length != SystemTitle.Size || header.Recipient.Length != SystemTitle.Size) return null;
        if (elliptic.Agree(isStatic ? elliptic.PeerAgreement : info.Data[..suite.PublicKeySize()]) is not { } secret) return null;
        Span<byte> party = stackalloc byte[KeyDerivation.MaxPartySize];
        header.Originator.CopyTo(party);
        var length = SystemTitle.Size;
        if (isStatic)
        {
            party[length++] = header.Transaction.Size;
            header.Transaction.Write(party[length..]);
            length += header.Transaction.Size;
        }

        var key = new byte[suite.KeySize()];
        KeyDerivation.Derive(suite, secret, KeyDerivation.Ciphering(suite), party[..length], header.Recipient, key);
        CryptographicOperations.ZeroMemory(secret);
        return key;
    }
}
