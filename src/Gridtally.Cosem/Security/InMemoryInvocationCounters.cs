namespace Gridtally.Cosem.Security;

/// <summary>Invocation counters that are forgotten at the end: for tests, and for tools that read the meter's counter first.</summary>
/// <param name="firstSend">First counter sent under each key.</param>
/// <param name="end">What comes after FFFFFFFF.</param>
public sealed class InMemoryInvocationCounters(uint firstSend = 1, CounterEnd end = CounterEnd.Stop) : IInvocationCounters
{
    private readonly ReservingCounter[] _send = [.. Enum.GetValues<KeyRole>().Select(_ => new ReservingCounter(firstSend, static _ => { }, end: end))];
    private readonly Dictionary<(KeyRole Key, SystemTitle Originator), uint> _accepted = [];

    /// <inheritdoc/>
    public bool TryTakeSend(KeyRole key, out uint counter) => _send[(int)key].TryTake(out counter);

    /// <inheritdoc/>
    public void RaiseSend(KeyRole key, uint next) => _send[(int)key].RaiseTo(next);

    /// <inheritdoc/>
    public ulong ReceiveFloor(KeyRole key, SystemTitle originator) =>
        _accepted.TryGetValue((key, originator), out var last) ? end.FloorAfter(last) : 0;

    /// <inheritdoc/>
    public bool Accept(KeyRole key, SystemTitle originator, uint counter)
    {
        _accepted[(key, originator)] = counter;
        return true;
    }
}
