using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Drivers;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Sessions;

namespace Gridtally.Concentrator.Channels;

/// <summary>One meter's turn on a channel: jobs that follow each other share its association, which is made when the first one asks.</summary>
internal sealed class MeterTurn : IAsyncDisposable
{
    private readonly ChannelServices _services;
    private readonly IByteChannel? _bus;
    private CountingChannel? _channel;
    private DlmsClient? _client;
    private SecurityKeys? _keys;

    /// <summary>Begins a turn; nothing is sent yet.</summary>
    /// <param name="services">What the jobs need.</param>
    /// <param name="settings">The channel.</param>
    /// <param name="meter">The meter.</param>
    /// <param name="bus">The line, on a bus; null where the meter has a connection of its own.</param>
    /// <param name="queue">The channel's queue, to step aside for others.</param>
    public MeterTurn(ChannelServices services, ChannelSettings settings, MeterRecord meter, IByteChannel? bus, JobQueue queue) =>
        (_services, Settings, Meter, _bus, Queue) = (services, settings, meter, bus, queue);

    public ChannelSettings Settings { get; }

    public MeterRecord Meter { get; }

    public JobQueue Queue { get; }

    /// <summary>True once anything was sent to the meter.</summary>
    public bool HasTalked => _channel is not null;

    /// <summary>Octets and repetitions so far.</summary>
    public SessionStatistics Statistics => new(_channel?.Sent ?? 0, _channel?.Received ?? 0, _client?.Statistics.RoundTrips ?? 0, _client?.Statistics.Retries ?? 0);

    /// <summary>True where the running job should step aside.</summary>
    public bool ShouldYield(MeterJob running) => Queue.ShouldYield(running, _services.Elapsed);

    /// <summary>The association with the meter's read client.</summary>
    /// <exception cref="AssociationException">There is none; the message says why.</exception>
    /// <exception cref="LinkException">The meter could not be connected, or the line was lost.</exception>
    public async Task<DlmsClient> ClientAsync(CancellationToken cancellationToken)
    {
        if (_client is { IsOpen: true }) return _client;
        if (_client is not null) throw new AssociationException(AssociationReason.LineError, $"{_client.Name}: the association was lost.");
        var archive = _services.Archive;
        var options = MeterConnection.Options(Settings, Meter, archive, _services.SystemTitle, _services.MustReadCounter(Meter.Id));
        _keys = options.Association.Keys;
        var channel = await ChannelAsync(cancellationToken).ConfigureAwait(false);
        _services.CounterUnknown(Meter.Id); // until the association is there
        _client = await DlmsClient.ConnectAsync(channel, options, archive.CountersOf(Meter), _services.LineTime, cancellationToken).ConfigureAwait(false);
        _services.CounterKnown(Meter.Id);
        return _client;
    }

    /// <summary>The bus, or a connection to the meter.</summary>
    public async Task<IByteChannel> ChannelAsync(CancellationToken cancellationToken) =>
        _channel ??= new(_bus ?? await _services.Opener.Meter(Settings, Meter).OpenAsync(cancellationToken).ConfigureAwait(false), ownsInner: _bus is null);

    public async ValueTask DisposeAsync()
    {
        if (_client is not null) await _client.DisposeAsync().ConfigureAwait(false);
        if (_channel is not null) await _channel.DisposeAsync().ConfigureAwait(false);
        _keys?.Dispose();
    }
}
