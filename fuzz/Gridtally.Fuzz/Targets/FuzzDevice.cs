using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Fuzz;

/// <summary>A device with a little of everything: what never changes, what is written, what is invoked, and a profile that needs blocks.</summary>
internal sealed class FuzzDevice
{
    // Longer than this, and one SET with list would copy it into every answer.
    private const int MaxSetting = 512;

    private const int Rows = 40;

    private static readonly ClientSet Everyone = ClientSet.Of(1, Peers.ClientSap);
    private static readonly ObjectTable<FuzzDevice> Table = Build();

    private byte[] _setting = [0];

    public static readonly AttributeRef Register = new(3, new(1, 0, 1, 8, 0, 255), 2), Setting = new(1, new(0, 0, 128, 0, 0, 255), 2), Profile = new(7, new(1, 0, 99, 1, 0, 255), 2);

    public static readonly MethodRef Reset = new(3, new(1, 0, 1, 8, 0, 255), 1);

    public static ILogicalDevice Create() => Table.Bind(new());

    private static ObjectTable<FuzzDevice> Build()
    {
        var builder = new ObjectTableBuilder<FuzzDevice>();
        builder.AddAssociations([new(Peers.ClientSap, 1, 1, 0, 0x00001A1D, 1024, null)], Everyone);
        builder.Add(InterfaceClasses.Data, Setting.Instance, Everyone)
            .Get(2, static (device, output) => output.Write(device._setting))
            .Set(2, static (FuzzDevice device, in RequestContext _, ReadOnlySpan<byte> data) =>
            {
                if (data.Length > MaxSetting) return DataAccessResult.OtherReason;
                device._setting = data.ToArray();
                return DataAccessResult.Success;
            }, Everyone);
        builder.Add(InterfaceClasses.Register, Register.Instance, Everyone)
            .Get(2, static (_, output) => output.WriteDoubleLongUnsigned(12_345_678))
            .Constant(3, static output => output.WriteScalerUnit(new(0, Unit.WattHour)))
            .Method(1, static (FuzzDevice device, in RequestContext _, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) =>
            {
                if (parameter.Length is > 0 and < 100) output.Write(parameter);
                return ActionResult.Success;
            }, Everyone);
        builder.Add(InterfaceClasses.ProfileGeneric, Profile.Instance, Everyone)
            .Get(2, static (FuzzDevice _, in RequestContext context, IBufferWriter<byte> output) => WriteRows(context, output));
        return builder.Build();
    }

    private static DataAccessResult WriteRows(in RequestContext context, IBufferWriter<byte> output)
    {
        if (context.Selector == SelectiveAccess.ByRangeSelector && !RangeDescriptor.TryRead(context.SelectorParameters, out _, out _)) return DataAccessResult.TypeUnmatched;
        if (context.Selector == SelectiveAccess.ByEntrySelector && !EntryDescriptor.TryRead(context.SelectorParameters, out _, out _)) return DataAccessResult.TypeUnmatched;
        output.WriteArray(Rows);
        for (var i = 0; i < Rows; i++)
        {
            output.WriteStructure(2);
            output.WriteDateTime(CosemDateTime.From(new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero).AddMinutes(15 * i)));
            output.WriteDoubleLongUnsigned((uint)i);
        }

        return DataAccessResult.Success;
    }
}
