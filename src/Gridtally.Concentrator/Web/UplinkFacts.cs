using Gridtally.Concentrator.Uplink;

namespace Gridtally.Concentrator.Web;

/// <summary>What the uplink says of itself, as the pages show it.</summary>
public static class UplinkFacts
{
    /// <summary>The uplink's state with what still waits in the journal.</summary>
    public static UplinkStatus Of(UplinkService uplink, ConcentratorServices services)
    {
        var status = uplink.Status;
        var state = status.State switch
        {
            Uplink.UplinkState.Connected => UplinkState.Connected,
            Uplink.UplinkState.Connecting => UplinkState.Connecting,
            Uplink.UplinkState.Disconnected => UplinkState.Disconnected,
            _ => UplinkState.Disabled,
        };
        return new(state, status.Master, Utc(status.ConnectedSince), Utc(status.LastContact), status.LastError, services.Journal.Backlog(UplinkService.CursorName));
    }

    private static DateTimeOffset? Utc(DateTime? time) => time is { } utc ? new DateTimeOffset(utc, TimeSpan.Zero) : null;
}
