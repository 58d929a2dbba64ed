using System.Buffers.Binary;
using Gridtally.Cosem.Explain;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Explain;

/// <summary>pcap and pcapng files: link types, both byte orders, TCP segments in any order, both directions, UDP, damage.</summary>
public class CaptureTests
{
    private const ushort Client = 50_000, Meter = 4059;

    private static readonly byte[] Request = Hex("0001 0010 0001 000D C001C1 0008 0000010000FF 02 00");
    private static readonly byte[] Response = Hex("0001 0001 0010 0012 C401C100 090C 07EA010F04061E0000FFC400");

    public static TheoryData<int, string> LinkTypes => new()
    {
        { 1, "020000000001 020000000002 0800" },
        { 1, "020000000001 020000000002 8100 0005 0800" },
        { 0, "02000000" },
        { 108, "00000002" },
        { 101, "" },
        { 228, "" },
        { 113, "0000 0001 0006 020000000001 0000 0800" },
        { 276, "0800 0000 00000002 0001 00 06 0200000000010000" },
    };

    [Theory, MemberData(nameof(LinkTypes)), Shows("tool.decode.pcap")]
    public void A_dialogue_over_tcp_is_explained_whatever_the_packets_begin_with(int linkType, string header)
    {
        var file = new Pcap(linkType, header);
        file.Tcp(Client, Meter, 1000, 0x02, []);
        file.Tcp(Meter, Client, 5000, 0x12, []);
        file.Tcp(Client, Meter, 1001, 0x18, Request);
        file.Tcp(Meter, Client, 5001, 0x18, Response);
        var root = Explainer.Explain(file.Octets);
        Assert.Empty(root.Problems);
        Assert.Equal(["tcp", "tcp", "summary"], root.Children.Select(c => c.Name));
        Assert.Equal("2026-01-15 06:30:02.000000 10.0.0.1:50000 → 10.0.0.2:4059", root.Children[0].Value);
        Assert.Equal(new DateTime(2026, 1, 15, 6, 30, 3, DateTimeKind.Utc), root.Children[1].Time);
        var time = root.Children[1].Find("result")!;
        Assert.Contains("2026-01-15 06:30:00 +01:00", time.Value);
        Assert.Contains("Clock.time", time.Meaning);
        Assert.Equal(0x09, file.Octets[time.Offset]);
        Assert.Equal("4 packets, 1 connections with DLMS, 0 without, 0 packets neither TCP nor UDP", root.Children[2].Value);
    }

    [Fact, Shows("tool.decode.pcap")]
    public void Segments_out_of_order_repeated_and_overlapping_make_one_stream()
    {
        var file = new Pcap();
        byte[] two = [.. Request, .. Request];
        file.Tcp(Client, Meter, 100, 0x02, []);
        file.Tcp(Client, Meter, 101 + 30, 0x18, two[30..]);
        file.Tcp(Client, Meter, 101, 0x18, two[..10]);
        file.Tcp(Client, Meter, 101, 0x18, two[..10]);
        file.Tcp(Client, Meter, 101 + 5, 0x18, two[5..32]);
        var root = Explainer.Explain(file.Octets);
        Assert.Empty(root.Problems);
        Assert.Equal(2, root.All.Count(n => n.Name == "get-request"));
    }

    [Fact, Shows("tool.decode.pcap")]
    public void Sequence_numbers_that_wrap_round_are_followed()
    {
        var file = new Pcap();
        file.Tcp(Client, Meter, uint.MaxValue - 5, 0x02, []);
        file.Tcp(Client, Meter, uint.MaxValue - 4, 0x18, Request[..10]);
        file.Tcp(Client, Meter, 5, 0x18, Request[10..]);
        Assert.Equal("8/0-0:1.0.0.255:2", Explainer.Explain(file.Octets).Find("attribute")!.Value);
    }

    [Fact, Shows("tool.decode.pcap", "tool.decode.damaged")]
    public void A_packet_that_was_not_captured_is_a_gap()
    {
        var file = new Pcap();
        file.Tcp(Client, Meter, 100, 0x02, []);
        file.Tcp(Client, Meter, 101, 0x18, Request[..8]);
        file.Tcp(Client, Meter, 101 + (uint)Request.Length, 0x18, Request);
        var root = Explainer.Explain(file.Octets);
        Assert.Contains(root.Problems, p => p.Problem == $"{Request.Length - 8} octets are missing: their packets are not in the capture.");
        Assert.Single(root.All, n => n.Name == "get-request");
    }

    [Fact, Shows("tool.decode.pcap")]
    public void Datagrams_are_explained_one_by_one_and_other_traffic_is_left_out()
    {
        var file = new Pcap();
        file.Udp(53, 53, Hex("0001 8180 0001 0001 0000 0000 03777777"));
        file.Udp(40_000, Meter, Hex("0001 0001 0066 000E 0F 00000001 00 0906 0000600100FF"));
        file.Tcp(40_001, 80, 1, 0x18, [.. "GET / HTTP/1.1\r\nHost: a\r\n\r\n"u8]);
        var root = Explainer.Explain(file.Octets);
        Assert.Empty(root.Problems);
        Assert.Equal("Serial number", root.Find("notification-body")!.Meaning);
        Assert.Equal("3 packets, 1 connections with DLMS, 2 without, 0 packets neither TCP nor UDP", root.Find("summary")!.Value);
    }

    [Fact, Shows("tool.decode.pcap")]
    public void Hdlc_over_tcp_is_cut_at_its_frames_and_a_port_can_be_chosen()
    {
        var file = new Pcap();
        var snrm = Vectors.ById("hdlc-snrm-2byte").Octets;
        file.Tcp(Client, 8000, 1, 0x18, snrm[..4]);
        file.Tcp(Client, 8000, 5, 0x18, snrm[4..]);
        file.Tcp(Client, Meter, 1, 0x18, Request);
        Assert.Equal(["frame", "get-request"], Explainer.Explain(file.Octets).All.Where(n => n.Name is "frame" or "get-request").Select(n => n.Name));
        Assert.DoesNotContain(Explainer.Explain(file.Octets, new() { Port = 8000 }).All, n => n.Name == "get-request");
    }

    [Fact, Shows("tool.decode.pcap")]
    public void Pcapng_of_either_byte_order_is_read_with_its_own_clock()
    {
        foreach (var little in new[] { true, false })
        {
            var packet = new Pcap().Packet(6, Client, Meter, 1, 0x18, Request);
            byte[] file =
            [
                .. Block(little, 0x0A0D0D0A, [.. U32(little, 0x1A2B3C4D), .. U16(little, 1), .. U16(little, 0), .. new byte[8]]),
                .. Block(little, 1, [.. U16(little, 1), .. U16(little, 0), .. U32(little, 65535), .. U16(little, 9), .. U16(little, 1), 9, 0, 0, 0, .. U32(little, 0)]), // if_tsresol: 10^-9
                .. Block(little, 0xBAD, new byte[4]),
                .. Block(little, 6, [.. U32(little, 0), .. U32(little, 0x188ADD01), .. U32(little, 0xA1BA8200), .. U32(little, (uint)packet.Length), .. U32(little, (uint)packet.Length), .. packet]),
            ];
            var root = Explainer.Explain(file);
            Assert.Empty(root.Problems);
            Assert.Equal("8/0-0:1.0.0.255:2", root.Find("attribute")!.Value);
            Assert.Equal(DateTime.UnixEpoch.AddTicks((long)(0x188ADD01A1BA8200 / 100)), root.Children[0].Time);
        }
    }

    [Theory, Shows("tool.decode.pcap", "tool.decode.damaged")]
    [InlineData(10, "the header of a pcap file has 24 octets, 10 are there")]
    [InlineData(30, "the header of a packet has 16 octets, 6 are left: the file is cut short")]
    [InlineData(60, "a packet of 75 octets, 20 are left: the file is cut short or damaged")]
    public void A_file_that_is_cut_short_is_told_with_the_place(int length, string problem)
    {
        var file = new Pcap();
        file.Tcp(Client, Meter, 1, 0x18, Request);
        Assert.Equal(problem, Assert.Single(Explainer.Explain(file.Octets.AsMemory(0, length)).Problems).Problem);
    }

    [Fact]
    public void Damaged_files_are_explained_without_an_exception()
    {
        var random = new Random(4059);
        var file = new Pcap();
        file.Tcp(Client, Meter, 100, 0x02, []);
        for (var i = 0u; i < 6; i++) file.Tcp(Client, Meter, 101 + i * (uint)Request.Length, 0x18, Request);
        for (var round = 0; round < 2000; round++)
        {
            var damaged = file.Octets[..random.Next(4, file.Octets.Length)];
            for (var flips = random.Next(6); flips > 0; flips--) damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            var root = Explainer.Explain(damaged, new() { Format = ExplainFormat.Capture });
            Assert.All(root.All, node => Assert.InRange(node.Offset, 0, damaged.Length));
        }
    }

    private static byte[] Block(bool little, uint type, byte[] body)
    {
        byte[] padded = [.. body, .. new byte[(4 - body.Length % 4) % 4]];
        var length = U32(little, (uint)padded.Length + 12);
        return [.. U32(little, type), .. length, .. padded, .. length];
    }

    private static byte[] U32(bool little, uint value)
    {
        var octets = new byte[4];
        if (little) BinaryPrimitives.WriteUInt32LittleEndian(octets, value);
        else BinaryPrimitives.WriteUInt32BigEndian(octets, value);
        return octets;
    }

    private static byte[] U16(bool little, ushort value) => little ? [(byte)value, (byte)(value >> 8)] : [(byte)(value >> 8), (byte)value];

    /// <summary>Writes a classic pcap file, one packet a second from 2026-01-15 06:30 UTC on.</summary>
    private sealed class Pcap
    {
        private readonly List<byte> _octets = [];
        private readonly byte[] _link;
        private uint _time = 1_768_458_600;

        public Pcap(int linkType = 1, string link = "020000000001 020000000002 0800")
        {
            _link = Hex(link);
            _octets.AddRange([.. U32(true, 0xA1B2C3D4), .. U16(true, 2), .. U16(true, 4), .. U32(true, 0), .. U32(true, 0), .. U32(true, 65535), .. U32(true, (uint)linkType)]);
        }

        public byte[] Octets => [.. _octets];

        public void Tcp(ushort source, ushort destination, uint sequence, byte flags, byte[] payload) => Add(Packet(6, source, destination, sequence, flags, payload));

        public void Udp(ushort source, ushort destination, byte[] payload) => Add(Packet(17, source, destination, 0, 0, payload));

        public byte[] Packet(byte protocol, ushort source, ushort destination, uint sequence, byte flags, byte[] payload)
        {
            byte[] transport = protocol == 6
                ? [.. U16(false, source), .. U16(false, destination), .. U32(false, sequence), .. U32(false, 0), 0x50, flags, 0xFF, 0xFF, 0, 0, 0, 0, .. payload]
                : [.. U16(false, source), .. U16(false, destination), .. U16(false, (ushort)(8 + payload.Length)), 0, 0, .. payload];
            // The higher port is the client's, 10.0.0.1.
            byte[] Address(ushort port) => [10, 0, 0, (byte)(port == Math.Max(source, destination) ? 1 : 2)];
            return [.. _link, 0x45, 0, .. U16(false, (ushort)(20 + transport.Length)), 0, 0, 0, 0, 64, protocol, 0, 0, .. Address(source), .. Address(destination), .. transport];
        }

        private void Add(byte[] packet)
        {
            _octets.AddRange([.. U32(true, _time++), .. U32(true, 0), .. U32(true, (uint)packet.Length), .. U32(true, (uint)packet.Length), .. packet]);
        }
    }
}
