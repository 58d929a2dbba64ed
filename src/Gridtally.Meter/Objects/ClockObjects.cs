using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Metrology;
using Gridtally.Metering;

namespace Gridtally.Meter.Objects;

/// <summary>The clock and its shift limit. Setting is the management client's.</summary>
/// <remarks>adjust_to_preset_time and preset_adjusting_time are not there: read-write-denied.</remarks>
internal static class ClockObjects
{
    private const int MaxShiftSeconds = 900; // Blue Book, shift_time

    public static void Add(ObjectTableBuilder<VirtualMeter> builder)
    {
        builder.Add(InterfaceClasses.Clock, MeterObjects.Obis("0-0:1.0.0.255"), MeterObjects.Readers)
            .Get(2, static (meter, output) => output.WriteDateTime(meter.Time.ToCosem()))
            .Get(3, static (meter, output) => output.WriteLong(meter.Clock.TimeZone))
            .Get(4, static (meter, output) => output.WriteUnsigned((byte)meter.Time.Status))
            .Get(5, static (meter, output) => output.WriteDateTime(meter.Clock.DstBegin))
            .Get(6, static (meter, output) => output.WriteDateTime(meter.Clock.DstEnd))
            .Get(7, static (meter, output) => output.WriteInteger(meter.Clock.DstDeviation))
            .Get(8, static (meter, output) => output.WriteBoolean(meter.Clock.DstEnabled))
            .Constant(9, static output => output.WriteEnum(1)) // internal crystal
            .Set(2, static (meter, in _, data) => SetTime(meter, data), MeterObjects.Management)
            .Set(3, static (meter, in _, data) => Configured(meter.ConfigureClock(timeZone: (short)Number(data))), MeterObjects.Management)
            .Set(5, static (meter, in _, data) => Configured(meter.ConfigureClock(dstBegin: Date(data))), MeterObjects.Management)
            .Set(6, static (meter, in _, data) => Configured(meter.ConfigureClock(dstEnd: Date(data))), MeterObjects.Management)
            .Set(7, static (meter, in _, data) => Configured(meter.ConfigureClock(dstDeviation: (sbyte)Number(data))), MeterObjects.Management)
            .Set(8, static (meter, in _, data) => Configured(meter.ConfigureClock(dstEnabled: Number(data) != 0)), MeterObjects.Management)
            .Method(1, static (meter, in _, _, _) => AdjustTo(meter, 900), MeterObjects.Management)
            .Method(2, static (meter, in _, _, _) => AdjustTo(meter, (int)meter.Profile.Period), MeterObjects.Management)
            .Method(3, static (meter, in _, _, _) => AdjustTo(meter, 60), MeterObjects.Management)
            .Method(6, static (meter, in _, parameter, _) => Shift(meter, parameter), MeterObjects.Management);

        builder.Add(InterfaceClasses.Register, MeterObjects.Obis("1-0:0.9.11.255"), MeterObjects.Readers)
            .Constant(2, static output => output.WriteUnsigned(MeterClock.ShiftLimit))
            .Constant(3, static output => output.WriteScalerUnit(new(0, Unit.Second)));
    }

    // The tables have checked the types, so these can't fail.
    private static long Number(ReadOnlySpan<byte> data) => new AxdrReader(data).TryReadNumber(out var value) ? value : 0;

    private static CosemDateTime Date(ReadOnlySpan<byte> data) => new AxdrReader(data).TryReadDateTime(out var value) ? value : default;

    private static DataAccessResult Configured(bool done) => done ? DataAccessResult.Success : DataAccessResult.OtherReason;

    private static DataAccessResult SetTime(VirtualMeter meter, ReadOnlySpan<byte> data)
    {
        // A time without deviation is meant in the meter's own zone as it stands.
        if (!Date(data).TryToUtc(out var utc, meter.Time.Deviation)) return DataAccessResult.OtherReason;
        var seconds = (long)Math.Round((utc - DateTime.UnixEpoch).TotalSeconds);
        if (seconds is < 0 or > uint.MaxValue) return DataAccessResult.OtherReason;
        meter.SetClock(seconds);
        return DataAccessResult.Success;
    }

    // To the nearest full period; half of it goes up.
    private static ActionResult AdjustTo(VirtualMeter meter, int seconds)
    {
        long now = meter.Time.Utc;
        meter.SetClock((now + seconds / 2) / seconds * seconds);
        return ActionResult.Success;
    }

    private static ActionResult Shift(VirtualMeter meter, ReadOnlySpan<byte> parameter)
    {
        var seconds = Number(parameter);
        if (parameter.IsEmpty || Math.Abs(seconds) > MaxShiftSeconds) return ActionResult.OtherReason;
        meter.SetClock(meter.Time.Utc + seconds);
        return ActionResult.Success;
    }
}
