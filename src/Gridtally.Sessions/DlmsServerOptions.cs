using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Server;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>The association that serves one peer of one connection.</summary>
/// <param name="Association">A new association for each link; the server disposes of it when the link ends.</param>
/// <param name="Gate">Held while a request is handled: devices are single-threaded. Null where the association needs none.</param>
public sealed record ServedAssociation(ServerAssociation Association, Lock? Gate = null);

/// <summary>What a server serves, and within which limits.</summary>
public sealed record DlmsServerOptions
{
    /// <summary>Layer below the APDUs of each connection or line. The wrapper by default; for a bus, an <see cref="HdlcServerLine"/>.</summary>
    public Func<IByteChannel, IServerFraming> CreateFraming { get; init; } = static channel => new WrapperServer(channel.IsDatagram);

    /// <summary>Makes the association for a peer that sends its first APDU; null where there is no such client or device: it gets no answer.</summary>
    public required Func<PeerAddress, ServedAssociation?> Resolve { get; init; }

    /// <summary>
    /// Who is meant by what is sent to all (logical device or physical address "all", see <see cref="HdlcAddress.All14"/> and
    /// <see cref="WrapperHeader.AllDevices"/>): the peers whose associations serve it, one after the other, without an answer. Null: those of
    /// the connection that have an association already.
    /// </summary>
    public Func<PeerAddress, IEnumerable<PeerAddress>>? Expand { get; init; }

    /// <summary>Connections at a time; more are closed at once. A device has a few clients, an endless number is an attack or a leak.</summary>
    public int MaxConnections { get; init; } = 16;

    /// <summary>Peers (client and device) per connection; more get no answer. Each costs an association.</summary>
    public int MaxPeers { get; init; } = 4096;

    /// <summary>Silence after which a connection is closed; zero for never, as on a serial line.</summary>
    public TimeSpan IdleTimeout { get; init; } = TimeSpan.FromMinutes(3);

    /// <summary>Makes the handler of gateway requests of one connection; null where this server is no gateway.</summary>
    public Func<IGatewayHandler>? CreateGateway { get; init; }

    /// <summary>Gateway requests of one connection at a time; the next one waits, and the connection with it.</summary>
    public int MaxGatewayRequests { get; init; } = 64;

    /// <summary>Shown everything that goes over the connections.</summary>
    public Action<FrameTrace>? Trace { get; init; }

    /// <summary>Told which connection ended by a fault and by which. A fault of one never concerns the others.</summary>
    public Action<string, Exception>? OnFault { get; init; }
}
