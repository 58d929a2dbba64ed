using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>The device's side alone, octet by octet.</summary>
public class HdlcServerLineTests
{
    private static readonly HdlcAddress Public = HdlcAddress.Client(16);

    private readonly HdlcServerLine _line = new(new() { Serves = (logical, physical) => logical == 1 && physical is 0 or (>= 17 and <= 20) });

    [Fact]
    public void Snrm_is_answered_with_ua_and_the_parameters_agreed_on()
    {
        //  u9n/dlms-cosem: SNRM without parameters, so the defaults hold
        Assert.Equal(["73"], Ask(Hex("7EA00802232193BD647E")));
        Assert.Equal(FramingEventKind.Connected, Event().Kind);
    }

    [Theory, Shows("hdlc.addresses")]
    [InlineData(1, 0), InlineData(2, 17), InlineData(4, 17)]
    public void The_answer_has_the_address_form_of_the_request(int size, int physical)
    {
        var server = HdlcAddress.Server(1, physical, size);
        _line.Receive(Frame(server, HdlcControl.Snrm), default);
        HdlcFrame.TryRead(_line.Output.WrittenSpan[1..], out var answer, out _, out _);
        Assert.Equal((server, Public), (answer.Source, answer.Destination));
    }

    [Theory, Shows("hdlc.dm")]
    [InlineData(0x53), InlineData(0x10), InlineData(0x11), InlineData(0x15)]
    public void Without_a_link_disc_and_i_and_rr_get_dm(byte control) =>
        Assert.Equal(["1F"], Ask(Frame(17, new(control))));

    [Fact]
    public void Without_a_poll_nothing_is_answered() => Assert.Empty(Ask(Frame(17, new(0x01))));

    [Fact]
    public void Disc_ends_the_link_once()
    {
        Connect(17);
        Assert.Equal(["73", "1F"], [.. Ask(Frame(17, HdlcControl.Disc)), .. Ask(Frame(17, HdlcControl.Disc))]);
    }

    [Fact, Shows("hdlc.frmr")]
    public void An_unknown_control_octet_is_rejected_until_the_link_is_set_up_again()
    {
        Connect(17);
        //                                   FRMR carries: the octet, V(R) and V(S), reason W
        Assert.Equal(Hex("EF 00 01"), Information(Frame(17, new(0xEF))));
        Assert.Equal(["97"], Ask(Frame(17, HdlcControl.Rr(0, true))));
        Assert.Equal(["73", "11"], [.. Ask(Frame(17, HdlcControl.Snrm)), .. Ask(Frame(17, HdlcControl.Rr(0, true)))]);
    }

    [Fact]
    public void An_information_field_longer_than_agreed_is_rejected()
    {
        Connect(17);
        Assert.Equal(Hex("10 00 04"), Information(Frame(17, HdlcControl.I(0, 0, true), new byte[129])));
    }

    [Fact]
    public void An_acknowledgement_of_what_was_never_sent_is_rejected()
    {
        Connect(17);
        Assert.Equal(Hex("71 00 08"), Information(Frame(17, HdlcControl.Rr(3, true))));
    }

    [Fact]
    public void A_request_whose_first_frame_has_no_llc_header_is_acknowledged_and_not_delivered()
    {
        Connect(17);
        Assert.Equal(["31"], Ask(Frame(17, HdlcControl.I(0, 0, true), Hex("C001C1"))));
        Assert.False(_line.TryTakeEvent(out _));
    }

    [Fact]
    public void A_request_out_of_sequence_is_dropped_and_the_number_expected_told()
    {
        Connect(17);
        Assert.Equal(["11"], Ask(Frame(17, HdlcControl.I(1, 0, true), Hex("E6E600 C001"))));
        Assert.False(_line.TryTakeEvent(out _));
    }

    [Fact, Shows("hdlc.rnr")]
    public void A_busy_client_is_sent_nothing_until_it_is_ready()
    {
        Connect(17);
        _line.Receive(Frame(17, HdlcControl.I(0, 0, true), Hex("E6E600 C001")), default);
        var peer = Event().Peer;
        Assert.Equal(["31"], Ask(Frame(17, HdlcControl.Rnr(0, true))));
        _line.Send(peer, Hex("C401"), default);
        Assert.Equal(0, _line.Output.WrittenCount);
        Assert.Equal(["31", "30"], [.. Ask(Frame(17, HdlcControl.Rnr(0, true))), .. Ask(Frame(17, HdlcControl.Rr(0, true)))]);
    }

    [Fact, Shows("hdlc.multidrop")]
    public void Four_devices_on_one_line_hold_their_own_links_with_two_clients_each()
    {
        ushort[] devices = [17, 18, 19, 20];
        byte[] clients = [16, 1];
        foreach (var device in devices)
        {
            foreach (var client in clients) Ask(Frame(device, HdlcControl.Snrm, client: client));
        }

        Assert.Equal(8, _line.Links);
        while (_line.TryTakeEvent(out var connected)) Assert.Equal(FramingEventKind.Connected, connected.Kind);
        foreach (var device in devices)
        {
            foreach (var client in clients) _line.Receive(Frame(device, HdlcControl.I(0, 0, true), [0xE6, 0xE6, 0, (byte)device, client], client), default);
        }

        for (var i = 0; i < 8; i++)
        {
            var request = Event();
            Assert.Equal([(byte)request.Peer.Physical, (byte)request.Peer.Client], request.Apdu.ToArray());
            _line.Send(request.Peer, request.Apdu.Span, default);
            HdlcFrame.TryRead(_line.Output.WrittenSpan[1..], out var answer, out _, out _);
            Assert.Equal((request.Peer.Physical, request.Peer.Client), (answer.Source.Lower, answer.Destination.Upper));
            Assert.Equal([0xE6, 0xE7, 0, (byte)request.Peer.Physical, (byte)request.Peer.Client], answer.Information.ToArray());
            _line.Output.ResetWrittenCount();
        }

        Ask(Frame(18, HdlcControl.Disc));
        Assert.Equal(7, _line.Links);
        Assert.Equal(["1F", "31"], [.. Ask(Frame(18, HdlcControl.Rr(1, true))), .. Ask(Frame(19, HdlcControl.Rr(1, true)))]);
    }

    [Theory, Shows("hdlc.broadcast")]
    [InlineData(1, 0x7F, 2), InlineData(0x7F, 0x7F, 2), InlineData(0x3FFF, 0x3FFF, 4), InlineData(0x7F, 0, 1)]
    public void A_broadcast_is_delivered_once_and_never_answered(int logical, int physical, int size)
    {
        var all = HdlcAddress.Server(logical, physical, size);
        Assert.Empty(Ask(Frame(all, new(0x13), Hex("E6E600 C101"))));
        var broadcast = Event();
        Assert.True(broadcast.Broadcast);
        Assert.Equal(Hex("C101"), broadcast.Apdu.ToArray());
        Assert.Equal(physical is 0x7F or 0x3FFF ? HdlcAddress.All14 : 0, broadcast.Peer.Physical);
        Assert.Empty(Ask(Frame(all, HdlcControl.Snrm)));
        Assert.Empty(Ask(Frame(all, HdlcControl.I(0, 0, true), Hex("E6E600 C001"))));
        Assert.Empty(Ask(Frame(all, HdlcControl.Disc)));
        Assert.False(_line.TryTakeEvent(out _));
    }

    [Fact]
    public void An_unnumbered_frame_for_one_device_is_delivered_and_not_answered()
    {
        Assert.Empty(Ask(Frame(17, new(0x13), Hex("E6E600 C101"))));
        Assert.True(Event() is { Broadcast: true, Kind: FramingEventKind.Apdu });
    }

    [Fact]
    public void The_devices_own_frames_coming_back_as_an_echo_change_nothing()
    {
        Connect(17);
        _line.Receive(Frame(17, HdlcControl.I(0, 0, true), Hex("E6E600 C001")), default);
        _line.Send(Event().Peer, Hex("C401"), default);
        byte[] echo = [.. _line.Output.WrittenSpan];
        _line.Output.ResetWrittenCount();
        Assert.Empty(Ask(echo));
        Assert.Equal(["31"], Ask(Frame(17, HdlcControl.Rr(1, true))));
    }

    [Fact]
    public void An_apdu_longer_than_allowed_is_rejected_and_costs_no_memory()
    {
        var line = new HdlcServerLine(new() { Serves = (_, _) => true, MaxApdu = 300 });
        line.Receive(Frame(17, HdlcControl.Snrm), default);
        for (var i = 0; i < 3; i++) line.Receive(Frame(17, HdlcControl.I(i, 0, true), [0xE6, 0xE6, 0, .. new byte[117]], segmented: true), default);
        line.Receive(Frame(17, HdlcControl.Rr(0, true)), default);
        Assert.Equal(["73", "31", "51", "97", "97"], Controls(line));
    }

    [Fact, Shows("hdlc.multidrop")]
    public void A_thousand_devices_are_told_apart_on_one_line()
    {
        var line = new HdlcServerLine(new() { Serves = (_, physical) => physical is >= 1000 and < 2000 });
        for (ushort device = 1000; device < 2000; device++)
        {
            line.Receive(Frame(HdlcAddress.Server(1, device, 4), HdlcControl.Snrm), default);
            Assert.True(line.TryTakeEvent(out var connected) && connected.Peer.Physical == device);
            line.Output.ResetWrittenCount();
        }

        Assert.Equal(1000, line.Links);
        // All at once are more than wait for the driver at a time; the others follow when it has taken those.
        var now = TimeSpan.FromSeconds(120);
        var over = new HashSet<ushort>();
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(now, line.NextDeadline);
            line.Tick(now);
            while (line.TryTakeEvent(out var ended)) Assert.True(ended.Kind == FramingEventKind.Disconnected && over.Add(ended.Peer.Physical));
        }

        Assert.Equal((1000, 0), (over.Count, line.Links));
    }

    private void Connect(ushort device)
    {
        Assert.Equal(["73"], Ask(Frame(device, HdlcControl.Snrm)));
        Event();
    }

    private FramingEvent Event()
    {
        Assert.True(_line.TryTakeEvent(out var happened));
        return happened;
    }

    private List<string> Ask(byte[] octets)
    {
        _line.Receive(octets, default);
        return Controls(_line);
    }

    private byte[] Information(byte[] octets)
    {
        _line.Receive(octets, default);
        HdlcFrame.TryRead(_line.Output.WrittenSpan[1..], out var answer, out _, out _);
        _line.Output.ResetWrittenCount();
        return answer.Information.ToArray();
    }

    private static List<string> Controls(HdlcServerLine line)
    {
        var controls = new List<string>();
        var octets = line.Output.WrittenSpan;
        while (!octets.IsEmpty)
        {
            Assert.Equal(OperationStatus.Done, HdlcFrame.TryRead(octets[1..], out var frame, out var length, out _));
            controls.Add(frame.Control.Value.ToString("X2"));
            octets = octets[(length + 2)..];
        }

        line.Output.ResetWrittenCount();
        return controls;
    }

    private static byte[] Frame(ushort device, HdlcControl control, byte[]? information = null, int client = 16, bool segmented = false) =>
        Frame(HdlcAddress.Server(1, device, 4), control, information, client, segmented);

    private static byte[] Frame(HdlcAddress server, HdlcControl control, byte[]? information = null, int client = 16, bool segmented = false) =>
        Written(w => HdlcFrame.Write(w, server, HdlcAddress.Client(client), control, segmented, information));
}
