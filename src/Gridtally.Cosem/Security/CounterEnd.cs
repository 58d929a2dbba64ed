namespace Gridtally.Cosem.Security;

/// <summary>What becomes of an invocation counter after FFFFFFFF.</summary>
public enum CounterEnd : byte
{
    /// <summary>It stops: the key must be renewed. What IEC 62056-5-3 demands.</summary>
    Stop,
    /// <summary>
    /// It begins again at 0 under the same key, as DTSD545 meters say of themselves in a notice. Initialization vectors then repeat, which
    /// breaks AES-GCM, and recorded APDUs can be played back: only to keep such a meter in reach until its keys are renewed.
    /// </summary>
    RollOver,
}

/// <summary>What follows from a <see cref="CounterEnd"/>.</summary>
public static class CounterEnds
{
    /// <summary>The lowest counter that is acceptable after <paramref name="last"/>.</summary>
    /// <returns><paramref name="last"/> + 1; after FFFFFFFF 2^32 (none) where counters stop, 0 where they roll over.</returns>
    public static ulong FloorAfter(this CounterEnd end, uint last) => last == uint.MaxValue && end == CounterEnd.RollOver ? 0 : last + 1UL;
}
