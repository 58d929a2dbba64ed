using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Server;

public class ObjectTableTests
{
    private static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255");
    private static readonly ObisCode Relay = ObisCode.Parse("0-0:96.3.10.255");
    private static readonly ObjectTable<FakeMeter> Table = BuildTable();

    private readonly FakeMeter _meter = new();
    private readonly ArrayBufferWriter<byte> _output = new();

    [Fact]
    public void An_attribute_is_read_from_the_device_that_is_asked()
    {
        _meter.EnergyWh = 0x01020304;

        Assert.Equal(DataAccessResult.Success, Get(3, Energy, 2, client: 2));
        Assert.Equal(Hex("06 01020304"), _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void The_logical_name_is_attribute_1_of_every_object()
    {
        Assert.Equal(DataAccessResult.Success, Get(3, Energy, 1, client: 2));
        Assert.Equal(Hex("09 06 0100010800FF"), _output.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData(3, "1-0:99.99.0.255", 2, 2, DataAccessResult.ObjectUndefined)]
    [InlineData(4, "1-0:1.8.0.255", 2, 2, DataAccessResult.ObjectClassInconsistent)]
    [InlineData(3, "1-0:1.8.0.255", 9, 2, DataAccessResult.ScopeOfAccessViolated)]
    [InlineData(3, "1-0:1.8.0.255", 2, 16, DataAccessResult.ObjectUndefined)]
    [InlineData(70, "0-0:96.3.10.255", 4, 2, DataAccessResult.ReadWriteDenied)]
    public void What_is_not_there_or_not_allowed_is_refused_with_its_reason(ushort classId, string name, sbyte attribute, ushort client, DataAccessResult expected)
    {
        Assert.Equal(expected, Get(classId, ObisCode.Parse(name), attribute, client));
        Assert.Equal(0, _output.WrittenCount);
    }

    [Fact]
    public void A_selector_is_refused_where_the_class_has_none()
    {
        var result = Table.Get(_meter, new(3, Energy, 2), new() { ClientSap = 2, Selector = 1, SelectorParameters = [0] }, _output);

        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, result);
    }

    /// <summary>Who writes a part must not have it taken for the whole.</summary>
    [Fact]
    public void A_write_with_a_selector_is_refused_where_the_class_has_none()
    {
        var result = Table.Set(_meter, new(70, Relay, 4), new() { ClientSap = 1, Selector = 1, SelectorParameters = [0] }, Hex("16 05"));

        Assert.Equal(DataAccessResult.ScopeOfAccessViolated, result);
        Assert.Equal(4, _meter.Mode);
    }

    [Theory]
    [InlineData("16 05", 1, DataAccessResult.Success, 5)]
    [InlineData("11 05", 1, DataAccessResult.TypeUnmatched, 4)]
    [InlineData("16 05", 2, DataAccessResult.ReadWriteDenied, 4)]
    public void A_write_needs_the_right_and_the_type_of_the_class(string data, ushort client, DataAccessResult expected, byte modeAfter)
    {
        Assert.Equal(expected, Table.Set(_meter, new(70, Relay, 4), new() { ClientSap = client }, Hex(data)));
        Assert.Equal(modeAfter, _meter.Mode);
    }

    [Theory]
    [InlineData(1, 1, ActionResult.Success)]
    [InlineData(1, 2, ActionResult.ReadWriteDenied)]
    [InlineData(2, 1, ActionResult.ReadWriteDenied)]
    [InlineData(3, 1, ActionResult.ScopeOfAccessViolated)]
    public void A_method_needs_the_right(sbyte method, ushort client, ActionResult expected) =>
        Assert.Equal(expected, Table.Invoke(_meter, new(70, Relay, method), new() { ClientSap = client }, Hex("0F00"), _output));

    [Fact]
    public void The_object_list_shows_a_client_only_what_it_may_use()
    {
        //                            Register, version 0, 1-0:1.8.0, three attributes read-only, reset not allowed
        var energy = "02 04 12 0003 11 00 09 06 0100010800FF 02 02"
            + "01 03  02 03 0F 01 16 01 00  02 03 0F 02 16 01 00  02 03 0F 03 16 01 00  01 01  02 02 0F 01 16 00";
        //                            Disconnect control: attribute 2 and 3 not served here, mode not readable by client 2
        var relay = "02 04 12 0046 11 00 09 06 0000600 30AFF 02 02"
            + "01 04  02 03 0F 01 16 01 00  02 03 0F 02 16 01 00  02 03 0F 03 16 00 00  02 03 0F 04 16 00 00"
            + "01 02  02 02 0F 01 16 00  02 02 0F 02 16 00";

        Table.WriteObjectList(2, _output);

        Assert.Equal(Hex("01 02" + energy + relay), _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void The_object_list_of_a_client_without_rights_is_empty()
    {
        Table.WriteObjectList(16, _output);

        Assert.Equal(Hex("01 00"), _output.WrittenSpan.ToArray());
    }

    [Fact]
    public void The_current_association_describes_the_association_of_whoever_asks()
    {
        var builder = new ObjectTableBuilder<FakeMeter>();
        builder.AddAssociations(
            [
                new(16, 1, ContextId: 1, MechanismId: 0, Conformance: 0x001014, MaxPduSize: 512, SecuritySetup: null),
                new(1, 1, ContextId: 3, MechanismId: 5, Conformance: 0x001E1D, MaxPduSize: 1024, SecuritySetup: ObisCode.Parse("0-0:43.0.1.255")),
            ],
            observers: ClientSet.Of(1));
        var table = builder.Build();
        var current = ObisCode.Parse("0-0:40.0.0.255");

        Assert.Equal(DataAccessResult.Success, table.Get(_meter, new(15, current, 6), new() { ClientSap = 1 }, _output));
        Assert.Equal(Hex("09 07 60857405080205"), _output.WrittenSpan.ToArray());

        _output.Clear();
        Assert.Equal(DataAccessResult.Success, table.Get(_meter, new(15, current, 5), new() { ClientSap = 16 }, _output));
        Assert.Equal(Hex("02 06 04 18 001014 12 0200 12 0200 11 06 0F 00 09 00"), _output.WrittenSpan.ToArray());

        _output.Clear();
        Assert.Equal(DataAccessResult.ObjectUndefined, table.Get(_meter, new(15, current.WithE(2), 2), new() { ClientSap = 16 }, _output));
    }

    [Fact]
    public void An_object_cannot_be_added_twice()
    {
        var builder = new ObjectTableBuilder<FakeMeter>();
        builder.Add(InterfaceClasses.Register, Energy, ClientSet.Of(1));

        Assert.Throws<ArgumentException>(() => builder.Add(InterfaceClasses.Register, Energy, ClientSet.Of(1)));
    }

    private DataAccessResult Get(ushort classId, ObisCode name, sbyte attribute, ushort client) =>
        Table.Get(_meter, new(classId, name, attribute), new() { ClientSap = client }, _output);

    private static ObjectTable<FakeMeter> BuildTable()
    {
        var management = ClientSet.Of(1);
        var builder = new ObjectTableBuilder<FakeMeter>();
        builder.Add(InterfaceClasses.Register, Energy, ClientSet.Of(1, 2))
            .Get(2, (m, output) => output.WriteDoubleLongUnsigned(m.EnergyWh))
            .Constant(3, output => output.WriteScalerUnit(new(0, Unit.WattHour)));
        builder.Add(InterfaceClasses.DisconnectControl, Relay, ClientSet.Of(1, 2))
            .Get(2, (_, output) => output.WriteBoolean(true))
            .Get(4, (m, output) => output.WriteEnum(m.Mode), management)
            .Set(4, (m, in _, data) =>
            {
                m.Mode = data[1];
                return DataAccessResult.Success;
            }, management)
            .Method(1, (_, in _, _, _) => ActionResult.Success, management);
        return builder.Build();
    }

    private sealed class FakeMeter
    {
        public uint EnergyWh { get; set; }

        public byte Mode { get; set; } = 4;
    }
}
