using System.Buffers;
using Gridtally.Cosem.Framing;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.Framing;

public class MBusTests
{
    [Fact, Shows("mbus")]
    public void A_captured_push_is_two_segments_between_the_management_device_and_client_103()
    {
        Assert.Equal(OperationStatus.Done, MBusFrame.TryRead(Pushes.Tirol, out var first, out var length, out _));
        Assert.Equal((256, 0x53, 0xFF, 0x00), (length, first.Control, first.Address, first.ControlInformation));
        Assert.True(MBusTransport.TryRead(first, out var transport));
        Assert.Equal(new(MBusTransportKind.Segmented, 0, false, 1, 103, 2), transport);

        Assert.Equal(OperationStatus.Done, MBusFrame.TryRead(Pushes.Tirol.AsSpan(length), out var second, out var rest, out _));
        Assert.Equal(Pushes.Tirol.Length, length + rest);
        Assert.True(MBusTransport.TryRead(second, out transport));
        Assert.Equal(new(MBusTransportKind.Segmented, 1, true, 1, 103, 2), transport);
    }

    [Fact, Shows("mbus")]
    public void What_we_write_of_the_same_apdu_is_the_capture_octet_by_octet()
    {
        byte[] apdu = [.. Pushes.Tirol[9..254], .. Pushes.Tirol[265..^2]];
        Assert.Equal(Pushes.Tirol, Written(w => MBusTransport.WriteApdu(w, apdu)));
    }

    [Fact]
    public void Every_prefix_asks_for_more()
    {
        for (var length = 0; length < 256; length++)
        {
            Assert.Equal(OperationStatus.NeedMoreData, MBusFrame.TryRead(Pushes.Tirol.AsSpan(0, length), out _, out _, out _));
        }
    }

    [Theory]
    [InlineData(0, 0x10, MBusFrameFault.NoStart)]
    [InlineData(2, 0x27, MBusFrameFault.LengthsDiffer)]
    [InlineData(3, 0x00, MBusFrameFault.NoStart)]
    [InlineData(9, 0x00, MBusFrameFault.BadChecksum)]
    [InlineData(42, 0x00, MBusFrameFault.BadChecksum)]
    [InlineData(43, 0x17, MBusFrameFault.NoStop)]
    public void A_damaged_frame_says_what_is_wrong_with_it(int position, byte octet, MBusFrameFault expected)
    {
        var frame = Pushes.Tirol[256..];
        Assert.Equal(44, frame.Length);
        frame[position] = octet;
        Assert.Equal(OperationStatus.InvalidData, MBusFrame.TryRead(frame, out _, out _, out var fault));
        Assert.Equal(expected, fault);
    }

    /// <summary>A Sagemcom T210-D writes 01 for 257 octets: UtilitechAS/amsreader-firmware issue 155.</summary>
    [Fact]
    public void A_length_octet_that_has_run_over_counts_256_more()
    {
        byte[] body = [.. Hex("53FF000167DB085341475905E6D9FD81F8200069D1505528"), .. new byte[257 - 24]];
        byte[] frame = [.. Hex("68010168"), .. body, (byte)body.Sum(o => o), 0x16];
        Assert.Equal(263, frame.Length);
        Assert.Equal(OperationStatus.Done, MBusFrame.TryRead(frame, out var read, out var length, out _));
        Assert.Equal((263, 254), (length, read.Data.Length));
    }

    [Theory]
    [InlineData(0x7C, "785634122D4C010E0A000000" + "0F00000001", 12, MBusTransportKind.LongHeader)]
    [InlineData(0x60, "785634122D4C010E0A000000" + "0F00000001", 12, MBusTransportKind.LongHeader)]
    [InlineData(0x7D, "0A000000" + "0F00000001", 4, MBusTransportKind.ShortHeader)]
    [InlineData(0x61, "0A000000" + "0F00000001", 4, MBusTransportKind.ShortHeader)]
    [InlineData(0x12, "0166" + "0F00000001", 2, MBusTransportKind.Segmented)]
    public void Each_control_information_has_its_header(byte information, string data, int header, MBusTransportKind kind)
    {
        Assert.True(MBusTransport.TryRead(new() { Control = 0x08, Address = 1, ControlInformation = information, Data = Hex(data) }, out var transport));
        Assert.Equal((kind, header, true), (transport.Kind, transport.HeaderSize, transport.IsLast));
    }

    [Theory, InlineData(0x72, "00000000000000000000000000"), InlineData(0x00, "01"), InlineData(0x7C, "0102"), InlineData(0x7D, "010203"), InlineData(0x20, "0102")]
    public void Other_applications_of_the_bus_and_cut_headers_are_no_dlms(byte information, string data) =>
        Assert.False(MBusTransport.TryRead(new() { ControlInformation = information, Data = Hex(data) }, out _));

    [Theory, InlineData(1), InlineData(7), InlineData(100), InlineData(MBusTransport.MaxSegment)]
    public void An_apdu_of_any_length_comes_back_from_segments_of_any_size(int size)
    {
        foreach (var count in new[] { 1, size, size + 1, 40 * size, 1000 })
        {
            byte[] apdu = [0x0F, .. Enumerable.Range(0, count).Select(i => (byte)(i * 13))];
            var wire = Written(w => MBusTransport.WriteApdu(w, apdu, segmentSize: size));
            ReadOnlySpan<byte> rest = wire;
            Assert.True(new PushDeframer(PushFraming.MBus).TryRead(ref rest, out var pushed));
            Assert.Equal(apdu, pushed.Apdu.ToArray());
        }
    }
}
