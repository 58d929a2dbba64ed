using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

public sealed class BlockTransferTests
{
    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.Authenticated)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_long_answer_comes_in_blocks_none_longer_than_the_pdu(Protection protection)
    {
        using var talk = Open(protection, maxPdu: 200);
        talk.Device.Rows = 1000;
        var result = talk.Get(TestDevice.Profile);

        Assert.Equal(ProfileOf(1000), result.Data.ToArray());
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 200));
        Assert.Single(talk.Device.Asked);
        var responses = talk.Apdus.Where((_, i) => i % 2 == 1).ToList();
        Assert.All(responses.Take(responses.Count - 1), apdu => Assert.InRange(apdu.Length, 195, 200)); // blocks are filled
    }

    [Theory]
    [InlineData(64)]
    [InlineData(65)]
    [InlineData(127)]
    [InlineData(128)]
    [InlineData(140)]
    [InlineData(255)]
    [InlineData(256)]
    [InlineData(300)]
    public void Blocks_fit_every_pdu_size_under_every_wrapping(ushort maxPdu)
    {
        foreach (var general in new[] { false, true })
        {
            using var talk = new Dialogue(Dialogue.Options(Protection.AuthenticatedEncrypted, dedicated: true, general) with { MaxReceivePdu = maxPdu }, Dialogue.Spec(Protection.AuthenticatedEncrypted)).Associated();
            talk.Device.Rows = 100;

            Assert.Equal(ProfileOf(100), talk.Get(TestDevice.Profile).Data.ToArray());
            Assert.All(talk.Apdus.Where((_, i) => i % 2 == 1), apdu => Assert.InRange(apdu.Length, 1, maxPdu));
        }
    }

    [Fact]
    public void An_answer_that_just_fits_is_sent_whole_and_one_octet_more_is_not()
    {
        // get-response-normal: 4 octets, array head 2, rows of 5 octets: 64 = 4 + 2 + 58, so 11 rows (61) fit and 12 (66) don't
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 11;
        talk.Get(TestDevice.Profile);
        Assert.Equal(2, talk.Apdus.Count);

        talk.Device.Rows = 12;
        Assert.Equal(ProfileOf(12), talk.Get(TestDevice.Profile).Data.ToArray());
        Assert.Equal(6, talk.Apdus.Count);
    }

    [Fact]
    public void A_long_list_answer_comes_in_blocks()
    {
        using var talk = Open(Protection.AuthenticatedEncrypted, maxPdu: 200);
        talk.Device.Rows = 100;
        var results = talk.GetList(TestDevice.Profile, TestDevice.Unknown, TestDevice.Profile);

        Assert.Equal(ProfileOf(100), results[0].Data.ToArray());
        Assert.Equal(new RequestFailure.Refused(TestDevice.Unknown, DataAccessResult.ObjectUndefined), results[1].Failure);
        Assert.Equal(ProfileOf(100), results[2].Data.ToArray());
    }

    [Fact]
    public void Without_block_transfer_a_long_answer_is_refused_as_too_long()
    {
        using var talk = Dialogue.Plain(Conformance.Supported & ~Conformance.BlockTransferWithGetOrRead, clientMaxPdu: 64).Associated();
        talk.Device.Rows = 1000;

        Assert.Equal(ExceptionService.PduTooLong, Assert.IsType<RequestFailure.Exception>(talk.Get(TestDevice.Profile).Failure).Response.Service);
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_long_value_is_set_in_blocks(Protection protection)
    {
        using var talk = Open(protection, maxPdu: 100);
        var value = Written(w => w.WriteOctetString(new byte[777]));

        Assert.True(talk.Set(TestDevice.Setting, value).Succeeded);
        Assert.Equal(value, talk.Device.SettingData);
        Assert.Single(talk.Device.Asked);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 1, 100));
    }

    [Fact]
    public void A_long_set_that_the_device_refuses_is_refused_at_the_end()
    {
        using var talk = Open(Protection.None, maxPdu: 100);

        Assert.Equal(new RequestFailure.Refused(TestDevice.Name, DataAccessResult.ReadWriteDenied), talk.Set(TestDevice.Name, Written(w => w.WriteOctetString(new byte[500]))).Failure);
    }

    [Fact]
    public void A_set_longer_than_the_server_keeps_is_aborted()
    {
        using var talk = new Dialogue(new(), new() { MaxSetOctets = 300, MaxPdu = 100 }).Associated();

        Assert.Equal(new RequestFailure.Refused(TestDevice.Setting, DataAccessResult.LongSetAborted), talk.Set(TestDevice.Setting, Written(w => w.WriteOctetString(new byte[500]))).Failure);
        Assert.Empty(talk.Device.Asked);
        Assert.True(talk.Set(TestDevice.Setting, Hex("00")).Succeeded);
    }

    [Fact]
    public void A_wrong_block_number_ends_the_transfer_and_nothing_else()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 100;

        Assert.Equal("C402C10000000001", Convert.ToHexString(talk.Ask(Hex("C001C1 0007 0100630100FF 02 00")).AsSpan(0, 8)));
        Assert.Equal("C402C101000000050113", Convert.ToHexString(talk.Ask(Hex("C002C1 00000005")))); // data-block-number-invalid
        Assert.Equal("C402C101000000010110", Convert.ToHexString(talk.Ask(Hex("C002C1 00000001")))); // no-long-get-in-progress
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void Another_request_in_the_middle_ends_the_transfer()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 100;
        talk.Ask(Hex("C001C1 0007 0100630100FF 02 00"));
        talk.Ask(Hex("C001C1 0001 00002A0000FF 02 00"));

        Assert.Equal("C402C101000000010110", Convert.ToHexString(talk.Ask(Hex("C002C1 00000001"))));
    }

    [Fact]
    public void A_set_block_out_of_order_ends_the_transfer()
    {
        using var talk = Dialogue.Plain().Associated();

        //                                                                          last number   len raw
        Assert.Equal("C502C100000001", Convert.ToHexString(talk.Ask(Hex("C102C1 0001 0000800000FF 02 00 00 00000001 02 0904"))));
        Assert.Equal("C503C11300000003", Convert.ToHexString(talk.Ask(Hex("C103C1 01 00000003 02 0102"))));
        Assert.Equal("C503C11200000002", Convert.ToHexString(talk.Ask(Hex("C103C1 01 00000002 02 0102"))));
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void Blocks_that_add_up_to_no_data_never_reach_the_device()
    {
        using var talk = Dialogue.Plain().Associated();
        talk.Ask(Hex("C102C1 0001 0000800000FF 02 00 00 00000001 02 0904"));

        Assert.Equal("C503C10C00000002", Convert.ToHexString(talk.Ask(Hex("C103C1 01 00000002 02 0102")))); // type-unmatched
        Assert.Empty(talk.Device.Asked);
    }

    [Fact]
    public void A_block_with_the_wrong_number_ends_the_clients_request()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 64).Associated();
        talk.Device.Rows = 100;
        talk.OnTheWay = apdu => apdu[0] == 0xC4 && apdu[7] == 3 ? [.. apdu[..7], 9, .. apdu[8..]] : apdu;

        Assert.Equal(new RequestFailure.OutOfPlace("datablock 3", "datablock 9"), talk.Get(TestDevice.Profile).Failure);
        talk.OnTheWay = apdu => apdu;
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Fact]
    public void A_server_that_never_ends_is_stopped_at_the_maximum()
    {
        using var talk = Dialogue.Plain(clientMaxPdu: 0xFFFF).Associated();
        var output = new ArrayBufferWriter<byte>();
        var block = new byte[60_000];
        talk.Client.Get(TestDevice.Profile, null, output);

        var step = ClientStep.Send;
        for (uint number = 1; step == ClientStep.Send; number++)
        {
            var apdu = Written(w => GetResponse.WriteBlock(w, new(0xC1), last: false, number, block));
            output.ResetWrittenCount();
            step = talk.Client.Receive(apdu, output);
        }

        var failure = Assert.IsType<RequestFailure.TooLong>(talk.Client.Result.Failure);
        Assert.Equal(Limits.MaxReassembly, failure.Maximum);
    }

    private static Dialogue Open(Protection protection, ushort maxPdu) =>
        (protection == Protection.None ? Dialogue.Plain(maxPdu: maxPdu) : Dialogue.Ciphered(protection, maxPdu: maxPdu)).Associated();

    private static byte[] ProfileOf(int rows) => Written(w =>
    {
        w.WriteArray(rows);
        for (var i = 0; i < rows; i++) w.WriteDoubleLongUnsigned((uint)i);
    });
}
