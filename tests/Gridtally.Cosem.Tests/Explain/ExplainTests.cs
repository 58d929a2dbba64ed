using System.Text.Json;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Explain;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Explain;

public class ExplainTests
{
    [Fact]
    public void A_frame_is_explained_field_by_field()
    {
        Assert.Equal(
            """
                 0  input: HDLC, 27 octets
                 1    frame: I N(S)=2 N(R)=2 P/F, 58 → 74
                 1      format: type 3, 25 octets
                 3      destination: 74
                 4      source: 58
                 5      control: 54 I N(S)=2 N(R)=2 P/F
                 6      HCS: 6835, good
                 8      LLC: E6E600 command
                11      get-request: normal
                12        kind: normal (1)
                13        invoke-id-and-priority: 81 id 1, unconfirmed, high priority
                14        attribute: 8/0-0:1.0.0.255:1 - Clock.logical_name
                23        access-selection: absent
                24      FCS: 0DFD, good

            """.ReplaceLineEndings("\n"),
            Text(Explainer.Explain(Vectors.ById("hdlc-jdlms-05").Octets)));
    }

    [Fact]
    public void The_conformance_block_is_named_bit_by_bit() => Assert.Equal(
        "007E1F priority-mgmt-supported, attribute0-supported-with-get, block-transfer-with-get-or-read, block-transfer-with-set-or-write, "
            + "block-transfer-with-action, multiple-references, get, set, selective-access, event-notification, action",
        Value("aarq-gb-no-security", "proposed-conformance"));

    [Theory]
    [InlineData("aarq-gb-hls-gmac", "mechanism-name", "HLS GMAC (5)")]
    [InlineData("aarq-gb-ciphered-lls", "calling-AP-title", "4D4D4D0000BC614E (maker MMM)")]
    [InlineData("aare-gb-hls-authentication-required", "result-source-diagnostic", "authentication-required (14), says the service user")]
    [InlineData("aare-gb-dlms-version-too-low", "confirmed-service-error", "initiate: dlms-version-too-low")]
    [InlineData("aare-gb-wrong-context", "result", "rejected-permanent (1)")]
    [InlineData("exception-ic-error", "expected invocation counter", "4660")]
    [InlineData("get-response-normal-error", "result", "hardware-fault (1)")]
    [InlineData("get-range-by-clock", "access-selection", "by range")]
    [InlineData("data-capture-object", "Data", "structure of 4 = 8/0-0:1.0.0.255:2")]
    [InlineData("push-tirol-plain", "date-time", "2021-07-19 15:46:35 +02:00 [DaylightSavingActive]")]
    [InlineData("gbt-streaming-first", "block-control", "streaming, window 4")]
    [InlineData("hdlc-ua-params", "maximum information field length, transmit", "154")]
    public void What_a_capture_says_is_said(string id, string name, string value) => Assert.Equal(value, Value(id, name));

    [Theory]
    [InlineData("push-hdlc-kamstrup-nonconformant", "date-time")]
    [InlineData("event-notification-last-gasp", "time")]
    [InlineData("wrapper-aarq-sn", "proposed-conformance")]
    public void A_tolerated_deviation_is_a_note_and_no_problem(string id, string name) =>
        Assert.StartsWith("Deviation", Explainer.Explain(Vectors.ById(id).Octets).Find(name)!.Note);

    [Fact]
    public void Passwords_and_delivered_keys_are_hidden_unless_asked_for()
    {
        var lls = Vectors.ById("aarq-gb-lls").Octets;
        var dedicated = Vectors.ById("initiate-request-dedicated-key").Octets;
        Assert.Equal("password, 8 octets (hidden)", Explainer.Explain(lls).Find("calling-authentication-value")!.Value);
        Assert.Equal("16 octets (hidden)", Explainer.Explain(dedicated).Find("dedicated-key")!.Value);
        Assert.Equal("password, 3132333435363738 = \"12345678\"", Explainer.Explain(lls, new() { ShowSecrets = true }).Find("calling-authentication-value")!.Value);
    }

    [Fact]
    public void Segments_are_put_together_and_their_parts_found_in_the_frames_they_came_in()
    {
        // 300 octets in an octet-string after a clock: three segments, other frames between them.
        var dialogue = new HdlcDialogueCapture(new byte[300]);
        var root = Explainer.Explain(dialogue.Octets);
        Assert.Empty(root.Problems);
        Assert.Equal("315 octets from 3 segments", root.Find("reassembled")!.Value);
        var last = root.Find("[1]")!;
        Assert.Equal("unsigned 77", last.Value);
        Assert.Equal(77, dialogue.Octets[last.Offset + 1]);
    }

    [Fact]
    public void A_segment_sent_again_is_not_taken_twice()
    {
        var dialogue = new HdlcDialogueCapture(new byte[300], repeat: true);
        var root = Explainer.Explain(dialogue.Octets);
        Assert.Empty(root.Problems);
        Assert.Contains(root.Children, frame => frame.Note == "The same frame as before, sent again.");
        Assert.Equal("unsigned 77", root.Find("[1]")!.Value);
    }

    [Fact]
    public void A_segment_without_its_beginning_and_an_apdu_without_its_end_are_noted()
    {
        Assert.Equal("A segment of an APDU whose beginning is not in the input.", Explainer.Explain(Vectors.ById("hdlc-segmented-i").Octets).Children[0].Note);
        var cut = new HdlcDialogueCapture(new byte[300]).Octets.AsMemory(0, 200);
        Assert.Contains(Explainer.Explain(cut).All, node => node.Note == "The rest of this APDU is not in the input.");
    }

    [Fact]
    public void A_damaged_frame_shows_what_was_expected_and_what_came()
    {
        byte[] damaged = [.. Vectors.ById("hdlc-jdlms-05").Octets];
        damaged[20] ^= 0x01;
        var problem = Assert.Single(Explainer.Explain(damaged).Problems);
        Assert.Equal(24, problem.Offset);
        Assert.Matches("^FCS expected [0-9A-F]{4}, got 0DFD: the frame was damaged", problem.Problem);
    }

    [Fact]
    public void Frames_are_found_among_garbage_and_the_garbage_is_shown()
    {
        byte[] octets = [0x00, 0x11, .. Vectors.ById("hdlc-jdlms-05").Octets, 0x55, 0x66, .. Vectors.ById("hdlc-snrm-2byte").Octets];
        var root = Explainer.Explain(octets);
        Assert.Equal(["garbage", "frame", "garbage", "frame"], root.Children.Select(child => child.Name));
        Assert.Equal([0, 29], root.Problems.Select(problem => problem.Offset));
    }

    [Fact]
    public void A_frame_without_its_flags_is_a_frame()
    {
        var octets = Vectors.ById("hdlc-jdlms-05").Octets;
        Assert.Empty(Explainer.Explain(octets.AsMemory(1, octets.Length - 2)).Problems);
    }

    [Theory]
    [InlineData("C0 01 C1 0003 0100010800FF", "attribute: 9 octets expected, 8 left", 11)]
    [InlineData("C0 09 C1", "9 is no kind of get-request", 1)]
    [InlineData("C0 01 C1 0003 0100010800FF 02 07", "access-selection: 00 (absent) or 01 (present) expected, got 07", 12)]
    [InlineData("C0 01 C1 0003 0100010800FF 02 00 55", "1 octets after the end", 13)]
    [InlineData("C4 01 C1 00 02 02 12 0001 07", "[1]: the tag of a type expected, got 07, which is none", 9)]
    [InlineData("C4 01 C1 00 09 05 0102", "octet-string: its length says 5 octets, 2 are left", 5)]
    [InlineData("C4 01 C1 00 01 82 4000 00", "array of 16384 elements, but only 1 octets are left", 5)]
    [InlineData("61 0B A1 09 06 07 60 85 74 05 08 01", "the length says 11 octets, 10 are left", 1)]
    [InlineData("7F", "7F is not the tag of an APDU", 0)]
    [InlineData("E6 01 05 3132", "gateway header: BadLength", 2)]
    [InlineData("CB 30 30 00000001", "the length says 48 octets, 5 follow", 1)]
    [InlineData("", "an APDU is expected, nothing is there", 0)]
    [InlineData("0001 0010 0001 0002 C0", "The length says 2 octets, 1 follow (octet 6).", 6)]
    [InlineData("0001 0010 0001 0001 62 0002", "version 0001 expected, got 0002: the stream is out of step", 9)]
    public void The_first_malformed_octet_is_told_with_the_reason(string hex, string problem, int offset)
    {
        var problems = Explainer.Explain(Hex(hex)).Problems.ToList();
        Assert.Contains((problem, offset), problems.Select(p => (p.Problem!, p.Offset)));
    }

    [Fact]
    public void What_comes_before_the_malformed_octet_is_explained()
    {
        var root = Explainer.Explain(Hex("C4 01 C1 00 02 03 09 06 0100010800FF 12 1234 07 99"));
        Assert.Equal("octet-string 0100010800FF = 1-0:1.8.0.255", root.Find("[0]")!.Value);
        Assert.Equal("long-unsigned 4660", root.Find("[1]")!.Value);
        Assert.Equal("0799", root.Find("not explained")!.Value);
    }

    [Fact]
    public void A_gateway_request_shows_the_meter_and_the_request_behind_it()
    {
        var root = Explainer.Explain(Hex("0001 0001 0001 001C  E6 01 0C 313030303030303030303031  C0 01 C1 0008 0000010000FF 02 00"));
        Assert.Empty(root.Problems);
        Assert.Equal("313030303030303030303031 = \"100000000001\"", root.Find("physical device address")!.Value);
        Assert.Equal("8/0-0:1.0.0.255:2", root.Find("attribute")!.Value);
    }

    [Fact]
    public void A_wrong_key_is_a_problem_at_the_authentication_tag_and_no_key_a_note()
    {
        // 0x30: glo-get-request of a captured session, authenticated and encrypted
        var vector = Vectors.OfKind("gcm").First(v => v.Octets[0] == 0xC8);
        using var wrong = new SecurityKeys(new byte[16], new byte[16]);
        var root = Explainer.Explain(vector.Octets, new() { Keys = wrong, ClientTitle = new SystemTitle(1) });
        var problem = Assert.Single(root.Problems);
        Assert.Equal(("authentication-tag", vector.Octets.Length - 12), (problem.Name, problem.Offset));
        Assert.Equal("Needs the system title of its sender.", Explainer.Explain(vector.Octets, new() { Keys = wrong }).Find("ciphertext")!.Note);
        Assert.Equal("Needs the global unicast encryption key to be read or verified.", Explainer.Explain(vector.Octets).Find("ciphertext")!.Note);
    }

    [Fact]
    public void The_parts_of_a_deciphered_apdu_have_the_places_of_their_ciphered_octets()
    {
        var vector = Vectors.ById("real-ae-glo-initiate-request-ic89");
        using var keys = new SecurityKeys(vector.Key("encryption"), vector.Key("authentication"));
        Assert.True(SystemTitle.TryParse(vector.Text("originator_system_title"), out var title));
        var root = Explainer.Explain(vector.Octets, new() { Keys = keys, ClientTitle = title });
        //  21 1F 30 IC(4), then the ciphertext at octet 7; version is the 5th octet of the plain APDU, 01 00 00 00 06
        Assert.Equal((11, "6"), (root.Find("proposed-dlms-version-number")!.Offset, root.Find("proposed-dlms-version-number")!.Value));
    }

    [Fact]
    public void Json_has_the_same_tree()
    {
        using var stream = new MemoryStream();
        using (var json = new Utf8JsonWriter(stream)) ExplainText.Write(json, Explainer.Explain(Hex("C0 01 C1 0008 0000010000FF 02 07")));
        var apdu = JsonDocument.Parse(stream.ToArray()).RootElement.GetProperty("children")[0];
        Assert.Equal("get-request", apdu.GetProperty("name").GetString());
        Assert.Equal((0, 13), (apdu.GetProperty("offset").GetInt32(), apdu.GetProperty("length").GetInt32()));
        Assert.Equal("8/0-0:1.0.0.255:2", apdu.GetProperty("children")[2].GetProperty("value").GetString());
        Assert.StartsWith("access-selection", apdu.GetProperty("children")[3].GetProperty("problem").GetString(), StringComparison.Ordinal);
    }

    [Fact]
    public void Damaged_captures_are_explained_without_an_exception_and_stay_inside_the_input()
    {
        var random = new Random(645);
        using var keys = new SecurityKeys(new byte[16], new byte[16]);
        var options = new ExplainOptions { Keys = keys, ClientTitle = new SystemTitle(1), ServerTitle = new SystemTitle(2) };
        foreach (var vector in Vectors.All)
        {
            for (var i = 0; i < 30; i++)
            {
                byte[] octets = [.. vector.Octets[..random.Next(1, vector.Octets.Length + 1)]];
                for (var flips = random.Next(3); flips > 0; flips--) octets[random.Next(octets.Length)] = (byte)random.Next(256);
                foreach (var format in Enum.GetValues<ExplainFormat>())
                {
                    var root = Explainer.Explain(octets, options with { Format = format });
                    Assert.All(root.All, node => Assert.InRange(node.Offset, 0, octets.Length));
                    Assert.NotEmpty(Text(root));
                }
            }
        }
    }

    private static string? Value(string id, string name) => Explainer.Explain(Vectors.ById(id).Octets).Find(name)?.Value;

    private static string Text(ExplainNode root)
    {
        var writer = new StringWriter { NewLine = "\n" };
        ExplainText.Write(writer, root);
        return writer.ToString();
    }

    /// <summary>A get-response of {octet-string, unsigned 77} in segments, as a listener on the line would have recorded it.</summary>
    private sealed class HdlcDialogueCapture
    {
        public HdlcDialogueCapture(byte[] text, bool repeat = false)
        {
            var octets = new List<byte>();
            var server = new HdlcServerLine(new() { Serves = (_, _) => true });
            void Send(HdlcControl control, byte[]? information = null)
            {
                var frame = Written(w => HdlcFrame.Write(w, HdlcAddress.Server(1, 0, 1), HdlcAddress.Client(16), control, false, information));
                octets.AddRange(frame);
                server.Receive(frame, default);
                while (server.TryTakeEvent(out var happened))
                {
                    if (happened.Kind == FramingEventKind.Apdu) server.Send(happened.Peer, Answer(text), default);
                }

                octets.AddRange(server.Output.WrittenSpan);
                server.Output.ResetWrittenCount();
            }

            Send(HdlcControl.Snrm);
            Send(HdlcControl.I(0, 0, true), Hex("E6E600 C001C1 0008 0000010000FF 02 00"));
            Send(HdlcControl.Rr(1, true));
            if (repeat) Send(HdlcControl.Rr(1, true));
            Send(HdlcControl.Rr(2, true));
            Octets = [.. octets];
        }

        public byte[] Octets { get; }

        private static byte[] Answer(byte[] text) => Written(w =>
        {
            foreach (var octet in Hex("C401C100")) w.WriteByte(octet);
            w.WriteStructure(2);
            w.WriteOctetString(text);
            w.WriteUnsigned(77);
        });
    }
}
