using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

public class PushDeframerTests
{
    private static readonly byte[] Plain = Vectors.ById("push-tirol-plain").Octets;
    private static readonly byte[] Alarm = Vectors.ById("push-smr5-alarm").Octets;

    /// <summary>Each a push, its framing, and where its APDU begins and how long it is.</summary>
    public static TheoryData<string, PushFraming, string, int> Golden => new()
    {
        { Convert.ToHexString(Pushes.Tirol), PushFraming.MBus, "DB084B464D10100000238201092100295B9A", 278 },
        { Convert.ToHexString(Pushes.NetzNoe), PushFraming.MBus, "DB084B464D675000000981F82000000023", 260 },
        { Convert.ToHexString(Pushes.LandisGyrBlocks), PushFraming.Hdlc, "0F0001D3760C07E5061C010F1B32FF800000020E010E", 341 },
        { Convert.ToHexString(Pushes.IskraSegments), PushFraming.Hdlc, "0F0004022C0C07E50B020215330000FFC4000210", 340 },
        { Convert.ToHexString(Pushes.GuruxSegments), PushFraming.Hdlc, "0FC00000010C07EA0101FF", 192 },
        { Convert.ToHexString(Vectors.ById("push-hdlc-aidon-list").Octets), PushFraming.Hdlc, "0F4000000000011B02", 566 },
        { Convert.ToHexString(Vectors.ById("push-hdlc-kaifa-1").Octets), PushFraming.Hdlc, "0F40000000090C07E7090401103400FF80000002120907", 142 },
        { Convert.ToHexString(Vectors.ById("push-hdlc-kamstrup-nonconformant").Octets), PushFraming.Hdlc, "0F00000000090C07E10A1405032B1EFF80000002190A0E", 215 },
        { Convert.ToHexString(Vectors.ById("event-notification-last-gasp").Octets), PushFraming.Wrapper, "C2090C07E7", 42 },
        { Convert.ToHexString(Vectors.ById("wrapper-udp-general-glo-1").Octets), PushFraming.Wrapper, "DB082F19229199164103", 70 },
        { Convert.ToHexString(Alarm), PushFraming.Raw, "0F0000000100020309", 40 },
        { Convert.ToHexString(Plain), PushFraming.Raw, "0F0029B2DC0C07E5", 260 },
    };

    [Theory, MemberData(nameof(Golden)), Shows("push.detect", "raw", "mbus", "hdlc.ui")]
    public void The_framing_of_each_capture_is_found_by_itself(string hex, PushFraming framing, string start, int length)
    {
        var deframer = new PushDeframer();
        var apdu = Assert.Single(ReadAll(deframer, Hex(hex)));
        Assert.Equal(framing, deframer.Framing);
        Assert.Equal(Hex(start), apdu[..(start.Length / 2)]);
        Assert.Equal(length, apdu.Length);
    }

    [Theory, MemberData(nameof(Golden))]
    public void A_push_split_at_every_point_is_the_same(string hex, PushFraming framing, string start, int length)
    {
        var octets = Hex(hex);
        var whole = Assert.Single(ReadAll(new(framing), octets));
        Assert.Equal((length, start), (whole.Length, Convert.ToHexString(whole)[..start.Length]));
        for (var split = 0; split <= octets.Length; split++)
        {
            Assert.Equal(whole, Assert.Single(ReadAll(new(framing), octets[..split], octets[split..])));
            Assert.Equal(whole, Assert.Single(ReadAll(new(), octets[..split], octets[split..])));
        }

        Assert.Equal(whole, Assert.Single(ReadAll(new(), [.. octets.Select(o => new[] { o })])));
    }

    [Theory, MemberData(nameof(Golden))]
    public void Every_prefix_of_a_push_brings_nothing(string hex, PushFraming framing, string start, int length)
    {
        Assert.True(length * 2 >= start.Length);
        var octets = Hex(hex);
        for (var cut = 0; cut < octets.Length; cut++) Assert.Empty(ReadAll(new(framing), octets[..cut]));
    }

    [Fact]
    public void The_segments_of_the_captured_pushes_decipher_to_what_was_published()
    {
        Assert.Equal(Plain, Decipher(Assert.Single(ReadAll(new(), Pushes.Tirol)), Pushes.TirolKey));
        var plain = Decipher(Assert.Single(ReadAll(new(), Pushes.NetzNoe)), Pushes.NetzNoeKey);
        Assert.Equal(Pushes.NetzNoePlainStart, plain[..Pushes.NetzNoePlainStart.Length]);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4), InlineData(5), InlineData(6), InlineData(7), InlineData(8)]
    public void Random_garbage_between_frames_never_loses_the_next_good_one(int seed)
    {
        var random = new Random(seed);
        foreach (var (framing, push) in new[] { (PushFraming.Hdlc, Pushes.IskraSegments), (PushFraming.Hdlc, Pushes.LandisGyrBlocks), (PushFraming.MBus, Pushes.Tirol) })
        {
            var deframer = new PushDeframer(framing);
            for (var i = 0; i < 50; i++)
            {
                var garbage = new byte[random.Next(1, 400)];
                random.NextBytes(garbage);

                // Noise likes to look like the beginning of a frame.
                if (i % 2 == 0) garbage[random.Next(garbage.Length)] = framing == PushFraming.Hdlc ? (byte)0x7E : MBusFrame.Start;
                Assert.Single(ReadAll(deframer, garbage, push));
            }

            Assert.True(deframer.GarbageOctets > 0);
        }
    }

    [Fact]
    public void A_segment_or_block_that_is_lost_loses_its_push_and_no_other()
    {
        foreach (var push in new[] { Pushes.Tirol, Pushes.LandisGyrBlocks })
        {
            var frames = Frames(push);
            for (var lost = 0; lost < frames.Count; lost++)
            {
                var deframer = new PushDeframer(push[0] == 0x7E ? PushFraming.Hdlc : PushFraming.MBus);
                byte[] damaged = [.. frames.Where((_, i) => i != lost).SelectMany(f => f)];
                var expected = Assert.Single(ReadAll(new(), push));
                Assert.Equal([expected], ReadAll(deframer, damaged, push));
            }
        }
    }

    [Fact]
    public void A_block_that_comes_twice_is_taken_once()
    {
        var frames = Frames(Pushes.LandisGyrBlocks);
        byte[] twice = [.. frames[0], .. frames[1], .. frames[1], .. frames[2]];
        Assert.Equal(ReadAll(new(), Pushes.LandisGyrBlocks), ReadAll(new(), twice));
    }

    [Fact]
    public void Bare_apdus_one_after_the_other_are_told_apart()
    {
        byte[] ciphered = Assert.Single(ReadAll(new(), Pushes.Tirol));
        Assert.Equal([Alarm, ciphered, Plain], ReadAll(new(PushFraming.Raw), [.. Alarm, .. ciphered, .. Plain]));
        Assert.Equal([Alarm, ciphered, Plain], ReadAll(new(), [.. Alarm, .. ciphered, .. Plain]));
    }

    [Fact, Shows("raw")]
    public void A_bare_apdu_is_never_taken_for_a_wrong_one_while_octets_are_missing()
    {
        foreach (var data in Vectors.OfKind("data", "compact-array").Where(v => CosemValue.TryRead(v.Octets, out _, out _)))
        {
            byte[] apdu = [.. Hex("0F 00000001 00"), .. data.Octets];
            for (var cut = 0; cut < apdu.Length; cut++)
            {
                Assert.True(OperationStatus.NeedMoreData == RawApdu.TryMeasure(apdu.AsSpan(0, cut), out _), $"{data.Id} cut after {cut} octets");
            }

            Assert.Equal(OperationStatus.Done, RawApdu.TryMeasure(apdu, out var length));
            Assert.Equal(apdu.Length, length);
        }
    }

    [Fact]
    public void A_bare_push_cut_right_behind_a_count_waits_for_what_is_counted()
    {
        // data-notification 1: a structure of unsigned 5 and a compact-array of structures of two unsigned. Found by the fuzzer.
        byte[] push = Hex("0F 00000001 00  02 02  11 05  13 02 02 11 11 02 07 08");
        for (var split = 0; split <= push.Length; split++) Assert.Equal([push], ReadAll(new(PushFraming.Raw), push[..split], push[split..]));
    }

    [Fact]
    public void A_bare_apdu_after_garbage_is_found_after_the_next_silence()
    {
        var deframer = new PushDeframer(PushFraming.Raw);
        Assert.Empty(ReadAll(deframer, [1, 2, 3, .. Alarm]));
        Assert.Equal([Alarm], ReadAll(deframer, Alarm));
        Assert.Equal((1, 3 + Alarm.Length), (deframer.BadFrames, deframer.GarbageOctets));
    }

    [Fact]
    public void The_framing_is_looked_for_anew_when_it_brings_nothing_any_more()
    {
        var deframer = new PushDeframer();
        Assert.Single(ReadAll(deframer, Pushes.Tirol));
        byte[] other = [.. Enumerable.Repeat(Vectors.ById("push-hdlc-aidon-list").Octets, PushDeframer.MaxFruitless / 500).SelectMany(o => o)];
        ReadAll(deframer, other);
        Assert.NotEmpty(ReadAll(deframer, other));
        Assert.Equal(PushFraming.Hdlc, deframer.Framing);
    }

    [Fact]
    public void A_push_longer_than_allowed_is_given_up_and_counted()
    {
        var wire = Written(w => MBusTransport.WriteApdu(w, new byte[2000]));
        var deframer = new PushDeframer(PushFraming.MBus, maxApdu: 1000);
        Assert.Single(ReadAll(deframer, wire, Pushes.Tirol));
        Assert.Equal(1, deframer.Incomplete);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Whatever_comes_is_taken_in_bounded_time_and_memory(int seed)
    {
        var random = new Random(seed);
        var noise = new byte[200_000];
        random.NextBytes(noise);
        byte[] starts = [0x7E, 0xA7, 0x68, 0x00, 0x01, 0x0F, 0xDB, 0x08, 0x82, 0xFF, 0xE0, 0x02];
        for (var i = 0; i < noise.Length; i += 3) noise[i] = starts[random.Next(starts.Length)];
        foreach (var framing in Enum.GetValues<PushFraming>())
        {
            var deframer = new PushDeframer(framing);
            ReadAll(deframer, noise);
            Assert.False(deframer.HasPending);
            Assert.Single(ReadAll(deframer.Framing is PushFraming.Auto or PushFraming.MBus ? deframer : new(), Pushes.Tirol));
        }
    }

    private static List<byte[]> ReadAll(PushDeframer deframer, params byte[][] pieces)
    {
        var apdus = new List<byte[]>();
        foreach (var piece in pieces)
        {
            ReadOnlySpan<byte> rest = piece;
            while (deframer.TryRead(ref rest, out var pushed)) apdus.Add(pushed.Apdu.ToArray());
        }

        while (deframer.TryReadAfterSilence(out var pushed)) apdus.Add(pushed.Apdu.ToArray());
        return apdus;
    }

    private static List<byte[]> Frames(byte[] push)
    {
        var frames = new List<byte[]>();
        for (var position = 0; position < push.Length; position += frames[^1].Length)
        {
            var length = push[position] == MBusFrame.Start ? push[position + 1] + 6 : ((push[position + 1] & 7) << 8 | push[position + 2]) + 2;
            frames.Add(push[position..(position + length)]);
        }

        return frames;
    }

    /// <summary>Encryption only: counter mode from block 2 on, which AES-GCM without its tag is.</summary>
    private static byte[] Decipher(byte[] apdu, byte[] key)
    {
        Assert.True(CipheredApdu.TryRead(apdu, out var ciphered, out _));
        using var aes = Aes.Create();
        aes.Key = key;
        var plain = ciphered.Content.ToArray();
        byte[] counter = [.. ciphered.SystemTitle, .. BitConverter.GetBytes(ciphered.InvocationCounter).Reverse(), 0, 0, 0, 1];
        for (var i = 0; i < plain.Length; i += 16)
        {
            counter[15]++;
            var mask = aes.EncryptEcb(counter, PaddingMode.None);
            for (var j = i; j < Math.Min(i + 16, plain.Length); j++) plain[j] ^= mask[j - i];
        }

        return plain;
    }
}
