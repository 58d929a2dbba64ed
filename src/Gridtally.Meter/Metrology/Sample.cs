namespace Gridtally.Meter.Metrology;

/// <summary>What the metrology front end measures on one phase in one second.</summary>
/// <param name="Voltage">RMS voltage to neutral, V.</param>
/// <param name="Current">RMS current, A; never negative, direction is in the angle.</param>
/// <param name="Angle">Angle from current to voltage, degrees; 0..90 inductive import (quadrant I), 90..180 quadrant II, -90..0 quadrant IV.</param>
public readonly record struct PhaseSample(float Voltage, float Current, float Angle);

/// <summary>What the metrology front end measures in one second.</summary>
/// <param name="L1">First phase.</param>
/// <param name="L2">Second phase.</param>
/// <param name="L3">Third phase.</param>
/// <param name="Frequency">Net frequency, Hz.</param>
public readonly record struct Sample(PhaseSample L1, PhaseSample L2, PhaseSample L3, float Frequency)
{
    /// <summary>The same second with the supply relay open: voltage, but no current.</summary>
    public Sample WithoutLoad() => new(L1 with { Current = 0, Angle = 0 }, L2 with { Current = 0, Angle = 0 }, L3 with { Current = 0, Angle = 0 }, Frequency);
}
