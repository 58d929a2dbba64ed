using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>The client's side alone: what it makes of devices that keep to the standard, and of those that do not.</summary>
public class HdlcClientLinkTests
{
    private static readonly HdlcAddress Server = HdlcAddress.Server(1, 17, 4);

    private readonly HdlcClientLink _link = new(HdlcDialogue.ClientOptions);

    [Fact]
    public void The_first_frames_are_those_of_a_captured_session()
    {
        //  session of a live meter, client 16, logical device 1, physical device 17 in four octets
        _link.Open(default);
        Assert.Equal(Hex("7EA00A00020023219318717E"), Sent());
        _link.Receive(Hex("7EA023210002002373F6C58180140502008006020080070400000001080400000001CE6A7E"), default);
        Assert.Equal(LinkState.Up, _link.State);
        _link.Send(Hex("601DA109060760857405080101BE10040E01000000065F1F040000301DFFFF"), default);
        Assert.Equal(Hex("7EA02E0002002321107ECBE6E600601DA109060760857405080101BE10040E01000000065F1F040000301DFFFFD4C57E"), Sent());
    }

    [Fact]
    public void Parameters_that_differ_from_the_defaults_are_offered()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions with { Parameters = new(512, 512, 1, 3) });
        link.Open(default);
        HdlcFrame.TryRead(link.Output.WrittenSpan[1..], out var snrm, out _, out _);
        Assert.Equal(Hex("8180 14 0502 0200 0602 0200 0704 00000001 0804 00000003"), snrm.Information.ToArray());
    }

    [Fact]
    public void A_ua_without_parameters_means_the_defaults()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions with { Parameters = new(512, 512, 7, 7) });
        link.Open(default);
        link.Receive(From(HdlcControl.Ua), default);
        Assert.Equal(HdlcParameters.Default, link.Agreed);
    }

    [Theory]
    [InlineData(0x1F, LinkFault.Refused)]
    [InlineData(0x97, LinkFault.FrameRejected)]
    public void A_device_may_refuse_the_link(byte control, LinkFault fault)
    {
        _link.Open(default);
        _link.Receive(From(new(control)), default);
        Assert.Equal((LinkState.Failed, fault), (_link.State, _link.Fault));
    }

    [Theory]
    [InlineData(0x1F, LinkFault.Disconnected)]
    [InlineData(0x97, LinkFault.FrameRejected)]
    [InlineData(0x93, LinkFault.Unexpected)]
    [InlineData(0xEF, LinkFault.Unexpected)]
    public void A_device_may_end_the_link(byte control, LinkFault fault)
    {
        Open();
        _link.Receive(From(new(control)), default);
        Assert.Equal((LinkState.Failed, fault), (_link.State, _link.Fault));
    }

    [Theory, InlineData(0x73), InlineData(0x1F)]
    public void Disc_is_answered_by_ua_or_by_dm(byte control)
    {
        Open();
        _link.Close(default);
        _link.Receive(From(new(control)), default);
        Assert.Equal(LinkState.Down, _link.State);
    }

    [Fact]
    public void A_link_whose_disc_is_not_answered_is_down_all_the_same()
    {
        Open();
        _link.Close(default);
        for (var s = 1; _link.State != LinkState.Down; s++) _link.Tick(TimeSpan.FromSeconds(s));
        Assert.Equal(4 * 12, Sent().Length);
    }

    [Fact]
    public void A_device_that_forgets_the_final_bit_does_not_hold_up_the_next_request()
    {
        Open();
        _link.Send([0xC0], default);
        _link.Receive(From(HdlcControl.I(0, 1, false), Hex("E6E700 C4")), default);
        Assert.True(_link.TryTakeApdu(out _));
        Sent();
        _link.Send([0xC1], default);
        Assert.Equal(0x32, Control(Sent()));
    }

    [Fact]
    public void An_answer_in_the_other_address_form_is_taken()
    {
        Open();
        _link.Send([0xC0], default);
        _link.Receive(Written(w => HdlcFrame.Write(w, HdlcAddress.Client(16), HdlcAddress.Server(1, 17, 2), HdlcControl.I(0, 1, true), false, Hex("E6E700 C4"))), default);
        Assert.True(_link.TryTakeApdu(out var apdu));
        Assert.Equal([0xC4], apdu.ToArray());
    }

    [Fact]
    public void Frames_of_other_stations_are_not_looked_at()
    {
        Open();
        _link.Send([0xC0], default);
        _link.Receive(Written(w => HdlcFrame.Write(w, HdlcAddress.Client(16), HdlcAddress.Server(1, 18, 4), HdlcControl.Dm)), default);
        _link.Receive(Written(w => HdlcFrame.Write(w, HdlcAddress.Client(1), Server, HdlcControl.Dm)), default);
        Assert.Equal(LinkState.Up, _link.State);
    }

    [Fact, Shows("hdlc.rnr")]
    public void A_busy_device_is_polled_and_sent_nothing_until_it_is_ready()
    {
        Open();
        _link.Send(new byte[200], default);
        Assert.Equal(0x10, Control(Sent()));
        _link.Receive(From(HdlcControl.Rnr(1, true)), default);
        _link.Tick(TimeSpan.FromMilliseconds(100));
        Assert.Equal(0x11, Control(Sent()));
        _link.Receive(From(HdlcControl.Rr(1, true)), TimeSpan.FromMilliseconds(150));
        Assert.Equal(0x12, Control(Sent()));
    }

    [Fact]
    public void A_device_that_refuses_the_same_frame_for_ever_is_given_up()
    {
        Open();
        _link.Send([0xC0], default);
        for (var i = 0; i < 3; i++)
        {
            _link.Receive(From(HdlcControl.Rr(0, true)), default);
            Assert.Equal(LinkState.Up, _link.State);
        }

        _link.Receive(From(HdlcControl.Rr(0, true)), default);
        Assert.Equal(LinkFault.NoAnswer, _link.Fault);
    }

    [Fact]
    public void An_answer_without_llc_header_is_out_of_place()
    {
        Open();
        _link.Send([0xC0], default);
        _link.Receive(From(HdlcControl.I(0, 1, true), Hex("C401C100")), default);
        Assert.Equal(LinkFault.Unexpected, _link.Fault);
    }

    [Fact]
    public void An_answer_longer_than_allowed_ends_the_link()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions with { MaxApdu = 200 });
        link.Open(default);
        link.Receive(From(HdlcControl.Ua), default);
        link.Send([0xC0], default);
        link.Receive(From(HdlcControl.I(0, 1, true), [0xE6, 0xE7, 0, .. new byte[120]], segmented: true), default);
        link.Receive(From(HdlcControl.I(1, 1, true), new byte[120]), default);
        Assert.Equal(LinkFault.TooLong, link.Fault);
    }

    [Fact, Shows("hdlc.ui")]
    public void A_push_from_the_device_is_an_apdu_too()
    {
        Open();
        _link.Receive(From(new(0x13), Hex("E6E700 0F00000001 00 00")), default);
        Assert.True(_link.TryTakeApdu(out var apdu));
        Assert.Equal(Hex("0F00000001 00 00"), apdu.ToArray());
    }

    [Fact, Shows("hdlc.inter-octet")]
    public void A_frame_that_is_still_coming_in_is_not_given_up()
    {
        Open();
        _link.Send([0xC0], default);
        var answer = From(HdlcControl.I(0, 1, true), [0xE6, 0xE7, 0, .. new byte[100]]);
        for (var i = 0; i < answer.Length; i++)
        {
            var now = TimeSpan.FromMilliseconds(100 * i);   // 11 s in all
            _link.Tick(now);
            _link.Receive(answer.AsSpan(i, 1), now);
        }

        Assert.True(_link.TryTakeApdu(out _));
        Assert.Equal(0, _link.Retransmissions);
    }

    [Fact]
    public void What_takes_long_to_send_is_waited_for_longer()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions with { OctetTime = TimeSpan.FromMilliseconds(33) });
        link.Open(default);
        Assert.Equal(TimeSpan.FromSeconds(3) + 12 * TimeSpan.FromMilliseconds(33), link.NextDeadline);
    }

    [Fact]
    public void Sending_on_a_link_that_is_not_up_is_a_mistake_of_the_caller() =>
        Assert.Throws<InvalidOperationException>(() => _link.Send([0xC0], default));

    [Theory]
    [InlineData(200, 1, 0, 1), InlineData(16, 1, 5, 1), InlineData(16, 1, 200, 2), InlineData(16, 1, 17, 3)]
    public void Options_out_of_range_are_refused_when_the_link_is_made(int client, int logical, int physical, int length) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new HdlcClientLink(new() { ClientSap = client, LogicalDevice = logical, PhysicalAddress = physical, AddressLength = length }));

    private void Open()
    {
        _link.Open(default);
        _link.Receive(From(HdlcControl.Ua), default);
        Assert.Equal(LinkState.Up, _link.State);
        Sent();
    }

    private byte[] Sent()
    {
        byte[] sent = [.. _link.Output.WrittenSpan];
        _link.Output.ResetWrittenCount();
        return sent;
    }

    private static byte Control(byte[] frame)
    {
        HdlcFrame.TryRead(frame.AsSpan(1), out var parsed, out _, out _);
        return parsed.Control.Value;
    }

    private static byte[] From(HdlcControl control, byte[]? information = null, bool segmented = false) =>
        Written(w => HdlcFrame.Write(w, HdlcAddress.Client(16), Server, control, segmented, information));
}
