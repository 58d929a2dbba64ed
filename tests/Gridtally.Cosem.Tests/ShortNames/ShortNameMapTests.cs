using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.ShortNames;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.ShortNames;

public sealed class ShortNameMapTests
{
    private static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255"), Clock = ObisCode.Parse("0-0:1.0.0.255"), Profile = ObisCode.Parse("1-0:99.1.0.255");

    private static readonly ShortNameMap Map = new(
    [
        new(0x2BC0, 8, 0, Clock),
        new(0x4E20, 7, 1, Profile),
        new(0x7530, 3, 0, Energy),
        new(0xFA00, 12, 2, ShortNameMap.AssociationName),
    ]);

    [Theory]
    [InlineData(3, "1-0:1.8.0.255", 1, 0x7530)]
    [InlineData(3, "1-0:1.8.0.255", 2, 0x7538)] // value
    [InlineData(3, "1-0:1.8.0.255", 3, 0x7540)] // scaler_unit
    [InlineData(8, "0-0:1.0.0.255", 2, 0x2BC8)] // time
    [InlineData(7, "1-0:99.1.0.255", 2, 0x4E28)] // buffer
    [InlineData(12, "0-0:40.0.0.255", 2, 0xFA08)] // object_list
    public void Attributes_lie_eight_apart_from_the_base_name(ushort classId, string name, sbyte id, int shortName)
    {
        var attribute = new AttributeRef(classId, ObisCode.Parse(name), id);
        Assert.True(Map.TryGetName(attribute, out var found));
        Assert.Equal(shortName, found);
        Assert.True(Map.TryFind(found, out var target));
        Assert.Equal((attribute, false), (target.Attribute, target.IsMethod));
    }

    [Theory]
    [InlineData(3, "1-0:1.8.0.255", 1, 0x7530 + 0x28)] // reset
    [InlineData(7, "1-0:99.1.0.255", 1, 0x4E20 + 0x58)] // reset
    [InlineData(7, "1-0:99.1.0.255", 2, 0x4E20 + 0x60)] // capture
    [InlineData(8, "0-0:1.0.0.255", 1, 0x2BC0 + 0x60)] // adjust_to_quarter
    [InlineData(12, "0-0:40.0.0.255", 3, 0xFA30)] // read_by_logicalname
    [InlineData(12, "0-0:40.0.0.255", 8, 0xFA58)] // reply_to_HLS_authentication
    public void Methods_lie_where_their_class_has_them(ushort classId, string name, sbyte id, int shortName)
    {
        var method = new MethodRef(classId, ObisCode.Parse(name), id);
        Assert.True(Map.TryGetName(method, out var found));
        Assert.Equal(shortName, found);
        Assert.True(Map.TryFind(found, out var target));
        Assert.Equal((method, true), (target.Method, target.IsMethod));
    }

    [Theory]
    [InlineData(0x0000)] // below everything
    [InlineData(0x7531)] // not a multiple of eight
    [InlineData(0x7548)] // a register has three attributes
    [InlineData(0x7560)] // and one method
    public void Other_names_stand_for_nothing(int name) => Assert.False(Map.TryFind((ushort)name, out _));

    [Fact]
    public void The_same_objects_get_the_same_names_and_none_overlap()
    {
        (ClassSpec, ObisCode)[] objects =
        [
            (InterfaceClasses.Register, Energy), (InterfaceClasses.Find(8)!, Clock), (InterfaceClasses.Find(7)!, Profile),
            (InterfaceClasses.Find(1)!, ObisCode.Parse("0-0:42.0.0.255")), (InterfaceClasses.Find(17)!, ObisCode.Parse("0-0:41.0.0.255")),
        ];
        var map = ShortNameMap.Assign(objects);

        Assert.Equal(map.Objects, ShortNameMap.Assign(objects.Reverse()).Objects);
        Assert.Equal([0x0100, 0xFA00, 0xFC00, 0xFD00], new[] { 3, 12, 17, 1 }.Select(id => (int)map.Objects.Single(o => o.ClassId == id).BaseName));
        foreach (var one in map.Objects)
        {
            foreach (var attribute in one.Class!.Attributes)
            {
                var name = (ushort)(one.BaseName + ((attribute.Id - 1) * 8));
                Assert.True(map.TryFind(name, out var target));
                Assert.Equal((one, attribute.Id, false), (target.Object, target.Id, target.IsMethod));
            }

            foreach (var method in one.Class!.Methods)
            {
                Assert.True(map.TryGetName(new MethodRef(one.ClassId, one.LogicalName, method.Id), out var name));
                Assert.True(map.TryFind(name, out var target));
                Assert.Equal((one, method.Id, true), (target.Object, target.Id, target.IsMethod));
            }
        }
    }

    [Fact]
    public void An_object_list_is_read_with_its_negative_base_names()
    {
        //                        base  class   version  logical name
        var list = Hex("01 02  02 04 10 7530 12 0003 11 00 0906 0100010800FF   02 04 10 FA00 12 000C 11 02 0906 0000280000FF");
        Assert.True(ShortNameMap.TryReadObjectList(list, out var map, out _));
        Assert.Equal([new(0x7530, 3, 0, Energy), new(0xFA00, 12, 2, ShortNameMap.AssociationName)], map.Objects);

        var output = new ArrayBufferWriter<byte>();
        output.WriteArray(2);
        foreach (var one in map.Objects) ShortNameMap.WriteElement(output, one);
        Assert.Equal(list, output.WrittenSpan);
    }

    [Theory]
    [InlineData("01 01 02 03 10 7530 12 0003 11 00", DecodeFault.BadLength)]
    [InlineData("01 01 02 04 10 7530 12 0003 11 00 0905 0100010800", DecodeFault.BadLength)]
    [InlineData("01 01 02 04 10 7530 12 0003 11 00", DecodeFault.Truncated)]
    public void A_list_that_is_none_is_refused(string hex, DecodeFault fault)
    {
        Assert.False(ShortNameMap.TryReadObjectList(Hex(hex), out _, out var error));
        Assert.Equal(fault, error.Fault);
    }

    [Fact]
    public void Objects_that_are_listed_twice_are_taken_once()
    {
        var one = Hex("02 04 10 7530 12 0003 11 00 0906 0100010800FF");
        Assert.True(ShortNameMap.TryReadObjectList([0x01, 0x02, .. one, .. one], out var map, out _));
        Assert.Equal(2, map.Objects.Count); // and the association
    }
}
