using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Server;

/// <summary>object_list in all formats and parts. The octets are written out by hand from the layouts of Blue Book classes 12 and 15.</summary>
public class ObjectListTests
{
    private static readonly ObisCode Energy = ObisCode.Parse("1-0:1.8.0.255"), Relay = ObisCode.Parse("0-0:96.3.10.255"), Serial = ObisCode.Parse("0-0:96.1.0.255");

    //                                        class 1, version 0, 0-0:96.1.0: attributes 1 and 2 readable, no methods
    private const string SerialElement = "02 04 12 0001 11 00 09 06 0000600100FF 02 02  01 02 02 03 0F 01 16 01 00 02 03 0F 02 16 01 00  01 00";

    private readonly ArrayBufferWriter<byte> _output = new();

    [Theory]
    // reset: a boolean
    [InlineData(0, "16 01", "16 01", "03 01", "16 06", "16 01", "03 01", "03 00")]
    // reset: 1 access; control_mode: 6 authenticated read and write; remote_disconnect: 2 authenticated access
    [InlineData(1, "16 01", "16 01", "16 01", "16 06", "16 01", "16 02", "16 00")]
    [InlineData(2, "16 01", "16 01", "16 01", "16 06", "16 01", "16 02", "16 00")]
    // a mask: control_mode 01 + 02 + 04 authenticated request + 40 encrypted response; remote_disconnect 01 + 10 signed request
    [InlineData(3, "16 01", "16 01", "16 01", "16 47", "16 01", "16 11", "16 00")]
    public void Each_version_of_association_has_its_format(byte version, string value, string scaler, string reset, string mode, string state, string disconnect, string reconnect)
    {
        var energy = "02 04 12 0003 11 00 09 06 0100010800FF 02 02"
            + $"01 03  02 03 0F 01 16 01 00  02 03 0F 02 {value} 00  02 03 0F 03 {scaler} 00  01 01  02 02 0F 01 {reset}";
        var relay = "02 04 12 0046 11 00 09 06 0000600 30AFF 02 02"
            + $"01 04  02 03 0F 01 16 01 00  02 03 0F 02 16 00 00  02 03 0F 03 {state} 00  02 03 0F 04 {mode} 00"
            + $"01 02  02 02 0F 01 {disconnect}  02 02 0F 02 {reconnect}";

        Assert.Equal(DataAccessResult.Success, Table().WriteObjectList(new() { ClientSap = 1 }, version, _output));
        Assert.Equal(Hex("01 03" + SerialElement + energy + relay), _output.WrittenSpan.ToArray());
        Assert.True(InterfaceClasses.Find(15, version)!.Attribute(2)!.Type.Matches(_output.WrittenSpan));
    }

    [Theory, Shows("select.object-list")]
    [InlineData(1, "00", 3)]
    [InlineData(2, "01 01 12 0001", 1)]
    [InlineData(2, "01 02 12 0001 12 0046", 2)]
    [InlineData(2, "01 00", 0)]
    [InlineData(3, "01 02  02 02 12 0001 09 06 0000600100FF  02 02 12 0003 09 06 0100010800FF", 2)]
    [InlineData(3, "01 01  02 02 12 0004 09 06 0100010800FF", 0)] // the name of another class's object
    [InlineData(4, "02 02 12 0001 09 06 0000600100FF", 1)]
    public void A_client_can_ask_for_a_part(byte selector, string parameters, int count)
    {
        var result = Table().WriteObjectList(new() { ClientSap = 1, Selector = selector, SelectorParameters = Hex(parameters) }, 2, _output);

        Assert.Equal(DataAccessResult.Success, result);
        Assert.Equal([(byte)DataTag.Array, (byte)count], _output.WrittenSpan[..2].ToArray());
    }

    [Fact, Shows("select.object-list")]
    public void One_object_comes_with_its_rights()
    {
        Table().WriteObjectList(new() { ClientSap = 1, Selector = 4, SelectorParameters = Hex("02 02 12 0001 09 06 0000600100FF") }, 2, _output);

        Assert.Equal(Hex("01 01" + SerialElement), _output.WrittenSpan.ToArray());
    }

    [Theory]
    [InlineData(1, "11 00")]
    [InlineData(2, "12 0001")]
    [InlineData(2, "01 01 11 01")]
    [InlineData(2, "01 82 0101")]
    [InlineData(3, "01 01 12 0001")]
    [InlineData(4, "02 02 12 0001 09 05 0000600100")]
    [InlineData(4, "02 02 12 0001 09 06 0000600100FF 00")]
    [InlineData(5, "00")]
    public void What_is_no_parameter_of_the_selector_is_refused(byte selector, string parameters)
    {
        Assert.Equal(DataAccessResult.TypeUnmatched, Table().WriteObjectList(new() { ClientSap = 1, Selector = selector, SelectorParameters = Hex(parameters) }, 2, _output));
        Assert.Equal(0, _output.WrittenCount);
    }

    [Fact]
    public void More_names_than_a_device_has_objects_are_refused()
    {
        byte[] parameters = [0x01, 0x82, 0x01, 0x01, .. Enumerable.Repeat((byte[])[0x12, 0x00, 0x01], 257).SelectMany(id => id)];

        Assert.Equal(DataAccessResult.TypeUnmatched, Table().WriteObjectList(new() { ClientSap = 1, Selector = 2, SelectorParameters = parameters }, 2, _output));
    }

    [Fact]
    public void Short_names_list_base_name_class_version_and_name()
    {
        Table().WriteShortNameList(1, entry => entry.LogicalName == Relay ? null : (short)(entry.Class.Id * 0x100), _output);

        Assert.Equal(Hex("01 02  02 04 10 0100 12 0001 11 00 09 06 0000600100FF  02 04 10 0300 12 0003 11 00 09 06 0100010800FF"), _output.WrittenSpan.ToArray());
        Assert.True(InterfaceClasses.AssociationSn.Attribute(2)!.Type.Matches(_output.WrittenSpan));
    }

    [Fact]
    public void Short_names_have_rights_by_base_name()
    {
        Table().WriteShortNameRights(1, entry => entry.LogicalName == Serial ? (short)-1536 : null, _output);

        Assert.Equal(Hex("01 01  02 03 10 FA00  01 02 02 03 0F 01 16 01 00 02 03 0F 02 16 01 00  01 00"), _output.WrittenSpan.ToArray());
        Assert.True(InterfaceClasses.AssociationSn.Attribute(3)!.Type.Matches(_output.WrittenSpan));
    }

    private static ObjectTable<object> Table()
    {
        var clients = ClientSet.Of(1);
        var builder = new ObjectTableBuilder<object>();
        builder.Add(InterfaceClasses.Data, Serial, clients).Constant(2, static output => output.WriteVisibleString("1"));
        builder.Add(InterfaceClasses.Register, Energy, clients)
            .Get(2, static (_, output) => output.WriteDoubleLongUnsigned(1))
            .Constant(3, static output => output.WriteScalerUnit(new(0, Unit.WattHour)))
            .Method(1, static _ => ActionResult.Success, clients);
        builder.Add(InterfaceClasses.DisconnectControl, Relay, clients)
            .Get(3, static (_, output) => output.WriteEnum(1))
            .Get(4, static (_, output) => output.WriteEnum(4))
            .Set(4, static (_, in _, _) => DataAccessResult.Success, clients)
            .Protect(4, AccessMode.AuthenticatedRequest | AccessMode.EncryptedResponse)
            .Method(1, static _ => ActionResult.Success, clients)
            .ProtectMethod(1, AccessMode.SignedRequest);
        return builder.Build();
    }
}
