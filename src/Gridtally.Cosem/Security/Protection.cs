namespace Gridtally.Cosem.Security;

/// <summary>How an APDU is protected. Bits 5 and 4 are those of the security control octet; a signature is an envelope of its own.</summary>
/// <remarks>Security control and general-signing, IEC 62056-5-3.</remarks>
[Flags]
public enum Protection : byte
{
    /// <summary>Neither tag nor ciphering: anybody on the way can read and change it.</summary>
    None = 0,
    /// <summary>Carries a tag; readable.</summary>
    Authenticated = 0x10,
    /// <summary>Unreadable, but without a tag: changes on the way go unnoticed.</summary>
    Encrypted = 0x20,
    /// <summary>Unreadable and with a tag.</summary>
    AuthenticatedEncrypted = Authenticated | Encrypted,
    /// <summary>Carries a digital signature (general-signing; suites 1 and 2).</summary>
    Signed = 0x40,
}

/// <summary>Which of the keys protects an APDU. Each has invocation counters of its own.</summary>
public enum KeyRole : byte
{
    /// <summary>Global unicast encryption key (glo-*).</summary>
    GlobalUnicast,
    /// <summary>Global broadcast encryption key (glo-* with bit 6 of the security control).</summary>
    GlobalBroadcast,
    /// <summary>Dedicated key of one association (ded-*).</summary>
    Dedicated,
    /// <summary>
    /// No key but the transaction-ids of general-ciphering with keys made for one APDU, and of general-signing: such keys have no
    /// counters that last, so that transaction-ids must rise.
    /// </summary>
    Transaction,
}

/// <summary>Why a protected APDU was not accepted, or could not be made.</summary>
public enum SecurityFault : byte
{
    /// <summary>The tag does not verify: a wrong key, a wrong system title, or octets changed on the way.</summary>
    NotAuthentic = 1,
    /// <summary>It deciphers to octets that are not the APDU that its tag announces: probably a wrong key (there is no tag to tell).</summary>
    Undecipherable,
    /// <summary>Its invocation counter (or transaction-id) was used before.</summary>
    Replayed,
    /// <summary>It is protected less than was agreed, or not at all.</summary>
    ProtectionTooWeak,
    /// <summary>A security suite or key set that is not in use here.</summary>
    UnsupportedSuite,
    /// <summary>It names an originator other than the partner of this association.</summary>
    WrongOriginator,
    /// <summary>It is ciphered or signed, but there is no key for it.</summary>
    NoKey,
    /// <summary>The own invocation counter is used up; the key must be renewed.</summary>
    CounterExhausted,
    /// <summary>It names a recipient other than this party.</summary>
    WrongRecipient,
    /// <summary>The digital signature does not verify.</summary>
    BadSignature,
    /// <summary>Its counter could not be stored; accepted, it could be played back after a restart.</summary>
    CounterNotStored,
    /// <summary>The answer belongs to another transaction than the request.</summary>
    WrongTransaction,
    /// <summary>A key made for this APDU can't be unwrapped or agreed upon.</summary>
    KeyNotEstablished,
    /// <summary>It is not a valid protected APDU.</summary>
    Malformed,
}

/// <summary>Comparing protections.</summary>
public static class Protections
{
    /// <summary>True where nothing of <paramref name="demanded"/> is missing.</summary>
    public static bool Covers(this Protection protection, Protection demanded) => (protection & demanded) == demanded;
}
