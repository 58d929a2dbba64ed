using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Data;

public class CompactArrayTests
{
    public static TheoryData<string> Vectors => [.. Testing.Vectors.OfKind("compact-array").Select(v => v.Id)];

    [Theory, Shows("data.compact-array.read")]
    [InlineData("13 12 06 0001 0002 0003", "01 03 12 0001 12 0002 12 0003")]
    [InlineData("13 02 02 12 06 0C 0001 00000064 0002 000000C8", "01 02 02 02 12 0001 06 00000064 02 02 12 0002 06 000000C8")]
    [InlineData("13 02 02 0F 01 0002 11 06 01 0A 0B 02 0C 0D", "01 02 02 02 0F 01 01 02 11 0A 11 0B 02 02 0F 02 01 02 11 0C 11 0D")]
    [InlineData("13 02 02 04 0C 09 09 FF80 01 41 00 02 4243", "01 02 02 02 04 09 FF80 0C 01 41 02 02 04 00 0C 02 4243")]
    [InlineData("13 02 03 00 11 02 00 02 05 06", "01 02 02 03 00 11 05 02 00 02 03 00 11 06 02 00")]
    [InlineData("13 11 00", "01 00")]
    public void Rows_are_read_as_the_elements_of_an_array(string compact, string array)
    {
        var reader = new AxdrReader(Hex(compact));
        Assert.True(CompactArrayReader.TryRead(ref reader, out var rows), reader.Error.ToString());
        Assert.True(reader.TryEnd());
        Assert.Equal(Hex(array)[1], rows.RowCount);
        var expanded = new ArrayBufferWriter<byte>();
        rows.WriteExpanded(expanded);
        Assert.Equal(Hex(array), expanded.WrittenSpan.ToArray());

        Assert.True(CosemValue.TryRead(Hex(compact), out var value, out _));
        Assert.Equal(Hex(array), Written(value.Expand().WriteTo));
        Assert.Equal(Hex(compact), Written(value.WriteTo));
    }

    [Theory, MemberData(nameof(Vectors)), Shows("data.compact-array.write")]
    public void Every_vector_comes_out_again_when_its_rows_are_packed(string id)
    {
        var octets = Testing.Vectors.ById(id).Octets;
        Assert.True(CosemValue.TryRead(octets, out var value, out _));
        var packed = new ArrayBufferWriter<byte>();

        Assert.True(CompactArrayWriter.TryWrite(Written(value.Expand().WriteTo), packed));
        Assert.Equal(octets, packed.WrittenSpan.ToArray());
    }

    [Fact]
    public void Elements_say_where_in_the_message_their_octets_are()
    {
        //                       type 02 {u8, os}  len  row 1     row 2
        var message = Hex("11 07  13 02 02 11 09   07   05 02 AABB  06 01 CC");
        var reader = new AxdrReader(message);
        Assert.True(reader.TrySkip(out _));
        Assert.True(CompactArrayReader.TryRead(ref reader, out var rows));
        var seen = new List<string>();
        while (rows.TryRead(out var element)) seen.Add($"{element.Depth} {element.Tag} {element.Count} @{element.Offset}+{element.Size}");

        Assert.Equal(
        [
            "0 Structure 2 @8+0", "1 Unsigned 1 @8+1", "1 OctetString 2 @9+3",
            "0 Structure 2 @12+0", "1 Unsigned 1 @12+1", "1 OctetString 1 @13+2",
        ], seen);
    }

    [Theory]
    [InlineData("13 02 02 11", DecodeFault.BadLength)]                       // two types promised, one there
    [InlineData("13 08 00", DecodeFault.UnknownTag)]                         // no such type
    [InlineData("13 13 11 00 00", DecodeFault.UnknownTag)]                   // a compact-array in a compact-array
    [InlineData("13 12 03 000100", DecodeFault.BadLength)]                   // a row and a half
    [InlineData("13 02 02 11 09 03 05 02 AA", DecodeFault.Truncated)]        // the string goes past the contents
    [InlineData("13 12 06 0001", DecodeFault.Truncated)]                     // the contents go past the message
    [InlineData("13 00 01 00", DecodeFault.BadLength)]                       // rows without octets
    [InlineData("13 02 00 01 00", DecodeFault.BadLength)]                    // the same, empty structures
    [InlineData("13 02 02 11 01 FFFF 01 FFFF 00 01 05", DecodeFault.BadLength)] // 4 billion nulls in one row
    [InlineData("13 02 02 0A 01 FFFF 01 FFFF 00 01 00", DecodeFault.BadLength)]
    [InlineData("13 01 FFFF 01 FFFF 01 FFFF 01 FFFF 01 FFFF 11 01 00", DecodeFault.BadLength)]
    public void A_malformed_compact_array_is_an_error_whoever_reads_it(string hex, DecodeFault expected)
    {
        var reader = new AxdrReader(Hex(hex));
        Assert.False(CompactArrayReader.TryRead(ref reader, out _));
        Assert.Equal(expected, reader.Error.Fault);

        reader = new AxdrReader(Hex(hex));
        Assert.False(reader.TrySkip(out _));
        Assert.Equal(expected, reader.Error.Fault);
        Assert.False(CosemValue.TryRead(Hex(hex), out _, out var error));
        Assert.Equal(expected, error.Fault);
    }

    [Fact]
    public void Types_nest_as_deep_as_data_and_no_deeper()
    {
        byte[] Nested(int depth) => [0x13, .. Enumerable.Repeat((byte[])[0x02, 0x01], depth).SelectMany(x => x), 0x11, 0x01, 0x05];

        Assert.True(CosemValue.TryRead(Nested(Limits.MaxNesting - 1), out _, out var error), error.ToString());
        Assert.False(CosemValue.TryRead(Nested(Limits.MaxNesting), out _, out error));
        Assert.Equal(DecodeFault.TooDeep, error.Fault);
    }

    [Fact]
    public void A_column_of_nulls_beside_real_ones_is_read_over_many_rows()
    {
        var rows = Enumerable.Range(0, 5000).Select(i => CosemValue.Of(DataTag.Structure, CosemValue.Of(DataTag.LongUnsigned, i), CosemValue.Null, CosemValue.Null)).ToArray();
        var value = CosemValue.CompactArray(Hex("02 03 12 00 00"), rows);

        Assert.True(CosemValue.TryRead(Written(value.WriteTo), out var again, out _));
        Assert.Equal(value, again);
    }

    [Theory]
    [InlineData("01 02 11 01 12 0001")]                 // two types
    [InlineData("01 02 02 01 11 01 02 02 11 01 11 02")] // two lengths
    [InlineData("01 02 02 01 11 01 02 01 00")]          // null in one row
    [InlineData("01 02 01 01 11 01 01 02 11 01 11 02")] // arrays of different length
    [InlineData("01 01 13 11 01 05")]                   // a compact-array as element
    [InlineData("01 02 00 00")]                         // no octets: the number of rows would be lost
    [InlineData("01 00")]                               // nothing to take the type from
    [InlineData("02 01 11 01")]                         // no array
    [InlineData("01 02 11 01 11")]                      // cut short
    public void What_does_not_fit_is_not_packed_and_nothing_is_written(string array)
    {
        var target = new ArrayBufferWriter<byte>();

        Assert.False(CompactArrayWriter.TryWrite(Hex(array), target));
        Assert.Equal(0, target.WrittenCount);
    }

    [Fact]
    public void Rows_of_another_type_than_described_are_a_misuse()
    {
        Assert.Throws<ArgumentException>(() => CosemValue.CompactArray([(byte)DataTag.Unsigned], CosemValue.Of(DataTag.Enum, 1)));
        Assert.Throws<ArgumentException>(() => CosemValue.CompactArray([0x08]));
        Assert.Throws<ArgumentException>(() => CosemValue.CompactArray([(byte)DataTag.NullData], CosemValue.Null));
    }

    [Fact]
    public void Any_octets_cost_no_more_than_their_number()
    {
        // Descriptions of every sort over short contents: the bound is on time and memory, so all must end at once.
        var random = new Random(7);
        for (var i = 0; i < 20_000; i++)
        {
            var octets = new byte[random.Next(1, 40)];
            random.NextBytes(octets);
            octets[0] = 0x13;
            for (var j = 1; j < octets.Length; j++)
            {
                if (random.Next(2) == 0) octets[j] = (byte)random.Next(4);
            }

            var before = GC.GetAllocatedBytesForCurrentThread();
            CosemValue.TryRead(octets, out _, out _);
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 40_000);
        }
    }

    [Fact]
    public void A_type_description_with_a_longer_length_than_needed_is_the_same_value_and_is_written_short()
    {
        // Such a length did not survive JSON, so the value came back as another one. Found by the fuzzer.
        Assert.True(CosemValue.TryRead(Hex("13 02 84 00000001 11 06 01 0A 0B 02 0C 0D"), out var value, out _));
        Assert.True(CosemValue.TryRead(Hex("13 02 01 11 06 01 0A 0B 02 0C 0D"), out var shortest, out _));
        Assert.Equal(shortest, value);
        Assert.Equal(Hex("13 02 01 11 06 01 0A 0B 02 0C 0D"), Written(value.WriteTo));
    }
}
