namespace Gridtally.Fuzz;

/// <summary>Numbers that depend on the seed and on the number of the input alone, so that each input can be made again by itself.</summary>
/// <remarks>SplitMix64; good enough to choose mutations, and begun in no time.</remarks>
internal struct FuzzRandom(ulong seed, ulong input)
{
    private const ulong Step = 0x9E3779B97F4A7C15;

    private ulong _state = Mix(seed + Step) ^ Mix(input * Step + 1);

    /// <summary>64 bits.</summary>
    public ulong Next() => Mix(_state += Step);

    /// <summary>0 to <paramref name="end"/> - 1; 0 where there is nothing to choose from.</summary>
    public int Below(int end) => end <= 1 ? 0 : (int)((Next() >> 32) * (ulong)end >> 32);

    /// <summary>True once in <paramref name="odds"/> times.</summary>
    public bool OneIn(int odds) => Below(odds) == 0;

    private static ulong Mix(ulong value)
    {
        value = (value ^ value >> 30) * 0xBF58476D1CE4E5B9;
        value = (value ^ value >> 27) * 0x94D049BB133111EB;
        return value ^ value >> 31;
    }
}
