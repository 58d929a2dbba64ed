using System.Collections.Frozen;
using System.Globalization;

namespace Gridtally.Metering;

/// <summary>What the OBIS codes of electricity meters and of abstract objects stand for, for tools that show any meter's objects.</summary>
/// <remarks>
/// IEC 62056-61 and Blue Book clause 6; the instances of the IDIS and DSMR companions where those agree on them. Codes that
/// <see cref="QuantityNames"/> names keep that name.
/// </remarks>
public static class ObisMeanings
{
    // Value groups A-B:C.D.E; * is any value, a range n..m those between. {b} and {e} stand for the groups, {e+1} for one more.
    private static readonly (string Pattern, string Meaning)[] Rows =
    [
        ("0-0:1.1.0", "UNIX clock"), ("0-0:1.*.*", "Clock"),
        ("0-0:2.0.0", "Modem configuration"), ("0-0:2.1.*", "Auto connect"), ("0-0:2.2.*", "Auto answer"),
        ("0-0:10.0.0", "Global meter reset script"), ("0-0:10.0.1", "End of billing period script"), ("0-0:10.0.100", "Tariffication script"),
        ("0-0:10.0.101", "Activate test mode script"), ("0-0:10.0.102", "Activate normal mode script"), ("0-0:10.0.103", "Set output signals script"),
        ("0-0:10.0.106", "Disconnect control script"), ("0-0:10.0.107", "Image activation script"), ("0-0:10.0.108", "Push script"),
        ("0-0:10.0.109", "Load profile control script"), ("0-0:10.0.110", "M-Bus profile control script"), ("0-0:10.0.111", "Function control script"),
        ("0-0:10.0.125", "Broadcast script"), ("0-*:10.0.*", "Script table {e}"),
        ("0-*:11.0.*", "Special days"), ("0-*:12.0.*", "Schedule"), ("0-*:13.0.*", "Activity calendar"), ("0-*:14.0.*", "Register activation {e}"),
        ("0-0:15.0.0", "End of billing period schedule"), ("0-0:15.0.1", "Disconnect schedule"), ("0-0:15.0.2", "Image activation schedule"),
        ("0-0:15.0.3", "Output schedule"), ("0-0:15.0.4", "Push schedule"), ("0-*:15.0.*", "Single action schedule {e}"),
        ("0-0:16.1.0", "Alarm monitor"), ("0-*:16.1.*", "Alarm monitor {e}"), ("0-*:16.0.*", "Register monitor {e}"), ("0-*:16.2.*", "Parameter monitor {e}"),
        ("0-0:17.0.0", "Limiter"), ("0-*:17.0.*", "Limiter {e}"), ("0-*:19.*.*", "Payment object"),
        ("0-0:20.0.0", "Optical port setup"), ("0-0:20.0.1", "Electrical port setup"),
        ("0-0:21.0.0", "General local port readout"), ("0-0:21.0.1", "General display readout"), ("0-0:21.0.*", "Readout list {e}"),
        ("0-*:22.0.0", "HDLC setup"), ("0-*:23.*.*", "Twisted pair setup"),
        ("0-*:24.1.0", "M-Bus client, channel {b}"), ("0-*:24.2.*", "M-Bus value {e}, channel {b}"), ("0-*:24.3.0", "M-Bus hourly profile, channel {b}"),
        ("0-*:24.3.1", "M-Bus daily profile, channel {b}"), ("0-*:24.3.2", "M-Bus monthly profile, channel {b}"),
        ("0-*:24.4.0", "M-Bus disconnect control, channel {b}"), ("0-*:24.5.0", "M-Bus control log, channel {b}"), ("0-*:24.6.0", "M-Bus master port setup"),
        ("0-*:25.0.*", "TCP-UDP setup"), ("0-*:25.1.*", "IPv4 setup"), ("0-*:25.2.*", "MAC address"), ("0-*:25.3.*", "PPP setup"),
        ("0-*:25.4.*", "GPRS modem setup"), ("0-*:25.5.*", "SMTP setup"), ("0-*:25.6.*", "GSM diagnostic"), ("0-*:25.7.*", "IPv6 setup"),
        ("0-*:25.9.*", "Push setup"), ("0-*:25.10.*", "NTP setup"), ("0-*:25.11.*", "LTE monitoring"),
        ("0-*:26.*.*", "S-FSK PLC setup"), ("0-*:28.*.*", "PRIME PLC setup"),
        ("0-*:29.0.*", "G3-PLC MAC counters"), ("0-*:29.1.*", "G3-PLC MAC setup"), ("0-*:29.2.*", "G3-PLC 6LoWPAN adaptation setup"),
        ("0-0:40.0.0", "Current association"), ("0-*:40.0.*", "Association {e}"), ("0-0:41.0.0", "SAP assignment"),
        ("0-*:43.0.*", "Security setup {e}"), ("0-*:43.1.*", "Invocation counter {e}"), ("0-*:43.2.*", "Data protection {e}"),
        ("0-*:44.0.*", "Image transfer"), ("0-*:44.1.*", "Function control"), ("0-*:65.*.*", "Standard table"), ("0-*:66.0.*", "Compact data {e}"),
        ("0-*:0.2.0", "Active firmware identifier"), ("0-*:0.2.1", "Parameter version"), ("0-*:0.2.8", "Active firmware signature"),
        ("0-0:96.1.0..9", "Device ID {e+1}"), ("0-0:96.1.10", "Metering point ID"), ("0-*:96.1.0..9", "Device ID {e+1}, channel {b}"),
        ("0-0:96.2.0", "Configuration change counter"), ("0-0:96.2.1", "Date of last configuration change"), ("0-0:96.2.12", "Date of last clock set"),
        ("0-0:96.2.13", "Date of last firmware activation"), ("0-*:96.2.*", "Configuration change record {e}"),
        ("0-0:96.3.10", "Disconnect control"), ("0-*:96.3.10", "Disconnect control, channel {b}"), ("0-0:96.3.20", "Arbitrator"), ("0-*:96.3.*", "Input or output status {e}"),
        ("0-*:96.5.*", "Internal operating status {e}"), ("0-0:96.6.0", "Battery use time"), ("0-0:96.6.1", "Battery charge"), ("0-0:96.6.3", "Battery voltage"),
        ("0-*:96.6.*", "Battery data {e}"),
        ("0-0:96.7.0", "Power failures, all phases"), ("0-0:96.7.1..3", "Power failures L{e}"), ("0-0:96.7.9", "Long power failures, any phase"),
        ("0-0:96.7.19", "Duration of last long power failure"), ("0-0:96.7.20", "Threshold for long power failures"), ("0-0:96.7.21", "Power failures, any phase"),
        ("0-0:96.7.*", "Power failure record {e}"), ("0-0:96.8.0", "Operating time"), ("0-0:96.8.*", "Operating time, tariff {e}"), ("0-0:96.9.*", "Ambient temperature {e}"),
        ("0-*:96.10.*", "Profile status {e}"), ("0-0:96.11.*", "Event code, log {e}"), ("0-*:96.11.*", "Event code, log {e}, channel {b}"),
        ("0-0:96.12.5", "GSM field strength"), ("0-*:96.12.*", "Communication record {e}"),
        ("0-0:96.13.0", "Consumer message"), ("0-0:96.13.1", "Consumer message code"), ("0-*:96.13.*", "Consumer message {e}"),
        ("0-0:96.14.0", "Active energy tariff"), ("0-*:96.14.*", "Active tariff {e}"), ("0-*:96.15.*", "Event counter, log {e}"),
        ("0-0:96.20.0", "Meter open counter"), ("0-0:96.20.5", "Terminal cover open counter"), ("0-0:96.20.15", "Strong DC field counter"), ("0-*:96.20.*", "Tamper record {e}"),
        ("0-0:97.97.0", "Error register"), ("0-0:97.97.*", "Error register {e+1}"),
        ("0-0:97.98.0..9", "Alarm register {e+1}"), ("0-0:97.98.10..19", "Alarm filter {e-9}"), ("0-0:97.98.20..29", "Alarm descriptor {e-19}"),
        ("*-*:98.1.*", "Billing profile, scheme 1"), ("*-*:98.2.*", "Billing profile, scheme 2"),
        ("0-*:99.1.*", "Load profile 1, channel {b}"), ("0-*:99.2.*", "Load profile 2, channel {b}"), ("1-*:99.1.0", "Load profile 1"), ("1-*:99.1.*", "Load profile 1, number {e}"), ("1-*:99.2.*", "Load profile 2"),
        ("0-0:99.13.*", "GSM diagnostic profile"), ("*-*:99.97.*", "Power failure event log"),
        ("0-0:99.98.0", "Standard event log"), ("0-0:99.98.1", "Fraud event log"), ("0-0:99.98.2", "Disconnect control event log"), ("0-0:99.98.3", "M-Bus event log"),
        ("0-0:99.98.4", "Power quality event log"), ("0-0:99.98.5", "Communication event log"), ("0-0:99.98.6", "Security event log"), ("0-*:99.98.*", "Event log {e}"),
        ("0-*:128..199.*.*", "Manufacturer specific"),
        ("1-0:0.0.0..9", "Electricity ID {e+1}"), ("1-*:0.0.0..9", "Electricity ID {e+1}, channel {b}"), ("1-0:0.1.0", "Billing period counter"),
        ("1-0:0.1.2", "Time of last billing reset"), ("1-0:0.2.0", "Active firmware identifier"), ("1-1:0.2.0", "Active firmware identifier, application"),
        ("1-2:0.2.0", "Active firmware identifier, communication module"), ("1-*:0.2.0", "Active firmware identifier, part {b}"), ("1-0:0.2.2", "Tariff program ID"),
        ("1-*:0.2.8", "Active firmware signature, part {b}"), ("1-0:0.3.0..3", "Output pulse constant {e}"), ("1-0:0.4.2", "Transformer ratio, current"), ("1-0:0.4.3", "Transformer ratio, voltage"),
        ("1-0:0.6.0", "Nominal voltage"), ("1-0:0.6.1", "Basic current"), ("1-0:0.6.3", "Maximum current"), ("1-0:0.8.0", "Measurement period 1"), ("1-0:0.8.4", "Recording period 1"), ("1-0:0.8.5", "Recording period 2"),
        ("1-0:0.9.1", "Local time"), ("1-0:0.9.2", "Local date"), ("1-0:0.9.11", "Clock time shift limit"),
    ];

    private static readonly (int From, int To, string Name)[] Processings =
    [
        (0, 0, "billing average"), (1, 1, "cumulative minimum"), (2, 2, "cumulative maximum"), (3, 3, "minimum"), (4, 4, "current average"), (5, 5, "last average"),
        (6, 6, "maximum"), (7, 7, "instantaneous"), (8, 8, "time integral 1"), (9, 9, "time integral 2, since billing"), (10, 10, "time integral 3"),
        (24, 24, "current average, period 3"), (25, 25, "last average, period 3"), (27, 27, "current average 5"), (29, 29, "time integral 5, since last capture"),
        (31, 31, "under-limit threshold"), (32, 32, "under-limit occurrences"), (33, 33, "under-limit duration"), (34, 34, "under-limit magnitude"),
        (35, 35, "over-limit threshold"), (36, 36, "over-limit occurrences"), (37, 37, "over-limit duration"), (38, 38, "over-limit magnitude"),
        (39, 39, "missing threshold"), (40, 40, "missing occurrences"), (41, 41, "missing duration"), (42, 42, "missing magnitude"),
        (43, 43, "time threshold under limit"), (44, 44, "time threshold over limit"), (45, 45, "time threshold missing"),
    ];

    private static readonly string?[] Quantities =
    [
        null, "Active power +", "Active power -", "Reactive power +", "Reactive power -", "Reactive power QI", "Reactive power QII", "Reactive power QIII", "Reactive power QIV",
        "Apparent power +", "Apparent power -", "Current", "Voltage", "Power factor", "Frequency", "Active power |+| + |-|", "Active power |+| - |-|",
        "Active power QI", "Active power QII", "Active power QIII", "Active power QIV",
    ];

    private static readonly FrozenDictionary<int, Pattern[]> ByGroups = Rows.Select(r => Pattern.Parse(r.Pattern, r.Meaning))
        .SelectMany(p => p.Keys.Select(key => (key, p))).GroupBy(p => p.key, p => p.p).ToFrozenDictionary(g => g.Key, g => g.ToArray());

    /// <summary>The meaning, such as <c>Active energy import (+A), tariff 1</c>; null where none is known.</summary>
    public static string? Find(ObisCode code)
    {
        var current = new ObisCode(code.A, code.B, code.C, code.D, code.E, 255);
        var meaning = QuantityNames.Find(current) ?? FromTable(code) ?? (code.A == 1 ? Electricity(code) : null);
        return meaning is null ? null : meaning + Period(code.F);
    }

    private static string Period(byte f) => f switch
    {
        < 100 => $", billing period {f}",
        >= 101 and <= 125 => $", last {f - 100} billing periods",
        _ => "",
    };

    private static string? FromTable(ObisCode code)
    {
        if (!ByGroups.TryGetValue(code.A << 8 | code.C, out var patterns)) return null;
        foreach (var pattern in patterns)
        {
            if (pattern.Matches(code)) return pattern.Meaning(code);
        }

        return null;
    }

    private static string? Electricity(ObisCode code)
    {
        if (code is { C: 81, D: 7 }) return $"Phase angle {Angle(code.E % 10)} to {Angle(code.E / 10)}";
        var (quantity, phase) = code.C switch
        {
            <= 20 => (Quantities[code.C], ""),
            <= 80 => (Quantities[(code.C - 1) % 20 + 1], $" L{(code.C - 1) / 20}"),
            90 => ("Current, sum of phases", ""),
            91 => ("Current, neutral", ""),
            92 => ("Voltage, neutral", ""),
            _ => (null, ""),
        };
        if (quantity is null) return null;
        var processing = Array.Find(Processings, p => code.D >= p.From && code.D <= p.To).Name;
        if (processing is null) return null;
        var detail = code switch
        {
            { E: 0 } => "",
            { D: 7, E: 124 } => ", THD",
            { D: 7, E: <= 120 } when quantity is "Current" or "Voltage" => $", harmonic {code.E}",
            { E: <= 63 } => $", tariff {code.E}",
            _ => $", {code.E}",
        };
        return $"{quantity}{phase}, {processing}{detail}";
    }

    private static string Angle(int digit) => digit switch { 0 => "U1", 1 => "U2", 2 => "U3", 4 => "I1", 5 => "I2", 6 => "I3", _ => $"{digit}" };

    /// <summary>One row of the table, taken apart.</summary>
    private sealed class Pattern
    {
        private readonly (int From, int To)[] _groups;
        private readonly string _meaning;

        private Pattern((int From, int To)[] groups, string meaning) => (_groups, _meaning) = (groups, meaning);

        /// <summary>Groups A and C of every code that may match.</summary>
        public IEnumerable<int> Keys =>
            from a in _groups[0] is (0, 255) ? [0, 1] : (int[])[_groups[0].From]
            from c in Enumerable.Range(_groups[2].From, _groups[2].To - _groups[2].From + 1)
            select a << 8 | c;

        public static Pattern Parse(string text, string meaning) => new(Groups(text), meaning);

        public bool Matches(ObisCode code) => In(0, code.A) && In(1, code.B) && In(2, code.C) && In(3, code.D) && In(4, code.E);

        public string Meaning(ObisCode code) => _meaning.Contains('{', StringComparison.Ordinal)
            ? _meaning.Replace("{b}", Number(code.B), StringComparison.Ordinal).Replace("{e}", Number(code.E), StringComparison.Ordinal)
                .Replace("{e+1}", Number(code.E + 1), StringComparison.Ordinal).Replace("{e-9}", Number(code.E - 9), StringComparison.Ordinal)
                .Replace("{e-19}", Number(code.E - 19), StringComparison.Ordinal)
            : _meaning;

        private static (int, int)[] Groups(string text)
        {
            // "0..9" keeps its dots while the groups are split at theirs.
            var parts = text.Replace("..", "~", StringComparison.Ordinal).Split('-', ':', '.');
            return [.. parts.Select(part => part == "*" ? (0, 255)
                : part.Split('~') is [var from, var to] ? (int.Parse(from, CultureInfo.InvariantCulture), int.Parse(to, CultureInfo.InvariantCulture))
                : (int.Parse(part, CultureInfo.InvariantCulture), int.Parse(part, CultureInfo.InvariantCulture)))];
        }

        private static string Number(int value) => value.ToString(CultureInfo.InvariantCulture);

        private bool In(int group, byte value) => value >= _groups[group].From && value <= _groups[group].To;
    }
}
