using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

/// <summary>RNR, REJ and FRMR, sent and obeyed, and frames that change places.</summary>
public class HdlcSupervisionTests
{
    private static readonly HdlcAddress Device = HdlcAddress.Server(1, 17, 4);

    private static byte[] Apdu(int length, byte seed = 1) => [.. Enumerable.Range(0, length).Select(i => (byte)(i * 31 + seed))];

    public static TheoryData<int> Windows => [1, 3, 7];

    [Fact, Shows("hdlc.rnr")]
    public void A_busy_device_holds_the_client_back_and_takes_the_request_when_it_is_ready()
    {
        var line = new HdlcDialogue(new(128, 128, 3, 3));
        line.Open();
        line.Server.Busy = true;
        line.Client.Send(Apdu(300), line.Now);
        line.Wait(TimeSpan.FromSeconds(1));
        Assert.Equal([">93", "<73", ">00", ">02", ">14", "<15", ">11", "<15"], line.Controls.Take(8));
        Assert.Empty(line.Requests);

        line.Server.Busy = false;
        line.RunUntil(() => line.Answers.Count == 1);
        Assert.Equal(Apdu(300), line.Answers[0]);
        Assert.Equal([">11", "<11", ">00", ">02", ">14"], line.Controls.SkipWhile(c => c != "<11").Take(4).Prepend(">11"));
    }

    [Fact, Shows("hdlc.rnr")]
    public void A_device_that_stays_busy_is_given_up_after_the_answer_timeout()
    {
        var line = new HdlcDialogue(HdlcParameters.Default);
        line.Open();
        line.Server.Busy = true;
        Assert.Null(line.Ask(Apdu(10)));
        Assert.Equal(LinkFault.NoAnswer, line.Client.Fault);
    }

    [Fact, Shows("hdlc.rnr")]
    public void A_busy_client_holds_the_device_back_and_gets_the_answer_when_it_is_ready()
    {
        var line = new HdlcDialogue(new(128, 128, 3, 3)) { Serve = _ => Apdu(500) };
        line.Open();
        line.Client.Send(Apdu(10), line.Now);
        line.Client.Busy = true;
        line.Wait(TimeSpan.FromMinutes(2));
        Assert.Equal([">93", "<73", ">10", "<20", "<22", "<34", ">15", "<31"], line.Controls.Take(8));
        Assert.Equal(LinkState.Up, line.Client.State);
        Assert.Empty(line.Answers);

        line.Client.Busy = false;
        line.RunUntil(() => line.Answers.Count == 1);
        Assert.Equal(Apdu(500), line.Answers[0]);
    }

    [Fact, Shows("hdlc.rej")]
    public void A_device_goes_back_to_the_frame_that_a_client_rejects()
    {
        var line = Connected(new(128, 128, 3, 3));
        line.Receive(FromClient(HdlcControl.I(0, 0, true), Hex("E6E600 C001")), default);
        Assert.True(line.TryTakeEvent(out var asked));
        line.Send(asked.Peer, Apdu(380), default);
        Assert.Equal(["20", "22", "34"], Controls(line));
        line.Receive(FromClient(HdlcControl.Rej(1, true)), default);
        Assert.Equal(["22", "34"], Controls(line));
    }

    [Fact, Shows("hdlc.rej")]
    public void A_client_goes_back_to_the_frame_that_a_device_rejects()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions with { Parameters = new(128, 128, 3, 3) });
        link.Open(default);
        link.Receive(FromDevice(HdlcControl.Ua, Written(new HdlcParameters(128, 128, 3, 3).WriteTo)), default);
        link.Send(Apdu(380), default);
        link.Output.ResetWrittenCount();
        link.Receive(FromDevice(HdlcControl.Rej(1, true)), default);
        Assert.Equal(["02", "14"], Controls(link.Output));
    }

    [Theory, InlineData(3), InlineData(7), Shows("hdlc.rej")]
    public void Where_reject_is_used_both_ends_ask_with_it_for_a_frame_that_was_lost(int window)
    {
        var parameters = new HdlcParameters(128, 128, window, window);
        foreach (var (lost, expected) in new[] { (1, "<"), (1 + 3, ">") })
        {
            var line = new HdlcDialogue(
                HdlcDialogue.ClientOptions with { Parameters = parameters, UseReject = true }, HdlcDialogue.ServerOptions with { Parameters = parameters, UseReject = true });
            line.Open();
            var (number, dropped) = (-1, "");
            line.Line = (_, fromClient, frame) =>
            {
                if (++number != lost) return [frame];
                dropped = fromClient ? "<" : ">";     // the other end misses it
                return [];
            };
            Assert.Equal(Apdu(360), line.Ask(Apdu(360)));
            Assert.Equal(expected, dropped);
            Assert.True(
                line.Controls.Any(c => c.StartsWith(expected, StringComparison.Ordinal) && new HdlcControl(Convert.ToByte(c[1..], 16)).Type == HdlcFrameType.REJ),
                $"frame {lost} lost: {string.Join(' ', line.Controls)}");
        }
    }

    [Theory, Shows("hdlc.frmr")]
    [InlineData(0x11, 1), InlineData(0x15, 1), InlineData(0x19, 1), InlineData(0x53, 8)]
    public void Information_where_there_may_be_none_is_rejected_with_w_and_x(byte control, int length)
    {
        var line = Connected(HdlcParameters.Default);
        line.Receive(FromClient(new(control), new byte[length]), default);
        Assert.Equal(OperationStatus.Done, HdlcFrame.TryRead(line.Output.WrittenSpan[1..], out var answer, out _, out _));
        Assert.Equal([control, 0x00, 0x03], answer.Information.ToArray());
        Assert.True(HdlcReject.TryRead(answer.Information, out var reject));
        Assert.Equal(HdlcRejectReasons.UndefinedControl | HdlcRejectReasons.InformationNotPermitted, reject.Reasons);
    }

    [Theory, Shows("hdlc.frmr")]
    [InlineData("EF 00 01", HdlcRejectReasons.UndefinedControl, 0, 0, false)]
    [InlineData("11 62 03", HdlcRejectReasons.UndefinedControl | HdlcRejectReasons.InformationNotPermitted, 1, 3, false)]
    [InlineData("10 54 04", HdlcRejectReasons.InformationTooLong, 2, 2, true)]
    [InlineData("71 00 08", HdlcRejectReasons.InvalidReceiveNumber, 0, 0, false)]
    public void Every_reason_of_a_reject_is_read_and_written(string hex, HdlcRejectReasons reasons, int sendNumber, int receiveNumber, bool ofResponse)
    {
        Assert.True(HdlcReject.TryRead(Hex(hex), out var reject));
        Assert.Equal(new(new(Hex(hex)[0]), sendNumber, receiveNumber, ofResponse, reasons), reject);
        Assert.Equal(Hex(hex), Written(reject.WriteTo));
    }

    [Fact, Shows("hdlc.frmr")]
    public void A_client_keeps_what_the_device_has_rejected()
    {
        var link = new HdlcClientLink(HdlcDialogue.ClientOptions);
        link.Open(default);
        link.Receive(FromDevice(HdlcControl.Ua), default);
        link.Send(Apdu(10), default);
        link.Receive(FromDevice(HdlcControl.Frmr, Hex("10 00 04")), default);
        Assert.Equal((LinkState.Failed, LinkFault.FrameRejected), (link.State, link.Fault));
        Assert.Equal("I N(S)=0 N(R)=0 P/F rejected: InformationTooLong", link.Rejection.ToString());
    }

    [Theory, MemberData(nameof(Windows)), Shows("hdlc.recovery")]
    public void Any_two_frames_may_change_places(int window)
    {
        var frames = Exchange(window, (_, _, frame) => [frame]).Controls.Count;
        for (var late = 0; late < frames; late++)
        {
            byte[]? held = null;
            Exchange(window, (number, _, frame) =>
            {
                if (number == late)
                {
                    held = frame;
                    return [];
                }

                var both = held is null ? new[] { frame } : [frame, held];
                held = null;
                return both;
            });
        }
    }

    [Theory, MemberData(nameof(Windows)), Shows("hdlc.recovery")]
    public void Any_two_frames_may_be_lost(int window)
    {
        var frames = Exchange(window, (_, _, frame) => [frame]).Controls.Count;
        for (var first = 0; first < frames; first++)
        {
            for (var distance = 1; distance < 6; distance++) Exchange(window, (number, _, frame) => number == first || number == first + distance ? [] : [frame]);
        }
    }

    [Fact]
    public void A_request_that_is_not_to_be_answered_gives_the_turn_back_at_once()
    {
        var line = Connected(HdlcParameters.Default);
        line.Receive(FromClient(HdlcControl.I(0, 0, true), Hex("E6E600 C101")), default);
        Assert.True(line.TryTakeEvent(out var asked));
        line.Send(asked.Peer, default, default);
        Assert.Equal(["31"], Controls(line));
    }

    private static HdlcDialogue Exchange(int window, HdlcDialogue.Wire wire)
    {
        var line = new HdlcDialogue(new(128, 128, window, window)) { Serve = request => [.. request, .. Apdu(600, 5)], Line = wire };
        line.Open();
        Assert.True(line.Client.State == LinkState.Up, $"link not set up: {line.Client.Fault}");
        foreach (var request in new[] { Apdu(400), Apdu(10, 7) }) Assert.Equal([.. request, .. Apdu(600, 5)], line.Ask(request)!);
        Assert.Equal(2, line.Requests.Count);
        line.Close();
        return line;
    }

    private static HdlcServerLine Connected(HdlcParameters parameters)
    {
        var line = new HdlcServerLine(HdlcDialogue.ServerOptions with { Parameters = parameters });
        line.Receive(FromClient(HdlcControl.Snrm, Written(parameters.WriteTo)), default);
        Assert.True(line.TryTakeEvent(out _));
        line.Output.ResetWrittenCount();
        return line;
    }

    private static List<string> Controls(HdlcServerLine line) => Controls(line.Output);

    private static List<string> Controls(ArrayBufferWriter<byte> output)
    {
        var controls = new List<string>();
        ReadOnlySpan<byte> rest = output.WrittenSpan;
        var deframer = new HdlcDeframer();
        while (deframer.TryRead(ref rest, out var frame)) controls.Add(frame.Control.Value.ToString("X2"));
        output.ResetWrittenCount();
        return controls;
    }

    private static byte[] FromClient(HdlcControl control, byte[]? information = null) =>
        Written(w => HdlcFrame.Write(w, Device, HdlcAddress.Client(16), control, false, information));

    private static byte[] FromDevice(HdlcControl control, byte[]? information = null) =>
        Written(w => HdlcFrame.Write(w, HdlcAddress.Client(16), Device, control, false, information));
}
