using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <content>The short way in: an address instead of a channel. What a meter's quirk profile asks of the driver.</content>
public sealed partial class DlmsClient
{
    private IByteChannel? _channel;
    private DateTimeOffset _restUntil;

    /// <summary>How the device deviates from the standard.</summary>
    public QuirkProfile Quirks => _options.Association.Quirks;

    /// <summary>Opens a channel and associates over it; the channel is closed with the client.</summary>
    /// <param name="address"><c>tcp://host:4059</c>, <c>udp://host:4059</c> or <c>serial:///dev/ttyUSB0?baud=9600</c>.</param>
    /// <param name="options">With whom and how to associate.</param>
    /// <param name="counters">
    /// Invocation counters of the keys. Where not given they are kept in memory, which is safe only while the device's counter is read first
    /// (<see cref="DlmsClientOptions.ReadInvocationCounter"/>).
    /// </param>
    /// <param name="lineTime">Clock of timeouts; the system's where not given.</param>
    /// <param name="cancellationToken">Cancels the connecting.</param>
    /// <exception cref="FormatException">The address can't be read.</exception>
    /// <exception cref="ArgumentException">Keys without a way to know their counters.</exception>
    /// <exception cref="AssociationException">There is no association; the message says why.</exception>
    /// <exception cref="LinkException">The channel could not be opened, or was lost.</exception>
    /// <example><code>
    /// await using var meter = await DlmsClient.ConnectAsync("tcp://192.168.1.20", new() { Peer = new(Client: 16, LogicalDevice: 1) });
    /// var name = await meter.GetAsync(new(1, ObisCode.Parse("0-0:42.0.0.255"), 2));
    /// </code></example>
    public static async Task<DlmsClient> ConnectAsync(
        string address, DlmsClientOptions options, IInvocationCounters? counters = null, TimeProvider? lineTime = null, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(options);
        if (counters is null && options.Association.Keys is not null && !options.ReadInvocationCounter)
            throw new ArgumentException("Keys need durable invocation counters, or the device's counter must be read first.", nameof(counters));
        lineTime ??= TimeProvider.System;
        var channel = await LinkAddress.Parse(address, lineTime).OpenAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            var client = await ConnectAsync(channel, options, counters ?? new InMemoryInvocationCounters(), lineTime, cancellationToken).ConfigureAwait(false);
            client._channel = channel;
            return client;
        }
        catch
        {
            await channel.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    // Some meters need time to turn the line around before they hear the next request.
    private async ValueTask RestAsync(CancellationToken cancellationToken)
    {
        if (Quirks.Pause == TimeSpan.Zero) return;
        var left = _restUntil - _lineTime.GetUtcNow();
        if (left > TimeSpan.Zero) await Task.Delay(left, _lineTime, cancellationToken).ConfigureAwait(false);
    }

    private void RestFromNow()
    {
        if (Quirks.Pause > TimeSpan.Zero) _restUntil = _lineTime.GetUtcNow() + Quirks.Pause;
    }
}
