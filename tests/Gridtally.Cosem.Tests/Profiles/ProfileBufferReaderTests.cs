using System.Collections.Immutable;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Profiles;

public class ProfileBufferReaderTests
{
    private static readonly ProfileLayout Layout = new(ObisCode.Parse("1-0:99.1.0.255"), 900,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None),
        new(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2), new(0, Unit.WattHour)),
    ]);

    //                                    2026-01-15 Thursday 00:15:00, UTC+1                06 value
    private const string FirstRow = "02 02  09 0C 07EA 01 0F 04 00 0F 00 00 FFC4 00  06 00000001";

    [Fact]
    public void Rows_are_handed_out_exactly_as_they_came()
    {
        var second = "02 02 09 0C 07EA 01 0F 04 00 1E 00 00 FFC4 00  06 00000002";
        var reader = new ProfileBufferReader(Hex("01 02" + FirstRow + second), Layout);

        Assert.True(reader.TryRead(out var row));
        Assert.Equal(new DateTime(2026, 1, 14, 23, 15, 0, DateTimeKind.Utc), row.Utc);
        Assert.Equal(Hex(FirstRow), row.Octets.ToArray());
        Assert.True(reader.TryRead(out row));
        Assert.Equal(Hex(second), row.Octets.ToArray());
        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Failed);
    }

    [Fact]
    public void Null_data_repeats_the_value_before_and_moves_the_clock_by_one_period()
    {
        var reader = new ProfileBufferReader(Hex("01 03" + FirstRow + "02 02 00 06 00000002" + "02 02 00 00"), Layout);

        Assert.True(reader.TryRead(out _));
        Assert.True(reader.TryRead(out var row));
        Assert.Equal(Hex("02 02  09 0C 07EA 01 0F 04 00 1E 00 00 FFC4 00  06 00000002"), row.Octets.ToArray());
        Assert.True(reader.TryRead(out row));
        Assert.Equal(Hex("02 02  09 0C 07EA 01 0F 04 00 2D 00 00 FFC4 00  06 00000002"), row.Octets.ToArray());
        Assert.Equal(new DateTime(2026, 1, 14, 23, 45, 0, DateTimeKind.Utc), row.Utc);
    }

    [Theory]
    [InlineData("01 01 02 01 06 00000001", DecodeFault.BadLength)]
    [InlineData("01 01 02 02 06 00000001 06 00000001", DecodeFault.BadValue)]
    [InlineData("01 01 02 02 09 0C 07EA 0D 0F 04 00 0F 00 00 FFC4 00 06 00000001", DecodeFault.BadValue)]
    [InlineData("02 01 06 00000001", DecodeFault.UnknownTag)]
    public void What_is_not_a_row_of_the_layout_is_an_error_and_not_an_exception(string buffer, DecodeFault expected)
    {
        var reader = new ProfileBufferReader(Hex(buffer), Layout);

        Assert.False(reader.TryRead(out _));
        Assert.True(reader.Failed);
        Assert.Equal(expected, reader.Error.Fault);
    }

    [Fact]
    public void A_buffer_cut_short_anywhere_gives_whole_rows_and_then_an_error()
    {
        var whole = Hex("01 02" + FirstRow + FirstRow);
        for (var length = 0; length < whole.Length; length++)
        {
            var reader = new ProfileBufferReader(whole.AsSpan(0, length), Layout);
            while (reader.TryRead(out _)) { }

            Assert.True(reader.Failed, $"{length} octets");
        }
    }

    [Fact]
    public void An_empty_buffer_has_no_rows_and_no_error()
    {
        var reader = new ProfileBufferReader(Hex("01 00"), Layout);

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Failed);
    }

    [Fact]
    public void Numbers_of_a_row_are_read_by_column()
    {
        Span<long?> values = stackalloc long?[2];

        Assert.True(ProfileRow.TryReadNumbers(Hex(FirstRow), values));
        Assert.Null(values[0]);
        Assert.Equal(1, values[1]);
    }

    [Fact]
    public void A_layout_survives_its_wire_form()
    {
        var wire = Written(Layout.WriteTo);
        var reader = new AxdrReader(wire);

        Assert.True(ProfileLayout.TryRead(ref reader, out var layout));
        Assert.True(reader.TryEnd());
        Assert.Equal(Layout, layout);
        Assert.Equal(Hex("02 03 09 06 0100630100FF 06 00000384 01 02"
            + "02 06 12 0008 09 06 0000010000FF 0F 02 12 0000 0F 00 16 FF"
            + "02 06 12 0003 09 06 0100010800FF 0F 02 12 0000 0F 00 16 1E"), wire);
    }

    [Fact]
    public void A_layout_without_columns_is_a_misuse() =>
        Assert.Throws<ArgumentException>(() => new ProfileLayout(Layout.Profile, 900, ImmutableArray<ProfileColumn>.Empty));
}
