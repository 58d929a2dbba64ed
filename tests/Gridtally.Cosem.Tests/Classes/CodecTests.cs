using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Objects;
using Gridtally.Metering;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Classes;

/// <summary>Structures of classes from octets that others have sent, or that the standard gives; and back.</summary>
public class CodecTests
{
    [Fact]
    public void Lte_network_parameters_of_a_capture_are_read_and_written()
    {
        var octets = Vectors.ById("data-lte-qos").Octets;

        var value = Read(LteMonitoringCodecs.LteNetworkParameters, octets);
        Assert.Equal(new LteNetworkParameters(T3402: 0x02D0, T3412: 0x0CA8, Rsrq: 0x12, Rsrp: 0x1E, QRxlevMin: -64), value);
        Assert.Equal(octets, LteMonitoringCodecs.LteNetworkParameters.Encode(value));
    }

    [Fact]
    public void The_cell_info_of_a_capture_has_a_narrower_channel_number_than_the_class_and_is_refused()
    {
        var octets = Vectors.ById("data-gsm-cell-info-v1").Octets;

        Assert.False(GsmDiagnosticCodecs.CellInfo.TryDecode(octets, out _, out var error));
        Assert.Equal(new DecodeError(DecodeFault.UnknownTag, "Data", 20), error);
        Assert.Equal(new CellInfo(0, 0, 0, 0, 0, 0, 0), Read(GsmDiagnosticCodecs.CellInfo, [.. octets[..20], .. Hex("06 00000000")]));
        Assert.False(GsmDiagnosticCodecs.CellInfoV0.TryDecode(octets, out _, out _));
    }

    [Fact]
    public void A_capture_object_of_a_capture_is_read_and_written()
    {
        var octets = Vectors.ById("data-capture-object").Octets;
        var clock = new CaptureObject(8, ObisCode.Parse("0-0:1.0.0.255"), 2);

        Assert.Equal(clock, Read(SimpleCodecs.CaptureObject, octets));
        Assert.Equal(Hex($"01 01 {Convert.ToHexString(octets)}"), ProfileGenericCodecs.CaptureObjects.Encode([clock]));
    }

    [Fact]
    public void A_wrapped_key_on_its_way_to_a_meter_is_the_parameter_of_key_transfer()
    {
        Assert.True(ActionRequest.TryRead(Vectors.ById("action-key-transfer-guek").Octets, out var request, out _));

        var transfer = Assert.Single(Read(SecuritySetupCodecs.KeyTransferParameter, request.Parameter.ToArray()));
        Assert.Equal((KeyId.GlobalUnicastEncryptionKey, 24), (transfer.KeyId, transfer.KeyWrapped.Length));
        Assert.Equal(request.Parameter.ToArray(), SecuritySetupCodecs.KeyTransferParameter.Encode([transfer]));
    }

    [Fact]
    public void A_tariff_calendar_is_written_as_the_layouts_say()
    {
        var day = new DayProfile(1, [new DayProfileAction(new CosemTime(7, 0, 0, 0), ObisCode.Parse("0-0:10.0.100.255"), 1)]);
        Assert.Equal(Hex("01 01 02 02 11 01 01 01 02 03 09 04 07000000 09 06 00000A0064FF 12 0001"), ActivityCalendarCodecs.DayProfileTableActive.Encode([day]));

        // The season starts on the last Sunday of March, 02:00.
        var season = new SeasonProfile("S1", CosemDateTime.Read(Hex("FFFF 03 FE 07 02 00 00 00 8000 00")), "W1");
        Assert.Equal(Hex("01 01 02 03 09 02 5331 09 0C FFFF03FE07020000008000 00 09 02 5731"), ActivityCalendarCodecs.SeasonProfileActive.Encode([season]));

        var week = new WeekProfile("W1", 1, 1, 1, 1, 1, 2, 2);
        Assert.Equal(Hex("01 01 02 08 09 02 5731 11 01 11 01 11 01 11 01 11 01 11 02 11 02"), ActivityCalendarCodecs.WeekProfileTableActive.Encode([week]));
    }

    [Fact]
    public void An_access_right_has_selectors_or_null_data()
    {
        var item = "02 03 0F 02 16 01";

        Assert.Null(Read(AttributeAccessItem.Codec, Hex($"{item} 00")).AccessSelectors);
        Assert.Equal([1, 2], Read(AttributeAccessItem.Codec, Hex($"{item} 01 02 0F 01 0F 02")).AccessSelectors!);
        Assert.Equal(Hex($"{item} 01 02 0F 01 0F 02"), AttributeAccessItem.Codec.Encode(new(2, 1, [1, 2])));
    }

    [Theory]
    [InlineData("02 03 0F 02 16 01", DecodeFault.Truncated)]
    [InlineData("02 02 0F 02 16 01", DecodeFault.BadLength)]
    [InlineData("02 03 11 02 16 01 00", DecodeFault.UnknownTag)]
    [InlineData("02 03 0F 02 16 01 00 00", DecodeFault.TrailingBytes)]
    [InlineData("02 03 0F 02 16 01 01 84 7FFFFFFF", DecodeFault.BadLength)]
    public void What_is_no_such_structure_is_refused_with_its_place(string octets, DecodeFault fault)
    {
        Assert.False(AttributeAccessItem.Codec.TryDecode(Hex(octets), out var value, out var error));
        Assert.Null(value);
        Assert.Equal(fault, error.Fault);
    }

    [Fact]
    public void A_manufacturers_own_value_of_an_enumeration_is_kept()
    {
        var value = Read(ClockCodecs.ClockBase, Hex("16 C8"));

        Assert.Equal((ClockBase)200, value);
        Assert.Equal(Hex("16 C8"), ClockCodecs.ClockBase.Encode(value));
    }

    [Fact]
    public void Text_that_is_not_valid_is_refused_rather_than_mended() => Assert.False(SimpleCodecs.Utf8String.TryDecode(Hex("0C 01 FF"), out _, out _));

    [Fact]
    public void Values_of_octets_bits_and_lists_are_equal_where_their_content_is()
    {
        Assert.Equal(new OctetString("W1"u8), (OctetString)"W1");
        Assert.Equal("57FF", new OctetString(Hex("57FF")).ToString());
        Assert.Equal(BitString.Parse("1100000"), new BitString(Hex("C0"), 7));
        Assert.NotEqual(BitString.Parse("1100000"), new BitString(Hex("C0"), 8));
        Assert.Equal("1100000", BitString.Parse("1100000").ToString());
        Assert.True(BitString.Parse("0100000")[1]);
        Assert.Throws<ArgumentException>(() => new BitString(Hex("C0 00"), 7));
        Assert.Throws<FormatException>(() => BitString.Parse("012"));
        Assert.Equal(ValueList.Of(1, 2), (ValueList<int>)[1, 2]);
        Assert.Equal(new SeasonProfile("S", default, "W"), new SeasonProfile("S", default, "W"));
    }

    private static T Read<T>(DataCodec<T> codec, byte[] octets)
    {
        Assert.True(codec.TryDecode(octets, out var value, out var error), $"{error}");
        return value;
    }
}
