using System.Buffers;
using System.Text;
using Gridtally.Companion;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Events;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Server;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Sessions;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Uplink;

/// <summary>One connection with a head end: its associations with the concentrator, and the gateway behind them.</summary>
/// <remarks>The gateway opens only for a head end that has proved itself on this very connection.</remarks>
internal sealed class UplinkConnection(ConcentratorServices services, UplinkSecurity security, ConcentratorDevice device, ILogger logger, ushort maxPdu, Action contact) : IGatewayHandler
{
    /// <summary>Associations with stored meters that are kept; the oldest go first. A head end reads one after the other.</summary>
    private const int MaxStored = 64;

    private readonly Lock _lock = new();
    private readonly List<StoredAssociation> _stored = [];
    private ServerAssociation? _headEnd;

    /// <summary>True once the head end has proved itself.</summary>
    public bool IsAuthentic => _headEnd?.State == ServerAssociationState.Associated;

    /// <summary>Serves until the other side closes or is silent for longer than <paramref name="idle"/>.</summary>
    /// <exception cref="LinkException">The connection was lost.</exception>
    public async Task ServeAsync(IByteChannel channel, TimeSpan idle, CancellationToken cancellationToken)
    {
        var server = new DlmsServer(new()
        {
            Resolve = Resolve,
            CreateGateway = () => this,
            IdleTimeout = idle,
            MaxPeers = 8, // two clients, and mistakes
            OnFault = (name, e) => logger.LogError(e, "{Connection}: a request failed", name),
        }, services.LineTime);
        await server.ServeAsync(channel, cancellationToken).ConfigureAwait(false);
    }

    public async ValueTask<ReadOnlyMemory<byte>> HandleAsync(
        PeerAddress peer, byte network, ReadOnlyMemory<byte> address, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken)
    {
        var number = Encoding.ASCII.GetString(address.Span);
        if (!IsAuthentic) return Refuse("", $"{peer}: gateway request before the head end has proved itself on this connection");
        if (network is not (GatewayNetworks.Store or GatewayNetworks.Meters)) return Refuse("", $"network {network}; expected {GatewayNetworks.Store} (store) or {GatewayNetworks.Meters} (meters)");
        if (services.Archive.Find(number) is not { } meter) return Refuse("", $"meter '{number}' is not in the archive");
        contact();
        if (network == GatewayNetworks.Store)
        {
            return FindStored(peer, number, () => new StoredMeterDevice(services, security, meter)) is { } association
                ? Handle(association, apdu.Span)
                : Refuse(number, $"{peer} is no client of stored meters; expected client {ConcentratorObjects.HeadEndClient} or {ConcentratorObjects.PublicClient}");
        }

        try
        {
            return await services.MeterGate.ExchangeAsync(number, peer.Client, peer.LogicalDevice, apdu, cancellationToken).ConfigureAwait(false);
        }
        catch (MeterGateException e)
        {
            return Refuse(number, e.Message);
        }
    }

    public ValueTask DisposeAsync()
    {
        lock (_lock)
        {
            foreach (var stored in _stored) stored.Association.Dispose();
            _stored.Clear();
        }

        security.Counters.Flush();
        return ValueTask.CompletedTask;
    }

    private ServedAssociation? Resolve(PeerAddress peer)
    {
        if (peer.LogicalDevice != ConcentratorObjects.LogicalDevice || security.SpecOf(peer.Client, maxPdu) is not { } spec) return null;
        var objects = peer.Client == ConcentratorObjects.HeadEndClient ? new Watched(device.Objects, contact) : device.Objects;
        var association = new ServerAssociation(spec, peer.Client, objects, security.Counters);
        if (peer.Client == ConcentratorObjects.HeadEndClient) _headEnd = association;
        return new(association);
    }

    private ServerAssociation? FindStored(PeerAddress peer, string number, Func<ILogicalDevice> create)
    {
        lock (_lock)
        {
            if (_stored.Find(s => s.Peer == peer && s.Meter == number) is { } known) return known.Association;
            if (security.SpecOf(peer.Client, maxPdu) is not { } spec) return null;
            if (_stored.Count == MaxStored)
            {
                _stored[0].Association.Dispose();
                _stored.RemoveAt(0);
            }

            var association = new ServerAssociation(spec, peer.Client, create(), security.Counters);
            _stored.Add(new(peer, number, association));
            return association;
        }
    }

    private ReadOnlyMemory<byte> Handle(ServerAssociation association, ReadOnlySpan<byte> apdu)
    {
        var response = new ArrayBufferWriter<byte>();
        lock (_lock) association.Handle(apdu, response);
        return response.WrittenMemory;
    }

    private ReadOnlyMemory<byte> Refuse(string meter, string reason)
    {
        services.Events.Add(EventCode.GatewayRefused, reason, meter);
        var response = new ArrayBufferWriter<byte>(4);
        new ExceptionResponse(ExceptionState.ServiceNotAllowed, ExceptionService.OperationNotPossible).WriteTo(response);
        return response.WrittenMemory;
    }

    private sealed record StoredAssociation(PeerAddress Peer, string Meter, ServerAssociation Association);

    /// <summary>Notes that the head end, which has proved itself, asks something.</summary>
    private sealed class Watched(ILogicalDevice inner, Action contact) : ILogicalDevice
    {
        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
        {
            contact();
            return inner.Get(target, context, output);
        }

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data)
        {
            contact();
            return inner.Set(target, context, data);
        }

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
        {
            contact();
            return inner.Invoke(target, context, parameter, output);
        }

        public AccessRights RightsOf(in AttributeRef target, ushort clientSap) => inner.RightsOf(target, clientSap);

        public AccessRights RightsOf(in MethodRef target, ushort clientSap) => inner.RightsOf(target, clientSap);

        public int AttributesOf(ushort classId, ObisCode instance, ushort clientSap) => inner.AttributesOf(classId, instance, clientSap);

        public void NotificationConfirmed(LongInvokeIdAndPriority invokeId, ushort clientSap) => inner.NotificationConfirmed(invokeId, clientSap);
    }
}
