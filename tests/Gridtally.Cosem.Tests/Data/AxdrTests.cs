using System.Buffers;
using Gridtally.Cosem.Data;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Data;

public class AxdrTests
{
    public static TheoryData<string, string> Written => new()
    {
        { "null-data", "00" },
        { "boolean", "03 01" },
        { "bit-string", "04 09 FF80" },
        { "double-long", "05 FFFFFFFE" },
        { "double-long-unsigned", "06 FFFFFFFE" },
        { "octet-string", "09 02 ABCD" },
        { "visible-string", "0A 02 4142" },
        { "utf8-string", "0C 02 C3A9" },
        { "bcd", "0D 99" },
        { "integer", "0F FE" },
        { "long", "10 FFFE" },
        { "unsigned", "11 FE" },
        { "long-unsigned", "12 FFFE" },
        { "long64", "14 FFFFFFFFFFFFFFFE" },
        { "long64-unsigned", "15 FFFFFFFFFFFFFFFE" },
        { "enum", "16 FE" },
        { "float32", "17 42C923D7" },
        { "float64", "18 409147999999999A" },
        { "date-time", "19 07EA010FFF0A0F0000FFC400" },
        { "date", "1A 07E80B15FF" },
        { "time", "1B 081E0F17" },
        { "delta-integer", "1C FE" },
        { "delta-long", "1D FFFE" },
        { "delta-double-long", "1E FFFFFFFE" },
        { "delta-unsigned", "1F FE" },
        { "delta-long-unsigned", "20 FFFE" },
        { "delta-double-long-unsigned", "21 FFFFFFFE" },
        { "dont-care", "FF" },
    };

    private static readonly Dictionary<string, Action<IBufferWriter<byte>>> Writers = new()
    {
        ["null-data"] = w => w.WriteNull(),
        ["boolean"] = w => w.WriteBoolean(true),
        ["bit-string"] = w => w.WriteBitString([0xFF, 0x80], 9),
        ["double-long"] = w => w.WriteDoubleLong(-2),
        ["double-long-unsigned"] = w => w.WriteDoubleLongUnsigned(0xFFFFFFFE),
        ["octet-string"] = w => w.WriteOctetString([0xAB, 0xCD]),
        ["visible-string"] = w => w.WriteVisibleString("AB"),
        ["utf8-string"] = w => w.WriteUtf8String("é"),
        ["bcd"] = w => w.WriteBcd(0x99),
        ["integer"] = w => w.WriteInteger(-2),
        ["long"] = w => w.WriteLong(-2),
        ["unsigned"] = w => w.WriteUnsigned(0xFE),
        ["long-unsigned"] = w => w.WriteLongUnsigned(0xFFFE),
        ["long64"] = w => w.WriteLong64(-2),
        ["long64-unsigned"] = w => w.WriteLong64Unsigned(0xFFFFFFFFFFFFFFFE),
        ["enum"] = w => w.WriteEnum(0xFE),
        ["float32"] = w => w.WriteFloat32(100.57f),
        ["float64"] = w => w.WriteFloat64(1105.9),
        ["date-time"] = w => w.WriteTaggedDateTime(CosemDateTime.From(new(2026, 1, 15, 10, 15, 0, TimeSpan.FromHours(1))) with { DayOfWeek = 0xFF }),
        ["date"] = w => w.WriteTaggedDate(new(2024, 11, 21, 0xFF)),
        ["time"] = w => w.WriteTaggedTime(new(8, 30, 15, 23)),
        ["delta-integer"] = w => w.WriteDelta(DataTag.DeltaInteger, -2),
        ["delta-long"] = w => w.WriteDelta(DataTag.DeltaLong, -2),
        ["delta-double-long"] = w => w.WriteDelta(DataTag.DeltaDoubleLong, -2),
        ["delta-unsigned"] = w => w.WriteDelta(DataTag.DeltaUnsigned, 0xFE),
        ["delta-long-unsigned"] = w => w.WriteDelta(DataTag.DeltaLongUnsigned, 0xFFFE),
        ["delta-double-long-unsigned"] = w => w.WriteDelta(DataTag.DeltaDoubleLongUnsigned, 0xFFFFFFFE),
        ["dont-care"] = w => w.WriteDontCare(),
    };

    [Theory, MemberData(nameof(Written)), Shows("data.choices")]
    public void Each_simple_type_is_written_skipped_and_read(string type, string octets)
    {
        Assert.Equal(Hex(octets), Bytes.Written(Writers[type]));

        var reader = new AxdrReader(Hex(octets));
        Assert.True(reader.TrySkip(out var element));
        Assert.Equal(Hex(octets), element.ToArray());
        Assert.True(CosemValue.TryRead(Hex(octets), out var value, out _));
        Assert.Equal(type, DataTags.NameOf(value.Tag));
        Assert.Equal(Hex(octets), Bytes.Written(value.WriteTo));
    }

    [Fact]
    public void Every_type_of_the_standard_is_among_them() =>
        Assert.Equal(
            Enum.GetValues<DataTag>().Where(t => t is not (DataTag.Array or DataTag.Structure or DataTag.CompactArray)).Select(DataTags.NameOf).Order(),
            Writers.Keys.Order());

    [Theory]
    [InlineData("11 80", 128)]
    [InlineData("15 FFFFFFFFFFFFFFFF", null)]
    [InlineData("16 03", 3)]
    [InlineData("1C FF", -1)]
    [InlineData("09 01 05", null)]
    [InlineData("17 00000000", null)]
    public void Whole_numbers_are_read_whatever_their_width(string octets, int? expected)
    {
        Assert.Equal(expected is not null, new AxdrReader(Hex(octets)).TryReadNumber(out var number));
        if (expected is { } value) Assert.Equal(value, number);
        Assert.Equal(expected is not null || octets[..2] == "15", new AxdrReader(Hex(octets)).TryReadWideNumber(out var wide));
        if (octets[..2] == "15") Assert.Equal(ulong.MaxValue, wide);
    }

    [Fact]
    public void Bits_floats_and_nulls_are_read_as_such()
    {
        var reader = new AxdrReader(Hex("04 03 A0 17 3FC00000 18 3FF8000000000000 00"));
        Assert.True(reader.TryReadBitString(out var bits, out var count));
        Assert.Equal((0xA0, 3), (bits[0], count));
        Assert.True(reader.TryReadFloat(out var single));
        Assert.True(reader.TryReadFloat(out var wide));
        Assert.Equal((1.5, 1.5), (single, wide));
        Assert.True(reader.TryReadNull());
        Assert.True(reader.TryEnd());
        Assert.False(new AxdrReader(Hex("11 05")).TryReadFloat(out _));
        Assert.False(new AxdrReader(Hex("11 05")).TryReadNull());
        Assert.False(new AxdrReader(Hex("11 05")).TryReadBitString(out _, out _));
        Assert.False(new AxdrReader(Hex("04 84FFFFFFFF 00")).TryReadBitString(out _, out _));
    }

    [Theory, Shows("data.scaler-unit")]
    [InlineData("02 02 0F FE 16 1E", -2, Unit.WattHour)]
    [InlineData("02 02 11 03 11 1E", 3, Unit.WattHour)]   // other widths, as real meters send them
    [InlineData("02 02 10 FFFE 16 FF", -2, Unit.None)]
    [InlineData("02 02 12 0100 16 1E", null, Unit.None)]  // 256 is no scaler
    [InlineData("02 02 0F FE 12 0100", null, Unit.None)]
    [InlineData("02 01 0F FE", null, Unit.None)]
    public void Scaler_and_unit_are_read_and_out_of_range_is_refused(string octets, int? scaler, Unit unit)
    {
        Assert.Equal(scaler is not null, new AxdrReader(Hex(octets)).TryReadScalerUnit(out var read));
        if (scaler is not null) Assert.Equal(new ScalerUnit((sbyte)scaler, unit), read);
    }

    [Theory]
    [InlineData("02 04 06 00010008 09 06 0000010000FF 0F 02 12 0000")]
    [InlineData("02 04 12 0008 09 05 0000010000 0F 02 12 0000")]
    [InlineData("02 04 12 0008 09 06 0000010000FF 12 0080 12 0000")]
    [InlineData("02 04 12 0008 09 06 0000010000FF 0F 02 0F FF")]
    public void A_capture_object_out_of_range_is_refused_and_not_cut(string octets) =>
        Assert.False(new AxdrReader(Hex(octets)).TryReadCaptureObject(out _));

    [Fact]
    public void What_a_type_does_not_hold_is_a_misuse()
    {
        var target = new ArrayBufferWriter<byte>();
        Assert.Throws<ArgumentException>(() => target.WriteBitString([0xFF], 9));
        Assert.Throws<ArgumentException>(() => target.WriteDelta(DataTag.Long, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => target.WriteDelta(DataTag.DeltaUnsigned, 256));
        Assert.Equal(0, target.WrittenCount);
    }
}
