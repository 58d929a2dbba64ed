using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Profiles;

public class ProfileEncodingTests
{
    private static readonly ProfileLayout Layout = new(ObisCode.Parse("1-0:99.1.0.255"), 900,
    [
        new(new(8, ObisCode.Parse("0-0:1.0.0.255"), 2), ScalerUnit.None),
        new(new(1, ObisCode.Parse("0-0:96.10.1.255"), 2), ScalerUnit.None),
        new(new(3, ObisCode.Parse("1-0:1.8.0.255"), 2), new(0, Unit.WattHour)),
    ]);

    //                             2026-01-15 00:15, UTC+1               06      value
    private const string Row1 = "02 03 09 0C 07EA 01 0F 04 00 0F 00 00 FFC4 00 11 06 06 00010000";
    private const string Row2 = "02 03 09 0C 07EA 01 0F 04 00 1E 00 00 FFC4 00 11 06 06 00010005";
    private const string Row3 = "02 03 09 0C 07EA 01 0F 04 00 2D 00 00 FFC4 00 11 07 06 0000FFFF";
    private const string Row4 = "02 03 09 0C 07EA 01 0F 04 02 00 00 00 FFC4 00 11 07 06 7FFFFFFF"; // an hour is missing

    public static TheoryData<ProfileEncoding, string> Forms => new()
    {
        { ProfileEncoding.Plain, "01 04" + Row1 + Row2 + Row3 + Row4 },
        { ProfileEncoding.NullData, "01 04" + Row1 + "02 03 00 00 06 00010005" + "02 03 00 11 07 06 0000FFFF" + "02 03 09 0C 07EA 01 0F 04 02 00 00 00 FFC4 00 00 06 7FFFFFFF" },
        { ProfileEncoding.Deltas, "01 04" + Row1 + "02 03 00 00 1F 05" + "02 03 00 11 07 1C FA" + "02 03 09 0C 07EA 01 0F 04 02 00 00 00 FFC4 00 00 06 7FFFFFFF" },
        {
            ProfileEncoding.CompactArray, "13 02 03 09 11 06 48"
                + "0C 07EA010F04000F0000FFC400 06 00010000" + "0C 07EA010F04001E0000FFC400 06 00010005" + "0C 07EA010F04002D0000FFC400 07 0000FFFF" + "0C 07EA010F0402000000FFC400 07 7FFFFFFF"
        },
    };

    [Theory, MemberData(nameof(Forms)), Shows("data.null-compression", "data.delta", "data.compact-array.write")]
    public void Rows_are_written_in_the_encoding_of_the_profile(ProfileEncoding encoding, string expected)
    {
        Assert.Equal(Hex(expected), Serve(Ring(Row1, Row2, Row3, Row4), encoding));
    }

    [Theory, MemberData(nameof(Forms)), Shows("data.null-compression", "data.delta", "data.compact-array.read")]
    public void Rows_of_every_encoding_are_read_as_the_same_rows(ProfileEncoding encoding, string buffer)
    {
        Assert.Equal(4, ColumnSet.CountRows(Hex(buffer)));
        var reader = new ProfileBufferReader(Hex(buffer), Layout);
        foreach (var expected in (string[])[Row1, Row2, Row3, Row4])
        {
            Assert.True(reader.TryRead(out var row), $"{encoding}: {reader.Error}");
            Assert.Equal(Hex(expected), row.Octets.ToArray());
        }

        Assert.False(reader.TryRead(out _));
        Assert.False(reader.Failed);
    }

    [Theory, Shows("data.delta")]
    [InlineData("11 FA", "1F 05", "11 FF")]
    [InlineData("11 FA", "1F 06", null)]                                   // past the end of unsigned
    [InlineData("11 05", "1C FB", "11 00")]
    [InlineData("11 05", "1C FA", null)]
    [InlineData("0F 7F", "1C 01", null)]
    [InlineData("10 7F00", "20 00FF", "10 7FFF")]
    [InlineData("12 0100", "1D FF00", "12 0000")]
    [InlineData("05 80000000", "21 FFFFFFFF", "05 7FFFFFFF")]
    [InlineData("06 00000000", "21 FFFFFFFF", "06 FFFFFFFF")]
    [InlineData("06 80000000", "1E 80000000", "06 00000000")]
    [InlineData("15 FFFFFFFFFFFFFFFE", "1F 01", "15 FFFFFFFFFFFFFFFF")]
    [InlineData("15 FFFFFFFFFFFFFFFF", "1F 01", null)]
    [InlineData("15 0000000000000000", "1C FF", null)]
    [InlineData("14 7FFFFFFFFFFFFFFF", "1F 01", null)]
    [InlineData("14 8000000000000000", "21 FFFFFFFF", "14 80000000FFFFFFFF")]
    [InlineData("09 01 05", "1F 01", null)]                                // no number
    [InlineData("17 3F800000", "1F 01", null)]
    [InlineData("00", "1F 01", null)]
    public void A_delta_is_added_to_the_number_before_and_keeps_its_type(string before, string delta, string? after)
    {
        var layout = new ProfileLayout(Layout.Profile, 0, [Layout.Columns[2]]);
        var buffer = Hex("01 02 02 01" + before + "02 01" + delta);
        var reader = new ProfileBufferReader(buffer, layout);
        Assert.True(reader.TryRead(out _));
        Assert.Equal(after is not null, reader.TryRead(out var row));
        if (after is not null) Assert.Equal(Hex("02 01" + after), row.Octets.ToArray());
        else Assert.Equal(DecodeFault.BadValue, reader.Error.Fault);

        var values = new double[2];
        Assert.Equal(after is not null, new ColumnSet(1).Double(0, values).TryReadRows(buffer, out var rows, out _) && rows == 2);
    }

    [Fact]
    public void Random_rows_come_back_from_every_encoding_and_the_shorter_ones_are_shorter()
    {
        DataTag[] types = [DataTag.Integer, DataTag.Unsigned, DataTag.Long, DataTag.LongUnsigned, DataTag.DoubleLong, DataTag.DoubleLongUnsigned, DataTag.Long64, DataTag.Long64Unsigned];
        for (var seed = 0; seed < 200; seed++)
        {
            var random = new Random(seed);
            var columns = Enumerable.Range(0, random.Next(1, 6)).Select(_ => types[random.Next(types.Length)]).ToArray();
            var layout = new ProfileLayout(Layout.Profile, 900, [Layout.Columns[0], .. columns.Select((_, i) => new ProfileColumn(new(3, new(1, 0, (byte)i, 8, 0, 255), 2), ScalerUnit.None))]);
            var ring = new ProfileRing([.. layout.Columns.Select(c => c.Object)], 100);
            var values = columns.Select(t => CosemValue.Of(t, random.Next(100))).ToArray();
            var time = new DateTimeOffset(2026, 3, 28, 22, 0, 0, TimeSpan.FromHours(random.Next(-3, 4)));
            for (var row = random.Next(2, 30); row > 0; row--)
            {
                ring.Add(CosemValue.Of(DataTag.Structure, [CosemValue.Of(DataTag.OctetString, Written(w => w.WriteDateTime(CosemDateTime.From(time))).AsSpan(2)), .. values]));
                time = time.AddMinutes(random.Next(6) == 0 ? 7 : 15);
                for (var c = 0; c < values.Length; c++)
                {
                    if (random.Next(3) == 0 || !values[c].TryGetNumber(out var number)) continue;
                    var scale = (Int128)1 << random.Next(40);
                    if (CosemValue.TryOf(columns[c], number + random.Next(-100, 200) * scale, out var next)) values[c] = next;
                }
            }

            var plain = Serve(ring, ProfileEncoding.Plain);
            foreach (var encoding in (ProfileEncoding[])[ProfileEncoding.NullData, ProfileEncoding.Deltas, ProfileEncoding.CompactArray])
            {
                var buffer = Serve(ring, encoding);
                Assert.True(buffer.Length <= plain.Length, $"seed {seed}, {encoding}");
                Assert.True(plain.AsSpan().SequenceEqual(Expanded(buffer, layout)), $"seed {seed}, {encoding}");
            }
        }
    }

    private static byte[] Expanded(byte[] buffer, ProfileLayout layout)
    {
        var reader = new ProfileBufferReader(buffer, layout);
        var output = new ArrayBufferWriter<byte>();
        output.WriteArray(reader.Count);
        while (reader.TryRead(out var row)) output.Write(row.Octets);
        Assert.False(reader.Failed, reader.Error.ToString());
        return output.WrittenSpan.ToArray();
    }

    private static ProfileRing Ring(params string[] rows)
    {
        var ring = new ProfileRing([.. Layout.Columns.Select(c => c.Object)], 10);
        foreach (var row in rows) ring.Add(Hex(row));
        return ring;
    }

    private static byte[] Serve(ProfileRing ring, ProfileEncoding encoding)
    {
        var output = new ArrayBufferWriter<byte>();
        ProfileServer.Write(ring, default, output, new(Encoding: encoding, CapturePeriodSeconds: 900));
        return output.WrittenSpan.ToArray();
    }
}
