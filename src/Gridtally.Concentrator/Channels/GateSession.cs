using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Drivers;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Links;
using Gridtally.Sessions;

namespace Gridtally.Concentrator.Channels;

/// <summary>A client's link to a meter through the gateway: it stays between exchanges, so that the client's association does.</summary>
internal sealed class GateSession : IAsyncDisposable
{
    private readonly IApduTransport _transport;
    private readonly IAsyncDisposable? _connection;
    private readonly CountingChannel _channel;

    private GateSession(ushort client, ushort logicalDevice, IApduTransport transport, IAsyncDisposable? connection, CountingChannel channel) =>
        (Client, LogicalDevice, _transport, _connection, _channel) = (client, logicalDevice, transport, connection, channel);

    public ushort Client { get; }

    public ushort LogicalDevice { get; }

    /// <summary>Line time until which the meter is held.</summary>
    public TimeSpan Until { get; set; }

    public (long Sent, long Received) Octets => (_channel.Sent, _channel.Received);

    public static async Task<GateSession> OpenAsync(
        ChannelServices services, ChannelSettings settings, MeterRecord meter, IByteChannel? bus, ushort client, ushort logicalDevice, CancellationToken cancellationToken)
    {
        var channel = new CountingChannel(bus ?? await services.Opener.Meter(settings, meter).OpenAsync(cancellationToken).ConfigureAwait(false), ownsInner: bus is null);
        var connection = bus is null ? new WrapperConnection(channel, services.LineTime, ownsChannel: true) : null;
        IApduRoute route = connection is null ? new HdlcRoute(channel, MeterConnection.Hdlc(settings), services.LineTime) : connection;
        var transport = route.To(MeterConnection.Peer(settings, meter, client, logicalDevice), MeterConnection.ResponseTimeout(settings), settings.ProtocolAttributes.Number("send.retry"));
        var session = new GateSession(client, logicalDevice, transport, connection, channel);
        try
        {
            await transport.ConnectAsync(cancellationToken).ConfigureAwait(false);
            return session;
        }
        catch
        {
            await session.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public async Task<byte[]> ExchangeAsync(ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken) =>
        (await _transport.ExchangeAsync(apdu, cancellationToken).ConfigureAwait(false)).ToArray();

    public async ValueTask DisposeAsync()
    {
        try
        {
            await _transport.CloseAsync(CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AssociationException or LinkException)
        {
            // The meter ends the link by itself when it hears no more.
        }

        await _transport.DisposeAsync().ConfigureAwait(false);
        if (_connection is not null) await _connection.DisposeAsync().ConfigureAwait(false);
    }
}

/// <summary>One exchange through the gateway.</summary>
internal sealed class GateJob(MeterRecord meter, ushort client, ushort logicalDevice, ReadOnlyMemory<byte> apdu, CancellationToken cancelled)
    : MeterJob(meter, "gateway", Manual, DateTimeOffset.MinValue, isManual: true)
{
    private const byte ReleaseRequest = 0x62;

    private static long _number;

    private readonly long _id = Interlocked.Increment(ref _number);
    private readonly TaskCompletionSource<byte[]> _answer = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override string Key => $"gate {_id}";

    public override bool IsRetried => false;

    public override bool IsGate => true;

    public ushort Client => client;

    public ushort LogicalDevice => logicalDevice;

    /// <summary>True where the client ends its association: nothing needs to be held after it.</summary>
    public bool EndsSession => apdu.Length > 0 && apdu.Span[0] == ReleaseRequest;

    public bool IsCancelled => cancelled.IsCancellationRequested;

    public Task<byte[]> Answer => _answer.Task;

    public async Task RunAsync(GateSession session, CancellationToken stop)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, stop);
        _answer.TrySetResult(await session.ExchangeAsync(apdu, either.Token).ConfigureAwait(false));
    }

    public override Task<JobEnd> RunAsync(MeterTurn turn, CancellationToken cancellationToken) =>
        throw new InvalidOperationException("A gateway exchange runs in its session.");

    public override void Finished(JobEnd? end, MeterFault? fault)
    {
        if (fault is not null) _answer.TrySetException(new MeterGateException(fault.Reason, fault.Text));
    }

    public void Refuse(FailureReason reason, string text) => _answer.TrySetException(new MeterGateException(reason, text));
}
