using Gridtally.Cosem;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Meter.Objects;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Meter.Tests;

public class ObjectModelTests
{
    [Fact]
    public void Every_readable_attribute_is_one_element_of_data_for_every_client()
    {
        var meter = TestMeters.New();
        meter.Run(3600, TestMeters.Constant(500, 100));
        foreach (var entry in MeterObjects.Table.Objects)
        {
            foreach (var attribute in entry.Class.Attributes)
            {
                foreach (var client in (ushort[])[1, 2, 16])
                {
                    var result = meter.TryGet($"{entry.Class.Id}/{entry.LogicalName}:{attribute.Id}", out var data, client);
                    if (result != DataAccessResult.Success) continue;
                    var reader = new AxdrReader(data);
                    Assert.True(reader.TrySkip(out _) && reader.TryEnd(), $"{entry.Class.Id}/{entry.LogicalName}:{attribute.Id}");
                    // The public client's association refers to no security setup: an empty octet-string.
                    if (entry.Class.Id == 15 && attribute.Id == 9 && data is [0x09, 0x00]) continue;
                    Assert.True(attribute.Type.Matches(data), $"{entry.Class.Id}/{entry.LogicalName}:{attribute.Id} is not {attribute.Type}");
                }
            }
        }
    }

    [Fact]
    public void The_public_client_sees_identification_counters_and_its_own_association_and_nothing_else()
    {
        var visible = MeterObjects.Table.Objects.Where(o => o.VisibleTo.Contains(16)).Select(o => o.LogicalName.ToString()).Order(StringComparer.Ordinal);

        Assert.Equal(
            ((string[])["0-0:40.0.0.255", "0-0:40.0.1.255", "0-0:42.0.0.255", "0-0:43.1.1.255", "0-0:43.1.2.255", "0-0:96.1.0.255", "0-0:96.1.1.255", "1-0:0.0.0.255", "1-0:0.2.0.255"])
                .Order(StringComparer.Ordinal),
            visible);
        Assert.Equal(DataAccessResult.ObjectUndefined, TestMeters.New().TryGet("3/1-0:1.8.0.255:2", out _, client: 16));
    }

    [Theory]
    [InlineData("8/0-0:1.0.0.255:2")]
    [InlineData("70/0-0:96.3.10.255:4")]
    [InlineData("7/1-0:99.1.0.255:4")]
    public void The_read_client_reads_and_may_not_write(string target)
    {
        var meter = TestMeters.New();
        var value = meter.Get(target, client: 2);

        Assert.Equal(DataAccessResult.ReadWriteDenied, meter.Set(target, w => System.Buffers.BuffersExtensions.Write(w, value), client: 2));
    }

    [Fact]
    public void The_read_client_may_not_invoke()
    {
        var meter = TestMeters.New();

        Assert.Equal(ActionResult.ReadWriteDenied, meter.Invoke("70/0-0:96.3.10.255!1", client: 2));
        Assert.True(meter.Relay.IsClosed);
    }

    [Fact]
    public void The_logical_device_name_has_sixteen_octets_and_the_makers_letters()
    {
        Assert.Equal(Hex("09 10 47 54 4D 30 30 30 30 30 30 30 30 30 31 30 30 31"), TestMeters.New("1001").Get("1/0-0:42.0.0.255:2", client: 16));
        Assert.Equal(Hex("09 08 47 54 4D 00000003E9"), TestMeters.New("1001").Get("64/0-0:43.0.1.255:5"));
    }

    [Theory]
    [InlineData("3/1-0:1.8.0.255:3", "02 02 0F 00 16 1E")] // Wh
    [InlineData("3/1-0:3.8.0.255:3", "02 02 0F 00 16 20")] // varh
    [InlineData("3/1-0:9.8.0.255:3", "02 02 0F 00 16 1F")] // VAh
    [InlineData("3/1-0:15.8.0.255:3", "02 02 0F 00 16 1E")]
    [InlineData("3/1-0:64.8.0.255:3", "02 02 0F 00 16 20")]
    [InlineData("3/1-0:1.7.0.255:3", "02 02 0F FF 16 1B")] // 0.1 W
    [InlineData("3/1-0:43.7.0.255:3", "02 02 0F FF 16 1D")] // 0.1 var
    [InlineData("3/1-0:70.7.0.255:3", "02 02 0F FF 16 1C")] // 0.1 VA
    [InlineData("3/1-0:32.7.0.255:3", "02 02 0F FF 16 23")] // 0.1 V
    [InlineData("3/1-0:31.7.0.255:3", "02 02 0F FD 16 21")] // mA
    [InlineData("3/1-0:14.7.0.255:3", "02 02 0F FE 16 2C")] // 0.01 Hz
    [InlineData("5/1-0:9.4.0.255:4", "02 02 0F 00 16 1C")] // VA
    public void Registers_carry_their_unit(string target, string wire) => Assert.Equal(Hex(wire), TestMeters.New().Get(target));

    [Fact]
    public void Present_values_are_those_of_the_last_sample()
    {
        var meter = TestMeters.New();
        meter.Tick(new(new(230, 10, 0), new(231, 10, 60), new(232, 10, 180), 49.98f));

        Assert.Equal(23_000, meter.Number("3/1-0:21.7.0.255:2"));
        Assert.InRange(meter.Number("3/1-0:41.7.0.255:2"), 11_549, 11_550);
        Assert.Equal(0, meter.Number("3/1-0:61.7.0.255:2"));
        Assert.Equal(23_200, meter.Number("3/1-0:62.7.0.255:2"));
        Assert.InRange(meter.Number("3/1-0:53.7.0.255:2"), 499, 500);
        Assert.Equal(2310, meter.Number("3/1-0:52.7.0.255:2"));
        Assert.Equal(10_000, meter.Number("3/1-0:71.7.0.255:2"));
        Assert.Equal(4998, meter.Number("3/1-0:14.7.0.255:2"));
        Assert.InRange(meter.Number("3/1-0:1.7.0.255:2"), 11_349, 11_350);
    }

    [Fact]
    public void Keys_are_transferred_wrapped_with_the_master_key()
    {
        var meter = TestMeters.New();
        var (encryption, authentication) = (TestMeters.Key(0x60), TestMeters.Key(0x70));

        Assert.Equal(ActionResult.Success, Transfer(meter, "64/0-0:43.0.2.255!2", (0, encryption), (2, authentication)));

        Assert.Equal(encryption, meter.Read.Keys.Encryption);
        Assert.Equal(authentication, meter.Read.Keys.Authentication);
        Assert.Equal(TestMeters.Key(0x00), meter.Management.Keys.Encryption);
    }

    [Fact]
    public void A_key_wrapped_with_another_key_is_refused_and_none_of_the_request_is_taken()
    {
        var meter = TestMeters.New();
        Assert.Equal(ActionResult.OtherReason, meter.Invoke("64/0-0:43.0.2.255!2", w =>
        {
            w.WriteArray(2);
            WriteKey(w, 0, KeyWrap.Wrap(TestMeters.MasterKey, TestMeters.Key(0x60)));
            WriteKey(w, 2, KeyWrap.Wrap(TestMeters.Key(0x66), TestMeters.Key(0x70)));
        }));

        Assert.Equal(TestMeters.Key(0x20), meter.Read.Keys.Encryption);
        Assert.Equal(ActionResult.OtherReason, Transfer(meter, "64/0-0:43.0.2.255!2", (9, TestMeters.Key(1))));
        Assert.Equal(ActionResult.ReadWriteDenied, meter.Invoke("64/0-0:43.0.2.255!2", w => w.WriteArray(0), client: 2));
    }

    [Fact]
    public void A_new_master_key_is_what_the_next_keys_are_wrapped_with()
    {
        var meter = TestMeters.New();
        Assert.Equal(ActionResult.Success, Transfer(meter, "64/0-0:43.0.1.255!2", (3, TestMeters.Key(0x60))));

        Assert.Equal(ActionResult.OtherReason, Transfer(meter, "64/0-0:43.0.1.255!2", (0, TestMeters.Key(0x70))));
        Assert.Equal(ActionResult.Success, meter.Invoke("64/0-0:43.0.1.255!2", w =>
        {
            w.WriteArray(1);
            WriteKey(w, 0, KeyWrap.Wrap(TestMeters.Key(0x60), TestMeters.Key(0x70)));
        }));
        Assert.Equal(TestMeters.Key(0x70), meter.Management.Keys.Encryption);
    }

    [Fact]
    public void A_changed_encryption_key_begins_its_counters_anew_and_the_same_key_does_not()
    {
        var meter = TestMeters.New();
        var client = new SystemTitle(0x4854450000000001);
        meter.Management.Counters.Accept(KeyRole.GlobalUnicast, client, 41);
        Assert.Equal(41, meter.Number("1/0-0:43.1.1.255:2"));
        Assert.Equal(Hex("09 08 4854450000000001"), meter.Get("64/0-0:43.0.1.255:4"));

        Assert.Equal(ActionResult.Success, Transfer(meter, "64/0-0:43.0.0.255!2", (0, TestMeters.Key(0x00))));
        Assert.Equal(41, meter.Number("1/0-0:43.1.1.255:2"));
        Assert.Equal(ActionResult.Success, Transfer(meter, "64/0-0:43.0.0.255!2", (0, TestMeters.Key(0x60))));
        Assert.Equal(0, meter.Number("1/0-0:43.1.1.255:2"));
        Assert.Equal(0ul, meter.Management.Counters.ReceiveFloor(KeyRole.GlobalUnicast, client));
    }

    [Fact]
    public void The_policy_may_only_get_stronger()
    {
        var meter = TestMeters.New();

        Assert.Equal(0x6C, meter.Number("64/0-0:43.0.2.255:2"));
        Assert.Equal(ActionResult.OtherReason, meter.Invoke("64/0-0:43.0.2.255!1", w => w.WriteEnum(0x24)));
        Assert.Equal(ActionResult.OtherReason, meter.Invoke("64/0-0:43.0.2.255!1", w => w.WriteEnum(0x7C)));
        Assert.Equal(ActionResult.Success, meter.Invoke("64/0-0:43.0.2.255!1", w => w.WriteEnum(0x6C)));
    }

    private static ActionResult Transfer(VirtualMeter meter, string target, params (byte Id, byte[] Key)[] keys) => meter.Invoke(target, w =>
    {
        w.WriteArray(keys.Length);
        foreach (var (id, key) in keys) WriteKey(w, id, KeyWrap.Wrap(TestMeters.MasterKey, key));
    });

    private static void WriteKey(System.Buffers.IBufferWriter<byte> target, byte id, byte[] wrapped)
    {
        target.WriteStructure(2);
        target.WriteEnum(id);
        target.WriteOctetString(wrapped);
    }
}
