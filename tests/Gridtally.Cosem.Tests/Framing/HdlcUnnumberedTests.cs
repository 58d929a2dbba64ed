using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>UI frames: pushes of devices, and what clients send to one or to all without an answer.</summary>
public class HdlcUnnumberedTests
{
    private static readonly byte[] Apdu = Hex("C1 01 81 0003 0100010800FF 02 00 06 00000000");

    private static HdlcServerLine Line(int maxInfo = 2030) => new(new() { Serves = (_, _) => true, Parameters = new(maxInfo, maxInfo) });

    [Fact, Shows("hdlc.ui")]
    public void A_push_in_one_frame_is_that_of_a_captured_meter()
    {
        // An Aidon of a Norwegian household: device 4 at 65, to client 32.
        var capture = Vectors.ById("push-hdlc-aidon-list").Octets;
        var line = Line();
        line.SendUnconfirmed(new(32, 4, 65), capture.AsSpan(12, 566), default);
        Assert.Equal(capture, line.Output.WrittenSpan.ToArray());
    }

    [Fact, Shows("hdlc.ui")]
    public void A_long_push_in_segments_is_that_of_a_captured_meter()
    {
        ReadOnlySpan<byte> rest = Pushes.IskraSegments;
        Assert.True(new PushDeframer().TryRead(ref rest, out var pushed));
        var line = Line(maxInfo: 154);
        line.SendUnconfirmed(pushed.Peer, pushed.Apdu, default);
        Assert.Equal(new(103, 1, 17), pushed.Peer);
        Assert.Equal(Pushes.IskraSegments, line.Output.WrittenSpan.ToArray());
    }

    [Theory, Shows("hdlc.ui", "hdlc.addresses")]
    [InlineData(1, 0, "21 03"), InlineData(1, 17, "21 02 23"), InlineData(1, 1000, "21 00 02 0E D1"), InlineData(200, 0, "21 02 90 00 01"), InlineData(0x3FFF, 0x3FFF, "21 FE FF")]
    public void A_push_uses_the_shortest_form_of_address(int device, int physical, string addresses)
    {
        var line = Line();
        line.SendUnconfirmed(new(16, (ushort)device, (ushort)physical), Hex("0F00"), default);
        var expected = Hex(addresses);
        Assert.Equal(expected, line.Output.WrittenSpan.Slice(3, expected.Length).ToArray());
    }

    [Fact, Shows("hdlc.ui")]
    public void A_push_to_all_clients_is_taken_by_a_client_whose_device_it_is()
    {
        var dialogue = new HdlcDialogue(HdlcParameters.Default);
        dialogue.Open();
        dialogue.Server.SendUnconfirmed(new(HdlcAddress.All14, 1, 17), Hex("0F0000000100 00"), default);
        dialogue.Server.SendUnconfirmed(new(HdlcAddress.All14, 1, 18), Hex("0F0000000200 00"), default);
        dialogue.Pump();
        Assert.Equal([Hex("0F0000000100 00")], dialogue.Answers);
    }

    [Fact, Shows("hdlc.ui")]
    public void A_push_between_request_and_answer_does_not_disturb_them()
    {
        var dialogue = new HdlcDialogue(HdlcParameters.Default);
        dialogue.Serve = request =>
        {
            dialogue.Server.SendUnconfirmed(new(16, 1, 17), Hex("0F00000001"), default);
            return request;
        };
        dialogue.Open();
        dialogue.Client.Send(Hex("C001"), default);
        dialogue.RunUntil(() => dialogue.Answers.Count == 2);
        Assert.Equal([Hex("0F00000001"), Hex("C001")], dialogue.Answers);
    }

    [Theory, Shows("hdlc.broadcast", "hdlc.ui")]
    [InlineData(0x7F, 0, 1), InlineData(0x7F, 0x7F, 2), InlineData(1, 0x7F, 2), InlineData(0x7F, 17, 2), InlineData(0x3FFF, 0x3FFF, 4), InlineData(0x3FFF, 17, 4)]
    public void What_a_client_sends_to_a_broadcast_address_needs_no_link_and_reaches_the_line_once(int logical, int physical, int size)
    {
        var dialogue = new HdlcDialogue(
            HdlcDialogue.ClientOptions with { LogicalDevice = logical, PhysicalAddress = physical, AddressLength = size }, HdlcDialogue.ServerOptions);
        dialogue.Client.Open(default);
        Assert.Equal(LinkState.Up, dialogue.Client.State);
        dialogue.Client.SendUnconfirmed(Apdu, default);
        dialogue.Pump();
        dialogue.Client.Close(default);

        Assert.Equal([">03"], dialogue.Controls);
        Assert.Equal([Apdu], dialogue.Requests);
        Assert.Empty(dialogue.Answers);
        Assert.Equal(LinkState.Down, dialogue.Client.State);
    }

    [Fact, Shows("hdlc.ui")]
    public void A_request_that_wants_no_answer_goes_to_one_device_beside_its_link()
    {
        var dialogue = new HdlcDialogue(HdlcParameters.Default);
        dialogue.Open();
        dialogue.Client.SendUnconfirmed(Apdu, default);
        dialogue.Pump();
        Assert.Equal([Apdu], dialogue.Requests);
        Assert.Equal([">93", "<73", ">03"], dialogue.Controls);
    }

    [Fact]
    public void Asking_at_a_broadcast_address_and_unconfirmed_apdus_too_long_are_mistakes_of_the_caller()
    {
        var all = new HdlcClientLink(new() { LogicalDevice = 0x7F });
        all.Open(default);
        Assert.Throws<InvalidOperationException>(() => all.Send([0xC0], default));
        Assert.Throws<InvalidOperationException>(() => all.SendUnconfirmed(new byte[2028], default));
        all.SendUnconfirmed(new byte[2027], default);
    }
}
