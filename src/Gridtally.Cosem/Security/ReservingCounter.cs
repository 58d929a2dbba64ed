namespace Gridtally.Cosem.Security;

/// <summary>A counter that never repeats, even when power goes at any instant, and yet is not stored for each value.</summary>
/// <remarks>
/// It stores a limit <paramref name="lookAhead"/> values ahead before it hands out the first value below that limit; after a
/// restart it goes on from the stored limit. Gaps are legal (IEC 62056-5-3), repetition is not.
/// </remarks>
/// <param name="stored">The limit stored last; the first value ever handed out is this one.</param>
/// <param name="store">Makes a new limit durable; returns only when it is.</param>
/// <param name="lookAhead">Values per store, 1 or more.</param>
/// <param name="end">What comes after FFFFFFFF.</param>
public sealed class ReservingCounter(ulong stored, Action<ulong> store, uint lookAhead = ReservingCounter.DefaultLookAhead, CounterEnd end = CounterEnd.Stop)
{
    /// <summary>One write per hundred APDUs; a restart wastes at most as many of the 4 billion values.</summary>
    public const uint DefaultLookAhead = 100;

    /// <summary>One past the last value: then the key must be renewed.</summary>
    public const ulong End = 0x1_0000_0000;

    private readonly uint _lookAhead = lookAhead > 0 ? lookAhead : throw new ArgumentOutOfRangeException(nameof(lookAhead), "At least one value must be reserved.");
    private ulong _limit = Math.Min(stored, End);

    /// <summary>The value that will be handed out next; <see cref="End"/> when there is none left.</summary>
    public ulong Next { get; private set; } = Math.Min(stored, End);

    /// <summary>Takes the next value; false when FFFFFFFF has been used and counters stop there.</summary>
    public bool TryTake(out uint value)
    {
        value = 0;
        if (Next >= End)
        {
            if (end == CounterEnd.Stop) return false;
            (Next, _limit) = (0, 0);
        }

        Reserve(Next);
        value = (uint)Next++;
        return true;
    }

    /// <summary>Makes the next value at least <paramref name="next"/>. Never goes back.</summary>
    public void RaiseTo(uint next) => Next = Math.Max(Next, next);

    private void Reserve(ulong value)
    {
        if (value < _limit) return;
        var limit = Math.Min(value + _lookAhead, End);
        store(limit);
        _limit = limit;
    }
}
