namespace Gridtally.Metering;

/// <summary>What the event codes in a meter's logs stand for, and the bits of its alarm and status words.</summary>
/// <remarks>
/// IDIS companion specification; national companions (DSMR, SMR) use some of the numbers for other things, and 230 to 249 belong to
/// the manufacturer. So these are for people who look at logs, not for programs that decide.
/// </remarks>
public static class EventMeanings
{
    private static readonly string?[] Codes = BuildCodes();

    private static readonly string?[] AlarmBits =
    [
        "clock invalid", "replace battery", "power up", "auxiliary event", "configuration changed", null, null, null,
        "program memory error", "RAM error", "NV memory error", "measurement system error", "watchdog error", "fraud attempt", null, null,
        "M-Bus communication error ch 1", "M-Bus communication error ch 2", "M-Bus communication error ch 3", "M-Bus communication error ch 4",
        "M-Bus fraud ch 1", "M-Bus fraud ch 2", "M-Bus fraud ch 3", "M-Bus fraud ch 4",
        "new M-Bus device ch 1", "new M-Bus device ch 2", "new M-Bus device ch 3", "new M-Bus device ch 4",
        "phase outage L1", "phase outage L2", "phase outage L3", "phase outage test",
    ];

    private static readonly string?[] StatusBits =
        ["critical error", "clock invalid", "data not valid", "daylight saving", null, "clock adjusted", "recovered value", "power down"];

    /// <summary>The event of that code; null where the code has no common meaning.</summary>
    public static string? Find(int code) => code >= 0 && code < Codes.Length ? Codes[code] : null;

    /// <summary>The alarms that are set in alarm register 1, its filter or its descriptor; empty where none is.</summary>
    public static string AlarmsOf(uint register) => NamesOf(register, AlarmBits);

    /// <summary>The bits that are set in the status octet of a profile (AMR profile status); empty where none is.</summary>
    public static string ProfileStatusOf(byte status) => NamesOf(status, StatusBits);

    private static string NamesOf(uint bits, string?[] names) =>
        string.Join(", ", Enumerable.Range(0, names.Length).Where(bit => (bits >> bit & 1) != 0).Select(bit => names[bit] ?? $"bit {bit}"));

    private static string?[] BuildCodes()
    {
        var codes = new string?[256];
        void Put(int first, params string[] names) => names.CopyTo(codes, first);
        Put(1, "power down", "power up", "daylight saving enabled or disabled", "clock adjusted, old time", "clock adjusted, new time", "clock invalid", "replace battery",
            "battery voltage low", "TOU activated", "error register cleared", "alarm register cleared", "program memory error", "RAM error", "NV memory error", "watchdog error",
            "measurement system error", "firmware ready for activation", "firmware activated", "passive TOU programmed");
        Put(26, "communication started on remote port", "communication ended on remote port", "communication started on local port", "communication ended on local port");
        Put(40, "terminal cover removed", "terminal cover closed", "strong DC field detected", "strong DC field gone", "meter cover removed", "meter cover closed",
            "association authentication failure", "one or more parameters changed", "global keys changed", "decryption or authentication failure", "replay attack",
            "firmware verification failed");
        Put(59, "disconnector ready for manual reconnection", "manual disconnection", "manual connection", "remote disconnection", "remote connection", "local disconnection",
            "limiter threshold exceeded", "limiter threshold ok", "limiter threshold changed", "disconnect or reconnect failure", "local reconnection",
            "supervision monitor 1 exceeded", "supervision monitor 1 ok", "supervision monitor 2 exceeded", "supervision monitor 2 ok", "supervision monitor 3 exceeded",
            "supervision monitor 3 ok", "undervoltage L1", "undervoltage L2", "undervoltage L3", "overvoltage L1", "overvoltage L2", "overvoltage L3", "missing voltage L1",
            "missing voltage L2", "missing voltage L3", "voltage L1 normal", "voltage L2 normal", "voltage L3 normal", "phase sequence reversal", "missing neutral",
            "phase asymmetry", "current reversal", "bad voltage quality L1", "bad voltage quality L2", "bad voltage quality L3");
        string[] channel = ["communication error", "communication ok", "replace battery", "fraud attempt", "clock adjusted", "new device or permanent error"];
        for (var n = 1; n <= 4; n++) Put(100 + 10 * (n - 1), [.. channel.Select(name => $"M-Bus channel {n}: {name}")]);
        Put(160, "M-Bus channel 1: manual disconnection", "M-Bus channel 1: manual connection", "M-Bus channel 1: remote disconnection", "M-Bus channel 1: remote connection");
        for (var code = 230; code <= 249; code++) codes[code] = "manufacturer specific";
        Put(254, "load profile cleared", "event log cleared");
        return codes;
    }
}
