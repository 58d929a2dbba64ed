using System.Buffers;
using System.Text;
using Gridtally.Cosem.Classes;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Objects;
using Gridtally.Cosem.Server;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Server;

/// <summary>The ready-made association and SAP assignment objects.</summary>
public class AssociationObjectTests
{
    private const byte Manager = 1, Reader = 2;

    private static readonly ObisCode Current = ObisCode.Parse("0-0:40.0.0.255"), OfManager = ObisCode.Parse("0-0:40.0.1.255"), OfReader = ObisCode.Parse("0-0:40.0.2.255");

    private readonly State _state = new();

    [Theory]
    [InlineData(0, 8)]
    [InlineData(1, 9)]
    [InlineData(2, 11)]
    [InlineData(3, 11)]
    public void Each_version_serves_its_attributes_in_their_types(byte version, int attributes)
    {
        var table = Table(version);
        var spec = InterfaceClasses.Find(15, version)!;

        Assert.Equal(attributes, spec.Attributes.Length);
        foreach (var attribute in spec.Attributes.Where(a => !a.IsSecret))
        {
            var (result, data) = Get(table, Current, attribute.Id, Manager);
            Assert.Equal(DataAccessResult.Success, result);
            Assert.True(attribute.Type.Matches(data), $"{attribute.Name} {Convert.ToHexString(data)}");
        }
    }

    [Fact]
    public void A_secret_is_written_and_never_read()
    {
        var table = Table(2);

        Assert.Equal(ActionResult.Success, Invoke(table, Current, 2, Manager, "09 03 414243"));
        Assert.Equal("ABC", _state.Secrets[Manager]);
        Assert.Equal(DataAccessResult.Success, table.Set(_state, new(15, OfReader, 7), new() { ClientSap = Manager }, Hex("09 02 5859")));
        Assert.Equal("XY", _state.Secrets[Reader]);
        Assert.Equal(DataAccessResult.ReadWriteDenied, Get(table, Current, 7, Manager).Result);
        Assert.Equal(DataAccessResult.ReadWriteDenied, Get(table, OfReader, 7, Manager).Result);
    }

    [Fact]
    public void Who_is_no_manager_changes_nothing()
    {
        var table = Table(2);

        Assert.Equal(ActionResult.ReadWriteDenied, Invoke(table, Current, 2, Reader, "09 01 41"));
        Assert.Equal(ActionResult.ReadWriteDenied, Invoke(table, Current, 5, Reader, "02 02 11 01 0A 01 41"));
        Assert.Equal(ActionResult.ObjectUndefined, Invoke(table, OfManager, 2, Reader, "09 01 41"));
        Assert.Empty(_state.Secrets);
    }

    [Fact]
    public void Users_are_added_listed_and_removed()
    {
        var table = Table(2);

        Assert.Equal(ActionResult.Success, Invoke(table, OfReader, 5, Manager, "02 02 11 07 0A 03 416E6E"));
        Assert.Equal(ActionResult.Success, Invoke(table, OfReader, 5, Manager, "02 02 11 02 09 01 42"));
        Assert.Equal(ActionResult.OtherReason, Invoke(table, OfReader, 5, Manager, "02 02 11 02 09 01 43")); // 2 is there already
        Assert.Equal(Hex("01 02  02 02 11 02 09 01 42  02 02 11 07 0A 03 416E6E"), Get(table, OfReader, 10, Manager).Data);
        Assert.Equal(Hex("01 00"), Get(table, OfManager, 10, Manager).Data);

        _state.CurrentUser = 7;
        Assert.Equal(Hex("02 02 11 07 0A 03 416E6E"), Get(table, Current, 11, Reader).Data);

        Assert.Equal(ActionResult.OtherReason, Invoke(table, OfReader, 6, Manager, "02 02 11 07 0A 03 416E79")); // another name
        Assert.Equal(ActionResult.Success, Invoke(table, OfReader, 6, Manager, "02 02 11 07 0A 03 416E6E"));
        Assert.Equal(Hex("01 01  02 02 11 02 09 01 42"), Get(table, OfReader, 10, Manager).Data);
    }

    [Fact]
    public void Without_a_user_the_current_one_has_no_name() => Assert.Equal(Hex("02 02 11 00 0A 00"), Get(Table(2), Current, 11, Reader).Data);

    [Fact]
    public void A_full_list_of_users_takes_no_more()
    {
        var users = new AssociationUsers();
        for (var i = 0; i < AssociationUsers.MaxUsers; i++) users.Add((byte)i, $"user {i}");

        Assert.Throws<ArgumentException>(() => users.Add(200, "one too many"));
        Assert.Equal(ActionResult.OtherReason, new AssociationUsers().Add(AssociationLnCodecs.AddUserParameter.Encode(new(1, CosemValue.Of(DataTag.VisibleString, Encoding.ASCII.GetBytes(new string('x', 65)))))));
        Assert.Equal(AssociationUsers.MaxUsers, users.Count);
    }

    [Fact]
    public void What_the_device_does_not_keep_is_not_served()
    {
        var builder = new ObjectTableBuilder<State>();
        builder.AddAssociations([Describe(Manager)], ClientSet.None);
        var table = builder.Build();

        Assert.Equal(DataAccessResult.ReadWriteDenied, Get(table, Current, 10, Manager).Result);
        Assert.Equal(ActionResult.ReadWriteDenied, Invoke(table, Current, 2, Manager, "09 01 41"));
        Assert.Throws<ArgumentException>(() => new ObjectTableBuilder<State>().AddAssociations([Describe(Manager)], ClientSet.None, new() { Version = 4 }));
    }

    [Fact]
    public void The_object_list_of_another_client_is_as_that_client_sees_it_in_part_too()
    {
        var table = Table(1);
        var output = new ArrayBufferWriter<byte>();

        Assert.Equal(DataAccessResult.Success, table.Get(_state, new(15, OfReader, 2), new() { ClientSap = Manager, Selector = 2, SelectorParameters = Hex("01 01 12 000F") }, output));
        Assert.True(AssociationLnCodecs.ObjectList.TryDecode(output.WrittenSpan, out var list, out _));
        Assert.Equal([Current, OfReader], list.Select(e => e.LogicalName));
    }

    [Fact]
    public void Logical_devices_are_listed()
    {
        var builder = new ObjectTableBuilder<State>();
        builder.AddSapAssignment(ClientSet.Of(Manager), static _ => [(1, "GTY1"), (2, "GTY2")]);

        var data = Get(builder.Build(), ObisCode.Parse("0-0:41.0.0.255"), 2, Manager, 17).Data;
        Assert.Equal(Hex("01 02  02 02 12 0001 09 04 47545931  02 02 12 0002 09 04 47545932"), data);
    }

    private static AssociationDescription Describe(byte client) => new(client, 1, 1, 0, 0x001E1D, 1024, ObisCode.Parse("0-0:43.0.0.255"));

    private (DataAccessResult Result, byte[] Data) Get(ObjectTable<State> table, ObisCode name, sbyte attribute, ushort client, ushort classId = 15)
    {
        var output = new ArrayBufferWriter<byte>();
        var result = table.Get(_state, new(classId, name, attribute), new() { ClientSap = client }, output);
        return (result, output.WrittenSpan.ToArray());
    }

    private ActionResult Invoke(ObjectTable<State> table, ObisCode name, sbyte method, ushort client, string parameter) =>
        table.Invoke(_state, new(15, name, method), new() { ClientSap = client }, Hex(parameter), new ArrayBufferWriter<byte>());

    private static ObjectTable<State> Table(byte version)
    {
        var builder = new ObjectTableBuilder<State>();
        builder.AddAssociations([Describe(Manager), Describe(Reader)], ClientSet.Of(Manager), new()
        {
            Version = version,
            Managers = ClientSet.Of(Manager),
            ChangeSecret = static (state, client, secret) =>
            {
                state.Secrets[client] = Encoding.ASCII.GetString(secret);
                return ActionResult.Success;
            },
            Users = static (state, client) => state.Users[client],
            CurrentUser = static (state, _) => state.CurrentUser,
        });
        return builder.Build();
    }

    private sealed class State
    {
        public Dictionary<byte, string> Secrets { get; } = [];

        public Dictionary<byte, AssociationUsers> Users { get; } = new() { [Manager] = new(), [Reader] = new() };

        public byte? CurrentUser { get; set; }
    }
}
