using System.Globalization;
using Gridtally.Concentrator.Settings;

namespace Gridtally.Concentrator.Archive;

/// <summary>Where a meter is found on its channel.</summary>
public static class MeterAddress
{
    /// <summary>Largest HDLC lower address that is not reserved: 14 bits, 3FFF is all stations, 3FFE all but calling.</summary>
    public const ushort MaxPhysical = 0x3FFD;

    /// <summary>What was expected, or null where the address suits the channel.</summary>
    public static string? Problem(ChannelSettings channel, string address) => channel.Addressing switch
    {
        "hdlc" => TryParsePhysical(address, out _) ? null : $"an HDLC physical address 16..{MaxPhysical} (channel {channel.Name} is a bus)",
        "host-port" => TryParseEndpoint(address, out _, out _) ? null : $"host:port such as 10.0.0.7:4059 (channel {channel.Name} is TCP)",
        _ => null,
    };

    /// <summary>Reads an HDLC physical address, 16..<see cref="MaxPhysical"/>; 0..15 are reserved.</summary>
    public static bool TryParsePhysical(string address, out ushort physical) =>
        ushort.TryParse(address, NumberStyles.None, CultureInfo.InvariantCulture, out physical) && physical is >= 16 and <= MaxPhysical;

    /// <summary>Reads <c>host:port</c> or <c>[IPv6]:port</c>.</summary>
    public static bool TryParseEndpoint(string address, out string host, out ushort port)
    {
        (host, port) = ("", 0);
        var colon = address.LastIndexOf(':');
        if (colon <= 0 || !ushort.TryParse(address[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port == 0) return false;
        host = address[..colon].TrimStart('[').TrimEnd(']');
        return Uri.CheckHostName(host) is UriHostNameType.Dns or UriHostNameType.IPv4 or UriHostNameType.IPv6;
    }
}
