using Gridtally.Sessions;

namespace Gridtally.HeadEnd.Acquisition;

/// <summary>Whether a concentrator is connected.</summary>
public enum ConcentratorState : byte
{
    /// <summary>Not connected.</summary>
    Offline,
    /// <summary>Connected and associated.</summary>
    Online,
    /// <summary>It connected and could not be associated with, or is disabled.</summary>
    Refused,
}

/// <summary>Why something with a concentrator failed.</summary>
/// <param name="Time">When, civil time UTC.</param>
/// <param name="Reason">In one word.</param>
/// <param name="Text">For people.</param>
public sealed record AcquisitionFailure(DateTime Time, AssociationReason Reason, string Text);

/// <summary>How a concentrator is doing.</summary>
/// <param name="Serial">Its serial number.</param>
/// <param name="State">Whether it is connected.</param>
/// <param name="Remote">Where it dialled from; null before the first time.</param>
/// <param name="ConnectedSince">Since when it is connected, civil time UTC; null where it is not.</param>
/// <param name="LastContact">When it last answered, civil time UTC; null for never.</param>
/// <param name="LastError">What went wrong last; null where nothing did.</param>
public sealed record ConcentratorStatus(
    string Serial, ConcentratorState State, string? Remote, DateTime? ConnectedSince, DateTime? LastContact, AcquisitionFailure? LastError)
{
    internal static ConcentratorStatus Unknown(string serial) => new(serial, ConcentratorState.Offline, null, null, null, null);
}

/// <summary>Somebody who connected and is not in the registry.</summary>
/// <param name="LogicalDeviceName">What it calls itself; empty where it did not get so far.</param>
/// <param name="Remote">Where it dialled from.</param>
/// <param name="Time">When last, civil time UTC.</param>
/// <param name="Reason">Why it was refused.</param>
public sealed record UnknownConcentrator(string LogicalDeviceName, string Remote, DateTime Time, string Reason);
