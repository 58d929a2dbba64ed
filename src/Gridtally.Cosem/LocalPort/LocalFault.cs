namespace Gridtally.Cosem.LocalPort;

/// <summary>Why an exchange over a local port came to nothing.</summary>
public enum LocalFault : byte
{
    /// <summary>Nothing is wrong.</summary>
    None,
    /// <summary>No answer, after all retries.</summary>
    NoAnswer,
    /// <summary>Characters arrived that are no answer; baud rate, parity or the reading head.</summary>
    Garbage,
    /// <summary>The device does not offer what was asked for: no <c>\2</c> for HDLC, or no mode C.</summary>
    NotOffered,
    /// <summary>The device has refused the option select (NAK), or confirmed another one.</summary>
    Refused,
    /// <summary>The device has begun a data readout instead of what was asked for.</summary>
    ReadoutInstead,
    /// <summary>The check character did not match, after all retries.</summary>
    BadCheck,
    /// <summary>More characters than allowed.</summary>
    TooLong,
    /// <summary>The device has broken the exchange off (B0).</summary>
    Break,
    /// <summary>A message that has no place here.</summary>
    Unexpected,
}
