namespace Gridtally.Cosem.Security;

/// <summary>How an APDU is protected: bits 5 and 4 of the security control octet.</summary>
/// <remarks>Security control, IEC 62056-5-3 (suite 0).</remarks>
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
}

/// <summary>Why a protected APDU was not accepted.</summary>
public enum SecurityFault : byte
{
    /// <summary>The tag does not verify: a wrong key, a wrong system title, or octets changed on the way.</summary>
    NotAuthentic = 1,
    /// <summary>It deciphers to octets that are not the APDU that its tag announces: probably a wrong key (there is no tag to tell).</summary>
    Undecipherable,
    /// <summary>Its invocation counter was used before.</summary>
    Replayed,
    /// <summary>It is protected less than was agreed, or not at all.</summary>
    ProtectionTooWeak,
    /// <summary>A security suite or key set that is not in use here.</summary>
    UnsupportedSuite,
    /// <summary>It names an originator other than the partner of this association.</summary>
    WrongOriginator,
    /// <summary>It is ciphered, but there is no key for it.</summary>
    NoKey,
    /// <summary>The own invocation counter is used up; the key must be renewed.</summary>
    CounterExhausted,
}
