using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests;

public sealed class SelectiveAccessTests
{
    private static readonly AttributeRef Profile = new(7, ObisCode.Parse("1-0:99.1.0.255"), 2);

    [Fact]
    public void A_range_by_clock_has_the_octets_that_a_real_client_sends()
    {
        var wire = Vectors.ById("get-range-by-clock").Octets;
        Assert.True(GetRequest.TryRead(wire, out var request, out _));
        Assert.True(RangeDescriptor.TryRead(request.Parameters, out var range, out _));

        Assert.Equal(RangeDescriptor.Clock, range!.Restricting);
        Assert.True(range.TryGetDateTimes(out var from, out var to));
        Assert.Empty(range.Columns);
        var access = SelectiveAccess.ByClock(from, to);
        Assert.Equal((2017, 10, 1, 0), (from.Year, from.Month, from.Day, from.Hour));
        Assert.Equal(wire, Written(w => GetRequest.WriteNormal(w, new(0xC1), Profile, access.Selector, access.Parameters.Span)));
    }

    [Fact]
    public void Entries_have_the_octets_of_the_reference()
    {
        // reference section 11: from 1 to 24 (0x18), columns 1 to the last
        var access = SelectiveAccess.By(new EntryDescriptor(1, 24));

        Assert.Equal(Hex("02 04 06 00000001 06 00000018 12 0001 12 0000"), access.Parameters.ToArray());
        Assert.Equal(2, access.Selector);
        Assert.True(EntryDescriptor.TryRead(access.Parameters.Span, out var entries, out _));
        Assert.Equal(new EntryDescriptor(1, 24), entries);
    }

    [Fact]
    public void A_range_of_numbers_keeps_its_ends_and_columns()
    {
        var sequence = new CaptureObject(1, ObisCode.Parse("0-0:96.128.0.255"), 2);
        var range = RangeDescriptor.ByNumber(sequence, 1000, 2000) with { Columns = [sequence, RangeDescriptor.Clock] };

        Assert.True(RangeDescriptor.TryRead(SelectiveAccess.By(range).Parameters.Span, out var read, out _));
        Assert.True(read!.TryGetNumbers(out var from, out var to));
        Assert.Equal((1000, 2000), (from, to));
        Assert.Equal(range.Columns, read.Columns);
        Assert.Equal(sequence, read.Restricting);
        Assert.False(read.TryGetDateTimes(out _, out _));
    }

    [Fact]
    public void Ends_may_be_tagged_date_times_or_open_and_columns_are_named()
    {
        var (from, to) = (CosemDateTime.Read(Hex("07EA010FFF 00000000 0000 00")), CosemDateTime.Read(Hex("07EA0110FF 00000000 0000 00")));

        Assert.Equal(Hex("0204 020412000809060000010000FF0F02120000 1907EA010FFF00000000000000 1907EA0110FF00000000000000 0100"),
            SelectiveAccess.By(RangeDescriptor.ByClock(from, to, tagged: true)).Parameters.ToArray());
        Assert.Equal(Hex("0204 020412000809060000010000FF0F02120000 00 1105 0101 020412000809060000010000FF0F02120000"),
            SelectiveAccess.By(RangeDescriptor.By(RangeDescriptor.Clock, CosemValue.Null, CosemValue.Of(DataTag.Unsigned, 5), RangeDescriptor.Clock)).Parameters.ToArray());
        Assert.Equal(("01", "00"), (Convert.ToHexString([SelectiveAccess.WithoutParameters(1).Selector]), Convert.ToHexString(SelectiveAccess.WithoutParameters(1).Parameters.Span)));
    }

    [Fact]
    public void More_columns_than_the_maximum_are_refused()
    {
        var range = RangeDescriptor.ByNumber(RangeDescriptor.Clock, 0, 1) with { Columns = [.. Enumerable.Repeat(RangeDescriptor.Clock, RangeDescriptor.MaxColumns + 1)] };

        Assert.False(RangeDescriptor.TryRead(SelectiveAccess.By(range).Parameters.Span, out _, out var error));
        Assert.Equal(DecodeFault.BadLength, error.Fault);
    }

    [Theory]
    [InlineData("02 04 05 FFFFFFFF 06 00000018 12 0001 12 0000")] // from_entry -1
    [InlineData("02 03 06 00000001 06 00000018 12 0001")]         // three elements
    [InlineData("02 04 06 00000001 06 00000018 12 0001 06 00010000")] // column 65536
    public void Entries_out_of_range_are_refused(string parameters) =>
        Assert.False(EntryDescriptor.TryRead(Hex(parameters), out _, out _));
}
