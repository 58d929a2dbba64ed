namespace Gridtally.Cosem.Security;

/// <summary>What to tell people about a <see cref="SecurityFault"/>: what is wrong, and what to do.</summary>
public static class SecurityFaults
{
    /// <summary>One sentence without keys or counters.</summary>
    public static string Explain(SecurityFault fault) => fault switch
    {
        SecurityFault.NotAuthentic => "the APDU does not verify with our keys (check EK, AK and the partner's system title)",
        SecurityFault.Undecipherable => "the APDU deciphers to nothing valid with our keys (check EK and the partner's system title)",
        SecurityFault.Replayed => "the invocation counter or transaction-id was used before (a repeated or recorded APDU)",
        SecurityFault.ProtectionTooWeak => "the APDU is protected less than the association demands",
        SecurityFault.UnsupportedSuite => "the security control octet names a suite, compression or key set that is not in use here (check the security suite of the keys)",
        SecurityFault.WrongOriginator => "the APDU names a system title other than the partner's",
        SecurityFault.NoKey => "the APDU is ciphered or signed, but the association has no key for it",
        SecurityFault.CounterExhausted => "our invocation counter has reached FFFFFFFF: renew the key",
        SecurityFault.WrongRecipient => "the APDU is meant for another system title than ours",
        SecurityFault.BadSignature => "the digital signature does not verify (check the partner's signing key or certificate)",
        SecurityFault.CounterNotStored => "the APDU's invocation counter can't be stored, so it is not accepted (check room on the disk)",
        SecurityFault.WrongTransaction => "the answer names another transaction-id than the request",
        SecurityFault.KeyNotEstablished => "the key of this APDU can't be unwrapped or agreed upon (check KEK and agreement keys)",
        SecurityFault.Malformed => "the APDU is no valid ciphered or signed APDU",
        _ => $"security fault {fault}",
    };
}
