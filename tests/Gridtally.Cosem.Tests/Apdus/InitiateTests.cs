using Gridtally.Cosem.Apdus;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

public sealed class InitiateTests
{
    [Fact]
    public void The_green_book_proposal_is_read_and_written()
    {
        var wire = Vectors.ById("initiate-request-plain").Octets;
        Assert.True(InitiateRequest.TryRead(wire, out var request, out _));

        Assert.Equal((6, 1200), (request.Version, request.MaxReceivePdu));
        Assert.Equal(0x007E1Fu, (uint)request.Conformance);
        Assert.Equal(wire, Write(request));
    }

    [Fact]
    public void A_dedicated_key_travels_in_front()
    {
        var wire = Vectors.ById("initiate-request-dedicated-key").Octets;
        Assert.True(InitiateRequest.TryRead(wire, out var request, out _));

        Assert.Equal("00112233445566778899AABBCCDDEEFF", Convert.ToHexString(request.DedicatedKey));
        Assert.Equal(wire, Write(request));
    }

    [Fact]
    public void A_client_that_wants_no_answer_says_so()
    {
        //               no key  response-allowed FALSE  no QoS  version
        var wire = Hex("01 00 01 00 00 06 5F1F 04 00 007E1F 04B0");
        Assert.True(InitiateRequest.TryRead(wire, out var request, out _));

        Assert.True(request.ResponseForbidden);
        Assert.Equal(wire, Write(request));
    }

    [Fact]
    public void The_conformance_tag_is_taken_without_its_second_octet_as_old_stacks_send_it()
    {
        Assert.True(InitiateRequest.TryRead(Hex("01 00 00 00 06 5F 04 00 007E1F 04B0"), out var request, out _));
        Assert.True(InitiateResponse.TryRead(Hex("08 00 06 5F 04 00 00501F 01F4 0007"), out var response, out _));

        Assert.Equal((0x007E1Fu, 0x00501Fu), ((uint)request.Conformance, (uint)response.Conformance));
    }

    [Fact]
    public void The_green_book_response_is_read_and_written()
    {
        var wire = Vectors.ById("initiate-response-plain").Octets;
        Assert.True(InitiateResponse.TryRead(wire, out var response, out _));

        Assert.Equal(
            ["priority-mgmt-supported", "block-transfer-with-get-or-read", "get", "set", "selective-access", "event-notification", "action"],
            ConformanceBits.NamesOf(response.Conformance));
        Assert.Equal((500, InitiateResponse.LogicalNameVaa), (response.MaxReceivePdu, response.VaaName));
        Assert.Equal(wire, Written(response.WriteTo));
    }

    [Fact]
    public void Every_vector_has_the_conformance_names_that_were_decoded_independently()
    {
        foreach (var vector in Vectors.OfKind("apdu").Where(v => v.Octets[0] is 0x01 or 0x08))
        {
            var (key, conformance) = vector.Octets[0] == 0x01 && InitiateRequest.TryRead(vector.Octets, out var request, out _)
                ? ("proposed-conformance", request.Conformance)
                : InitiateResponse.TryRead(vector.Octets, out var response, out _) ? ("negotiated-conformance", response.Conformance) : ("none", default);

            Assert.Equal(vector.Meaning.GetProperty(key).EnumerateArray().Select(n => n.GetString()), ConformanceBits.NamesOf(conformance));
        }
    }

    [Fact]
    public void The_table_of_conformance_bits_puts_each_bit_where_the_standard_has_it()
    {
        Assert.All(ConformanceBits.Table, row => Assert.Equal(1u << (23 - row.Bit), (uint)row.Flag));
        Assert.Equal(22, ConformanceBits.Table.Length);
    }

    private static byte[] Write(in InitiateRequest request)
    {
        var buffer = new System.Buffers.ArrayBufferWriter<byte>();
        request.WriteTo(buffer);
        return buffer.WrittenSpan.ToArray();
    }
}
