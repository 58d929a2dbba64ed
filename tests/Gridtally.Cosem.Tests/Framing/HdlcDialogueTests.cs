using Gridtally.Cosem.Framing;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests.Framing;

public class HdlcDialogueTests
{
    private static byte[] Apdu(int length, byte seed = 1) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + seed))];

    public static TheoryData<int> Windows => [1, 2, 3, 4, 5, 6, 7];

    [Fact]
    public void A_link_is_set_up_carries_a_request_and_is_taken_down()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        Assert.Equal(LinkState.Up, line.Client.State);
        Assert.Equal(Apdu(20), line.Ask(Apdu(20)));
        line.Close();

        Assert.Equal(LinkState.Down, line.Client.State);
        Assert.Equal([">93", "<73", ">10", "<30", ">53", "<73"], line.Controls);
        Assert.Equal([FramingEventKind.Connected, FramingEventKind.Apdu, FramingEventKind.Disconnected], line.Events);
        Assert.Equal(0, line.Server.Links);
    }

    [Fact, Shows("hdlc.negotiation")]
    public void Each_end_gets_the_smaller_of_what_one_sends_and_the_other_takes()
    {
        var line = new HdlcDialogue(
            HdlcDialogue.ClientOptions with { Parameters = new(500, 2030, 3, 7) },
            HdlcDialogue.ServerOptions with { Parameters = new(1000, 200, 5, 2) });
        line.Open();
        Assert.Equal(new HdlcParameters(200, 1000, 2, 5), line.Client.Agreed);
    }

    [Theory, Shows("hdlc.segmentation", "hdlc.windows"), MemberData(nameof(Windows))]
    public void Long_apdus_pass_both_ways_in_segments_of_128_with_every_window(int window)
    {
        var line = new HdlcDialogue(new(128, 128, window, window)) { Serve = request => [.. request, .. request] };
        line.Open();
        foreach (var length in new[] { 1, 124, 125, 126, 253, 254, 1000, 3000 })
        {
            var request = Apdu(length);
            Assert.Equal([.. request, .. request], line.Ask(request)!);
        }

        Assert.Equal(0, line.Client.Retransmissions + line.Server.Retransmissions);
    }

    [Fact, Shows("hdlc.rr")]
    public void With_window_one_every_segment_is_polled_for()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Serve = _ => Apdu(300) };
        line.Open();
        Assert.Equal(Apdu(300), line.Ask(Apdu(10)));
        Assert.Equal([">93", "<73", ">10", "<30", ">31", "<32", ">51", "<34"], line.Controls);
    }

    [Fact, Shows("hdlc.windows")]
    public void With_window_three_only_the_last_frame_of_a_window_is_final()
    {
        var line = new HdlcDialogue(new(128, 128, 3, 3)) { Serve = _ => Apdu(500) };
        line.Open();
        Assert.Equal(Apdu(500), line.Ask(Apdu(200)));
        Assert.Equal([">93", "<73", ">00", ">12", "<40", "<42", "<54", ">71", "<56"], line.Controls);
    }

    [Theory, Shows("hdlc.recovery"), MemberData(nameof(Windows))]
    public void Any_one_frame_may_be_lost(int window)
    {
        int frames;
        {
            var undisturbed = LongExchange(window, (_, _, frame) => [frame]);
            frames = undisturbed.Controls.Count;
        }

        for (var lost = 0; lost < frames; lost++)
        {
            var line = LongExchange(window, (number, _, frame) => number == lost ? [] : [frame]);
            Assert.True(line.Controls.Count > frames, $"frame {lost} of {frames} was not missed");
        }
    }

    [Theory, Shows("hdlc.recovery"), MemberData(nameof(Windows))]
    public void Any_one_frame_may_come_twice(int window)
    {
        var frames = LongExchange(window, (_, _, frame) => [frame]).Controls.Count;
        for (var twice = 0; twice < frames; twice++)
        {
            // Setting the link up twice is setting it up anew; that is told apart below.
            if (twice == 0) continue;
            LongExchange(window, (number, _, frame) => number == twice ? [frame, frame] : [frame]);
        }
    }

    [Theory, Shows("hdlc.recovery"), InlineData(1), InlineData(3)]
    public void Any_one_octet_of_any_frame_may_be_damaged(int window)
    {
        var lengths = new List<int>();
        LongExchange(window, (_, _, frame) => { lengths.Add(frame.Length); return [frame]; });
        for (var damaged = 0; damaged < lengths.Count; damaged++)
        {
            for (var position = 0; position < lengths[damaged]; position += 7)
            {
                LongExchange(window, (number, _, frame) => [number == damaged ? WithBitFlipped(frame, position) : frame]);
            }
        }
    }

    [Fact, Shows("hdlc.resync")]
    public void Garbage_between_frames_is_skipped_whatever_it_looks_like()
    {
        byte[][] garbage = [[0], [0x7E], [0x7E, 0x7E, 0x7E], [0x7E, 0xA0], [0x7E, 0xA7, 0xFF], [0x7E, 0xA0, 0x08, 0x02, 0x23, 0x21, 0x93], [0xFF, 0x7E, 0xA8, 0x7E], Apdu(5000)];
        foreach (var piece in garbage)
        {
            var line = LongExchange(1, (_, _, frame) => [piece, frame, piece]);
            Assert.True(line.Client.Retransmissions <= 12, $"{piece.Length} octets of garbage cost {line.Client.Retransmissions} repetitions");
        }
    }

    [Fact]
    public void A_client_that_hears_only_garbage_says_so()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Line = (_, _, _) => [] };
        line.Client.Open(line.Now);
        while (line.Client.State == LinkState.Connecting)
        {
            line.Client.Receive([1, 2, 3, 4], line.Now);
            line.Wait(TimeSpan.FromSeconds(1));
        }

        Assert.Equal((LinkState.Failed, LinkFault.Garbage), (line.Client.State, line.Client.Fault));
    }

    [Fact]
    public void A_silent_line_is_given_up_after_all_retries()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Line = (_, _, _) => [] };
        line.Open();
        Assert.Equal((LinkState.Failed, LinkFault.NoAnswer), (line.Client.State, line.Client.Fault));
        Assert.Equal([">93", ">93", ">93", ">93"], line.Controls);
        Assert.Equal(TimeSpan.FromSeconds(12), line.Now);
    }

    [Fact]
    public void A_device_that_falls_silent_in_the_middle_of_an_answer_ends_the_link()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Serve = _ => Apdu(1000) };
        line.Open();
        line.Line = (number, fromClient, frame) => fromClient || number < 6 ? [frame] : [];
        Assert.Null(line.Ask(Apdu(10)));
        Assert.Equal((LinkState.Failed, LinkFault.NoAnswer), (line.Client.State, line.Client.Fault));
    }

    [Fact]
    public void A_lost_request_is_asked_after_and_sent_again()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Line = (number, _, frame) => number == 2 ? [] : [frame];
        Assert.Equal(Apdu(10), line.Ask(Apdu(10)));
        Assert.Equal([">10", ">11", "<11", ">10", "<30"], line.Controls[2..]);
    }

    [Fact]
    public void A_lost_answer_is_polled_for_and_the_request_not_carried_out_twice()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Line = (number, _, frame) => number == 3 ? [] : [frame];
        Assert.Equal(Apdu(10), line.Ask(Apdu(10)));
        Assert.Equal([">10", "<30", ">11", "<30"], line.Controls[2..]);
        Assert.Single(line.Requests);
    }

    [Fact]
    public void A_device_that_needs_time_says_nothing_yet_and_is_polled_again()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Serve = _ => null };
        line.Open();
        line.Client.Send(Apdu(10), line.Now);
        line.Wait(TimeSpan.FromSeconds(10));
        Assert.Equal(LinkState.Up, line.Client.State);
        line.Server.Send(new(16, 1, 17), Apdu(20), line.Now);
        line.RunUntil(() => line.Answers.Count > 0);
        Assert.Equal(Apdu(20), line.Answers[0]);
        Assert.Single(line.Requests);
    }

    [Fact]
    public void A_device_that_never_gets_ready_is_given_up()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Serve = _ => null };
        line.Open();
        Assert.Null(line.Ask(Apdu(10)));
        Assert.Equal(LinkFault.NoAnswer, line.Client.Fault);
        Assert.InRange(line.Now, TimeSpan.FromSeconds(60), TimeSpan.FromSeconds(64));
    }

    [Fact, Shows("hdlc.dm")]
    public void A_device_that_has_forgotten_the_link_answers_dm_and_the_client_sees_it()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Server.Receive(Frame(HdlcControl.Disc), line.Now);
        line.Server.Output.ResetWrittenCount();
        Assert.Null(line.Ask(Apdu(10)));
        Assert.Equal((LinkState.Failed, LinkFault.Disconnected), (line.Client.State, line.Client.Fault));
        Assert.Equal([">10", "<1F"], line.Controls[2..]);
    }

    [Fact]
    public void A_device_that_is_not_there_is_not_answered_for()
    {
        var line = new HdlcDialogue(HdlcDialogue.ClientOptions with { PhysicalAddress = 18 }, HdlcDialogue.ServerOptions);
        line.Open();
        Assert.Equal(LinkFault.NoAnswer, line.Client.Fault);
    }

    [Fact, Shows("hdlc.dm")]
    public void A_line_that_holds_no_more_links_refuses_with_dm()
    {
        var line = new HdlcDialogue(HdlcDialogue.ClientOptions, HdlcDialogue.ServerOptions with { MaxLinks = 1 });
        line.Server.Receive(Frame(HdlcControl.Snrm, client: 1), line.Now);
        line.Server.Output.ResetWrittenCount();
        line.Open();
        Assert.Equal((LinkState.Failed, LinkFault.Refused), (line.Client.State, line.Client.Fault));
    }

    [Fact, Shows("hdlc.inactivity")]
    public void An_idle_link_ends_after_its_time_and_is_reported()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Wait(TimeSpan.FromSeconds(60));
        line.Ask(Apdu(5));
        line.Wait(TimeSpan.FromSeconds(119));
        Assert.Equal(1, line.Server.Links);
        line.Wait(TimeSpan.FromSeconds(1));
        line.TakeEvents();
        Assert.Equal(0, line.Server.Links);
        Assert.Equal(FramingEventKind.Disconnected, line.Events[^1]);
        Assert.Null(line.Server.NextDeadline);
    }

    [Fact, Shows("hdlc.inactivity")]
    public void A_client_may_count_an_idle_link_as_over()
    {
        var line = new HdlcDialogue(HdlcDialogue.ClientOptions with { InactivityTimeout = TimeSpan.FromSeconds(30) }, HdlcDialogue.ServerOptions);
        line.Open();
        line.Wait(TimeSpan.FromSeconds(31));
        Assert.Equal((LinkState.Failed, LinkFault.Disconnected), (line.Client.State, line.Client.Fault));
    }

    [Fact]
    public void Setting_a_link_up_again_begins_a_new_one()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Ask(Apdu(5));
        line.Server.Receive(Frame(HdlcControl.Snrm), line.Now);
        line.Server.Output.ResetWrittenCount();
        line.TakeEvents();
        Assert.Equal([FramingEventKind.Connected, FramingEventKind.Apdu, FramingEventKind.Connected], line.Events);
    }

    [Fact]
    public void A_link_that_failed_can_be_opened_again()
    {
        var line = new HdlcDialogue(HdlcParameters.Default) { Line = (number, _, frame) => number < 4 ? [] : [frame] };
        line.Open();
        Assert.Equal(LinkState.Failed, line.Client.State);
        line.Open();
        Assert.Equal((LinkState.Up, LinkFault.None), (line.Client.State, line.Client.Fault));
        Assert.Equal(Apdu(9), line.Ask(Apdu(9)));
    }

    [Fact]
    public void An_echo_of_what_was_sent_is_not_taken_for_an_answer()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Line = (_, fromClient, frame) =>
        {
            if (fromClient) line.Client.Receive(frame, line.Now);
            return [frame];
        };
        line.Open();
        Assert.Equal(Apdu(300), line.Ask(Apdu(300)));
        line.Close();
        Assert.Equal(0, line.Client.Retransmissions);
    }

    private static HdlcDialogue LongExchange(int window, HdlcDialogue.Wire wire)
    {
        var line = new HdlcDialogue(new(128, 128, window, window)) { Serve = request => [.. request, .. Apdu(700, 5)], Line = wire };
        line.Open();
        Assert.True(line.Client.State == LinkState.Up, $"link not set up: {line.Client.Fault}");
        foreach (var request in new[] { Apdu(400), Apdu(10, 7) })
        {
            Assert.Equal([.. request, .. Apdu(700, 5)], line.Ask(request)!);
        }

        Assert.Equal(2, line.Requests.Count);
        line.Close();
        return line;
    }

    private static byte[] WithBitFlipped(byte[] frame, int position)
    {
        byte[] copy = [.. frame];
        copy[position] ^= (byte)(1 << position % 8);
        return copy;
    }

    private static byte[] Frame(HdlcControl control, int client = 16) =>
        Gridtally.Testing.Bytes.Written(w => HdlcFrame.Write(w, HdlcAddress.Server(1, 17, 4), HdlcAddress.Client(client), control));
}
