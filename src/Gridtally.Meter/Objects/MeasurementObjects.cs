using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Metrology;
using Gridtally.Metering;

namespace Gridtally.Meter.Objects;

/// <summary>Energies, present values, demands and maximum demands.</summary>
/// <remarks>DTSD545 5.2.1. Tariff 1 carries everything until the activity calendar comes; the other tariffs stand at 0.</remarks>
internal static class MeasurementObjects
{
    private static readonly ScalerUnit Voltage = new(-1, Unit.Volt);
    private static readonly ScalerUnit Current = new(-3, Unit.Ampere);
    private static readonly ScalerUnit PowerFactor = new(-3, Unit.None);
    private static readonly ScalerUnit Frequency = new(-2, Unit.Hertz);

    public static void Add(ObjectTableBuilder<VirtualMeter> builder)
    {
        AddEnergies(builder);
        AddPowers(builder);
        AddPhases(builder);
        for (var i = 0; i < DemandRegisters.Quantities.Length; i++) AddDemand(builder, i);
    }

    private static void AddEnergies(ObjectTableBuilder<VirtualMeter> builder)
    {
        foreach (var c in (byte[])[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 15])
        {
            for (byte tariff = 0; tariff <= EnergyRegisters.Tariffs; tariff++) AddEnergy(builder, c, tariff);
        }

        foreach (var phase in (byte[])[20, 40, 60])
        {
            for (byte c = 1; c <= 4; c++) AddEnergy(builder, (byte)(phase + c), 0);
        }
    }

    private static void AddEnergy(ObjectTableBuilder<VirtualMeter> builder, byte c, byte tariff)
    {
        var unit = new ScalerUnit(0, UnitOf(c, Unit.WattHour, Unit.VarHour, Unit.VoltAmpereHour));
        builder.Add(InterfaceClasses.Register, new(1, 0, c, 8, tariff, 255), MeterObjects.Readers)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Energy.Value(c, tariff)))
            .Constant(3, output => output.WriteScalerUnit(unit));
    }

    // Powers in tenths, as the display shows them (xx.xxxx kW); C offset 0 for the total, 20, 40, 60 for the phases.
    private static void AddPowers(ObjectTableBuilder<VirtualMeter> builder)
    {
        for (var phase = 0; phase <= 3; phase++)
        {
            var (index, apparent) = (phase - 1, phase == 0 ? 9 : phase * 20 + 9);
            for (var c = 1; c <= 4; c++) AddPower(builder, (byte)(phase * 20 + c), index, (byte)c);
            AddPower(builder, (byte)apparent, index, 9);
            AddPower(builder, (byte)(apparent + 1), index, 10);
            builder.Add(InterfaceClasses.Register, new(1, 0, (byte)(phase == 0 ? 13 : phase * 20 + 13), 7, 0, 255), MeterObjects.Readers)
                .Get(2, (meter, output) => output.WriteLong((short)PowerOf(meter, index).PowerFactor))
                .Constant(3, static output => output.WriteScalerUnit(PowerFactor));
        }
    }

    private static void AddPower(ObjectTableBuilder<VirtualMeter> builder, byte c, int phase, byte quantity)
    {
        var unit = new ScalerUnit(-1, UnitOf(quantity, Unit.Watt, Unit.Var, Unit.VoltAmpere));
        builder.Add(InterfaceClasses.Register, new(1, 0, c, 7, 0, 255), MeterObjects.Readers)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned((uint)(PowerValue(PowerOf(meter, phase), quantity) / 100)))
            .Constant(3, output => output.WriteScalerUnit(unit));
    }

    private static void AddPhases(ObjectTableBuilder<VirtualMeter> builder)
    {
        for (var phase = 0; phase < 3; phase++)
        {
            var index = phase;
            builder.Add(InterfaceClasses.Register, new(1, 0, (byte)(31 + 20 * phase), 7, 0, 255), MeterObjects.Readers)
                .Get(2, (meter, output) => output.WriteDoubleLongUnsigned((uint)Math.Round(meter.Present.Measured(index).Current * 1000)))
                .Constant(3, static output => output.WriteScalerUnit(Current));
            builder.Add(InterfaceClasses.Register, new(1, 0, (byte)(32 + 20 * phase), 7, 0, 255), MeterObjects.Readers)
                .Get(2, (meter, output) => output.WriteLongUnsigned((ushort)Math.Round(meter.Present.Measured(index).Voltage * 10)))
                .Constant(3, static output => output.WriteScalerUnit(Voltage));
        }

        builder.Add(InterfaceClasses.Register, new(1, 0, 14, 7, 0, 255), MeterObjects.Readers)
            .Get(2, static (meter, output) => output.WriteLongUnsigned((ushort)Math.Round(meter.Present.Sample.Frequency * 100)))
            .Constant(3, static output => output.WriteScalerUnit(Frequency));
    }

    private static void AddDemand(ObjectTableBuilder<VirtualMeter> builder, int index)
    {
        var c = DemandRegisters.Quantities[index];
        var unit = new ScalerUnit(0, UnitOf(c, Unit.Watt, Unit.Var, Unit.VoltAmpere));
        builder.Add(InterfaceClasses.DemandRegister, new(1, 0, c, 4, 0, 255), MeterObjects.Readers)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Demand.Current(index, meter.Energy)))
            .Get(3, (meter, output) => output.WriteDoubleLongUnsigned(meter.Demand.Last(index)))
            .Constant(4, output => output.WriteScalerUnit(unit))
            .Get(5, static (meter, output) => output.WriteUnsigned((byte)meter.Profile.Status(meter.Time, meter.MemoryError)))
            .Get(6, static (meter, output) => output.WriteDateTime(meter.Demand.CaptureTime.ToCosem()))
            .Get(7, static (meter, output) => output.WriteDateTime(meter.Demand.StartTime.ToCosem()))
            .Get(8, static (meter, output) => output.WriteDoubleLongUnsigned(meter.Demand.Period))
            .Constant(9, static output => output.WriteLongUnsigned(1)) // block mode
            .Set(8, static (meter, in _, data) => ChangePeriod(meter, data), MeterObjects.Management);
        for (byte tariff = 0; tariff <= EnergyRegisters.Tariffs; tariff++) AddMaximum(builder, index, c, tariff, unit);
    }

    private static void AddMaximum(ObjectTableBuilder<VirtualMeter> builder, int index, byte c, byte tariff, ScalerUnit unit) =>
        builder.Add(InterfaceClasses.ExtendedRegister, new(1, 0, c, 6, tariff, 255), MeterObjects.Readers)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter.Demand.Maximum(index, tariff).Value))
            .Constant(3, output => output.WriteScalerUnit(unit))
            .Constant(4, static output => output.WriteUnsigned(0))
            .Get(5, (meter, output) => output.WriteDateTime(meter.Demand.Maximum(index, tariff).Time.ToCosem()))
            .Method(1, (meter, in _, _, _) =>
            {
                meter.Demand.ResetMaximum(index, tariff);
                meter.Touch();
                return ActionResult.Success;
            }, MeterObjects.Management);

    // One interval for all six: the manual has one setting.
    private static DataAccessResult ChangePeriod(VirtualMeter meter, ReadOnlySpan<byte> data) =>
        new AxdrReader(data).TryReadNumber(out var seconds) && meter.ChangeDemandPeriod(seconds) ? DataAccessResult.Success : DataAccessResult.OtherReason;

    private static Power PowerOf(VirtualMeter meter, int phase) => phase < 0 ? meter.Present.Total : meter.Present.Phase(phase);

    private static long PowerValue(in Power power, byte quantity) => quantity switch
    {
        1 => Math.Max(0, power.Active),
        2 => Math.Max(0, -power.Active),
        3 => Math.Max(0, power.Reactive),
        4 => Math.Max(0, -power.Reactive),
        9 => power.Active >= 0 ? power.Apparent : 0,
        _ => power.Active < 0 ? power.Apparent : 0,
    };

    private static Unit UnitOf(byte c, Unit active, Unit reactive, Unit apparent) => (c % 20) switch
    {
        1 or 2 or 15 => active,
        9 or 10 => apparent,
        _ => reactive,
    };
}
