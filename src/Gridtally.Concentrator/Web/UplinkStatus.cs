using System.Text.Json.Serialization;
using Gridtally.WebHost.Http;

namespace Gridtally.Concentrator.Web;

/// <summary>Where the connection to the head end stands.</summary>
[JsonConverter(typeof(WireEnum<UplinkState>))]
public enum UplinkState
{
    /// <summary>A head end is connected.</summary>
    Connected,

    /// <summary>It is being dialled.</summary>
    Connecting,

    /// <summary>Not connected; the next try is waited for.</summary>
    Disconnected,

    /// <summary>No head end is configured, or its channel is disabled.</summary>
    Disabled,
}

/// <summary>The connection to the head end, as the home page shows it.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Master"><c>host:port</c> of the head end in use; null when none is configured.</param>
/// <param name="ConnectedSince">By the civil clock; null when not connected.</param>
/// <param name="LastContact">When the head end last asked something, by the civil clock; null for never.</param>
/// <param name="LastError">Why it is not connected; null when it is.</param>
/// <param name="Backlog">Journal records that the head end has not fetched yet.</param>
public sealed record UplinkStatus(
    UplinkState State, string? Master, DateTimeOffset? ConnectedSince, DateTimeOffset? LastContact, string? LastError, long Backlog)
{
    /// <summary>A concentrator without an uplink.</summary>
    /// <param name="backlog">Journal records.</param>
    public static UplinkStatus None(long backlog) => new(UplinkState.Disabled, null, null, null, null, backlog);
}
