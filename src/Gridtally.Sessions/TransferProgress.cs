namespace Gridtally.Sessions;

/// <summary>How far a long answer has come.</summary>
/// <param name="Octets">Octets of the answer so far. How many there will be, no DLMS service says.</param>
/// <param name="RoundTrips">Exchanges with the device so far, the request included.</param>
public readonly record struct TransferProgress(long Octets, int RoundTrips);
