using Gridtally.Cosem.Explain;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Explain;

/// <summary>What earlier APDUs of a capture tell about later ones: names of answers, units, columns, blocks that belong together.</summary>
public class ExplainDialogueTests
{
    [Fact, Shows("tool.decode.names")]
    public void A_response_is_named_by_its_request_and_scaled_by_the_scaler_that_was_read()
    {
        var root = Explain(
            "> C001C1 0003 0100010800FF 03 00", "< C401C100 02020F01161E",
            "> C001C2 0003 0100010800FF 02 00", "< C401C200 0600000064");
        Assert.Equal("attribute: 3/1-0:1.8.0.255:2 - Register.value, Active energy import (+A)", Line(root, "attribute", 1));
        var value = root.All.Last(n => n.Name == "result");
        Assert.Equal((1000m, "Wh", new(1, 0, 1, 8, 0, 255)), (value.Scaled, value.Unit, value.ObjectName!.Value));
        Assert.Equal("double-long-unsigned 100", value.Value);
    }

    [Fact, Shows("tool.decode.names")]
    public void A_request_of_another_invoke_id_or_peer_names_nothing()
    {
        var root = Explain("> C001C1 0003 0100010800FF 02 00", "< C401C200 0600000064", "<17 C401C100 0600000064");
        Assert.All(root.All.Where(n => n.Name == "result"), n => Assert.Null(n.Meaning));
    }

    [Fact, Shows("tool.decode.names", "tool.decode.reassembly")]
    public void Rows_in_blocks_are_put_together_with_columns_units_events_and_compressed_cells()
    {
        var root = Explain(
            // capture_objects: clock, energy, event code; capture_period 900; scaler_unit of the energy
            "> C001C1 0007 0100630100FF 03 00",
            "< C401C100 0103 0204120008 09060000010000FF 0F02 120000 0204120003 09060100010800FF 0F02 120000 0204120001 09060000600B00FF 0F02 120000",
            "> C001C1 0007 0100630100FF 04 00", "< C401C100 0600000384",
            "> C001C1 0003 0100010800FF 03 00", "< C401C100 02020F00161E",
            // the buffer in two blocks: {2026-01-15 00:00, 4660, 2}, {null, delta-unsigned 5, null}
            "> C001C1 0007 0100630100FF 02 00",
            "< C402C1 00 00000001 00 0E 0102 0203 090C 07EA010F04000000",
            "> C002C1 00000001",
            "< C402C1 01 00000002 00 11 00FFC400 0600001234 1102 0203 00 1F05 00");
        Assert.True(!root.Problems.Any(), Text(root));
        var rows = root.Find("reassembled")!.Children.Single();
        Assert.Equal(["Clock", "Active energy import (+A) in Wh", "Event code, log 0"], rows.Columns);
        Assert.Contains("[0] 2026-01-15 00:00:00 +01:00  4660 Wh  2 power up", Text(root));
        Assert.Contains("[1] 2026-01-15 00:15:00 +01:00  4665 Wh           2", Text(root));
    }

    [Fact, Shows("tool.decode.reassembly")]
    public void Blocks_of_a_set_request_make_the_value_with_the_type_of_its_class()
    {
        var root = Explain(
            "> C102C1 0014 00000D0000FF 06 00 00 00000001 05 0904414243",
            "< C502C1 00000001",
            "> C103C1 01 00000002 01 44");
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.Equal("6 octets from 2 blocks", root.Find("reassembled")!.Value);
        Assert.Equal("octet-string 41424344 = \"ABCD\"", root.Find("reassembled")!.Find("Data")!.Value);
    }

    [Fact, Shows("tool.decode.reassembly")]
    public void General_blocks_of_both_directions_are_told_apart_and_a_block_sent_again_is_left_out()
    {
        // get-response-normal of octet-string "ABCDEF" in three blocks, the second twice; acknowledgements go the other way.
        var root = Explain(
            "< E0 42 0001 0000 05 C401C10009", "> E0 82 0001 0001 00",
            "< E0 42 0002 0001 03 064142", "< E0 42 0002 0001 03 064142",
            "< E0 82 0003 0001 04 43444546");
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.Contains(root.All, n => n.Note == "The same block as before, sent again.");
        Assert.Equal("octet-string 414243444546 = \"ABCDEF\"", root.Find("reassembled")!.Find("result")!.Value);
    }

    [Fact, Shows("tool.decode.reassembly")]
    public void Blocks_whose_first_or_last_is_missing_are_noted()
    {
        var root = Explain("< C402C1 01 00000002 00 04 01020304", "< C402C2 00 00000001 00 04 01020304");
        Assert.Empty(root.Problems);
        Assert.Contains(root.All, n => n.Note == "The blocks before this one are not in the input.");
        Assert.Contains(root.All, n => n.Name == "unfinished" && n.Value == "4 octets from 1 blocks of get-response");
    }

    [Fact, Shows("tool.decode")]
    public void Short_names_are_named_by_the_object_list_that_was_read()
    {
        // object_list: {1000, Register 0, 1-0:1.8.0}; then read 1008 (value) and write 1010 (scaler_unit)
        var root = Explain(
            "> 05 01 02 FA08", "< 0C 01 00 0101 0204 101000 120003 1100 09060100010800FF",
            "> 05 02 02 1008 02 1010", "< 0C 02 00 0600000064 00 02020F00161E",
            "> 06 01 02 1008 01 0600000065", "< 0D 01 00");
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.Equal("3/1-0:1.8.0.255:2, Register.value, Active energy import (+A)", root.All.First(n => n is { Name: "short name", Value: "1008" }).Meaning);
        Assert.Contains(root.All, n => n is { Value: "double-long-unsigned 100", Meaning: "3/1-0:1.8.0.255:2, Register.value, Active energy import (+A)" });
        Assert.Contains(root.All, n => n.Value == "success (0)");
    }

    [Fact, Shows("tool.decode")]
    public void An_access_response_is_named_by_its_request()
    {
        var root = Explain(
            "> D9 40000001 00 02 01 0003 0100200700FF 02 01 0046 000060030AFF 03 02 00 00",
            "< DA 40000001 00 00 02 1208FC 1601 02 0100 0100");
        Assert.True(!root.Problems.Any(), Text(root));
        Assert.Contains(root.All, n => n.Value == "long-unsigned 2300" && n.Meaning == "3/1-0:32.7.0.255:2, Register.value, Voltage L1");
        Assert.Contains(root.All, n => n.Value == "enum 1" && n.Meaning!.StartsWith("connected", StringComparison.OrdinalIgnoreCase));
    }

    [Fact, Shows("tool.decode.names")]
    public void Fields_of_structures_have_the_names_of_their_class()
    {
        var root = Explain("> C301C1 0046 000060030AFF 01 01 0F00", "> C001C1 0017 0000160000FF 02 00", "< C401C100 1605");
        Assert.Equal("method: 70/0-0:96.3.10.255!1 - Disconnect control.remote_disconnect", root.Find("method")!.ToString());
        Assert.Equal("9600 baud (23/0-0:22.0.0.255:2, IEC HDLC setup.comm_speed, HDLC setup)", root.All.Last(n => n.Name == "result").Meaning);
    }

    [Fact, Shows("tool.decode", "data.compact-array.read")]
    public void Rows_of_a_compact_array_are_taken_apart()
    {
        var root = Explainer.Explain(Vectors.ById("compact-array-nested").Octets);
        Assert.Empty(root.Problems);
        var rows = root.Children.Single().Children.Where(n => n.Name.StartsWith('[')).ToArray();
        Assert.Equal(["integer 1", "integer 2"], rows.Select(r => r.Children[0].Value));
        Assert.Equal(["unsigned 12", "unsigned 13"], rows[1].Children[1].Children.Select(c => c.Value));
        Assert.Equal(14, rows[1].Children[1].Children[1].Offset);
    }

    [Theory, Shows("tool.decode.damaged")]
    [InlineData("13 02 02 12 06 05 0001000000", "[0]: 6 octets or more expected, 5 left")]
    [InlineData("13 07 02 0000", "type description: the tag of a type expected, got 07")]
    [InlineData("13 12 05 0001", "contents: its length says 5 octets, 2 are left")]
    [InlineData("13 00 02 0000", "contents: 2 octets, but a type that has none")]
    [InlineData("13 01 FFFF 11 02 0102", "[0]: 65535 octets or more expected, 2 left")]
    [InlineData("13 02 02 0F 01 0F01 00 02 110D", "contents: more than 264 elements without octets")]   // 417 MB for 17 octets, said the fuzzer
    public void A_damaged_compact_array_is_told_with_the_reason(string hex, string problem) =>
        Assert.Contains(problem, Explainer.Explain(Hex(hex), new() { Format = ExplainFormat.Data }).Problems.Select(p => p.Problem));

    [Fact]
    public void An_array_that_claims_endless_parts_ends()
    {
        // structure {array of 65535 null-data, unsigned}, 100 rows: what would be millions of parts is refused, as readers do.
        var root = Explainer.Explain((byte[])[.. Hex("13 0202 01FFFF00 11 64"), .. new byte[100]], new() { Format = ExplainFormat.Data });
        Assert.Contains(root.Problems, p => p.Problem!.Contains("more than 656 elements without octets", StringComparison.Ordinal));
    }

    [Fact, Shows("tool.decode")]
    public void Several_apdus_may_follow_each_other()
    {
        var root = Explainer.Explain(Hex("6203800100 C001C1 0008 0000010000FF 02 00 C401C1000F05"));
        Assert.Empty(root.Problems);
        Assert.Equal(["RLRQ", "get-request", "get-response"], root.Children.Select(c => c.Name));
    }

    [Fact, Shows("tool.decode")]
    public void The_opening_of_mode_e_before_hdlc_is_explained()
    {
        var root = Explainer.Explain((byte[])[.. "/?!\r\n/LGZ5\\2ZMD120\r\n"u8, 0x06, .. "252\r\n"u8, .. Vectors.ById("hdlc-snrm-2byte").Octets], new() { Format = ExplainFormat.Hdlc });
        Assert.Empty(root.Problems);
        Assert.Equal(
            ["request to any device", "identification: maker LGZ, up to 9600 Bd, \\2ZMD120", "option select: protocol 2, 9600 Bd, mode binary (HDLC)"],
            root.Children.Take(3).Select(c => c.Value));
    }

    /// <summary>Each APDU in the wrapper: &gt; from client 16 to device 1, &lt; back, &lt;17 back to another client.</summary>
    private static ExplainNode Explain(params string[] apdus) => Explainer.Explain(apdus.SelectMany(Wrap).ToArray(), new() { Format = ExplainFormat.Wrapper });

    private static byte[] Wrap(string text)
    {
        var (way, apdu) = (text[..text.IndexOf(' ')], Hex(text[text.IndexOf(' ')..]));
        return [.. Hex(way switch { ">" => "0001 0010 0001", "<" => "0001 0001 0010", _ => "0001 0001 0011" }), (byte)(apdu.Length >> 8), (byte)apdu.Length, .. apdu];
    }

    private static string Line(ExplainNode root, string name, int index) => root.All.Where(n => n.Name == name).ElementAt(index).ToString();

    private static string Text(ExplainNode root)
    {
        var writer = new StringWriter { NewLine = "\n" };
        ExplainText.Write(writer, root);
        return writer.ToString();
    }
}
