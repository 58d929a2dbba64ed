using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;
using Gridtally.Meter.Profiles;
using Gridtally.Metering;

namespace Gridtally.Meter.Objects;

/// <summary>The energy load profile and the status objects that it captures.</summary>
/// <remarks>Method capture is not there: a row belongs to an interval, and ending one early would break its time stamp.</remarks>
internal static class ProfileObjects
{
    private const byte FirstInFirstOut = 1;

    public static void Add(ObjectTableBuilder<VirtualMeter> builder)
    {
        builder.Add(InterfaceClasses.ProfileGeneric, EnergyProfile.LogicalName, MeterObjects.Readers)
            .Get(2, static (meter, in context, output) => ProfileServer.Write(meter.Profile.Rows, context, output, new(new ClockConvention(meter.Clock.TimeZone))))
            .Constant(3, static output =>
            {
                output.WriteArray(EnergyProfile.Columns.Length);
                foreach (var column in EnergyProfile.Columns) output.WriteCaptureObject(column);
            })
            .Get(4, static (meter, output) => output.WriteDoubleLongUnsigned(meter.Profile.Period))
            .Constant(5, static output => output.WriteEnum(FirstInFirstOut))
            .Constant(6, static output => output.WriteCaptureObject(EnergyProfile.Columns[0]))
            .Get(7, static (meter, output) => output.WriteDoubleLongUnsigned((uint)meter.Profile.Rows.Count))
            .Constant(8, static output => output.WriteDoubleLongUnsigned(EnergyRows.Capacity))
            .Set(4, static (meter, in _, data) => new AxdrReader(data).TryReadNumber(out var seconds) && meter.ChangeCapturePeriod(seconds)
                ? DataAccessResult.Success
                : DataAccessResult.OtherReason, MeterObjects.Management)
            .Method(1, static (meter, in _, _, _) =>
            {
                meter.Profile.Rows.Clear();
                meter.Touch();
                return ActionResult.Success;
            }, MeterObjects.Management);

        builder.Add(InterfaceClasses.Data, MeterObjects.Obis("0-0:96.10.1.255"), MeterObjects.Readers)
            .Get(2, static (meter, output) => output.WriteUnsigned((byte)meter.Profile.Status(meter.Time, meter.MemoryError)));

        // The manual names 96.10.3; readers of other makers' meters look for the status at 96.5.0.
        foreach (var name in (string[])["0-0:96.10.3.255", "0-0:96.5.0.255"])
        {
            builder.Add(InterfaceClasses.Data, ObisCode.Parse(name, null), MeterObjects.Readers)
                .Get(2, static (meter, output) => output.WriteDoubleLongUnsigned((uint)meter.InternalStatus));
        }
    }
}
