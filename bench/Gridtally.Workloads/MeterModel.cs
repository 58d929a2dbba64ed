using System.Buffers;
using Gridtally.Cosem;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Workloads;

/// <summary>The meter of workloads a to e: an association, a clock, a status, eight registers, a profile; for a2 a hundred registers more.</summary>
internal sealed class MeterModel
{
    public const int Registers = 8;

    public static readonly ObisCode Clock = new(0, 0, 1, 0, 0, 255), Status = new(0, 0, 96, 10, 1, 255), Profile = new(1, 0, 99, 1, 0, 255);

    /// <summary>The profile's columns: clock, status, registers.</summary>
    public static readonly CaptureObject[] Columns = [new(8, Clock, 2), new(1, Status, 2), .. Enumerable.Range(1, Registers).Select(c => new CaptureObject(3, Register(c), 2))];

    private static readonly ClientSet Reader = ClientSet.Of(Peers.ClientSap);

    /// <summary>The register that is read: the last of the eight.</summary>
    public const uint LastRegisterValue = 12_345_678;

    private readonly uint[] _values;

    private MeterModel(RowStore rows, uint[] values) => (Rows, _values) = (rows, values);

    /// <summary>The profile's rows.</summary>
    public RowStore Rows { get; }

    /// <summary>A meter of its own.</summary>
    /// <param name="rows">Rows of its profile.</param>
    /// <param name="more">Registers that stand before the one that is read.</param>
    public static ILogicalDevice Create(int rows = 0, int more = 0)
    {
        var values = new uint[more + Registers];
        values[^1] = LastRegisterValue;
        return Table(more).Bind(new(new RowStore(rows), values));
    }

    /// <summary>Register <c>c</c>, counted from 1.</summary>
    public static ObisCode Register(int number) => new(1, 0, (byte)number, 8, 0, 255);

    private static ObjectTable<MeterModel> Table(int more)
    {
        var builder = new ObjectTableBuilder<MeterModel>();
        builder.AddAssociations([new(Peers.ClientSap, Peers.ServerSap, 1, 0, 0x00001A1D, Peers.MaxPdu, null)], Reader);
        builder.Add(InterfaceClasses.Clock, Clock, Reader).Get(2, static (_, output) => output.WriteDateTime(RowStore.TimeOf(0)));
        builder.Add(InterfaceClasses.Data, Status, Reader).Get(2, static (_, output) => output.WriteUnsigned(0));
        for (var i = 0; i < more; i++) AddRegister(builder, new(1, 1, (byte)(1 + (i / 50)), 8, (byte)(i % 50), 255), i);
        for (var i = 0; i < Registers; i++) AddRegister(builder, Register(i + 1), more + i);
        builder.Add(InterfaceClasses.ProfileGeneric, Profile, Reader)
            .Get(2, static (MeterModel meter, in RequestContext context, IBufferWriter<byte> output) => meter.Rows.Write(context, output))
            .Get(7, static (meter, output) => output.WriteDoubleLongUnsigned((uint)meter.Rows.Count));
        return builder.Build();
    }

    private static void AddRegister(ObjectTableBuilder<MeterModel> builder, ObisCode name, int index) =>
        builder.Add(InterfaceClasses.Register, name, Reader)
            .Get(2, (meter, output) => output.WriteDoubleLongUnsigned(meter._values[index]))
            .Constant(3, static output => output.WriteScalerUnit(new(0, Unit.WattHour)));
}
