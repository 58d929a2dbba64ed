using System.Net;
using Gridtally.Companion;
using Gridtally.Cosem.Security;

namespace Gridtally.HeadEnd;

/// <summary>What must hold in a configuration.</summary>
public static class HeadEndConfigRules
{
    /// <summary>Concentrators of one head end process; each may hold a connection.</summary>
    public const int MaxConcentrators = 1024;

    /// <summary>Meters of one head end process.</summary>
    public const int MaxMeters = 1_000_000;

    internal static List<string> Check(HeadEndConfig config)
    {
        var problems = new List<string>();
        void Require(bool holds, string where, string expected, object? got)
        {
            if (!holds) problems.Add($"{where}: expected {expected}, got '{got}'.");
        }

        Require(SystemTitle.TryParse(config.SystemTitle, out _), "systemTitle", "16 hexadecimal digits", config.SystemTitle);
        Require(IPAddress.TryParse(config.Listen.Address, out _), "listen.address", "an IP address such as 0.0.0.0", config.Listen.Address);
        Require(config.Listen.Port is >= 0 and <= 65535, "listen.port", "0..65535", config.Listen.Port);
        Require(IPAddress.TryParse(config.Web.Address, out _), "web.address", "an IP address such as 0.0.0.0", config.Web.Address);
        Require(config.Web.Port is >= 0 and <= 65535, "web.port", "0..65535", config.Web.Port);
        Require(TimeZoneInfo.TryFindSystemTimeZoneById(config.TimeZone, out _), "timeZone", "an IANA time zone such as Europe/Berlin", config.TimeZone);
        CheckSeconds(config.Acquisition, Require);
        Require(config.Concentrators.Count <= MaxConcentrators, "concentrators", $"at most {MaxConcentrators}", config.Concentrators.Count);
        Require(config.Meters.Count <= MaxMeters, "meters", $"at most {MaxMeters}", config.Meters.Count);
        for (var i = 0; i < config.Concentrators.Count; i++) Check(config.Concentrators[i], $"concentrators[{i}]", Require);
        for (var i = 0; i < config.Meters.Count; i++) Check(config.Meters[i], $"meters[{i}]", Require);
        CheckUnique(config.Concentrators, c => c.Serial, "concentrators", "serial", problems);
        CheckUnique(config.Concentrators, c => c.LogicalDeviceName, "concentrators", "logicalDeviceName", problems);
        CheckUnique(config.Meters, m => m.Number, "meters", "number", problems);
        return problems;
    }

    private static void CheckSeconds(AcquisitionConfig acquisition, Action<bool, string, string, object?> require)
    {
        require(acquisition.PollSeconds is >= 0.01 and <= 86_400, "acquisition.pollSeconds", "0.01..86400", acquisition.PollSeconds);
        require(acquisition.ArchiveSeconds is >= 0.01 and <= 86_400, "acquisition.archiveSeconds", "0.01..86400", acquisition.ArchiveSeconds);
        require(acquisition.ResponseTimeoutSeconds is >= 0.1 and <= 600, "acquisition.responseTimeoutSeconds", "0.1..600", acquisition.ResponseTimeoutSeconds);
        require(acquisition.MeterTimeoutSeconds is >= 0.1 and <= 600, "acquisition.meterTimeoutSeconds", "0.1..600", acquisition.MeterTimeoutSeconds);
    }

    private static void Check(ConcentratorConfig one, string where, Action<bool, string, string, object?> require)
    {
        require(IsNumber(one.Serial), $"{where}.serial", $"1..{GatewayNetworks.MaxMeterNumber} printable characters", one.Serial);
        require(one.LogicalDeviceName.Length is >= 1 and <= 16 && IsNumber(one.LogicalDeviceName), $"{where}.logicalDeviceName", "1..16 printable characters", one.LogicalDeviceName);
        CheckKeys(one.EncryptionKey, one.AuthenticationKey, where, require);
    }

    private static void Check(MeterConfig one, string where, Action<bool, string, string, object?> require)
    {
        require(IsNumber(one.Number), $"{where}.number", $"1..{GatewayNetworks.MaxMeterNumber} printable characters", one.Number);
        require(one.LogicalDevice is >= 1 and <= 65535, $"{where}.logicalDevice", "1..65535", one.LogicalDevice);
        CheckKeys(one.EncryptionKey, one.AuthenticationKey, where, require);
    }

    // A key that is wrong is never shown, only how long it is.
    private static void CheckKeys(string? encryption, string? authentication, string where, Action<bool, string, string, object?> require)
    {
        var expected = $"{SecurityKeys.KeyDigits} hexadecimal digits";
        require(encryption is null || SecurityKeys.IsKey(encryption), $"{where}.encryptionKey", expected, SecurityKeys.Describe(encryption));
        require(authentication is null || SecurityKeys.IsKey(authentication), $"{where}.authenticationKey", expected, SecurityKeys.Describe(authentication));
        require(encryption is null == authentication is null, where, "both keys or none", "one");
    }

    private static void CheckUnique<T>(IReadOnlyList<T> all, Func<T, string> key, string where, string name, List<string> problems)
    {
        foreach (var twice in all.CountBy(key).Where(c => c.Value > 1)) problems.Add($"{where}: {name} '{twice.Key}' is there {twice.Value} times; expected once.");
    }

    private static bool IsNumber(string text) => text.Length is >= 1 and <= GatewayNetworks.MaxMeterNumber && !text.AsSpan().ContainsAnyExceptInRange('!', '~');
}
