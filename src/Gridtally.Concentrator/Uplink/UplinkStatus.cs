namespace Gridtally.Concentrator.Uplink;

/// <summary>Where the uplink stands.</summary>
public enum UplinkState : byte
{
    /// <summary>No channel to a head end is enabled, or it has no address.</summary>
    Disabled,
    /// <summary>Dialling, or waiting for the head end to prove itself.</summary>
    Connecting,
    /// <summary>A head end has proved itself and asks.</summary>
    Connected,
    /// <summary>Not connected; waiting before the next try, or for a head end that dials in.</summary>
    Disconnected,
}

/// <summary>How the uplink is doing.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Master">The head end, <c>10.0.0.7:5034</c>; null where none was tried.</param>
/// <param name="ConnectedSince">Since when, civil time UTC; null where it is not connected.</param>
/// <param name="LastContact">When the head end last asked something, civil time UTC; null for not since the start.</param>
/// <param name="LastError">Why it is not connected; null where nothing went wrong.</param>
public sealed record UplinkStatus(UplinkState State, string? Master, DateTime? ConnectedSince, DateTime? LastContact, string? LastError);
