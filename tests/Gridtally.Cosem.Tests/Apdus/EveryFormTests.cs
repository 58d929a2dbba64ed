using Gridtally.Cosem.Apdus;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

/// <summary>Every form of every service: read and written back, cut short, and octet by octet where no captured example is known.</summary>
public sealed class EveryFormTests
{
    public static TheoryData<int> Seeds => [.. Enumerable.Range(1, 40)];

    [Theory, MemberData(nameof(Seeds))]
    public void What_is_read_of_an_apdu_is_all_that_was_written(int seed)
    {
        foreach (var apdu in new RandomApdus(seed).All()) Assert.Equal(Convert.ToHexString(apdu), Convert.ToHexString(Reencoding.Of(apdu)));
    }

    [Theory, MemberData(nameof(Seeds))]
    public void An_apdu_cut_short_is_truncated_and_not_wrong_in_another_way(int seed)
    {
        foreach (var apdu in new RandomApdus(seed).All())
        {
            for (var length = 0; length < apdu.Length; length++)
            {
                Assert.False(Decoding.TryDecode(apdu.AsSpan(0, length), apdu[0], out var error), $"{Convert.ToHexString(apdu)} cut to {length} octets");
                Assert.True(error.Fault == DecodeFault.Truncated, $"{Convert.ToHexString(apdu)} cut to {length} octets: {error}");
            }
        }
    }

    [Theory, MemberData(nameof(Seeds))]
    public void An_apdu_with_an_octet_too_many_has_trailing_bytes(int seed)
    {
        foreach (var apdu in new RandomApdus(seed).All())
        {
            // Some servers end an acknowledgement with success, and one octet more is all the difference.
            byte more = apdu is [0xC5, 0x02, ..] ? (byte)1 : (byte)0;
            Assert.False(Decoding.TryDecode((byte[])[.. apdu, more], apdu[0], out var error));
            Assert.True(error.Fault == DecodeFault.TrailingBytes, $"{Convert.ToHexString(apdu)}: {error}");
        }
    }

    /// <summary>Laid out by hand from the productions of IEC 62056-5-3; no public capture of these forms is known.</summary>
    [Theory]
    //          count | class name attribute selection                       |  last number   len raw
    [InlineData("C105C1 02 0001 0000800000FF 02 00 0001 0000800100FF 02 01 02 0600000001 00 00000001 02 0209")]
    //          count results number
    [InlineData("C504C1 02 00 03 00000002")]
    [InlineData("C302C1 00000003")]
    //          count methods                                count parameters
    [InlineData("C303C1 02 0046 0000600A03FF 01 0009 00000A0000FF 01 02 0F00 120005")]
    //          method               last number   len raw
    [InlineData("C304C1 0009 00000A0000FF 01 00 00000001 03 090401")]
    [InlineData("C305C1 02 0046 0000600A03FF 01 0009 00000A0000FF 01 01 00000001 04 020F0000")]
    [InlineData("C306C1 01 00000002 02 0102")]
    [InlineData("C702C1 00 00000001 03 090401")]
    //          count | result, no data | result, data
    [InlineData("C703C1 02 03 00 00 01 00 120005")]
    [InlineData("C704C1 00000001")]
    //          long id  time count | choice class name id | ... | count data
    [InlineData("D9 40000001 00 03 01 0008 0000010000FF 02 04 0007 0100630100FF 02 02 00 03 0046 0000600A03FF 01 03 00 00 0F00")]
    //          long id  time  no echo  count data        count | choice result
    [InlineData("DA 40000001 0C 07EA010FFF0A0F0000800000 00 02 120005 00 02 01 00 03 03")]
    [InlineData("DA 50000001 00 01 01 01 0008 0000010000FF 02 01 120005 01 01 00")]
    [InlineData("0F 00000001 0C 07EA010FFF0A0F0000800000 02 01 1105")]
    [InlineData("10 00000001 00")]
    [InlineData("C2 01 0C 07EA010FFF0A0F0000800000 0001 0000600B00FF 02 1105")]
    [InlineData("C2 00 0001 0000600B00FF 02 1105")]
    //          time count | variable-name ...        count data
    [InlineData("18 00 02 02 FA08 02 FA10 02 1105 1106")]
    [InlineData("0E 05 04 01")]
    [InlineData("D8 02 02")]
    public void A_form_is_read_and_written_as_the_standard_lays_it_out(string hex) => Assert.Equal(Hex(hex), Reencoding.Of(Hex(hex)));

    [Fact]
    public void The_access_request_of_the_green_book_reads_two_objects_and_writes_a_calendar()
    {
        var octets = Hex(Vectors.ById("general-ciphering-agreed-key").Meaning.GetProperty("plaintext-hex").GetString()!);
        Assert.True(AccessRequest.TryRead(octets, out var request, out var error), error.ToString());

        Assert.Equal((0u, true, false, false), (request.InvokeId.Id, request.InvokeId.Confirmed, request.InvokeId.SelfDescriptive, request.InvokeId.BreakOnError));
        var specifications = new List<string>();
        foreach (var specification in request.Specifications) specifications.Add($"{specification.Kind} {specification.Attribute}");
        Assert.Equal(["Get 1/0-0:96.1.0.255:2", "Get 8/0-0:1.0.0.255:2", "Set 20/0-0:13.0.0.255:7", "Set 20/0-0:13.0.0.255:8"], specifications);
        Assert.Equal(4, request.Values.Count);
        Assert.Equal(octets, Reencoding.Of(octets));
    }

    [Fact, Shows("long-invoke-id.client", "long-invoke-id.server")]
    public void The_long_invoke_id_has_24_bits_and_four_options()
    {
        Assert.Equal(0xF0000001u, LongInvokeIdAndPriority.Of(1, confirmed: true, highPriority: true, selfDescriptive: true, breakOnError: true).Value);
        Assert.Equal(0x00FFFFFFu, LongInvokeIdAndPriority.Of(0xFFFFFFFF, confirmed: false).Value);
        var read = new LongInvokeIdAndPriority(0x60000102);
        Assert.Equal((0x102u, true, false, false, true), (read.Id, read.Confirmed, read.HighPriority, read.SelfDescriptive, read.BreakOnError));
    }

    [Theory]
    [InlineData("D9 40000001 00 81 81 01")]                     // a list of 129 in one octet
    [InlineData("C303C1 82 0101 0046 0000600A03FF 01")]         // more methods than one request may name
    [InlineData("DA 40000001 00 00 01 00 82 0101 0100")]        // more results than there may be
    public void A_count_past_the_end_or_the_maximum_costs_nothing(string hex)
    {
        Assert.False(Decoding.TryDecode(Hex(hex), Hex(hex)[0], out var error));
        Assert.Contains(error.Fault, new[] { DecodeFault.Truncated, DecodeFault.BadLength });
    }

    [Theory]
    [InlineData("D9 40000001 00 01 06 0008 0000010000FF 02 01 00")]           // no such access
    [InlineData("D9 40000001 00 01 01 0008 0000010000FF 02 02 00 00")]        // one specification, two Data
    [InlineData("D9 40000001 05 0102030405 01 01 0008 0000010000FF 02 01 00")] // a date-time of five octets
    [InlineData("DA 40000001 00 00 01 00 01 04 00")]                          // a result of no family
    [InlineData("DA 40000001 00 00 02 00 00 01 01 00")]                       // two Data, one result
    [InlineData("C303C1 01 0046 0000600A03FF 01 02 00 00")]                   // one method, two parameters
    [InlineData("C307C1 00")]
    [InlineData("C705C1 00")]
    [InlineData("18 00 01 04 FA08 01 1105")]                                  // no variable-name
    [InlineData("18 00 01 02 FA08 02 1105 1106")]                             // one name, two values
    public void What_contradicts_itself_is_invalid_and_not_truncated(string hex)
    {
        Assert.False(Decoding.TryDecode(Hex(hex), Hex(hex)[0], out var error));
        Assert.NotEqual(DecodeFault.Truncated, error.Fault);
    }
}
