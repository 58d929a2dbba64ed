using Gridtally.Meter.Persistence;

namespace Gridtally.Meter.Metrology;

/// <summary>What is integrated separately; the other registers are sums of these.</summary>
public enum EnergyChannel : byte
{
    /// <summary>+A, quadrants I and IV.</summary>
    ImportActive,
    /// <summary>−A, quadrants II and III.</summary>
    ExportActive,
    /// <summary>Reactive, quadrant I.</summary>
    Reactive1,
    /// <summary>Reactive, quadrant II.</summary>
    Reactive2,
    /// <summary>Reactive, quadrant III.</summary>
    Reactive3,
    /// <summary>Reactive, quadrant IV.</summary>
    Reactive4,
    /// <summary>+S, while active power is imported.</summary>
    ImportApparent,
    /// <summary>−S, while active power is exported.</summary>
    ExportApparent,
}

/// <summary>The energy registers. They add whole milliwatt-seconds, so nothing is ever lost to rounding.</summary>
/// <remarks>
/// A register shows whole pulses of 1 Wh (1 varh, 1 VAh): the meter's constant is 1,000 impulses per kWh. Powers of the phases are
/// added with their signs before import and export are told apart, as a three-phase meter does; so +A minus −A equals the sum over
/// the phases, though +A alone need not.
/// </remarks>
public sealed class EnergyRegisters
{
    /// <summary>Tariffs, 1..8.</summary>
    public const int Tariffs = 8;

    /// <summary>Milliwatt-seconds of one pulse (1 Wh).</summary>
    public const long PulseUnits = 3_600_000;

    private const int Channels = 8;
    private const int PhaseChannels = 4;

    private readonly long[] _tariffs = new long[(Tariffs + 1) * Channels];
    private readonly long[] _phases = new long[3 * PhaseChannels];

    /// <summary>Adds one second of these powers.</summary>
    /// <param name="values">Powers of the second.</param>
    /// <param name="tariff">Active tariff, 1..8.</param>
    public void AddSecond(Instantaneous values, int tariff)
    {
        ArgumentNullException.ThrowIfNull(values);
        ArgumentOutOfRangeException.ThrowIfLessThan(tariff, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(tariff, Tariffs);
        var total = values.Total;
        var active = total.Active >= 0 ? EnergyChannel.ImportActive : EnergyChannel.ExportActive;
        Add(tariff, active, Math.Abs(total.Active));
        Add(tariff, (EnergyChannel)((int)EnergyChannel.Reactive1 + total.Quadrant - 1), Math.Abs(total.Reactive));
        Add(tariff, total.Active >= 0 ? EnergyChannel.ImportApparent : EnergyChannel.ExportApparent, total.Apparent);
        for (var phase = 0; phase < 3; phase++)
        {
            var power = values.Phase(phase);
            _phases[phase * PhaseChannels + (power.Active >= 0 ? 0 : 1)] += Math.Abs(power.Active);
            _phases[phase * PhaseChannels + (power.Reactive >= 0 ? 2 : 3)] += Math.Abs(power.Reactive);
        }
    }

    /// <summary>What has been integrated, mWs.</summary>
    /// <param name="channel">Which energy.</param>
    /// <param name="tariff">0 total, 1..8 tariffs.</param>
    public long Exact(EnergyChannel channel, int tariff = 0) => _tariffs[tariff * Channels + (int)channel];

    /// <summary>What has been integrated on a phase, mWs.</summary>
    /// <param name="phase">0..2.</param>
    /// <param name="channel">0 +A, 1 −A, 2 +R, 3 −R.</param>
    public long ExactOfPhase(int phase, int channel) => _phases[phase * PhaseChannels + channel];

    /// <summary>A register's value by value group C of its OBIS code.</summary>
    /// <param name="c">1..10 or 15; 21..24, 41..44 and 61..64 for the phases.</param>
    /// <param name="tariff">0 total, 1..8 tariffs; 0 for the phases.</param>
    /// <returns>Wh, varh or VAh.</returns>
    /// <remarks>DTSD545 5.2.1: 15 = |+A| + |−A|, 3 = QI + QII, 4 = QIII + QIV.</remarks>
    public uint Value(byte c, int tariff = 0)
    {
        long At(EnergyChannel channel) => Exact(channel, tariff);
        var exact = c switch
        {
            1 => At(EnergyChannel.ImportActive),
            2 => At(EnergyChannel.ExportActive),
            3 => At(EnergyChannel.Reactive1) + At(EnergyChannel.Reactive2),
            4 => At(EnergyChannel.Reactive3) + At(EnergyChannel.Reactive4),
            >= 5 and <= 8 => At((EnergyChannel)((int)EnergyChannel.Reactive1 + c - 5)),
            9 => At(EnergyChannel.ImportApparent),
            10 => At(EnergyChannel.ExportApparent),
            15 => At(EnergyChannel.ImportActive) + At(EnergyChannel.ExportActive),
            >= 21 and <= 24 or >= 41 and <= 44 or >= 61 and <= 64 => ExactOfPhase(c / 20 - 1, c % 20 - 1),
            _ => throw new ArgumentOutOfRangeException(nameof(c), c, "No energy has this value group C."),
        };
        return (uint)(exact / PulseUnits);
    }

    internal void Save(StateWriter writer)
    {
        foreach (var value in _tariffs) writer.Write(value);
        foreach (var value in _phases) writer.Write(value);
    }

    internal void Load(ref StateReader reader)
    {
        foreach (ref var value in _tariffs.AsSpan()) value = reader.ReadInt64();
        foreach (ref var value in _phases.AsSpan()) value = reader.ReadInt64();
    }

    private void Add(int tariff, EnergyChannel channel, long value)
    {
        _tariffs[(int)channel] += value;
        _tariffs[tariff * Channels + (int)channel] += value;
    }
}
