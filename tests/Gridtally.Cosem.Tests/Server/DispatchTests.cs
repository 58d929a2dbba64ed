using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Objects;
using Gridtally.Cosem.Server;
using Gridtally.Metering;

namespace Gridtally.Cosem.Tests.Server;

public class DispatchTests
{
    private static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255"), Relay = ObisCode.Parse("0-0:96.3.10.255");

    [Fact]
    public void Reading_writing_and_asking_for_rights_allocates_nothing()
    {
        var device = Table().Bind(new Meter());
        var output = new ArrayBufferWriter<byte>(64);
        byte[] mode = [0x16, 0x04];

        for (var i = 0; i < 50; i++) Once();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++) Once();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Once()
        {
            output.ResetWrittenCount();
            var (energy, control) = (new AttributeRef(3, Energy, 2), new AttributeRef(70, Relay, 4));
            var done = !device.RightsOf(energy, 1).DemandsProtection && device.RightsOf(control, 1).DemandsProtection
                && device.Get(energy, new() { ClientSap = 1 }, output) == DataAccessResult.Success
                && device.Set(control, new() { ClientSap = 1 }, mode) == DataAccessResult.Success;
            if (!done || output.WrittenCount != 5) throw new InvalidOperationException("not served");
        }
    }

    [Fact]
    public void A_value_of_another_type_never_reaches_a_typed_setter()
    {
        var meter = new Meter();

        Assert.Equal(DataAccessResult.TypeUnmatched, Table().Set(meter, new(70, Relay, 4), new() { ClientSap = 1 }, [0x11, 0x04]));
        Assert.Equal(0, meter.Mode);
    }

    [Fact]
    public void A_method_that_needs_a_parameter_is_refused_without_one()
    {
        var builder = new ObjectTableBuilder<Meter>();
        builder.Add(InterfaceClasses.ScriptTable, Relay, ClientSet.Of(1)).Method(1, ScriptTableCodecs.ExecuteParameter, static (meter, script) =>
        {
            meter.Mode = (byte)script;
            return ActionResult.Success;
        }, ClientSet.Of(1));
        var (table, meter, output) = (builder.Build(), new Meter(), new ArrayBufferWriter<byte>());

        Assert.Equal(ActionResult.TypeUnmatched, table.Invoke(meter, new(9, Relay, 1), new() { ClientSap = 1 }, [], output));
        Assert.Equal(ActionResult.Success, table.Invoke(meter, new(9, Relay, 1), new() { ClientSap = 1 }, [0x12, 0x00, 0x03], output));
        Assert.Equal(3, meter.Mode);
    }

    private static ObjectTable<Meter> Table()
    {
        var builder = new ObjectTableBuilder<Meter>();
        builder.Add(InterfaceClasses.Register, Energy, ClientSet.Of(1)).Get(2, SimpleCodecs.DoubleLongUnsigned, static meter => meter.EnergyWh);
        builder.Add(InterfaceClasses.DisconnectControl, Relay, ClientSet.Of(1))
            .Set(4, DisconnectControlCodecs.ControlMode, static (meter, mode) =>
            {
                meter.Mode = mode;
                return DataAccessResult.Success;
            }, ClientSet.Of(1))
            .Protect(4, AccessMode.AuthenticatedRequest);
        return builder.Build();
    }

    private sealed class Meter
    {
        public uint EnergyWh { get; set; } = 1;

        public byte Mode { get; set; }
    }
}
