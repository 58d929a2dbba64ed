namespace Gridtally.Cosem.Security;

/// <summary>What to tell people about a <see cref="SecurityFault"/>: what is wrong, and what to do.</summary>
public static class SecurityFaults
{
    /// <summary>One sentence without keys or counters.</summary>
    public static string Explain(SecurityFault fault) => fault switch
    {
        SecurityFault.NotAuthentic => "the APDU does not verify with our keys (check EK, AK and the partner's system title)",
        SecurityFault.Undecipherable => "the APDU deciphers to nothing valid with our keys (check EK and the partner's system title)",
        SecurityFault.Replayed => "the invocation counter was used before (a repeated or recorded APDU)",
        SecurityFault.ProtectionTooWeak => "the APDU is protected less than the association demands",
        SecurityFault.UnsupportedSuite => "the security control octet names a suite, compression or key set that is not in use here (suite 0 is)",
        SecurityFault.WrongOriginator => "the APDU names a system title other than the partner's",
        SecurityFault.NoKey => "the APDU is ciphered, but the association has no key for it",
        SecurityFault.CounterExhausted => "our invocation counter has reached FFFFFFFF: renew the key",
        _ => $"security fault {fault}",
    };
}
