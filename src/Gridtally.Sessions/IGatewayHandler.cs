using Gridtally.Cosem.Framing;

namespace Gridtally.Sessions;

/// <summary>Answers APDUs that a client sends through this server to a device behind it. One per connection; disposed of when that ends.</summary>
public interface IGatewayHandler : IAsyncDisposable
{
    /// <summary>Passes one APDU on and brings its answer. May take long; other requests of the connection go on meanwhile.</summary>
    /// <param name="peer">wPorts or HDLC addresses of the request: the client, and the logical device within the addressed device.</param>
    /// <param name="network">Network id of the gateway header.</param>
    /// <param name="address">Physical device address of the gateway header.</param>
    /// <param name="apdu">The APDU without gateway header; valid until the answer.</param>
    /// <param name="cancellationToken">The connection has ended; nobody wants the answer any more.</param>
    /// <returns>The answer without gateway header; empty for none: the client then sees no answer.</returns>
    ValueTask<ReadOnlyMemory<byte>> HandleAsync(PeerAddress peer, byte network, ReadOnlyMemory<byte> address, ReadOnlyMemory<byte> apdu, CancellationToken cancellationToken);
}
