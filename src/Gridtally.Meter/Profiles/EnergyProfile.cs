using Gridtally.Cosem;
using Gridtally.Meter.Metrology;
using Gridtally.Meter.Persistence;
using Gridtally.Metering;

namespace Gridtally.Meter.Profiles;

/// <summary>The energy load profile: its rows, its period, and the status of the interval under way.</summary>
/// <remarks>DTSD545 5.2.5; 1-0:99.1.0.255.</remarks>
public sealed class EnergyProfile
{
    /// <summary>Default capture period, s.</summary>
    public const uint DefaultPeriod = 1800;

    /// <summary>Its logical name.</summary>
    public static readonly ObisCode LogicalName = new(1, 0, 99, 1, 0, 255);

    /// <summary>The nine capture objects, in the manual's order.</summary>
    /// <remarks>A demand is captured by its last_average_value: the block that has just ended.</remarks>
    public static readonly CaptureObject[] Columns =
    [
        new(8, new(0, 0, 1, 0, 0, 255), 2),
        new(1, new(0, 0, 96, 10, 1, 255), 2),
        .. DemandRegisters.Quantities.Select(c => new CaptureObject(5, new(1, 0, c, 4, 0, 255), 3)),
        new(1, new(0, 0, 96, 10, 3, 255), 2),
    ];

    private ProfileStatus _interval;

    /// <summary>The captured rows, oldest first; when they are full, the oldest go.</summary>
    public EnergyRows Rows { get; } = new();

    /// <summary>capture_period, s.</summary>
    public uint Period { get; private set; } = DefaultPeriod;

    /// <summary>True for the periods that DTSD545 5.1 allows: 1, 5, 10, 15, 30 and 60 minutes.</summary>
    public static bool IsPeriod(long seconds) => seconds is 60 or 300 or 600 or 900 or 1800 or 3600;

    /// <summary>Changes the capture period. Rows stay; each carries its own time.</summary>
    /// <returns>False where the period is not allowed.</returns>
    public bool ChangePeriod(long seconds)
    {
        if (!IsPeriod(seconds)) return false;
        Period = (uint)seconds;
        return true;
    }

    /// <summary>The status word as it would be captured now.</summary>
    /// <param name="now">The meter's time.</param>
    /// <param name="memoryError">True while the memory fails.</param>
    public ProfileStatus Status(MeterTime now, bool memoryError)
    {
        var status = _interval;
        if ((now.Status & Cosem.Data.ClockStatus.DaylightSavingActive) != 0) status |= ProfileStatus.DaylightSaving;
        if ((now.Status & Cosem.Data.ClockStatus.InvalidValue) != 0) status |= ProfileStatus.ClockInvalid | ProfileStatus.DataNotValid;
        if (memoryError) status |= ProfileStatus.CriticalError | ProfileStatus.DataNotValid;
        return status;
    }

    /// <summary>Says something of the interval under way.</summary>
    public void Mark(ProfileStatus status) => _interval |= status;

    /// <summary>Begins an interval of which nothing is to be said.</summary>
    public void BeginInterval() => _interval = ProfileStatus.None;

    /// <summary>Captures a row and begins the next interval.</summary>
    /// <returns>
    /// False where the buffer has a row of this time already (the clock was set back): a time stamp names one row, so none is added,
    /// and the interval's marks pass on to the next.
    /// </returns>
    public bool Capture(MeterTime time, DemandRegisters demands, InternalStatus internalStatus, bool memoryError)
    {
        ArgumentNullException.ThrowIfNull(demands);
        if (Rows.Contains(time.Utc)) return false;
        var values = new SixDemands();
        for (var i = 0; i < SixDemands.Count; i++) values[i] = demands.Last(i);
        Rows.Add(new(time, Status(time, memoryError), values, internalStatus));
        BeginInterval();
        return true;
    }

    internal void Save(StateWriter writer)
    {
        writer.Write(Period);
        writer.Write((byte)_interval);
    }

    internal void Load(ref StateReader reader) => (Period, _interval) = (reader.ReadUInt32(), (ProfileStatus)reader.ReadByte());
}
