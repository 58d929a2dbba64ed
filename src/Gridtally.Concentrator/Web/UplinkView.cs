using System.Text.Json.Serialization;
using Gridtally.Concentrator.Uplink;
using Gridtally.WebHost.Http;

namespace Gridtally.Concentrator.Web;

/// <summary>The connection to the head end, as the home page shows it.</summary>
/// <param name="State">Where it stands.</param>
/// <param name="Master"><c>host:port</c> of the head end in use; null when none is configured.</param>
/// <param name="ConnectedSince">By the civil clock; null when not connected.</param>
/// <param name="LastContact">When the head end last asked something, by the civil clock; null for never.</param>
/// <param name="LastError">Why it is not connected; null when it is.</param>
/// <param name="Backlog">Journal records that the head end has not fetched yet.</param>
public sealed record UplinkView(
    [property: JsonConverter(typeof(WireEnum<UplinkState>))] UplinkState State,
    string? Master, DateTimeOffset? ConnectedSince, DateTimeOffset? LastContact, string? LastError, long Backlog)
{
    /// <summary>A concentrator without an uplink.</summary>
    /// <param name="backlog">Journal records.</param>
    public static UplinkView None(long backlog) => new(UplinkState.Disabled, null, null, null, null, backlog);

    /// <summary>What the uplink says of itself, with what still waits in the journal.</summary>
    /// <param name="uplink">The running uplink.</param>
    /// <param name="services">The concentrator that it belongs to.</param>
    public static UplinkView Of(UplinkService uplink, ConcentratorServices services)
    {
        var status = uplink.Status;
        return new(status.State, status.Master, MeterViews.Utc(status.ConnectedSince), MeterViews.Utc(status.LastContact), status.LastError, services.Journal.Backlog(UplinkService.CursorName));
    }
}
