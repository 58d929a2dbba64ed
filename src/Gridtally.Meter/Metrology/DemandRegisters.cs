using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Metrology;

/// <summary>A maximum demand and when it was reached.</summary>
/// <param name="Value">W, var or VA.</param>
/// <param name="Time">End of the block; "never" while there was none.</param>
public readonly record struct MaximumDemand(uint Value, MeterTime Time);

/// <summary>Demand in block mode: the average over each period, and the largest of them.</summary>
/// <remarks>
/// Demands are formed from the pulses of the energy registers, so the demands of a run of whole blocks times the period equal what
/// the registers moved by, exactly. DTSD545 5.2.1: power off, setting the clock and a change of the interval begin the block anew;
/// the block that was under way then makes no demand.
/// </remarks>
public sealed class DemandRegisters
{
    /// <summary>Value group C of the six demands: +P, −P, +Q, −Q, +S, −S.</summary>
    public static readonly byte[] Quantities = [1, 2, 3, 4, 9, 10];

    /// <summary>Default period, s.</summary>
    public const uint DefaultPeriod = 1800;

    private const int SecondsPerHour = 3600;

    private readonly uint[] _start = new uint[6];
    private readonly uint[] _last = new uint[6];
    private readonly MaximumDemand[] _maximum = new MaximumDemand[6 * (EnergyRegisters.Tariffs + 1)];

    /// <summary>Length of a block, s.</summary>
    public uint Period { get; private set; } = DefaultPeriod;

    /// <summary>When the current block began.</summary>
    public MeterTime StartTime { get; private set; }

    /// <summary>When the last block ended.</summary>
    public MeterTime CaptureTime { get; private set; }

    /// <summary>True for the intervals that DTSD545 5.1 allows. All divide an hour, so a demand is a whole number of watts.</summary>
    public static bool IsPeriod(long seconds) => seconds is 300 or 600 or 900 or 1200 or 1800 or 3600;

    /// <summary>Average of the block under way over the whole period, W, var or VA.</summary>
    public uint Current(int quantity, EnergyRegisters energy)
    {
        ArgumentNullException.ThrowIfNull(energy);
        return Average(quantity, energy);
    }

    /// <summary>Average of the last whole block, W, var or VA.</summary>
    public uint Last(int quantity) => _last[quantity];

    /// <summary>Largest demand since the last reset.</summary>
    /// <param name="quantity">Index into <see cref="Quantities"/>.</param>
    /// <param name="tariff">0 total, 1..8 tariffs.</param>
    public MaximumDemand Maximum(int quantity, int tariff) => _maximum[tariff * 6 + quantity];

    /// <summary>Forgets a maximum.</summary>
    public void ResetMaximum(int quantity, int tariff) => _maximum[tariff * 6 + quantity] = default;

    /// <summary>Ends the block: its averages become the last ones and compete for the maximum.</summary>
    public void CloseBlock(EnergyRegisters energy, MeterTime now, int tariff)
    {
        ArgumentNullException.ThrowIfNull(energy);
        for (var i = 0; i < 6; i++)
        {
            _last[i] = Average(i, energy);
            Compete(ref _maximum[i], _last[i], now);
            Compete(ref _maximum[tariff * 6 + i], _last[i], now);
        }

        CaptureTime = now;
        Restart(energy, now);
    }

    /// <summary>Begins a block now; what the one under way had is not a demand.</summary>
    public void Restart(EnergyRegisters energy, MeterTime now)
    {
        ArgumentNullException.ThrowIfNull(energy);
        for (var i = 0; i < 6; i++) _start[i] = energy.Value(Quantities[i]);
        StartTime = now;
    }

    /// <summary>Changes the interval and begins a block.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Not one of the allowed intervals.</exception>
    public void ChangePeriod(uint seconds, EnergyRegisters energy, MeterTime now)
    {
        if (!IsPeriod(seconds)) throw new ArgumentOutOfRangeException(nameof(seconds), seconds, "The demand interval is 300, 600, 900, 1200, 1800 or 3600 s.");
        Period = seconds;
        Restart(energy, now);
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(Period);
        StartTime.Save(writer);
        CaptureTime.Save(writer);
        foreach (var value in _start) writer.Write(value);
        foreach (var value in _last) writer.Write(value);
        foreach (var maximum in _maximum)
        {
            writer.Write(maximum.Value);
            if (maximum.Value != 0) maximum.Time.Save(writer);
        }
    }

    internal void Load(ref StateReader reader)
    {
        Period = reader.ReadUInt32();
        (StartTime, CaptureTime) = (MeterTime.Load(ref reader), MeterTime.Load(ref reader));
        foreach (ref var value in _start.AsSpan()) value = reader.ReadUInt32();
        foreach (ref var value in _last.AsSpan()) value = reader.ReadUInt32();
        foreach (ref var maximum in _maximum.AsSpan())
        {
            var value = reader.ReadUInt32();
            maximum = value == 0 ? default : new(value, MeterTime.Load(ref reader));
        }
    }

    // The difference of two readings of a 32-bit register, roll-over included.
    private uint Average(int quantity, EnergyRegisters energy) =>
        (uint)((ulong)unchecked(energy.Value(Quantities[quantity]) - _start[quantity]) * SecondsPerHour / Period);

    private static void Compete(ref MaximumDemand maximum, uint value, MeterTime now)
    {
        if (value > maximum.Value) maximum = new(value, now);
    }
}
