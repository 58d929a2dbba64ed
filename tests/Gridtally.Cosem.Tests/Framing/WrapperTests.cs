using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

public class WrapperTests
{
    public static TheoryData<string> Wrapped => [.. Vectors.OfKind("wrapper").Select(v => v.Id)];

    private readonly WrapperServer _server = new();

    [Theory, MemberData(nameof(Wrapped))]
    public void Every_captured_wrapper_is_read_and_written_back_the_same(string id)
    {
        var octets = Vectors.ById(id).Octets;
        Assert.Equal(OperationStatus.Done, WrapperHeader.TryRead(octets, out var header));
        Assert.Equal(octets.Length - WrapperHeader.Size, header.Length);
        Assert.Equal(octets, Written(w => WrapperHeader.WriteApdu(w, header.Source, header.Destination, octets.AsSpan(WrapperHeader.Size))));
    }

    [Fact, Shows("wrapper.tcp")]
    public void Three_apdus_are_found_at_every_pair_of_split_points()
    {
        var wire = Hex("0001 0010 0001 0003 C001C1  0001 0010 0001 0000  0001 0002 0001 0001 62");
        for (var first = 0; first <= wire.Length; first++)
        {
            for (var second = first; second <= wire.Length; second++)
            {
                var server = new WrapperServer();
                var apdus = new List<string>();
                foreach (var piece in new[] { wire[..first], wire[first..second], wire[second..] })
                {
                    server.Receive(piece, default);
                    while (server.TryTakeEvent(out var got)) apdus.Add($"{got.Peer.Client}>{got.Peer.LogicalDevice} {Convert.ToHexString(got.Apdu.Span)}");
                }

                Assert.Equal(["16>1 C001C1", "16>1 ", "2>1 62"], apdus);
                Assert.False(server.MustClose);
            }
        }
    }

    [Fact]
    public void An_answer_goes_back_with_the_ports_swapped()
    {
        _server.Receive(Hex("0001 0010 0001 0001 60"), default);
        Assert.True(_server.TryTakeEvent(out var request));
        _server.Send(request.Peer, Hex("61"), default);
        Assert.Equal(Hex("0001 0001 0010 0001 61"), _server.Output.WrittenSpan.ToArray());

        var client = new WrapperClient(16, 1);
        client.Open(default);
        client.Receive(_server.Output.WrittenSpan, default);
        Assert.True(client.TryTakeApdu(out var answer));
        Assert.Equal([0x61], answer.ToArray());
    }

    [Theory, InlineData("0002 0010 0001 0001 60"), InlineData("7EA0"), InlineData("01")]
    public void A_wrong_version_ends_the_connection_on_either_side(string hex)
    {
        var client = Client();
        client.Receive(Hex("0001 0001 0010 0001 61" + hex), default);
        Assert.Equal((LinkState.Failed, LinkFault.Garbage), (client.State, client.Fault));
        Assert.True(client.TryTakeApdu(out _));       // what came before is good

        _server.Receive(Hex("0001 0010 0001 0001 60" + hex), default);
        Assert.True(_server.MustClose);
        Assert.True(_server.TryTakeEvent(out _));
        _server.Receive(Hex("0001 0010 0001 0001 60"), default);
        Assert.False(_server.TryTakeEvent(out _));
    }

    [Fact]
    public void Answers_for_other_ports_are_dropped_and_ports_not_swapped_let_pass()
    {
        var client = Client();
        client.Receive(Hex("0001 0001 0011 0001 61  0001 0002 0010 0001 62  0001 0010 0001 0001 63"), default);
        Assert.True(client.TryTakeApdu(out var apdu));
        Assert.Equal([0x63], apdu.ToArray());
        Assert.False(client.TryTakeApdu(out _));
        Assert.Equal(2, client.Ignored);
    }

    [Fact, Shows("wrapper.udp")]
    public void A_datagram_holds_whole_apdus_and_what_is_cut_off_does_not_spoil_the_next()
    {
        var server = new WrapperServer(datagrams: true);
        server.Receive(Hex("0001 0010 0001 0001 60  0001 0010 0001 0001 62"), default);
        server.Receive(Hex("0001 0010 0001 0005 60"), default);
        server.Receive(Hex("0009 0010 0001 0001 60"), default);
        server.Receive(Hex("0001 0010 0001 0001 63"), default);
        var tags = new List<byte>();
        while (server.TryTakeEvent(out var got)) tags.Add(got.Apdu.Span[0]);
        Assert.Equal([0x60, 0x62, 0x63], tags);
        Assert.Equal(2, server.Ignored);
        Assert.False(server.MustClose);
    }

    [Fact]
    public void What_is_for_all_devices_asks_for_no_answer()
    {
        _server.Receive(Hex("0001 0010 007F 0001 C1"), default);
        Assert.True(_server.TryTakeEvent(out var got) && got.Broadcast);
    }

    [Fact]
    public void The_longest_apdu_passes_and_a_longer_one_is_a_mistake_of_the_caller()
    {
        var client = Client();
        client.Send(new byte[65_535], default);
        _server.Receive(client.Output.WrittenSpan, default);
        Assert.True(_server.TryTakeEvent(out var got));
        Assert.Equal(65_535, got.Apdu.Length);
        Assert.Throws<InvalidOperationException>(() => client.Send(new byte[65_536], default));
    }

    [Fact]
    public void A_closed_link_takes_nothing_and_opens_anew()
    {
        var client = Client();
        client.Receive(Hex("0001 0001 00"), default);
        client.Close(default);
        Assert.Equal(LinkState.Down, client.State);
        Assert.Throws<InvalidOperationException>(() => client.Send([0x60], default));
        client.Open(default);
        client.Receive(Hex("0001 0001 0010 0001 61"), default);
        Assert.True(client.TryTakeApdu(out _));
    }

    [Fact, Shows("gateway")]
    public void A_gateway_header_is_written_and_read_back()
    {
        //                E6, network 1, 12 octets, meter number in ASCII; then the user APDU
        var wire = Hex("E6 01 0C 313030303030303030303031 C001C1");
        Assert.True(GatewayHeader.TryRead(wire, out var header, out var user, out _));
        Assert.Equal((false, 1, "100000000001"), (header.IsResponse, header.Network, System.Text.Encoding.ASCII.GetString(header.Address)));
        Assert.Equal(Hex("C001C1"), user.ToArray());
        var address = header.Address.ToArray();
        Assert.Equal(wire[..15], Written(w => new GatewayHeader { Network = 1, Address = address }.WriteTo(w)));
        Assert.Equal(Hex("E7 00 00"), Written(w => new GatewayHeader { IsResponse = true }.WriteTo(w)));
    }

    [Theory]
    [InlineData("C0 01 C1", DecodeFault.UnknownTag, 0)]
    [InlineData("E6 01", DecodeFault.Truncated, 2)]
    [InlineData("E7 01 05 3132", DecodeFault.BadLength, 2)]
    public void A_gateway_header_that_is_none_says_where(string hex, DecodeFault fault, int offset)
    {
        Assert.False(GatewayHeader.TryRead(Hex(hex), out _, out _, out var error));
        Assert.Equal(new DecodeError(fault, "gateway header", offset), error);
    }

    private static WrapperClient Client()
    {
        var client = new WrapperClient(16, 1);
        client.Open(default);
        return client;
    }
}
