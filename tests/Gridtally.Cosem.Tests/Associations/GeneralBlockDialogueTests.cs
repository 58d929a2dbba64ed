using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Associations;

/// <summary>General block transfer around the services of an association.</summary>
public sealed class GeneralBlockDialogueTests
{
    private const Conformance WithBlocks = Conformance.Supported | Conformance.GeneralBlockTransfer;

    [Fact]
    [Shows("gbt.response.client", "gbt.response.server")]
    public void A_long_answer_is_cut_and_acknowledged_to_the_octet()
    {
        using var talk = Plain(window: 1, maxPdu: 64);
        talk.Device.Rows = 24;
        Assert.Equal(ProfileOf(24), talk.Get(TestDevice.Profile).Data.ToArray());

        // get-response-normal C4 01 C1 00, array of 24 double-long-unsigned: 4 + 2 + 120 octets, 57 of them in a block of 64 octets
        byte[] whole = [0xC4, 0x01, 0xC1, 0x00, .. ProfileOf(24)];
        Assert.Equal(
            [
                Hex("C001C1 0007 0100630100FF 02 00"),
                [.. Hex("E0 01 0001 0000 39"), .. whole[..57]],
                Hex("E0 81 0001 0001 00"),
                [.. Hex("E0 01 0002 0001 39"), .. whole[57..114]],
                Hex("E0 81 0002 0002 00"),
                [.. Hex("E0 81 0003 0002 0C"), .. whole[114..]],
            ],
            talk.Apdus);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(63)]
    [Shows("gbt.request.client", "gbt.request.server")]
    public void A_long_request_is_cut_and_its_short_answer_acknowledges_it(byte window)
    {
        using var talk = Plain(window, maxPdu: 64);
        byte[] value = [0x09, 0x81, 200, .. new byte[200]];

        Assert.True(talk.Set(TestDevice.Setting, value).Succeeded);
        Assert.Equal(value, talk.Device.SettingData);
        Assert.Equal(Hex($"E0 {window:X2} 0001 0000 39 C101C1"), talk.Apdus[0][..10]);
        Assert.Equal(Hex($"E0 {window:X2} 0001 0001 00"), talk.Apdus[1]);
        Assert.Equal([(byte)(0x80 | window)], talk.Apdus[^1][1..2]);
        Assert.Equal(Hex("04 C501C100"), talk.Apdus[^1][6..]);
        Assert.All(talk.Apdus, apdu => Assert.InRange(apdu.Length, 7, 64));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(63)]
    [Shows("gbt.request.client", "gbt.request.server", "gbt.response.client", "gbt.response.server")]
    public void Both_ways_at_once(byte window)
    {
        using var talk = Plain(window, maxPdu: 64);
        byte[] parameter = [0x09, 0x82, 0x03, 0xE8, .. Enumerable.Range(0, 1000).Select(i => (byte)i)];

        Assert.Equal(parameter, talk.Invoke(TestDevice.Echo, parameter).Data.ToArray());
        Assert.Single(talk.Device.Asked);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    [Shows("gbt.ciphered.client", "gbt.ciphered.server")]
    public void What_is_ciphered_is_cut_after_and_put_together_before_it_is_deciphered(bool general)
    {
        var tag = general ? ApduTag.GeneralGloCiphering : ApduTag.GloGetResponse;
        using var talk = new Dialogue(
            Dialogue.Options(Protection.AuthenticatedEncrypted, general: general) with { ProposedConformance = WithBlocks, GeneralBlockWindow = 3 },
            Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Conformance = WithBlocks | Conformance.GeneralProtection, MaxPdu = 64 }).Associated();
        talk.Device.Rows = 100;
        Assert.Equal(ProfileOf(100), talk.Get(TestDevice.Profile).Data.ToArray());

        var blocks = talk.Apdus.Skip(1).Where(apdu => apdu.Length > 7).ToList();
        Assert.All(blocks, block => Assert.Equal((byte)ApduTag.GeneralBlockTransfer, block[0]));
        Assert.Equal((byte)tag, blocks[0][7]);
        Assert.All(blocks.Skip(1), block => Assert.False(block[7] == (byte)tag && block[8] == 0x82)); // ciphered once, as a whole
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(63)]
    [Shows("gbt.lost-block.client", "gbt.lost-block.server", "gbt.ciphered.client", "gbt.ciphered.server")]
    public void Any_one_block_may_be_lost_without_a_replay_or_a_second_execution(byte window)
    {
        byte[] parameter = [0x09, 0x82, 0x01, 0x2C, .. Enumerable.Range(0, 300).Select(i => (byte)i)];
        for (var unlucky = 0; ; unlucky++)
        {
            using var talk = new Dialogue(
                Dialogue.Options(Protection.AuthenticatedEncrypted) with { ProposedConformance = WithBlocks, GeneralBlockWindow = window, MaxReceivePdu = 64 },
                Dialogue.Spec(Protection.AuthenticatedEncrypted) with { Conformance = WithBlocks, GeneralBlockWindow = window, MaxPdu = 64 }).Associated();
            var count = 0;
            talk.Loses = _ => count++ == unlucky;

            Assert.Equal(parameter, talk.Invoke(TestDevice.Echo, parameter).Data.ToArray());
            Assert.Single(talk.Device.Asked);
            Assert.Empty(talk.Incidents);
            if (count <= unlucky) break;
        }
    }

    [Fact]
    public void A_line_that_loses_everything_ends_in_silence_not_in_a_loop()
    {
        using var talk = Plain(window: 3, maxPdu: 64);
        talk.Device.Rows = 100;
        var heard = 0;
        talk.Loses = apdu => apdu[0] == (byte)ApduTag.GeneralBlockTransfer && heard++ > 3;
        var output = new ArrayBufferWriter<byte>();

        Assert.Throws<Xunit.Sdk.EqualException>(() => talk.Get(TestDevice.Profile));
        Assert.False(talk.Client.TryRepeat(output));
        talk.Client.Abandon();
        talk.Loses = _ => false;
        Assert.True(talk.Get(TestDevice.Name).Succeeded);
    }

    [Theory]
    [InlineData(WithBlocks, Conformance.Supported)]
    [InlineData(Conformance.Supported, WithBlocks)]
    public void Where_one_side_has_not_negotiated_it_each_service_has_blocks_of_its_own(Conformance client, Conformance server)
    {
        using var talk = new Dialogue(new() { ProposedConformance = client, MaxReceivePdu = 64 }, new() { Conformance = server }).Associated();
        talk.Device.Rows = 100;

        Assert.Equal(ProfileOf(100), talk.Get(TestDevice.Profile).Data.ToArray());
        Assert.All(talk.Apdus, apdu => Assert.NotEqual((byte)ApduTag.GeneralBlockTransfer, apdu[0]));
        Assert.Equal(Hex("D8 01 02"), talk.Ask(Hex("E0 81 0001 0000 0D C001C1 0001 00002A0000FF 02 00")));  // service-not-allowed, service-not-supported
        talk.OnTheWay = _ => Hex("E0 81 0001 0000 05 C401C10001");
        Assert.IsType<RequestFailure.OutOfPlace>(talk.Get(TestDevice.Name).Failure);
    }

    [Fact]
    public void A_short_request_may_come_in_a_block_and_is_answered_in_one()
    {
        using var talk = Plain(window: 1, maxPdu: 64);
        //                                      get-request-normal of 0-0:42.0.0.255, in one block
        var answer = talk.Ask(Hex("E0 85 0001 0000 0D C001C1 0001 00002A0000FF 02 00"));

        Assert.Equal([.. Hex("E0 81 0001 0001 16 C401C1 00 0910"), .. "GTY0000000000001"u8], answer);
    }

    [Theory]
    [InlineData("E0 81 0001 0000 09 E0810001 0000 01 C0 00")] // blocks within blocks
    [InlineData("E0 81 0001 0000 05 6203800100")]             // a release
    public void What_does_not_belong_into_blocks_is_refused_in_one(string request)
    {
        using var talk = Plain(window: 1, maxPdu: 64);
        Assert.Equal(Hex("E0 81 0001 0001 03 D80202"), talk.Ask(Hex(request)));
        Assert.Equal(ServerAssociationState.Associated, talk.Server.State);
    }

    [Fact]
    public void A_request_that_never_ends_is_cut_off_with_pdu_too_long()
    {
        using var talk = new Dialogue(new() { ProposedConformance = WithBlocks }, new() { Conformance = WithBlocks, MaxSetOctets = 100 }).Associated();
        var block = new byte[1000];
        byte[] answer = [];
        var sent = 0;
        for (ushort number = 1; answer is not [0xD8, ..]; number++)
        {
            answer = talk.Ask([.. Hex($"E0 01 {number:X4} {number - 1:X4} 82 03E8"), .. block]);
            sent += block.Length;
            Assert.InRange(sent, 0, 20_000);
        }

        Assert.Equal(Hex("D8 01 04"), answer);
    }

    [Fact]
    public void A_block_of_a_transfer_that_is_over_is_answered_with_an_abort()
    {
        using var talk = Plain(window: 1, maxPdu: 64);
        Assert.Equal(Hex("E0 80 0000 0000 00"), talk.Ask(Hex("E0 81 0007 0009 00")));
        Assert.Equal(Hex("D8 01 03"), talk.Ask(Hex("E0 81 0001")));
    }

    [Fact]
    public void A_notification_too_long_for_one_apdu_is_a_stream_of_blocks()
    {
        using var talk = Plain(window: 1, maxPdu: 64);
        var output = new ArrayBufferWriter<byte>();
        byte[] value = [0x09, 0x81, 150, .. new byte[150]];
        Assert.Equal(NotifyResult.Written, talk.Server.Notify(new(1), null, value, output));

        List<byte[]> blocks = [output.WrittenSpan.ToArray()];
        output.Clear();
        while (talk.Server.TryNext(output))
        {
            blocks.Add(output.WrittenSpan.ToArray());
            output.Clear();
        }

        Assert.Equal([0x41, 0x41, 0x81], blocks.Select(b => b[1]));
        Assert.Equal([.. Hex("0F 00000001 00"), .. value], blocks.SelectMany(b => b[7..]));
    }

    [Theory]
    [InlineData(Protection.None)]
    [InlineData(Protection.AuthenticatedEncrypted)]
    public void A_get_in_blocks_allocates_nothing_once_warm(Protection protection)
    {
        using var client = new ClientAssociation(Dialogue.Options(protection) with { ProposedConformance = WithBlocks }, new InMemoryInvocationCounters(100));
        using var server = new ServerAssociation(Dialogue.Spec(protection) with { Conformance = WithBlocks, MaxPdu = 256 }, 1, new LongDevice(), new InMemoryInvocationCounters(200));
        var (up, down) = (new ArrayBufferWriter<byte>(1024), new ArrayBufferWriter<byte>(1024));
        var step = client.Open(up);
        while (step == ClientStep.Send) step = Exchange();
        Assert.Equal(ClientStep.Associated, step);

        for (var i = 0; i < 50; i++) Get();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) Get();

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        ClientStep Exchange()
        {
            down.ResetWrittenCount();
            server.Handle(up.WrittenSpan, down);
            up.ResetWrittenCount();
            var result = client.Receive(down.WrittenSpan, up);
            while (result == ClientStep.Receiving)
            {
                down.ResetWrittenCount();
                server.TryNext(down);
                result = client.Receive(down.WrittenSpan, up);
            }

            return result;
        }

        void Get()
        {
            var next = client.Get(TestDevice.Name, null, up);
            while (next == ClientStep.Send) next = Exchange();
            if (next != ClientStep.Answered || client.Result.Data.Length != 4004) throw new InvalidOperationException("no answer");
        }
    }

    private static Dialogue Plain(byte window, ushort maxPdu) => new Dialogue(
        new() { ProposedConformance = WithBlocks, MaxReceivePdu = maxPdu, GeneralBlockWindow = window },
        new() { Conformance = WithBlocks, MaxPdu = maxPdu, GeneralBlockWindow = window }).Associated();

    private static byte[] ProfileOf(int rows)
    {
        var expected = new ArrayBufferWriter<byte>();
        expected.WriteArray(rows);
        for (var i = 0; i < rows; i++) expected.WriteDoubleLongUnsigned((uint)i);
        return expected.WrittenSpan.ToArray();
    }

    private sealed class LongDevice : ILogicalDevice
    {
        private static readonly byte[] Value = new byte[4000];

        public DataAccessResult Get(in AttributeRef target, in RequestContext context, IBufferWriter<byte> output)
        {
            output.WriteOctetString(Value);
            return DataAccessResult.Success;
        }

        public DataAccessResult Set(in AttributeRef target, in RequestContext context, ReadOnlySpan<byte> data) => DataAccessResult.ReadWriteDenied;

        public ActionResult Invoke(in MethodRef target, in RequestContext context, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output) => ActionResult.ReadWriteDenied;
    }
}
