using System.Globalization;

namespace Gridtally.Concentrator.Settings;

/// <summary>The keys of the key-value tables: name, default, unit, range and meaning of each, once.</summary>
public static class SettingKeys
{
    /// <summary>Keys of table System.</summary>
    public static readonly IReadOnlyList<ValueSpec> System =
    [
        new("up.device", ValueKind.Choice, "ethernet", "How the head end is reached.") { Choices = ["ethernet", "gprs"] },
        Text("ppp.apn", 100, "APN of the SIM card."),
        Text("ppp.username", 64, "Account at the APN."),
        Secret("ppp.password", "Password at the APN."),
        Text("ppp.sms", 32, "Number that may wake the modem by SMS."),
        Secret("ppp.pin", "PIN of the SIM card."),
        Text("ppp.access.number", 32, "Number that the modem dials."),
        new("ftp.ip", ValueKind.Host, "", "FTP server for upgrades and log upload.") { Optional = true },
        Integer("ftp.port", 0, 0, 65_535, "", "FTP port; 0 for the usual one."),
        Text("ftp.username", 64, "FTP account."),
        Secret("ftp.password", "FTP password."),
        new("time.zone", ValueKind.Zone, "UTC", "Zone of cron times; days of the store begin at 00:00 UTC."),
        Integer("store.days", 93, 7, 3_700, "d", "Rows older than this are removed once a day. The manual asks for three months."),
        Integer("history.size", 500, 10, 10_000, "", "Communications kept per meter."),
        Integer("event.size", 10_000, 100, 1_000_000, "", "Events kept."),
        Integer("backoff.first", 5, 1, 3_600, "s", "A meter that did not answer is left alone for so long; doubled each time."),
        Integer("backoff.max", 600, 1, 86_400, "s", "A meter that does not answer is tried at least so often."),
    ];

    /// <summary>Keys of a channel that is a serial bus.</summary>
    public static readonly IReadOnlyList<ValueSpec> Bus =
    [
        Text("device", 128, "Path of the serial port, such as /dev/ttyS1."),
        Integer("baud.rate", 9_600, 300, 921_600, "Bd", "Speed."),
        Integer("data.bits", 8, 7, 8, "", "Data bits."),
        new("parity", ValueKind.Choice, "none", "Parity.") { Choices = ["none", "even", "odd"] },
        Integer("stop.bits", 1, 1, 2, "", "Stop bits."),
        new("rs485.direction", ValueKind.Choice, "auto", "Who switches the sender on: auto, the driver (TIOCSRS485) where it can; driver, it must; off, the adapter.") { Choices = ["auto", "driver", "off"] },
        new("hdlc.address", ValueKind.Choice, "4", "Octets of the server address in frames.") { Choices = ["1", "2", "4"] },
    ];

    /// <summary>Keys of a channel that is TCP to meters.</summary>
    public static readonly IReadOnlyList<ValueSpec> TcpToMeters =
    [
        Integer("concurrency", 4, 1, 64, "", "Meters that are talked to at the same time."),
        Integer("connect.timeout", 5, 1, 60, "s", "A connection may take so long."),
    ];

    /// <summary>Keys of a channel that is a TCP client to the head end, figure 15.</summary>
    public static readonly IReadOnlyList<ValueSpec> TcpClient =
    [
        new("ip.1", ValueKind.Host, "", "First head end.") { Optional = true },
        Integer("port.1", 4_059, 1, 65_535, "", "Its port."),
        new("ip.2", ValueKind.Host, "", "Second head end.") { Optional = true },
        Integer("port.2", 4_059, 1, 65_535, "", "Its port."),
        Integer("ip.size", 1, 1, 2, "", "Addresses in use: 1 only the first, 2 both in turn."),
        Integer("connect.timeout", 5, 1, 60, "s", "A connection may take so long."),
        Integer("reconnect.first", 1, 1, 3_600, "s", "Wait before the next try; doubled each time."),
        Integer("reconnect.max", 60, 1, 3_600, "s", "Longest wait before the next try."),
    ];

    /// <summary>Keys of a channel that is a TCP server.</summary>
    public static readonly IReadOnlyList<ValueSpec> TcpServer =
    [
        new("ip", ValueKind.Host, "127.0.0.1", "Address to listen on."),
        Integer("port", 4_059, 1, 65_535, "", "Port to listen on."),
    ];

    /// <summary>Keys of a protocol towards meters, table 4 of the manual, and where its meters keep what.</summary>
    public static readonly IReadOnlyList<ValueSpec> ToMeter =
    [
        Integer("max.bytes", 128, 32, 2_030, "B", "Largest packet on the line: the HDLC information field."),
        Integer("max.pdu", 1_024, 64, 65_535, "B", "Largest APDU that is accepted from the meter."),
        Integer("send.retry", 3, 0, 10, "", "Repetitions after no answer."),
        Integer("send.timeout", 10, 1, 300, "s", "Upper limit for waiting for one answer, also where the channel's ReadTimeout is longer."),
        Integer("send.silent", 0, 0, 60, "s", "The line is left alone for so long after a success."),
        new("auth", ValueKind.Choice, "hls5", "Authentication of the read client.") { Choices = ["none", "lls", "hls5"] },
        Integer("client.sap", 2, 1, 127, "", "SAP of the read client."),
        .. ReadKind.All.Where(k => k.IsServed).Select(k => new ValueSpec(k.AttributeKey, ValueKind.Obis, k.DefaultProfile.ToString()!, $"Profile that holds: {k.Name}.")),
    ];

    /// <summary>Keys of a protocol towards the head end, figure 17 and table 5 of the manual.</summary>
    public static readonly IReadOnlyList<ValueSpec> ToHeadEnd =
    [
        Integer("max.bytes", 1_024, 128, 65_535, "B", "Largest APDU."),
        Integer("send.retry", 3, 0, 10, "", "Repetitions after no answer."),
        new("server.mode", ValueKind.Choice, "0", "1: the concentrator is a server that waits for the head end; 0: it dials the head end.") { Choices = ["0", "1"] },
    ];

    /// <summary>The keys that a channel of that type has.</summary>
    public static IReadOnlyList<ValueSpec> OfChannel(CommType type) => type switch
    {
        { IsBus: true } => Bus,
        { Number: CommType.TcpToMeters } => TcpToMeters,
        { Number: CommType.TcpClient } => TcpClient,
        { Number: 9 or 10 or 11 } => TcpServer,
        _ => [],
    };

    /// <summary>The keys that a protocol of that type has.</summary>
    public static IReadOnlyList<ValueSpec> OfProtocol(string type) => type == "ToMeter" ? ToMeter : ToHeadEnd;

    private static ValueSpec Text(string key, int max, string meaning) => new(key, ValueKind.Text, "", meaning) { Max = max, Optional = true };

    private static ValueSpec Secret(string key, string meaning) => new(key, ValueKind.Secret, "", meaning) { Optional = true };

    private static ValueSpec Integer(string key, long value, long min, long max, string unit, string meaning) =>
        new(key, ValueKind.Integer, value.ToString(CultureInfo.InvariantCulture), meaning) { Min = min, Max = max, Unit = unit };
}
