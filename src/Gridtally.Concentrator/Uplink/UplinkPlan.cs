using Gridtally.Concentrator.Settings;

namespace Gridtally.Concentrator.Uplink;

/// <summary>What the settings say about the uplink.</summary>
/// <param name="Masters">Head ends to dial, in turn; none for not to dial.</param>
/// <param name="ConnectTimeout">A connection may take so long.</param>
/// <param name="FirstWait">Wait after the first failure.</param>
/// <param name="LongestWait">Longest wait.</param>
/// <param name="MaxPdu">Octets of the largest APDU.</param>
/// <param name="Listen">Where to wait for head ends; null for nowhere.</param>
internal sealed record UplinkPlan(
    IReadOnlyList<(string Host, int Port)> Masters, TimeSpan ConnectTimeout, TimeSpan FirstWait, TimeSpan LongestWait, ushort MaxPdu, (string Host, int Port)? Listen)
{
    /// <summary>Reads the settings: the first enabled channel of each type counts.</summary>
    public static UplinkPlan Of(SettingsView settings)
    {
        var client = Find(settings, CommType.TcpClient, serverMode: "0");
        var server = Find(settings, CommType.TcpServer, serverMode: "1");
        var any = client ?? server;
        return new(
            client is null ? [] : [.. MastersOf(client.Attributes)],
            client?.Attributes.Seconds("connect.timeout") ?? TimeSpan.FromSeconds(5),
            client?.Attributes.Seconds("reconnect.first") ?? TimeSpan.FromSeconds(1),
            client?.Attributes.Seconds("reconnect.max") ?? TimeSpan.FromSeconds(60),
            (ushort)(any?.ProtocolAttributes.Number("max.bytes") ?? 1024),
            server is null ? ((string, int)?)null : (server.Attributes.Text("ip"), server.Attributes.Number("port")));
    }

    public bool Equals(UplinkPlan? other) =>
        other is not null && Masters.SequenceEqual(other.Masters) && ConnectTimeout == other.ConnectTimeout && FirstWait == other.FirstWait
        && LongestWait == other.LongestWait && MaxPdu == other.MaxPdu && Listen == other.Listen;

    public override int GetHashCode() => HashCode.Combine(Masters.Count, ConnectTimeout, FirstWait, LongestWait, MaxPdu, Listen);

    private static ChannelSettings? Find(SettingsView settings, int type, string serverMode) => settings.Channels.Values.FirstOrDefault(
        c => c.Enabled && c.Type.Number == type && c.ProtocolAttributes.Text("server.mode") == serverMode);

    private static IEnumerable<(string, int)> MastersOf(KeyValues attributes)
    {
        for (var i = 1; i <= attributes.Number("ip.size"); i++)
        {
            var host = attributes.Text($"ip.{i}");
            if (host.Length > 0) yield return (host, attributes.Number($"port.{i}"));
        }
    }
}

/// <summary>Waits that double up to a maximum, each a little off: a thousand concentrators must not come back in the same second.</summary>
internal sealed class BackOff(TimeSpan first, TimeSpan longest)
{
    private const double Jitter = 0.25;

    private TimeSpan _next = first;

    /// <summary>The wait before the next try.</summary>
    public TimeSpan Next()
    {
        var wait = _next;
        _next = wait * 2 < longest ? wait * 2 : longest;
        return wait * (1 - Jitter + 2 * Jitter * Random.Shared.NextDouble());
    }
}
