using Gridtally.Meter.Metrology;

namespace Gridtally.Meter.Load;

/// <summary>The load behind one meter: a pure function of its seed and of civil time, so any second can be computed again.</summary>
/// <remarks>
/// The file is repeated without end, its days staying days. The seed scales it, shifts it, splits it unevenly over three phases,
/// gives the household its own power factor and some households a photovoltaic plant that exports around noon or a standing
/// capacitive load, so that every energy register of some meter moves.
/// </remarks>
public sealed class LoadModel
{
    private const int SecondsPerMinute = 60;
    private const double NominalVoltage = 230;

    private readonly LoadFile _file;
    private readonly ulong _seed;
    private readonly long _origin;
    private readonly double _scale;
    private readonly double _reactiveScale;
    private readonly double _capacitiveVar;
    private readonly double _voltageOffset;
    private readonly double[] _share = new double[3];

    /// <summary>The load of one meter.</summary>
    /// <param name="file">Measured load.</param>
    /// <param name="seed">Different for every meter.</param>
    public LoadModel(LoadFile file, ulong seed)
    {
        (_file, _seed) = (file, seed);
        _scale = 0.35 + 1.9 * Chance(1);
        _reactiveScale = 0.7 + 0.8 * Chance(2);
        _capacitiveVar = Chance(3) < 0.4 ? 40 + 260 * Chance(4) : 0;
        _voltageOffset = -14 + 6 * Chance(5);

        // A whole number of days, so that mornings stay mornings, and up to two hours either way.
        var shiftMinutes = (int)(Chance(6) * 7) * 1440 + (int)((Chance(7) - 0.5) * 240);
        _origin = (file.Start.Ticks - DateTime.UnixEpoch.Ticks) / TimeSpan.TicksPerMinute + shiftMinutes;
        SolarPeakWatts = Chance(8) < 0.4 ? 3000 + 5000 * Chance(9) : 0;
        double sum = 0;
        for (var i = 0; i < 3; i++) sum += _share[i] = 0.4 + Chance(10 + (ulong)i);
        for (var i = 0; i < 3; i++) _share[i] /= sum;
    }

    /// <summary>Peak output of the household's photovoltaic plant, W; 0 where it has none.</summary>
    public double SolarPeakWatts { get; }

    /// <summary>What the meter measures in the second that begins at <paramref name="utc"/>.</summary>
    /// <param name="utc">Civil time, seconds since 1970.</param>
    public Sample At(long utc)
    {
        var minute = Math.DivRem(utc, SecondsPerMinute, out var second);
        var fraction = (double)second / SecondsPerMinute;
        var index = Wrap(minute - _origin);
        var next = index + 1 == _file.Minutes ? 0 : index + 1;

        var active = Between(_file.ActivePower(index), _file.ActivePower(next), fraction) * _scale;
        var reactive = Between(_file.ReactivePower(index), _file.ReactivePower(next), fraction) * _scale * _reactiveScale - _capacitiveVar;
        var voltage = Between(_file.Voltage(index), _file.Voltage(next), fraction) + _voltageOffset;
        active *= 1 + 0.02 * (Noise(20, (ulong)utc) - 0.5);
        var solar = Solar(utc) / 3;

        return new(
            Phase(0, minute, fraction, active, reactive, voltage, solar),
            Phase(1, minute, fraction, active, reactive, voltage, solar),
            Phase(2, minute, fraction, active, reactive, voltage, solar),
            (float)(50 + 0.06 * (Smooth(30, minute, fraction) - 0.5)));
    }

    private PhaseSample Phase(int phase, long minute, double fraction, double active, double reactive, double voltage, double solar)
    {
        // Appliances come and go on one phase at a time: the share wanders by a third around its mean.
        var wander = 1 + 0.66 * (Smooth(40 + (ulong)phase, minute, fraction) - 0.5);
        var p = active * _share[phase] * wander - solar;
        var q = reactive * _share[phase] * wander;
        var apparent = Math.Sqrt(p * p + q * q);
        var u = voltage + 3 * (Smooth(50 + (ulong)phase, minute, fraction) - 0.5) - 0.0004 * p;
        u = Math.Clamp(u, 0.8 * NominalVoltage, 1.2 * NominalVoltage);
        return new((float)u, (float)(apparent / u), (float)(Math.Atan2(q, p) * (180 / Math.PI)));
    }

    // A day of the plant: half a sine from sunrise to sunset, longer and higher in summer, under passing clouds.
    private double Solar(long utc)
    {
        if (SolarPeakWatts == 0) return 0;
        var time = DateTime.UnixEpoch.AddSeconds(utc);
        var season = 0.5 - 0.5 * Math.Cos(2 * Math.PI * (time.DayOfYear + 10) / 365.25);
        var halfDay = 4 + 4 * season;
        var hour = (time.TimeOfDay.TotalHours - 12) / halfDay;
        if (Math.Abs(hour) >= 1) return 0;
        var tenMinutes = Math.DivRem(utc, 600, out var rest);
        var clear = 0.3 + 0.7 * Smooth(60, tenMinutes, rest / 600.0);
        return SolarPeakWatts * (0.6 + 0.4 * season) * Math.Cos(hour * Math.PI / 2) * clear;
    }

    private int Wrap(long minute)
    {
        var wrapped = minute % _file.Minutes;
        return (int)(wrapped < 0 ? wrapped + _file.Minutes : wrapped);
    }

    private static double Between(double from, double to, double fraction) => from + (to - from) * fraction;

    private double Smooth(ulong stream, long step, double fraction) =>
        Between(Noise(stream, (ulong)step), Noise(stream, (ulong)(step + 1)), fraction);

    private double Chance(ulong stream) => Noise(stream, 0);

    // 0..1, the same for the same seed, stream and moment on every machine: SplitMix64's finalizer over all three.
    private double Noise(ulong stream, ulong moment)
    {
        var x = Mix(_seed + 0x9E3779B97F4A7C15 * (stream + 1));
        return (Mix(x ^ moment) >> 11) * (1.0 / (1UL << 53));
    }

    private static ulong Mix(ulong x)
    {
        x = (x ^ (x >> 30)) * 0xBF58476D1CE4E5B9;
        x = (x ^ (x >> 27)) * 0x94D049BB133111EB;
        return x ^ (x >> 31);
    }
}
