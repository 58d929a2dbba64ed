using System.Buffers;
using System.Text;
using System.Text.Json;
using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

public class HdlcFrameTests
{
    public static TheoryData<string> Frames => [.. Vectors.OfKind("hdlc-frame").Select(v => v.Id)];

    [Fact]
    public void Tables_and_carry_less_multiplication_agree_on_every_length_and_start()
    {
        var random = new Random(7);
        var data = new byte[700];
        random.NextBytes(data);
        for (var length = 0; length < 300; length++)
        {
            var start = (ushort)random.Next(0x10000);
            var octets = data.AsSpan(random.Next(400), length);
            var bitwise = start;
            foreach (var octet in octets)
            {
                bitwise ^= octet;
                for (var bit = 0; bit < 8; bit++) bitwise = (ushort)((bitwise & 1) != 0 ? bitwise >> 1 ^ 0x8408 : bitwise >> 1);
            }

            Assert.Equal(bitwise, Crc16.Update(start, octets));
            Assert.Equal(bitwise, Crc16.UpdateSlicing(start, octets));
            if (System.Runtime.Intrinsics.X86.Pclmulqdq.IsSupported && length >= 16) Assert.Equal(bitwise, Crc16.UpdateFolding(start, octets));
        }
    }

    [Fact]
    public void The_check_sequence_of_the_digits_1_to_9_is_906E() => Assert.Equal(0x906E, Crc16.Compute(Encoding.ASCII.GetBytes("123456789")));

    [Fact]
    public void Data_followed_by_its_check_sequence_leaves_the_residue_F0B8()
    {
        byte[] data = [.. Encoding.ASCII.GetBytes("123456789"), 0x6E, 0x90];
        Assert.Equal(Crc16.Residue, Crc16.Update(Crc16.Start, data));
        Assert.True(Crc16.Verify(data));
    }

    [Fact]
    public void The_check_sequence_is_the_same_bit_by_bit_for_every_length()
    {
        byte[] data = [.. Enumerable.Range(0, 70).Select(i => (byte)(i * 73 + 5))];
        for (var length = 0; length <= data.Length; length++)
        {
            var sum = 0xFFFF;
            foreach (var octet in data.AsSpan(0, length))
            {
                sum ^= octet;
                for (var bit = 0; bit < 8; bit++) sum = (sum & 1) != 0 ? sum >> 1 ^ 0x8408 : sum >> 1;
            }

            Assert.Equal((ushort)~sum, Crc16.Compute(data.AsSpan(0, length)));
        }
    }

    [Theory, MemberData(nameof(Frames))]
    public void Every_captured_frame_is_read_to_its_last_octet_and_written_back_the_same(string id)
    {
        var vector = Vectors.ById(id);
        Assert.Equal(OperationStatus.Done, HdlcFrame.TryRead(vector.Octets.AsSpan(1), out var frame, out var length, out _));

        Assert.Equal(vector.Octets.Length - 2, length);
        Assert.Equal(vector.Meaning.GetProperty("segmented").GetBoolean(), frame.Segmented);
        AssertAddress(vector.Meaning.GetProperty("dest"), frame.Destination);
        AssertAddress(vector.Meaning.GetProperty("src"), frame.Source);
        Assert.Equal(Convert.ToByte(vector.Meaning.GetProperty("control").GetString(), 16), frame.Control.Value);
        var kind = vector.Meaning.GetProperty("frame");
        Assert.Equal(kind.GetProperty("type").GetString(), frame.Control.Type.ToString());
        Assert.Equal(kind.GetProperty("P/F").GetInt32() == 1, frame.Control.PollFinal);
        if (kind.TryGetProperty("N(S)", out var sendNumber)) Assert.Equal(sendNumber.GetInt32(), frame.Control.SendNumber);
        if (kind.TryGetProperty("N(R)", out var receiveNumber)) Assert.Equal(receiveNumber.GetInt32(), frame.Control.ReceiveNumber);
        if (vector.Meaning.TryGetProperty("info", out var information)) Assert.Equal(Hex(information.GetString()!), frame.Information.ToArray());

        var (destination, source, control, segmented, info) = (frame.Destination, frame.Source, frame.Control, frame.Segmented, frame.Information.ToArray());
        Assert.Equal(vector.Octets, Written(w => HdlcFrame.Write(w, destination, source, control, segmented, info)));
    }

    [Theory, Shows("hdlc.addresses")]
    [InlineData("21", 16, 0, 1)]
    [InlineData("03", 1, 0, 1)]
    [InlineData("CD", 102, 0, 1)]
    [InlineData("0223", 1, 17, 2)]
    [InlineData("00020023", 1, 17, 4)]
    [InlineData("02220003", 145, 1, 4)]
    public void Addresses_have_seven_bits_an_octet(string hex, int upper, int lower, int size)
    {
        var wire = Hex(hex);
        Assert.Equal(OperationStatus.Done, HdlcAddress.TryRead(wire, out var address));
        Assert.Equal(new HdlcAddress((ushort)upper, (ushort)lower, (byte)size), address);
        var written = new byte[size];
        address.Write(written);
        Assert.Equal(wire, written);
    }

    [Theory, InlineData("020203"), InlineData("0202020203")]
    public void Addresses_of_three_or_five_octets_are_none(string hex) =>
        Assert.Equal(OperationStatus.InvalidData, HdlcAddress.TryRead(Hex(hex), out _));

    [Theory]
    [InlineData(1, 0, 3), InlineData(128, 0, 1), InlineData(1, 5, 1), InlineData(1, 128, 2), InlineData(16384, 1, 4), InlineData(1, -1, 2)]
    public void An_address_that_does_not_fit_is_refused(int logical, int physical, int size) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => HdlcAddress.Server(logical, physical, size));

    [Fact, Shows("hdlc.broadcast")]
    public void Broadcast_is_all_ones_of_the_form()
    {
        Assert.True(HdlcAddress.Server(1, 0x7F, 2).IsBroadcast);
        Assert.True(HdlcAddress.Server(0x3FFF, 17, 4).IsBroadcast);
        Assert.False(HdlcAddress.Server(1, 0x7F, 4).IsBroadcast);
        Assert.Equal((1, 0x3FFF), HdlcAddress.Server(1, 0x7F, 2).Normalised);
    }

    //                    the sheet's table of control octets, with and without P/F
    [Theory]
    [InlineData(0x10, "I N(S)=0 N(R)=0 P/F")]
    [InlineData(0xBA, "I N(S)=5 N(R)=5 P/F")]
    [InlineData(0xEC, "I N(S)=6 N(R)=7")]
    [InlineData(0x91, "RR N(R)=4 P/F")]
    [InlineData(0x35, "RNR N(R)=1 P/F")]
    [InlineData(0x59, "REJ N(R)=2 P/F")]
    [InlineData(0x93, "SNRM P/F")]
    [InlineData(0x53, "DISC P/F")]
    [InlineData(0x73, "UA P/F")]
    [InlineData(0x1F, "DM P/F")]
    [InlineData(0x97, "FRMR P/F")]
    [InlineData(0x13, "UI P/F")]
    [InlineData(0x03, "UI")]
    [InlineData(0xEF, "Unknown 0xEF")]
    public void Control_octets_are_told_apart(byte value, string expected) => Assert.Equal(expected, new HdlcControl(value).ToString());

    [Fact]
    public void Control_octets_are_built_as_they_are_read()
    {
        Assert.Equal(0xBA, HdlcControl.I(5, 5, true).Value);
        Assert.Equal(0x91, HdlcControl.Rr(4, true).Value);
        Assert.Equal(0x35, HdlcControl.Rnr(1, true).Value);
        Assert.Equal(0x59, HdlcControl.Rej(2, true).Value);
    }

    [Theory]
    [InlineData("9008 0223 21 93 BD64 7E", HdlcFrameFault.NotType3)]
    [InlineData("A006 0223 21 93 BD64 7E", HdlcFrameFault.BadLength)]
    [InlineData("A009 0223 21 93 BD64 7E", HdlcFrameFault.BadLength)]
    [InlineData("A009 020203 21 93 BD64 7E", HdlcFrameFault.BadAddress)]
    [InlineData("A00A 0202020203 93 BD64 7E", HdlcFrameFault.BadAddress)]
    [InlineData("A008 0223 21 93 BD65 7E", HdlcFrameFault.BadFcs)]
    [InlineData("A00A 0223 21 93 BD65 0000 7E", HdlcFrameFault.BadHcs)]
    [InlineData("A008 0223 21 93 BD64 7F", HdlcFrameFault.NoClosingFlag)]
    public void A_bad_frame_is_bad_and_not_incomplete(string hex, HdlcFrameFault expected)
    {
        Assert.Equal(OperationStatus.InvalidData, HdlcFrame.TryRead(Hex(hex), out _, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    [Fact]
    public void A_frame_cut_short_asks_for_more_at_every_octet()
    {
        var wire = Vectors.ById("hdlc-ua-params").Octets.AsSpan(1).ToArray();
        for (var length = 0; length < wire.Length; length++)
            Assert.Equal(OperationStatus.NeedMoreData, HdlcFrame.TryRead(wire.AsSpan(0, length), out _, out _, out _));
    }

    [Theory]
    [InlineData("hdlc-ua-params", 154, 154, 1, 1)]      // length octets 1
    [InlineData("hdlc-ua-4byte-a", 128, 128, 1, 1)]     // length octets 2
    public void Parameters_of_a_captured_ua_are_read(string id, int transmit, int receive, int windowTransmit, int windowReceive)
    {
        HdlcFrame.TryRead(Vectors.ById(id).Octets.AsSpan(1), out var frame, out _, out _);
        Assert.True(HdlcParameters.TryRead(frame.Information, out var parameters));
        Assert.Equal(new HdlcParameters(transmit, receive, windowTransmit, windowReceive), parameters);
    }

    [Theory, Shows("hdlc.negotiation")]
    [InlineData("", 128, 128, 1, 1)]
    [InlineData("8180 00", 128, 128, 1, 1)]
    [InlineData("8180 03 07 01 03", 128, 128, 3, 1)]
    [InlineData("8180 81 04 06 02 0200", 128, 512, 1, 1)]
    [InlineData("8180 14 05 01 40 08 04 00000007", 64, 128, 1, 7)]          // group length wrong
    [InlineData("8180 09 09 02 1234 05 01 50 07 01 00", 80, 128, 1, 1)]     // unknown parameter, window 0
    [InlineData("8180 08 05 02 FFFF 06 02 0001", 2030, 32, 1, 1)]           // out of range
    public void Parameters_are_read_in_all_their_forms(string hex, int transmit, int receive, int windowTransmit, int windowReceive)
    {
        Assert.True(HdlcParameters.TryRead(Hex(hex), out var parameters));
        Assert.Equal(new HdlcParameters(transmit, receive, windowTransmit, windowReceive), parameters);
    }

    [Theory, InlineData("82"), InlineData("8180"), InlineData("8180 03 05 02 00")]
    public void What_is_no_parameter_list_leaves_the_defaults(string hex)
    {
        Assert.False(HdlcParameters.TryRead(Hex(hex), out var parameters));
        Assert.Equal(HdlcParameters.Default, parameters);
    }

    [Fact, Shows("hdlc.negotiation")]
    public void Parameters_are_written_in_the_short_form_where_it_does()
    {
        Assert.Equal(Hex("8180 12 0501 9A 0601 9A 0704 00000001 0804 00000001"), Written(new HdlcParameters(154, 154, 1, 1).WriteTo));
        Assert.Equal(Hex("8180 14 0502 0080 0602 07EE 0704 00000007 0804 00000003"), Written(new HdlcParameters(128, 2030, 7, 3).WriteTo));
    }

    private static void AssertAddress(JsonElement expected, HdlcAddress address)
    {
        Assert.Equal(expected.GetProperty("len").GetInt32(), address.Size);
        Assert.Equal(expected.GetProperty("upper").GetInt32(), address.Upper);
        if (expected.GetProperty("lower") is { ValueKind: JsonValueKind.Number } lower) Assert.Equal(lower.GetInt32(), address.Lower);
    }
}
