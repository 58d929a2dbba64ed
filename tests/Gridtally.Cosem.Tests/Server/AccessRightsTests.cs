using System.Buffers;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Server;

public class AccessRightsTests
{
    private const ushort Reader = 2, Manager = 1;

    private static readonly ObisCode Relay = ObisCode.Parse("0-0:96.3.10.255");
    private static readonly AttributeRef State = new(70, Relay, 3), Mode = new(70, Relay, 4);
    private static readonly MethodRef Disconnect = new(70, Relay, 1);

    [Theory]
    [InlineData(0, AccessMode.None)]
    [InlineData(1, AccessMode.Read)]
    [InlineData(2, AccessMode.Write)]
    [InlineData(3, AccessMode.Read | AccessMode.Write)]
    [InlineData(4, AccessMode.Read | AccessMode.AuthenticatedRequest)]
    [InlineData(5, AccessMode.Write | AccessMode.AuthenticatedRequest)]
    [InlineData(6, AccessMode.Read | AccessMode.Write | AccessMode.AuthenticatedRequest)]
    public void The_enumeration_of_older_versions_has_its_mask(byte mode, AccessMode mask)
    {
        Assert.Equal(mask, AccessRights.FromAttributeMode(mode).Mode);
        Assert.Equal(mode, new AccessRights(mask).ToAttributeMode());
    }

    [Theory]
    [InlineData(0, AccessMode.None)]
    [InlineData(1, AccessMode.Invoke)]
    [InlineData(2, AccessMode.Invoke | AccessMode.AuthenticatedRequest)]
    public void The_enumeration_of_methods_has_its_mask(byte mode, AccessMode mask)
    {
        Assert.Equal(mask, AccessRights.FromMethodMode(mode).Mode);
        Assert.Equal(mode, new AccessRights(mask).ToMethodMode());
    }

    [Fact]
    public void An_enumeration_that_nobody_knows_grants_nothing()
    {
        Assert.Equal(AccessRights.None, AccessRights.FromAttributeMode(7));
        Assert.Equal(AccessRights.None, AccessRights.FromMethodMode(3));
    }

    [Fact]
    public void A_table_that_demands_no_protection_says_so_of_everything()
    {
        var table = Table(static _ => { });

        Assert.Equal(AccessRights.Unprotected, table.RightsOf(Mode, Manager));
        Assert.False(table.RightsOf(Disconnect, Reader).DemandsProtection);
    }

    [Fact]
    public void Protection_is_demanded_of_one_client_for_one_attribute_or_method()
    {
        const AccessMode signed = AccessMode.SignedRequest | AccessMode.AuthenticatedResponse;
        var table = Table(entry => entry.Protect(4, AccessMode.AuthenticatedRequest).Protect(4, signed, ClientSet.Of(1)).ProtectMethod(1, AccessMode.EncryptedRequest, ClientSet.Of(1)));

        Assert.Equal(AccessMode.Read | AccessMode.Write | AccessMode.AuthenticatedRequest | signed, table.RightsOf(Mode, Manager).Mode);
        Assert.Equal(AccessMode.Read | AccessMode.AuthenticatedRequest, table.RightsOf(Mode, Reader).Mode);
        Assert.Equal(AccessMode.Read, table.RightsOf(State, Manager).Mode);
        Assert.Equal(AccessMode.Invoke | AccessMode.EncryptedRequest, table.RightsOf(Disconnect, Manager).Mode);
        Assert.Equal(AccessRights.None, table.RightsOf(Disconnect, Reader));
    }

    [Fact]
    public void The_object_list_shows_demanded_protection_as_authenticated()
    {
        var output = new ArrayBufferWriter<byte>();
        Table(static entry => entry.Protect(4, AccessMode.SignedRequest).ProtectMethod(1, AccessMode.AuthenticatedRequest)).WriteObjectList(Manager, output);

        Assert.Equal(
            Hex("01 01 02 04 12 0046 11 00 09 06 0000600 30AFF 02 02"
                + "01 04  02 03 0F 01 16 01 00  02 03 0F 02 16 00 00  02 03 0F 03 16 01 00  02 03 0F 04 16 06 00"
                + "01 02  02 02 0F 01 16 02  02 02 0F 02 16 00"),
            output.WrittenSpan.ToArray());
    }

    [Fact]
    public void Only_protection_can_be_demanded() =>
        Assert.Throws<ArgumentException>(() => Table(static entry => entry.Protect(4, AccessMode.Write)));

    private static ObjectTable<object> Table(Action<ObjectEntry<object>> demand)
    {
        var builder = new ObjectTableBuilder<object>();
        demand(builder.Add(InterfaceClasses.DisconnectControl, Relay, ClientSet.Of(1, 2))
            .Get(3, static (_, output) => output.WriteEnum(1))
            .Get(4, static (_, output) => output.WriteEnum(4))
            .Set(4, static (_, in _, _) => DataAccessResult.Success, ClientSet.Of(1))
            .Method(1, static (_, in _, _, _) => ActionResult.Success, ClientSet.Of(1)));
        return builder.Build();
    }
}
