using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.GeneralBlocks;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.GeneralBlocks;

public sealed class GeneralBlockTransferTests
{
    // 64 octets a block leave 57 of data: some 9 blocks there and 18 back.
    private const int MaxPdu = 64;

    private static readonly byte[] Request = [.. Enumerable.Range(0, 500).Select(i => (byte)(7 * i))];
    private static readonly byte[] Response = [.. Enumerable.Range(0, 1000).Select(i => (byte)(11 * i + 3))];

    public static TheoryData<byte, Mishap> Lines()
    {
        var data = new TheoryData<byte, Mishap>();
        foreach (var window in new byte[] { 1, 3, 63 })
        {
            foreach (var mishap in Enum.GetValues<Mishap>()) data.Add(window, mishap);
        }

        return data;
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(63)]
    [Shows("gbt.window.client", "gbt.window.server", "gbt.streaming.client", "gbt.streaming.server")]
    public void A_request_and_its_answer_come_through_in_blocks_of_the_size_and_streams_of_the_window(byte window)
    {
        var line = new BlockLine(Request, Response, window, MaxPdu);

        Assert.Equal(Response, line.Run());
        Assert.Equal((1, 0), (line.Served, line.Timeouts));
        Assert.All(line.Sent, sent => Assert.InRange(sent.Block.Length, 7, MaxPdu));
        var longest = LongestStream(line.Sent);
        Assert.InRange(longest, Math.Min((int)window, 8), window);
    }

    [Theory]
    [MemberData(nameof(Lines))]
    [Shows("gbt.lost-block.client", "gbt.lost-block.server")]
    public void Whatever_happens_to_any_one_block_the_request_is_served_once_and_the_answer_comes_whole(byte window, Mishap mishap)
    {
        var smooth = new BlockLine(Request, Response, window, MaxPdu);
        smooth.Run();
        for (var i = 0; i < smooth.Sent.Count; i++)
        {
            var line = new BlockLine(Request, Response, window, MaxPdu) { Unlucky = i, Mishap = mishap };

            Assert.Equal(Response, line.Run());
            Assert.True(line.Served == 1, $"window {window}, block {i} {mishap}: served {line.Served} times");
            Assert.True(line.Timeouts <= 1, $"window {window}, block {i} {mishap}: {line.Timeouts} timeouts");
            Assert.True(line.Sent.Count <= smooth.Sent.Count + 2 * window + 4, $"window {window}, block {i} {mishap}: {line.Sent.Count} blocks instead of {smooth.Sent.Count}");
        }
    }

    [Fact]
    public void The_first_block_goes_alone_until_the_window_of_the_other_side_is_known()
    {
        var server = Responder(window: 5, Response);
        Assert.Equal(["E0050001000039"], Heads(server));                             // one block, no streaming

        Assert.Equal(GeneralBlockStep.Send, Take(server, "E0 83 0001 0001 00"));       // window 3
        Assert.Equal(["E0450002000139", "E0450003000139", "E0050004000139"], Heads(server));
    }

    [Fact]
    public void A_gap_is_answered_with_the_last_block_in_order_and_the_sender_goes_back_to_the_next()
    {
        var server = Responder(window: 1, Response);
        Heads(server);
        Take(server, "E0 83 0001 0001 00");
        Heads(server);                                                                 // 2, 3, 4; 3 is lost

        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 3, 10_000);
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 01 0001 0000 01 AA"));
        Assert.Equal(["E0830001000100"], Heads(client));
        Assert.Equal(GeneralBlockStep.Wait, Take(client, "E0 41 0002 0001 01 BB"));
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 01 0004 0001 01 DD"));
        Assert.Equal(["E0830002000200"], Heads(client));                             // in order up to 2

        Assert.Equal(GeneralBlockStep.Send, Take(server, "E0 83 0002 0002 00"));
        Assert.Equal(["E0410003000239", "E0410004000239", "E0010005000239"], Heads(server));
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 01 0003 0002 01 CC"));
        Assert.Equal(Hex("AABBCC"), client.Received);
    }

    [Fact]
    public void A_stream_whose_last_block_is_lost_is_asked_for_again_after_a_timeout()
    {
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 3, 10_000);
        Take(client, "E0 01 0001 0000 01 AA");
        Heads(client);
        Assert.Equal(GeneralBlockStep.Wait, Take(client, "E0 41 0002 0001 01 BB"));

        Assert.True(client.Repeat());
        Assert.Equal(["E0830001000200"], Heads(client));                             // the same number once more, but 2 is acknowledged now
        Assert.Equal(GeneralBlockStep.Received, Take(client, "E0 81 0003 0001 01 CC"));
        Assert.Equal(Hex("AABBCC"), client.Received);
    }

    [Fact]
    public void A_server_that_hears_the_last_request_block_twice_sends_its_answer_twice_and_executes_once()
    {
        var server = new GeneralBlockTransfer(GeneralBlockRole.Responder, 1, 10_000);
        Assert.Equal(GeneralBlockStep.Send, Take(server, "E0 01 0001 0000 01 C0"));
        Assert.Equal(["E0010001000100"], Heads(server));
        Assert.Equal(GeneralBlockStep.Received, Take(server, "E0 81 0002 0001 01 01"));
        server.Outgoing.Write(Hex("C401"));
        Assert.True(server.TryBegin(MaxPdu));
        Assert.Equal(["E08100020002 02C401"], Heads(server, spaced: true));

        Assert.Equal(GeneralBlockStep.Send, Take(server, "E0 81 0002 0001 01 01"));
        Assert.Equal(["E08100020002 02C401"], Heads(server, spaced: true));
    }

    [Fact]
    public void An_acknowledgement_with_the_last_bit_is_not_taken_for_an_empty_answer()
    {
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 1, 10_000);
        client.Outgoing.Write(new byte[100]);
        Assert.True(client.TryBegin(MaxPdu));
        Assert.Equal(["E0010001000039"], Heads(client));

        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 81 0001 0001 00")); // as a Gurux server acknowledges
        Assert.Equal(["E081000200012B"], Heads(client));
        Assert.Equal(GeneralBlockStep.Received, Take(client, "E0 81 0002 0002 04 C501C100"));
    }

    [Fact]
    [Shows("gbt.window.client")]
    public void A_window_that_is_full_is_acknowledged_though_its_last_block_has_the_streaming_bit()
    {
        // Control octets and numbers of a dialogue with a Gurux server (Gurux.DLMS.Net) over TCP, window 4; its data are left out.
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 4, 10_000);
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 01 0001 0000 03 C40100"));
        Assert.Equal(["E0840001000100"], Heads(client));
        Assert.Equal(GeneralBlockStep.Wait, Take(client, "E0 44 0002 0001 01 09"));
        Assert.Equal(GeneralBlockStep.Wait, Take(client, "E0 44 0003 0001 01 02"));
        Assert.Equal(GeneralBlockStep.Wait, Take(client, "E0 44 0004 0001 01 AA"));
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 44 0005 0001 01 BB"));
        Assert.Equal(["E0840002000500"], Heads(client));
        Assert.Equal(GeneralBlockStep.Received, Take(client, "E0 84 0006 0002 01 CC"));
        Assert.Equal(Hex("C40100 09 02 AA BB CC"), client.Received);
    }

    [Fact]
    public void Blocks_of_another_transfer_and_aborts_out_of_place_are_ignored()
    {
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 3, 10_000);
        Assert.Equal(GeneralBlockStep.Ignored, Take(client, "E0 01 0002 0000 01 AA"));
        Assert.Equal(GeneralBlockStep.Ignored, Take(client, "E0 80 0000 0000 00"));
        Assert.Equal(GeneralBlockStep.Ignored, Take(client, "E0 01 0001 0009 01 AA"));
        Assert.False(client.IsActive);
        Assert.False(client.Repeat());
    }

    [Fact]
    public void The_other_side_may_give_up()
    {
        var server = Responder(window: 1, Response);
        Heads(server);
        Assert.Equal(GeneralBlockStep.Failed, Take(server, "E0 80 0000 0000 00"));
        Assert.Equal((GeneralBlockFault.Aborted, false), (server.Fault, server.IsActive));
    }

    [Fact]
    public void A_client_that_keeps_asking_for_the_same_block_is_not_served_for_ever()
    {
        var server = Responder(window: 1, Response);
        Heads(server);
        Take(server, "E0 81 0001 0001 00");
        var (answers, step) = (0, GeneralBlockStep.Send);
        for (; step == GeneralBlockStep.Send; answers++)
        {
            Heads(server);
            step = Take(server, "E0 81 0001 0001 00");
        }

        Assert.Equal((GeneralBlockStep.Failed, GeneralBlockFault.NoProgress), (step, server.Fault));
        Assert.Equal(GeneralBlockTransfer.MaxRepeats + 1, answers);
    }

    [Fact]
    public void A_client_gives_up_after_so_many_timeouts_in_a_row()
    {
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 1, 100);
        client.Outgoing.Write(Request);
        client.TryBegin(MaxPdu);
        var timeouts = 0;
        while (client.Repeat()) timeouts++;
        Assert.Equal(GeneralBlockTransfer.MaxRepeats, timeouts);
    }

    [Fact]
    public void More_octets_than_the_limit_are_not_gathered()
    {
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 1, maxReceived: 3);
        Assert.Equal(GeneralBlockStep.Send, Take(client, "E0 01 0001 0000 02 0102"));
        Heads(client);
        Assert.Equal(GeneralBlockStep.Failed, Take(client, "E0 01 0002 0001 02 0304"));
        Assert.Equal(GeneralBlockFault.TooLong, client.Fault);
    }

    [Fact]
    public void A_new_first_block_begins_a_new_request()
    {
        var server = new GeneralBlockTransfer(GeneralBlockRole.Responder, 1, 10_000);
        Take(server, "E0 01 0001 0000 01 C0");
        Heads(server);
        Take(server, "E0 01 0002 0001 01 C1");
        Heads(server);

        Assert.Equal(GeneralBlockStep.Send, Take(server, "E0 01 0001 0000 01 C3"));
        Assert.Equal(["E0010001000100"], Heads(server));
        Assert.Equal(Hex("C3"), server.Received);
    }

    [Fact]
    public void A_notification_is_one_stream_that_nobody_acknowledges()
    {
        var server = new GeneralBlockTransfer(GeneralBlockRole.Responder, 1, 0);
        server.Outgoing.Write(Response);
        Assert.True(server.TryBegin(MaxPdu, unconfirmed: true));
        var client = new GeneralBlockTransfer(GeneralBlockRole.Initiator, 1, 10_000);
        var output = new ArrayBufferWriter<byte>();
        var step = GeneralBlockStep.Wait;
        while (server.TryNext(output))
        {
            Assert.Equal(GeneralBlockStep.Wait, step);
            step = Take(client, Convert.ToHexString(output.WrittenSpan));
            output.Clear();
        }

        Assert.Equal(GeneralBlockStep.Received, step);
        Assert.Equal(Response, client.Received.ToArray());
    }

    [Fact]
    public void Random_blocks_never_do_more_than_be_taken_or_ignored()
    {
        var random = new Random(20260115);
        var server = new GeneralBlockTransfer(GeneralBlockRole.Responder, 3, 1000);
        var output = new ArrayBufferWriter<byte>();
        for (var i = 0; i < 200_000; i++)
        {
            var block = new GeneralBlock
            {
                Last = random.Next(8) == 0,
                Streaming = random.Next(3) == 0,
                Window = (byte)random.Next(64),
                Number = (ushort)random.Next(5),
                Acknowledged = (ushort)random.Next(5),
                Data = new byte[random.Next(3)],
            };
            if (server.Take(block) == GeneralBlockStep.Received)
            {
                server.Outgoing.Write(Request);
                server.TryBegin(MaxPdu);
            }

            var blocks = 0;
            for (; server.TryNext(output); blocks++) output.ResetWrittenCount();
            Assert.InRange(blocks, 0, GeneralBlock.MaxWindow);
        }
    }

    private static GeneralBlockTransfer Responder(byte window, byte[] response)
    {
        var server = new GeneralBlockTransfer(GeneralBlockRole.Responder, window, 10_000);
        server.Outgoing.Write(response);
        Assert.True(server.TryBegin(MaxPdu));
        return server;
    }

    private static GeneralBlockStep Take(GeneralBlockTransfer transfer, string hex)
    {
        Assert.True(GeneralBlock.TryRead(Hex(hex), out var block, out _));
        return transfer.Take(block);
    }

    /// <summary>What is sent now, in hex: the first 7 octets of each block, which are all of one without data.</summary>
    private static List<string> Heads(GeneralBlockTransfer transfer, bool spaced = false)
    {
        var heads = new List<string>();
        var output = new ArrayBufferWriter<byte>();
        while (transfer.TryNext(output))
        {
            var hex = Convert.ToHexString(output.WrittenSpan);
            heads.Add(spaced ? $"{hex[..12]} {hex[12..]}" : hex[..14]);
            output.Clear();
        }

        return heads;
    }

    private static int LongestStream(List<(bool ToServer, byte[] Block)> sent)
    {
        var (longest, run) = (0, 0);
        foreach (var (_, block) in sent)
        {
            run++;
            longest = Math.Max(longest, run);
            if ((block[1] & 0x40) == 0) run = 0;
        }

        return longest;
    }
}
