using System.Globalization;
using System.Net;

namespace Gridtally.Links;

/// <summary>Reads the addresses that people write into configurations and on the command line.</summary>
/// <remarks>
/// <c>tcp://host:port</c>, <c>udp://host:port</c> (port 4059 where left out) and
/// <c>serial:///dev/ttyUSB0?baud=9600&amp;data=8&amp;parity=N&amp;stop=1&amp;rs485=auto</c>.
/// </remarks>
public static class LinkAddress
{
    /// <summary>The registered port of DLMS/COSEM over TCP and UDP.</summary>
    public const int DefaultPort = 4059;

    private const string Forms = "tcp://host:port, udp://host:port or serial:///dev/ttyUSB0?baud=9600&parity=N";

    /// <summary>Reads an address to dial or open.</summary>
    /// <exception cref="FormatException">The message names the bad part and what is allowed.</exception>
    public static IChannelFactory Parse(string text, TimeProvider? lineTime = null) =>
        TryParse(text, lineTime, out var factory, out var error) ? factory! : throw new FormatException(error);

    /// <summary>Reads an address to dial or open.</summary>
    /// <param name="text">The address.</param>
    /// <param name="lineTime">Clock of connect timeouts; the system's if null.</param>
    /// <param name="factory">Opens it; null where the address can't be read.</param>
    /// <param name="error">What is wrong with it and what is allowed; null if nothing is.</param>
    public static bool TryParse(string text, TimeProvider? lineTime, out IChannelFactory? factory, out string? error)
    {
        factory = null;
        if (!Split(text, out var scheme, out var rest, out error)) return false;
        if (scheme == "serial")
        {
            if (!TryParseSerial(text, rest, out var options, out error)) return false;
            factory = new SerialChannelFactory(options!);
            return true;
        }

        if (!TryParseHost(text, rest, out var host, out var port, out error)) return false;
        factory = scheme == "tcp" ? new TcpChannelFactory(host, port, null, lineTime) : new UdpChannelFactory(host, port);
        return true;
    }

    /// <summary>Starts to listen at <c>tcp://address:port</c> or <c>udp://address:port</c>; the address is one of this machine's, or 0.0.0.0 for all.</summary>
    /// <exception cref="FormatException">The address can't be read.</exception>
    /// <exception cref="LinkException">The port can't be had.</exception>
    public static IByteListener Listen(string text)
    {
        if (!Split(text, out var scheme, out var rest, out var error) || !TryParseHost(text, rest, out var host, out var port, out error)) throw new FormatException(error);
        if (scheme == "serial") throw new FormatException($"'{text}': a serial port is opened, not listened at.");
        var name = host == "localhost" ? "127.0.0.1" : host;
        if (!IPAddress.TryParse(name, out var address)) throw new FormatException($"'{text}': '{host}' is not an IP address of this machine; use 0.0.0.0 for all.");
        return scheme == "tcp" ? TcpByteListener.Listen(new(address, port)) : UdpByteListener.Listen(new(address, port));
    }

    private static bool Split(string text, out string scheme, out string rest, out string? error)
    {
        var at = text.IndexOf("://", StringComparison.Ordinal);
        (scheme, rest) = at < 0 ? ("", text) : (text[..at].ToLowerInvariant(), text[(at + 3)..]);
        error = scheme is "tcp" or "udp" or "serial" ? null : $"'{text}' is not an address: expected {Forms}.";
        return error is null;
    }

    private static bool TryParseHost(string text, string rest, out string host, out int port, out string? error)
    {
        (port, error) = (DefaultPort, null);
        var colon = rest.LastIndexOf(':') is var last && last > rest.LastIndexOf(']') ? last : -1;
        host = (colon < 0 ? rest : rest[..colon]).Trim('[', ']');
        if (host.Length == 0 || host.AsSpan().IndexOfAny("/?@ ") >= 0)
        {
            error = $"'{text}': '{host}' is not a host: expected a name or an IP address, as in tcp://192.168.1.20:4059.";
        }
        else if (colon >= 0 && (!int.TryParse(rest[(colon + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out port) || port > 65_535))
        {
            error = $"'{text}': '{rest[(colon + 1)..]}' is not a port: expected a number from 1 to 65535.";
        }

        return error is null;
    }

    private static bool TryParseSerial(string text, string rest, out SerialOptions? options, out string? error)
    {
        options = null;
        var question = rest.IndexOf('?');
        var path = question < 0 ? rest : rest[..question];
        var (baud, data, parity, stop, rs485) = ("9600", "8", "N", "1", "off");
        error = path.StartsWith('/') ? null : $"'{text}': '{path}' is not the device file of a port: expected three slashes, as in serial:///dev/ttyUSB0.";
        foreach (var pair in question < 0 ? [] : rest[(question + 1)..].Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = pair.IndexOf('=');
            var (key, value) = equals < 0 ? (pair, "") : (pair[..equals].ToLowerInvariant(), pair[(equals + 1)..]);
            switch (key)
            {
                case "baud": baud = value; break;
                case "data": data = value; break;
                case "parity": parity = value; break;
                case "stop": stop = value; break;
                case "rs485": rs485 = value; break;
                default: error ??= $"'{text}': '{key}' is not a serial setting: expected baud, data, parity, stop, rs485."; break;
            }
        }

        if (error is not null) return false;
        if (!SerialSettings.TryParse(baud, data + parity + stop, out var settings, out error))
        {
            error = $"'{text}': {error}";
            return false;
        }

        if (!Enum.TryParse<Rs485Direction>(rs485, ignoreCase: true, out var direction) || !Enum.IsDefined(direction) || char.IsAsciiDigit(rs485[0]))
        {
            error = $"'{text}': '{rs485}' is not a value of rs485: expected off, auto or driver.";
            return false;
        }

        options = new() { Path = path, Settings = settings, Rs485 = direction };
        return true;
    }
}
