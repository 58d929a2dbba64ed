namespace Gridtally.Meter.Metrology;

/// <summary>The powers of one phase or of all, from one sample.</summary>
/// <param name="Active">mW; positive is import.</param>
/// <param name="Reactive">mvar; positive is quadrants I and II.</param>
/// <param name="Apparent">mVA; never negative.</param>
public readonly record struct Power(long Active, long Reactive, long Apparent)
{
    /// <summary>cos φ in thousandths, 0..1000; 1000 where nothing flows, as meters show it.</summary>
    public int PowerFactor => Apparent == 0 ? 1000 : (int)Math.Min(1000, Math.Abs(Active) * 1000 / Apparent);

    /// <summary>Quadrant 1..4 by the signs of active and reactive power.</summary>
    public int Quadrant => Active >= 0 ? Reactive >= 0 ? 1 : 4 : Reactive >= 0 ? 2 : 3;

    /// <summary>The powers of one phase.</summary>
    public static Power Of(in PhaseSample phase)
    {
        var apparent = (double)phase.Voltage * phase.Current * 1000;
        var (sin, cos) = Math.SinCos(phase.Angle * (Math.PI / 180));
        return new((long)Math.Round(apparent * cos), (long)Math.Round(apparent * sin), (long)Math.Round(apparent));
    }

    /// <summary>Adds phase by phase, signs included (ΣLi of the Blue Book); apparent power arithmetically.</summary>
    public static Power operator +(Power left, Power right) =>
        new(left.Active + right.Active, left.Reactive + right.Reactive, left.Apparent + right.Apparent);

    /// <inheritdoc cref="op_Addition"/>
    public static Power Add(Power left, Power right) => left + right;
}

/// <summary>What the meter shows as present values: the last sample and the powers computed from it.</summary>
public sealed class Instantaneous
{
    /// <summary>The last sample.</summary>
    public Sample Sample { get; private set; }

    /// <summary>Powers of L1.</summary>
    public Power L1 { get; private set; }

    /// <summary>Powers of L2.</summary>
    public Power L2 { get; private set; }

    /// <summary>Powers of L3.</summary>
    public Power L3 { get; private set; }

    /// <summary>Powers of all phases.</summary>
    public Power Total { get; private set; }

    /// <summary>Powers of a phase, 0..2.</summary>
    public Power Phase(int phase) => phase switch { 0 => L1, 1 => L2, _ => L3 };

    /// <summary>Measured values of a phase, 0..2.</summary>
    public PhaseSample Measured(int phase) => phase switch { 0 => Sample.L1, 1 => Sample.L2, _ => Sample.L3 };

    /// <summary>Takes the next sample.</summary>
    public void Update(in Sample sample)
    {
        Sample = sample;
        (L1, L2, L3) = (Power.Of(sample.L1), Power.Of(sample.L2), Power.Of(sample.L3));
        Total = L1 + L2 + L3;
    }
}
