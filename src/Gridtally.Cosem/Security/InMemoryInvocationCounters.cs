namespace Gridtally.Cosem.Security;

/// <summary>Invocation counters that are forgotten at the end: for tests, and for tools that read the meter's counter first.</summary>
/// <param name="firstSend">First counter sent under each key.</param>
public sealed class InMemoryInvocationCounters(uint firstSend = 1) : IInvocationCounters
{
    private readonly ReservingCounter[] _send = [.. Enum.GetValues<KeyRole>().Select(_ => new ReservingCounter(firstSend, static _ => { }))];
    private readonly Dictionary<(KeyRole Key, SystemTitle Originator), uint> _accepted = [];

    /// <inheritdoc/>
    public bool TryTakeSend(KeyRole key, out uint counter) => _send[(int)key].TryTake(out counter);

    /// <inheritdoc/>
    public void RaiseSend(KeyRole key, uint next) => _send[(int)key].RaiseTo(next);

    /// <inheritdoc/>
    public ulong ReceiveFloor(KeyRole key, SystemTitle originator) =>
        _accepted.TryGetValue((key, originator), out var last) ? last + 1UL : 0;

    /// <inheritdoc/>
    public void Accept(KeyRole key, SystemTitle originator, uint counter) => _accepted[(key, originator)] = counter;
}
