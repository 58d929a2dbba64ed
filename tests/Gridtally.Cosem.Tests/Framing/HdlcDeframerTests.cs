using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

public class HdlcDeframerTests
{
    private static readonly byte[] Snrm = Vectors.ById("hdlc-snrm-2byte").Octets;
    private static readonly byte[] Ua = Vectors.ById("hdlc-ua-params").Octets;
    private static readonly byte[] Aare = Vectors.ById("hdlc-i-aare").Octets;

    [Fact]
    public void Three_frames_are_found_at_every_pair_of_split_points()
    {
        byte[] wire = [.. Snrm, .. Ua, .. Aare];
        for (var first = 0; first <= wire.Length; first++)
        {
            for (var second = first; second <= wire.Length; second += 3)
            {
                var controls = Read(new(), wire[..first], wire[first..second], wire[second..]);
                Assert.Equal([0x93, 0x73, 0x30], controls);
            }
        }
    }

    [Fact, Shows("hdlc.resync")]
    public void A_closing_flag_may_open_the_next_frame() => Assert.Equal([0x93, 0x73, 0x30], Read(new(), [.. Snrm, .. Ua[1..], .. Aare[1..]]));

    [Fact]
    public void Octet_by_octet_is_as_good_as_at_once()
    {
        byte[] wire = [.. Snrm, 0x7E, 0x7E, .. Ua[1..], 1, 2, 3, .. Aare];
        Assert.Equal([0x93, 0x73, 0x30], Read(new(), [.. wire.Select(o => new[] { o })]));
    }

    [Fact]
    public void Every_captured_frame_comes_out_of_one_stream()
    {
        var frames = Vectors.OfKind("hdlc-frame").ToList();
        var deframer = new HdlcDeframer();
        Assert.Equal(frames.Count, Read(deframer, [.. frames.SelectMany(v => v.Octets)]).Count);
        Assert.Equal((0, 0), (deframer.BadFrames, deframer.GarbageOctets));
    }

    [Fact]
    public void A_damaged_frame_is_dropped_and_counted_and_the_next_one_found()
    {
        for (var position = 1; position < Ua.Length - 1; position++)
        {
            byte[] damaged = [.. Ua];
            damaged[position] ^= 0x10;
            var deframer = new HdlcDeframer();
            var controls = Read(deframer, [.. damaged, .. Aare]);
            while (deframer.TryReadAfterSilence(out var frame)) controls.Add(frame.Control.Value);
            Assert.Equal([0x30], controls);
        }
    }

    [Fact, Shows("hdlc.resync")]
    public void A_good_frame_inside_a_false_start_is_found()
    {
        // A flag and a plausible format field in garbage: the header check tells at once, not after 2,047 octets.
        byte[] falseStart = [0x7E, .. Hex("A7FF 03 21 10 1234")];
        var deframer = new HdlcDeframer();
        Assert.Equal([0x93], Read(deframer, [.. falseStart, .. Snrm]));
        Assert.Equal(1, deframer.BadFrames);
    }

    [Fact, Shows("hdlc.inter-octet")]
    public void A_frame_that_never_ends_is_dropped_after_silence()
    {
        var deframer = new HdlcDeframer();
        Assert.Empty(Read(deframer, Aare[..40]));
        Assert.True(deframer.InFrame && deframer.HasPending);
        Assert.False(deframer.TryReadAfterSilence(out _));
        Assert.False(deframer.HasPending);
        Assert.Equal([0x93], Read(deframer, Snrm));
    }

    [Fact]
    public void What_is_held_back_is_bounded_whatever_comes()
    {
        var random = new Random(1);
        var deframer = new HdlcDeframer();
        var noise = new byte[100_000];
        random.NextBytes(noise);
        for (var i = 0; i < noise.Length; i += 50) (noise[i], noise[i + 1]) = (0x7E, 0xA7);
        Assert.Empty(Read(deframer, noise));
        while (deframer.TryReadAfterSilence(out _)) { }
        Assert.Equal([0x93], Read(deframer, Snrm));
    }

    private static List<int> Read(HdlcDeframer deframer, params byte[][] pieces)
    {
        var controls = new List<int>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece;
            while (deframer.TryRead(ref rest, out var frame)) controls.Add(frame.Control.Value);
        }

        return controls;
    }
}
