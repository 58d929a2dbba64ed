using Gridtally.Cosem.Explain;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Cosem.Tests.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Explain;

/// <summary>Pushes of real household meters, in the framings in which their ports send them.</summary>
public class ExplainPushTests
{
    [Fact, Shows("tool.decode", "tool.decode.ciphered", "tool.decode.reassembly")]
    public void M_bus_segments_of_an_austrian_port_are_put_together_and_deciphered()
    {
        using var keys = new SecurityKeys(Pushes.TirolKey, new byte[16]);
        var root = Explainer.Explain(Pushes.Tirol, new() { Keys = keys, VerifiesTags = false });
        Assert.Empty(root.Problems);
        Assert.Equal("M-Bus, 300 octets", root.Value);
        Assert.Equal("278 octets from 2 segments", root.Find("reassembled")!.Value);
        var energy = root.All.Single(n => n.ObjectName == new Metering.ObisCode(1, 0, 1, 8, 0, 255));
        Assert.Equal((9108m, "Wh", "Active energy import (+A)"), (energy.Scaled, energy.Unit, energy.Meaning));
    }

    [Fact, Shows("tool.decode.reassembly")]
    public void General_blocks_in_ui_frames_without_llc_are_put_together_and_named_by_the_push_list_inside()
    {
        var root = Explainer.Explain(Pushes.LandisGyrBlocks);
        Assert.Empty(root.Problems);
        Assert.Equal("341 octets from 3 blocks", root.Find("reassembled")!.Value);
        var body = root.Find("notification-body")!;
        Assert.Equal("Active energy import (+A)", body.Children[5].Meaning);
        Assert.Equal("Current L3", body.Children[13].Meaning);
        Assert.Equal(2, root.Children.Count(frame => frame.Note == "Deviation: no LLC header."));
    }

    [Fact, Shows("tool.decode.reassembly")]
    public void Segmented_ui_frames_are_put_together()
    {
        var root = Explainer.Explain(Pushes.IskraSegments);
        Assert.Empty(root.Problems);
        Assert.Equal(3038m, root.All.Last(n => n.ObjectName == new Metering.ObisCode(1, 1, 2, 8, 2, 255)).Scaled);
    }

    [Fact, Shows("tool.decode.damaged")]
    public void A_damaged_m_bus_frame_shows_what_was_expected_and_what_came()
    {
        byte[] damaged = [.. Pushes.Tirol];
        damaged[100] ^= 0x10;
        Assert.Contains(Explainer.Explain(damaged).Problems, p => p.Offset == 254 && p.Problem!.StartsWith("checksum expected ", StringComparison.Ordinal));
        damaged = [.. Pushes.Tirol[..^1], 0x17];
        Assert.Contains(Explainer.Explain(damaged).Problems, p => p.Problem == "stop octet 16 expected, got 17.");
        Assert.Contains(Explainer.Explain(Pushes.Tirol.AsMemory(0, 200)).Problems, p => p.Problem == "the length says 256 octets in all, 200 are there");
    }

    [Fact, Shows("tool.decode.damaged")]
    public void A_missing_m_bus_segment_is_told()
    {
        byte[] apdu = [0x0F, 0, 0, 0, 1, 0, 0x09, 0x40, .. new byte[64]];
        var octets = Written(w => MBusTransport.WriteApdu(w, apdu, segmentSize: 30));
        var whole = Explainer.Explain(octets);
        Assert.Empty(whole.Problems);
        const int frame = 30 + 2 + 3 + 6;
        var root = Explainer.Explain((byte[])[.. octets[..frame], .. octets[(2 * frame)..]]);
        Assert.Contains(root.Problems, p => p.Problem == "segment 1 expected, got 2: one is missing.");
    }

    [Fact, Shows("tool.decode.ciphered")]
    public void Without_the_authentication_key_ciphertext_is_read_and_the_tag_not_verified()
    {
        var vector = Vectors.ById("gcm-gb-get-auth-enc");
        using var keys = new SecurityKeys(vector.Key("encryption"), new byte[16]);
        Assert.True(SystemTitle.TryParse("4D4D4D0000BC614E", out var title));
        var root = Explainer.Explain(vector.Octets, new() { Keys = keys, VerifiesTags = false, ClientTitle = title });
        Assert.Empty(root.Problems);
        Assert.Equal("8/0-0:1.0.0.255:2", root.Find("attribute")!.Value);
        Assert.Equal("Not verified: needs the authentication key.", root.Find("ciphertext")!.Note);
    }

    [Fact, Shows("tool.decode.ciphered")]
    public void A_key_of_the_wrong_suite_is_told()
    {
        var vector = Vectors.ById("gcm-gb-get-auth-enc");
        using var keys = new SecurityKeys(SecuritySuite.Suite2, new byte[32], new byte[32]);
        Assert.True(SystemTitle.TryParse("4D4D4D0000BC614E", out var title));
        var note = Explainer.Explain(vector.Octets, new() { Keys = keys, ClientTitle = title }).Find("ciphertext")!.Note;
        Assert.Equal("The global unicast encryption key has 32 octets; this APDU is of suite 0, whose keys have 16.", note);
    }
}
