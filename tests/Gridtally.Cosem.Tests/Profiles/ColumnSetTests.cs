using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Cosem.Server;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Profiles;

public class ColumnSetTests
{
    // Body of workload h: the meter's name, its clock, eighteen numbers of 1,000,000 i.
    private static readonly byte[] Push = [.. Hex("0214 09104B464D31303030313030303030303031 090C07EA010F040A0F000080000006"), .. Hex(
        "000F424006001E848006002DC6C006003D090006004C4B4006005B8D8006006ACFC006007A1200060089544006009896800600A7D8C00600B71B000600C65D400600D59F800600E4E1C00600F424000601036640060112A880")];

    private static DateTimeOffset At(string text) => DateTimeOffset.Parse(text, null);

    [Fact, Shows("data.columns")]
    public void A_load_profile_goes_into_one_array_for_each_column()
    {
        var (times, status, energy) = (new DateTimeOffset[24], new long[24], new long[24]);
        var columns = new ColumnSet(3).Time(0, times).Int64(1, status).Int64(2, energy);

        Assert.True(columns.TryReadRows(Vectors.ById("data-load-profile-24h").Octets, out var rows, out var error), error.ToString());
        Assert.Equal(24, rows);
        Assert.Equal(Enumerable.Range(0, 24).Select(h => At("2018-02-12T00:00Z").AddHours(h)), times);
        Assert.Equal(Enumerable.Range(0, 24).Select(h => 100_000L + 416 * h), energy);
        Assert.All(status, s => Assert.Equal(0, s));
    }

    [Fact, Shows("data.columns", "data.null-compression")]
    public void A_clock_of_null_data_goes_on_by_the_capture_period()
    {
        var (times, energy) = (new DateTimeOffset[4], new long[4]);
        var columns = new ColumnSet(4, capturePeriodSeconds: 3600).Time(0, times).Int64(3, energy);

        Assert.True(columns.TryReadRows(Vectors.ById("data-profile-buffer-null-repeat").Octets, out var rows, out var error), error.ToString());
        Assert.Equal(4, rows);
        Assert.Equal([At("2019-12-31T23:00+01:00"), At("2020-01-01T00:00+01:00"), At("2020-01-01T01:00+01:00"), At("2020-01-01T02:00+01:00")], times);
        Assert.Equal([1620L, 1620, 1620, 1620], energy);
    }

    [Fact, Shows("data.columns", "data.compact-array.read")]
    public void A_compact_array_goes_into_the_same_columns()
    {
        var (times, energy, names) = (new DateTimeOffset[2], new double[2], new OctetRange[2]);
        Assert.True(new ColumnSet(3).Time(0, times).Double(2, energy, scaler: -2).TryReadRows(Vectors.ById("compact-array-profile").Octets, out var rows, out _));
        Assert.Equal((2, 1000.00, 1004.16), (rows, energy[0], energy[1]));
        Assert.Equal(At("2018-02-12T01:00Z"), times[1]);

        var octets = Vectors.ById("compact-array-os").Octets;
        Assert.True(new ColumnSet(2).Octets(0, names).TryReadRows(octets, out _, out _));
        Assert.Equal(Hex("0100010800FF"), names[1].In(octets).ToArray());
    }

    [Fact, Shows("data.columns")]
    public void The_body_of_a_push_goes_into_one_element_of_each_column_and_costs_nothing()
    {
        var (name, time, values) = (new OctetRange[2], new DateTimeOffset[2], Enumerable.Range(0, 18).Select(_ => new long[2]).ToArray());
        var columns = new ColumnSet(20).Octets(0, name).Time(1, time);
        for (var i = 0; i < values.Length; i++) columns.Int64(2 + i, values[i]);

        for (var i = 0; i < 20; i++) Assert.True(columns.TryReadRow(Push, 1, out var error), error.ToString());
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++) columns.TryReadRow(Push, 1, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        Assert.Equal("KFM1000100000001", System.Text.Encoding.ASCII.GetString(name[1].In(Push)));
        Assert.Equal(At("2026-01-15T10:15Z"), time[1]);
        Assert.Equal(Enumerable.Range(1, 18).Select(i => 1_000_000L * i), values.Select(v => v[1]));
        Assert.All(values, v => Assert.Equal(0, v[0]));
    }

    [Theory, Shows("data.columns")]
    [InlineData(ProfileEncoding.Plain)]
    [InlineData(ProfileEncoding.NullData)]
    [InlineData(ProfileEncoding.Deltas)]
    [InlineData(ProfileEncoding.CompactArray)]
    public void A_day_of_rows_is_decoded_without_allocating_whatever_its_encoding(ProfileEncoding encoding)
    {
        var buffer = Written(w => ProfileServer.Write(WorkloadProfile.Ring(0, 96), default(RequestContext), w, new(Encoding: encoding, CapturePeriodSeconds: 900)));
        var (times, values) = (new DateTimeOffset[96], Enumerable.Range(0, 9).Select(_ => new long[96]).ToArray());
        var columns = new ColumnSet(10, 900).Time(0, times);
        for (var i = 0; i < values.Length; i++) columns.Int64(1 + i, values[i]);

        Assert.True(columns.TryReadRows(buffer, out var rows, out var error), error.ToString());
        var before = GC.GetAllocatedBytesForCurrentThread();
        columns.TryReadRows(buffer, out rows, out _);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        Assert.Equal(96, rows);
        for (var row = 0; row < rows; row++)
        {
            Assert.Equal(WorkloadProfile.TimeOf(row), times[row].UtcDateTime);
            Assert.Equal(row & 0x0F, values[0][row]);
            for (var c = 0; c < 8; c++) Assert.Equal(WorkloadProfile.ValueOf(row, c), values[1 + c][row]);
        }
    }

    [Theory]
    [InlineData("03 01", 1, 1.0)]
    [InlineData("16 07", 7, 7.0)]
    [InlineData("0F FF", -1, -1.0)]
    [InlineData("10 FF00", -256, -256.0)]
    [InlineData("12 FF00", 65280, 65280.0)]
    [InlineData("05 FFFFFFFF", -1, -1.0)]
    [InlineData("14 8000000000000000", long.MinValue, -9223372036854775808.0)]
    [InlineData("15 FFFFFFFFFFFFFFFF", null, 18446744073709551615.0)]
    [InlineData("17 3FC00000", null, 1.5)]
    [InlineData("18 3FF8000000000000", null, 1.5)]
    [InlineData("00", -5, double.NaN)]
    [InlineData("09 01 05", null, null)]
    [InlineData("02 01 11 05", null, null)]
    [InlineData("07 05", null, null)]
    public void A_cell_is_a_number_of_the_column_or_an_error(string cell, object? whole, double? real)
    {
        var (longs, doubles, decimals, buffer) = (new long[1], new double[1], new decimal[1], Hex("01 01 02 01" + cell));
        Assert.Equal(whole is not null, new ColumnSet(1).Int64(0, longs, whenNull: -5).TryReadRows(buffer, out _, out _));
        if (whole is not null) Assert.Equal(Convert.ToInt64(whole), longs[0]);
        Assert.Equal(real is not null, new ColumnSet(1).Double(0, doubles).TryReadRows(buffer, out _, out _));
        if (real is { } number) Assert.Equal(number, doubles[0]);
        var isWhole = real is not null && real != 1.5;
        Assert.Equal(isWhole, new ColumnSet(1).Decimal(0, decimals, scaler: -3).TryReadRows(buffer, out _, out _));
        if (isWhole && whole is int small and not -5) Assert.Equal(small / 1000m, decimals[0]);
        if (isWhole && whole is null) Assert.Equal(18446744073709551.615m, decimals[0]);
    }

    [Theory, Shows("data.scaler-unit")]
    [InlineData(123456789, -3, "123456.789")]
    [InlineData(7, 2, "700")]
    [InlineData(1, -28, "0.0000000000000000000000000001")]
    [InlineData(1, -29, null)]
    [InlineData(0, -128, "0")]
    [InlineData(1, 28, "10000000000000000000000000000")]
    [InlineData(1, 127, null)]
    public void Scaled_numbers_are_exact_or_an_error(int raw, int scaler, string? expected)
    {
        var target = new decimal[1];
        var buffer = Written(w =>
        {
            w.WriteArray(1);
            w.WriteStructure(1);
            w.WriteDoubleLong(raw);
        });

        Assert.Equal(expected is not null, new ColumnSet(1).Decimal(0, target, (sbyte)scaler).TryReadRows(buffer, out _, out var error));
        if (expected is not null) Assert.Equal(decimal.Parse(expected, null), target[0]);
        else Assert.Equal(DecodeFault.BadValue, error.Fault);
    }

    [Theory]
    [InlineData("01 01 02 03 11 01 11 02 11 03", DecodeFault.BadLength, 2)]       // three columns, two expected
    [InlineData("01 02 02 02 11 01 11 02", DecodeFault.Truncated, 8)]             // a row is missing
    [InlineData("01 01 02 02 11 01 06 0000", DecodeFault.Truncated, 7)]
    [InlineData("01 01 02 02 11 01 11 02 00", DecodeFault.TrailingBytes, 8)]
    [InlineData("01 01 02 02 11 01 09 01 02", DecodeFault.UnknownTag, 6)]
    [InlineData("01 01 02 02 1F 01 11 02", DecodeFault.BadValue, 4)]              // a delta to nothing
    [InlineData("01 05 02 02 11 01 11 02 02 02 11 01 11 02 02 02 11 01 11 02 02 02 11 01 11 02 02 02 11 01 11 02", DecodeFault.BadLength, 0)] // no room
    [InlineData("13 02 03 11 11 11 03 01 02 03", DecodeFault.BadLength, 1)]
    [InlineData("13 02 02 11 09 03 01 01 02", DecodeFault.UnknownTag, 7)]
    [InlineData("02 00", DecodeFault.UnknownTag, 0)]
    public void Rows_that_do_not_fit_are_an_error_that_says_where(string buffer, DecodeFault fault, int offset)
    {
        var columns = new ColumnSet(2).Int64(0, new long[4]).Int64(1, new long[4]);

        Assert.False(columns.TryReadRows(Hex(buffer), out _, out var error));
        Assert.Equal((fault, offset), (error.Fault, error.Offset));
    }

    [Fact]
    public void Every_prefix_is_an_error_and_every_changed_bit_an_answer()
    {
        foreach (var encoding in Enum.GetValues<ProfileEncoding>())
        {
            var buffer = Written(w => ProfileServer.Write(WorkloadProfile.Ring(0, 5), default(RequestContext), w, new(Encoding: encoding, CapturePeriodSeconds: 900)));
            var columns = new ColumnSet(10, 900).Time(0, new DateTimeOffset[20]).Int64(1, new long[20]).Double(2, new double[20], -3).Decimal(3, new decimal[20], -3).Octets(4, new OctetRange[20]);
            Assert.False(columns.TryReadRows(buffer, out _, out _)); // column 4 holds numbers
            columns = new ColumnSet(10, 900).Octets(0, new OctetRange[20]).Int64(1, new long[20]).Double(2, new double[20], -3).Decimal(3, new decimal[20], -3);
            Assert.True(columns.TryReadRows(buffer, out _, out var error), error.ToString());
            for (var length = 0; length < buffer.Length; length++)
            {
                Assert.False(columns.TryReadRows(buffer.AsSpan(0, length), out _, out error), $"{encoding}: {length} octets");
                Assert.NotEqual((DecodeFault)0, error.Fault);
                Assert.InRange(error.Offset, 0, length);
            }

            for (var bit = 0; bit < buffer.Length * 8; bit++)
            {
                var changed = (byte[])buffer.Clone();
                changed[bit / 8] ^= (byte)(1 << (bit % 8));
                var done = columns.TryReadRows(changed, out _, out error);
                Assert.True(done || error.Fault != 0, $"{encoding}: bit {bit} refused without a reason");
            }
        }
    }
}
