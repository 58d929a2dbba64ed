using Gridtally.Cosem.Apdus;

namespace Gridtally.Cosem.Tests;

public sealed class EveryVectorTests
{
    public static TheoryData<string> Ids => [.. Decoding.Vectors.Select(v => v.Id)];

    [Theory, MemberData(nameof(Ids))]
    public void A_golden_apdu_is_read_to_its_last_octet(string id)
    {
        var octets = Decoding.Find(id).Octets;

        Assert.True(Decoding.TryDecode(octets, octets[0], out var error), error.ToString());
    }

    [Theory, MemberData(nameof(Ids))]
    public void An_apdu_cut_short_anywhere_is_an_error_that_says_where(string id)
    {
        var octets = Decoding.Find(id).Octets;
        for (var length = 0; length < octets.Length; length++)
        {
            // Some servers leave the counter out, so that cut is a valid APDU.
            if (id == "exception-ic-error" && length == 3) continue;

            Assert.False(Decoding.TryDecode(octets.AsSpan(0, length), octets[0], out var error), $"cut to {length} octets");
            Assert.NotEqual((DecodeFault)0, error.Fault);
            Assert.InRange(error.Offset, 0, length);
        }
    }

    [Theory, MemberData(nameof(Ids))]
    public void An_octet_after_the_end_is_an_error(string id)
    {
        byte[] octets = [.. Decoding.Find(id).Octets, 0x00];

        Assert.False(Decoding.TryDecode(octets, octets[0], out var error));
        Assert.NotEqual((DecodeFault)0, error.Fault);
    }

    [Theory, MemberData(nameof(Ids))]
    public void A_changed_bit_is_read_or_refused_but_never_thrown_about(string id)
    {
        var octets = Decoding.Find(id).Octets;
        for (var bit = 0; bit < octets.Length * 8; bit++)
        {
            var changed = (byte[])octets.Clone();
            changed[bit / 8] ^= (byte)(1 << (bit % 8));

            var done = Decoding.TryDecode(changed, octets[0], out var error);

            Assert.True(done || error.Fault != 0, $"bit {bit}: refused without a reason");
        }
    }

    [Fact]
    public void Every_tag_has_the_name_and_the_ciphered_forms_of_the_standard()
    {
        Assert.Equal("get-request", ApduTags.NameOf(ApduTag.GetRequest));
        Assert.Equal("glo-initiate-request", ApduTags.NameOf(ApduTag.GloInitiateRequest));
        Assert.Equal("AARQ", ApduTags.NameOf(ApduTag.Aarq));
        Assert.Equal("unknown tag 7F", ApduTags.NameOf((ApduTag)0x7F));
        foreach (var tag in Enum.GetValues<ApduTag>())
        {
            Assert.True(ApduTags.Global(tag) == ApduTag.None || ApduTags.Plain(ApduTags.Global(tag)) == tag, tag.ToString());
            Assert.True(ApduTags.Dedicated(tag) == ApduTag.None || ApduTags.Plain(ApduTags.Dedicated(tag)) == tag, tag.ToString());
            Assert.Equal(tag.ToString().StartsWith("Glo", StringComparison.Ordinal) || tag.ToString().StartsWith("Ded", StringComparison.Ordinal), ApduTags.Plain(tag) != ApduTag.None);
        }
    }
}
