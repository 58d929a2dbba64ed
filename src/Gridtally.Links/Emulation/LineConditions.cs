namespace Gridtally.Links;

/// <summary>A time in which nothing gets through, counted from the start of the emulation.</summary>
/// <param name="From">When it begins.</param>
/// <param name="Length">How long it lasts.</param>
public readonly record struct LineOutage(TimeSpan From, TimeSpan Length);

/// <summary>How bad a line is. The default is a perfect one. <see cref="Parse"/> reads the compact form.</summary>
/// <remarks>
/// A burst is one write to the channel (or one read from the channel behind the emulator): a frame on a bus, a datagram on UDP.
/// Times are those of the line, never of a civil clock that may run faster.
/// </remarks>
public sealed partial record LineConditions
{
    /// <summary>Bits per second of the line; 0 for no pacing. For byte streams: with a rate, a burst arrives in slices.</summary>
    public int Baud { get; init; }

    /// <summary>Bits on the line per octet: 10 for 8N1, 11 for 8E1.</summary>
    public int BitsPerOctet { get; init; } = 10;

    /// <summary>Least time between the end of a burst and the start of the answer.</summary>
    public TimeSpan Turnaround { get; init; }

    /// <summary>Added to each burst's way.</summary>
    public TimeSpan Latency { get; init; }

    /// <summary>Up to this much more latency, evenly spread, drawn per burst. Bursts do not overtake each other.</summary>
    public TimeSpan Jitter { get; init; }

    /// <summary>Probability that a burst does not arrive, 0..1.</summary>
    public double Loss { get; init; }

    /// <summary>Probability that an octet arrives with one bit inverted, 0..1.</summary>
    public double Noise { get; init; }

    /// <summary>Probability that a burst arrives twice, 0..1.</summary>
    public double Duplicate { get; init; }

    /// <summary>True for a shared pair of wires: what both sides send at the same time is garbled in both directions.</summary>
    public bool Collisions { get; init; }

    /// <summary>Outages at known times.</summary>
    public IReadOnlyList<LineOutage> Outages { get; init; } = [];

    /// <summary>Mean time between random outages; zero for none.</summary>
    public TimeSpan OutageEvery { get; init; }

    /// <summary>Mean length of random outages.</summary>
    public TimeSpan OutageLength { get; init; }

    /// <summary>The same seed and the same traffic at the same times give the same faults.</summary>
    public long Seed { get; init; } = 1;

    /// <summary>How long the line takes for <paramref name="octets"/>; zero without pacing.</summary>
    public TimeSpan TransmitTime(long octets) =>
        Baud == 0 ? TimeSpan.Zero : TimeSpan.FromTicks(octets * BitsPerOctet * TimeSpan.TicksPerSecond / Baud);
}
