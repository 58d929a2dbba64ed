using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>Several attributes or methods in one request, in blocks where that is long.</summary>
public sealed class ListTests
{
    private const Conformance NoLists = Conformance.Supported & ~Conformance.MultipleReferences;

    [Fact, Shows("set.with-list.client", "set.with-list.server")]
    public void A_list_is_written_in_one_request_and_answered_item_by_item()
    {
        using var talk = Dialogue.Plain().Associated();
        var results = talk.SetList(new(TestDevice.Setting, Hex("1105")), new(TestDevice.Name, Hex("1106")), new(TestDevice.Setting, Hex("1107")));

        Assert.Equal(Unspaced("C104C1 03 0001 0000800000FF 02 00 0001 00002A0000FF 02 00 0001 0000800000FF 02 00 03 1105 1106 1107", "C505C1 03 00 03 00"), Sent(talk));
        Assert.Equal([true, false, true], results.Select(r => r.Succeeded));
        Assert.Equal(new RequestFailure.Refused(TestDevice.Name, DataAccessResult.ReadWriteDenied), results[1].Failure);
        Assert.Equal(Hex("1107"), talk.Device.SettingData);
    }

    [Theory, Shows("set.with-list-blocks.client", "set.with-list-blocks.server")]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_long_list_is_written_in_blocks(Protection protection)
    {
        using var talk = Open(protection, maxPdu: 150);
        var value = Written(w => w.WriteOctetString(new byte[300]));
        var results = talk.SetList(new(TestDevice.Setting, Hex("1105")), new(TestDevice.Name, value), new(TestDevice.Setting, value));

        Assert.Equal([true, false, true], results.Select(r => r.Succeeded));
        Assert.Equal(value, talk.Device.SettingData);
        Assert.Equal(["1 sets 1/0-0:128.0.0.255:2", "1 sets 1/0-0:42.0.0.255:2", "1 sets 1/0-0:128.0.0.255:2"], talk.Device.Asked);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 150));
    }

    [Fact]
    public void A_list_in_blocks_begins_and_ends_as_the_standard_lays_it_out()
    {
        using var talk = Dialogue.Plain(maxPdu: 64).Associated();
        talk.SetList(new(TestDevice.Setting, Hex("1105")), new(TestDevice.Setting, Written(w => w.WriteOctetString(new byte[70]))));

        //            items                                          last number   len count values
        Assert.StartsWith("C105C102000100008000" + "00FF020000010000800000FF0200" + "0000000001" + "22" + "02" + "1105" + "0946", Convert.ToHexString(talk.Apdus[0]), StringComparison.Ordinal);
        Assert.Equal("C502C100000001", Convert.ToHexString(talk.Apdus[1]));
        Assert.StartsWith("C103C1" + "01" + "00000002", Convert.ToHexString(talk.Apdus[2]), StringComparison.Ordinal);
        Assert.Equal("C504C102000000000002", Convert.ToHexString(talk.Apdus[3]));
    }

    [Fact]
    public void Without_lists_each_item_is_written_alone_in_order()
    {
        using var talk = Dialogue.Plain(NoLists, maxPdu: 64).Associated();
        var value = Written(w => w.WriteOctetString(new byte[100]));
        var results = talk.SetList(new(TestDevice.Setting, Hex("1105")), new(TestDevice.Name, Hex("1106")), new(TestDevice.Setting, value));

        Assert.Equal([true, false, true], results.Select(r => r.Succeeded));
        Assert.Equal(value, talk.Device.SettingData);
        Assert.Equal(0x01, talk.Apdus[0][1]);
    }

    [Fact]
    public void A_list_longer_than_one_request_names_is_divided()
    {
        using var talk = Dialogue.Plain(maxPdu: 100).Associated();
        var items = Enumerable.Range(0, 30).Select(i => new SetItem(TestDevice.Setting, new byte[] { 0x11, (byte)i })).ToArray();

        Assert.All(talk.SetList(items), r => Assert.True(r.Succeeded));
        Assert.Equal(30, talk.Device.Asked.Count);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 100));
    }

    [Fact]
    public void Thousands_of_items_that_may_not_be_asked_for_are_refused_without_a_word()
    {
        using var talk = Dialogue.Plain(Conformance.Get).Associated();

        Assert.All(talk.SetList([.. Enumerable.Repeat(new SetItem(TestDevice.Setting, Hex("00")), 20_000)]), r => Assert.IsType<RequestFailure.NotNegotiated>(r.Failure));
        Assert.Empty(talk.Apdus);
    }

    [Fact, Shows("action.with-list.client", "action.with-list.server")]
    public void Methods_are_invoked_in_one_request_and_answered_one_by_one()
    {
        using var talk = Dialogue.Plain().Associated();
        var results = talk.InvokeList(new(TestDevice.Echo, Hex("1105")), new(TestDevice.Denied), new(TestDevice.Echo));

        Assert.Equal(Unspaced("C303C1 03 0009 00000A0000FF 01 0046 000060030AFF 01 0009 00000A0000FF 01 03 1105 00 00", "C703C1 03 00 01 00 1105 03 00 00 00"), Sent(talk));
        Assert.Equal(Hex("1105"), results[0].Data.ToArray());
        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Denied, ActionResult.ReadWriteDenied), results[1].Failure);
        Assert.True(results[2].Succeeded && results[2].Data.IsEmpty);
    }

    [Theory, Shows("action.with-list-blocks.client", "action.with-list-blocks.server")]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_long_list_of_methods_travels_in_pblocks_both_ways(Protection protection)
    {
        using var talk = Open(protection, maxPdu: 120);
        var parameter = Written(w => w.WriteOctetString(new byte[400]));
        var results = talk.InvokeList(new(TestDevice.Echo, parameter), new(TestDevice.Denied, Hex("0F00")), new(TestDevice.Echo, Hex("1105")));

        Assert.Equal(parameter, results[0].Data.ToArray());
        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Denied, ActionResult.ReadWriteDenied), results[1].Failure);
        Assert.Equal(Hex("1105"), results[2].Data.ToArray());
        Assert.Equal(3, talk.Device.Asked.Count);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 120));
    }

    [Fact]
    public void Without_lists_each_method_is_invoked_alone()
    {
        using var talk = Dialogue.Plain(NoLists).Associated();
        var results = talk.InvokeList(new(TestDevice.Echo, Hex("1105")), new(TestDevice.Denied), new(TestDevice.Echo, Hex("1106")));

        Assert.Equal(["1105", "", "1106"], results.Select(r => Convert.ToHexString(r.Data.Span)));
        Assert.Equal(6, talk.Apdus.Count);
    }

    [Theory, Shows("action.blocks.client", "action.blocks.server", "action.response-blocks.client", "action.response-blocks.server")]
    [InlineData(Protection.None)]
    [InlineData(Protection.Authenticated)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_long_parameter_and_long_return_data_travel_in_pblocks(Protection protection)
    {
        using var talk = Open(protection, maxPdu: 100);
        var parameter = Written(w => w.WriteOctetString(new byte[500]));

        Assert.Equal(parameter, talk.Invoke(TestDevice.Echo, parameter).Data.ToArray());
        Assert.Single(talk.Device.Asked);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 100));
    }

    [Fact]
    public void Pblocks_are_acknowledged_and_fetched_by_number()
    {
        using var talk = Dialogue.Plain(maxPdu: 64).Associated();
        talk.Invoke(TestDevice.Echo, Written(w => w.WriteOctetString(new byte[60])));

        string[] expected =
        [
            "C304C1000900000A0000FF01" + "0000000001" + "2E" + "093C", // method, last, number, 46 octets of raw data: the bare parameter
            "C704C100000001",
            "C306C1" + "0100000002" + "10",
            "C702C1" + "0000000001" + "37" + "093C", // last, number, 55 octets of the bare return data
            "C302C100000001",
            "C702C1" + "0100000002" + "07",
        ];
        Assert.Equal(expected.Length, talk.Apdus.Count);
        Assert.All(expected.Zip(talk.Apdus), pair => Assert.StartsWith(pair.First, Convert.ToHexString(pair.Second), StringComparison.Ordinal));
    }

    [Fact]
    public void A_method_that_is_refused_after_its_blocks_says_so_at_the_end()
    {
        using var talk = Dialogue.Plain(maxPdu: 64).Associated();

        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Denied, ActionResult.ReadWriteDenied), talk.Invoke(TestDevice.Denied, Written(w => w.WriteOctetString(new byte[200]))).Failure);
    }

    [Fact]
    public void A_parameter_longer_than_the_server_keeps_is_aborted()
    {
        using var talk = new Dialogue(new(), new() { MaxSetOctets = 300, MaxPdu = 100 }).Associated();

        Assert.Equal(new RequestFailure.MethodRefused(TestDevice.Echo, ActionResult.LongActionAborted), talk.Invoke(TestDevice.Echo, Written(w => w.WriteOctetString(new byte[500]))).Failure);
        Assert.Empty(talk.Device.Asked);
        Assert.True(talk.Invoke(TestDevice.Echo, Hex("1105")).Succeeded);
    }

    [Fact]
    public void Without_pblocks_what_is_too_long_is_refused_on_either_side()
    {
        const Conformance none = Conformance.Supported & ~Conformance.BlockTransferWithAction;
        using var server = Dialogue.Plain(none, maxPdu: 64).Associated();
        Assert.IsType<RequestFailure.TooLong>(server.Invoke(TestDevice.Echo, Written(w => w.WriteOctetString(new byte[100]))).Failure);

        using var client = Dialogue.Plain(none, clientMaxPdu: 64).Associated();
        Assert.Equal(ExceptionService.PduTooLong, Assert.IsType<RequestFailure.Exception>(client.Invoke(TestDevice.Echo, Written(w => w.WriteOctetString(new byte[100]))).Failure).Response.Service);
    }

    [Fact, Shows("get.attribute-0.client", "get.attribute-0.server")]
    public void Attribute_0_reads_all_attributes_in_a_structure()
    {
        using var talk = Dialogue.Plain().Associated();

        Assert.Equal(Hex("02 02 0906 0000800000FF 00"), talk.Get(TestDevice.Setting with { AttributeId = 0 }).Data.ToArray());
        Assert.Equal(DataAccessResult.ObjectUndefined, Assert.IsType<RequestFailure.Refused>(talk.Get(TestDevice.Unknown with { AttributeId = 0 }).Failure).Result);
    }

    [Fact, Shows("set.attribute-0.client", "set.attribute-0.server")]
    public void Attribute_0_writes_all_attributes_but_those_left_null()
    {
        using var talk = Dialogue.Plain().Associated();
        var all = TestDevice.Setting with { AttributeId = 0 };

        Assert.True(talk.Set(all, Hex("02 02 0906 0000800000FF 1105")).Succeeded);
        Assert.Equal(Hex("1105"), talk.Device.SettingData);
        Assert.True(talk.Set(all, Hex("02 02 00 00")).Succeeded);
        Assert.Equal(Hex("1105"), talk.Device.SettingData);
        Assert.Equal(new RequestFailure.Refused(all, DataAccessResult.TypeUnmatched), talk.Set(all, Hex("02 01 00")).Failure);
        Assert.Equal(new RequestFailure.Refused(all, DataAccessResult.ReadWriteDenied), talk.Set(all, Hex("02 02 0906 010203040506 1106")).Failure);
    }

    private static Dialogue Open(Protection protection, ushort maxPdu) =>
        (protection == Protection.None ? Dialogue.Plain(maxPdu: maxPdu) : Dialogue.Ciphered(protection, maxPdu: maxPdu)).Associated();

    private static IEnumerable<string> Sent(Dialogue talk) => talk.Apdus.Select(Convert.ToHexString);

    private static IEnumerable<string> Unspaced(params string[] apdus) => apdus.Select(apdu => Convert.ToHexString(Hex(apdu)));
}
