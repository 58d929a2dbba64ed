namespace Gridtally.Links;

/// <summary>Random numbers that are the same for the same seed on every machine and every version of .NET (SplitMix64).</summary>
internal sealed class LineRandom(long seed, int stream)
{
    private ulong _state = unchecked((ulong)seed * 0x9E3779B97F4A7C15 + (ulong)stream * 0xD1B54A32D192ED03);

    public ulong Next()
    {
        var z = _state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Evenly spread over 0..1, without 1.</summary>
    public double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => NextDouble() < probability;

    /// <summary>A waiting time with this mean, as between events that do not know of each other.</summary>
    public TimeSpan Exponential(TimeSpan mean) => mean * -Math.Log(1 - NextDouble());
}

/// <summary>When the line is down.</summary>
internal sealed class OutagePlan(LineConditions conditions)
{
    // The two directions ask for times a burst apart; older windows are asked for no more.
    private const int Remembered = 16;

    private readonly LineRandom _random = new(conditions.Seed, 3);
    private readonly Queue<LineOutage> _windows = new();
    private TimeSpan _plannedTo;

    public bool IsDown(TimeSpan at)
    {
        while (conditions.OutageEvery > TimeSpan.Zero && _plannedTo <= at)
        {
            var window = new LineOutage(_plannedTo + _random.Exponential(conditions.OutageEvery), _random.Exponential(conditions.OutageLength));
            _windows.Enqueue(window);
            if (_windows.Count > Remembered) _windows.Dequeue();
            _plannedTo = window.From + window.Length + TimeSpan.FromTicks(1);
        }

        return conditions.Outages.Any(w => Covers(w, at)) || _windows.Any(w => Covers(w, at));
    }

    private static bool Covers(LineOutage window, TimeSpan at) => at >= window.From && at - window.From < window.Length;
}
