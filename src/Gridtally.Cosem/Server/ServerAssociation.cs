using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <summary>Where a server association stands.</summary>
public enum ServerAssociationState : byte
{
    /// <summary>No association: only an AARQ is served.</summary>
    Idle,
    /// <summary>AARE sent, pass 3 of HLS awaited.</summary>
    AuthenticationPending,
    /// <summary>Requests are served.</summary>
    Associated,
}

/// <summary>The association of one client with one logical device over one link, server side. No I/O, no clock, not thread-safe.</summary>
/// <remarks>Whatever arrives, there is an answer or silence, never an exception and never a reason to drop the link.</remarks>
public sealed class ServerAssociation : IDisposable
{
    /// <summary>An association that is not open yet.</summary>
    /// <param name="spec">What the client is granted, and what is demanded of it.</param>
    /// <param name="clientSap">SAP of the client.</param>
    /// <param name="device">The objects that are served.</param>
    /// <param name="counters">Invocation counters of the keys in <paramref name="spec"/>.</param>
    public ServerAssociation(AssociationSpec spec, ushort clientSap, ILogicalDevice device, IInvocationCounters counters)
    {
        (Spec, ClientSap) = (spec, clientSap);
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(counters);
    }

    /// <summary>What is granted and demanded. A new value holds from the next AARQ on (renewed keys, a stronger policy).</summary>
    public AssociationSpec Spec { get; set; }

    /// <summary>SAP of the client.</summary>
    public ushort ClientSap { get; }

    /// <summary>Where the association stands.</summary>
    public ServerAssociationState State { get; private set; }

    /// <summary>The services that both sides allow.</summary>
    public Conformance NegotiatedConformance { get; private set; }

    /// <summary>Serves one APDU; writes at most one APDU to <paramref name="response"/>.</summary>
    public void Handle(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response) => throw new NotSupportedException();

    /// <summary>The link is gone, and with it the association and any block transfer.</summary>
    public void Reset() => State = ServerAssociationState.Idle;

    /// <summary>Clears the keys that this association holds (not those of the spec).</summary>
    public void Dispose()
    {
    }
}
