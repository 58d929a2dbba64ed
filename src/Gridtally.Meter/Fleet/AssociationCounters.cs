using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;

namespace Gridtally.Meter.Fleet;

/// <summary>The invocation counters of one association: those of the key that it was opened with, even if that is replaced meanwhile.</summary>
/// <remarks>An AARQ finds the association idle; it and what follows use the counters of the key that is then in force.</remarks>
internal sealed class AssociationCounters(Lock gate, ClientSecurity? security) : IInvocationCounters
{
    // The public client has no keys and never asks for a counter.
    private IInvocationCounters _current = security?.Counters ?? (IInvocationCounters)new InMemoryInvocationCounters();

    public ServerAssociation? Association { get; set; }

    public bool TryTakeSend(KeyRole key, out uint counter)
    {
        lock (gate) return Current().TryTakeSend(key, out counter);
    }

    public void RaiseSend(KeyRole key, uint next)
    {
        lock (gate) Current().RaiseSend(key, next);
    }

    public ulong ReceiveFloor(KeyRole key, SystemTitle originator)
    {
        lock (gate) return Current().ReceiveFloor(key, originator);
    }

    public bool Accept(KeyRole key, SystemTitle originator, uint counter)
    {
        lock (gate) return Current().Accept(key, originator, counter);
    }

    private IInvocationCounters Current()
    {
        if (security is not null && Association is null or { State: ServerAssociationState.Idle }) _current = security?.Counters ?? _current;
        return _current;
    }
}
