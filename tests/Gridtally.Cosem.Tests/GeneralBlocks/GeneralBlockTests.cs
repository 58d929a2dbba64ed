using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.GeneralBlocks;

public sealed class GeneralBlockTests
{
    private static readonly byte[] LastOfWindow3 = Vectors.ById("gbt-last-w3").Octets;              // E0 83 0004 0005 03 616263
    private static readonly byte[] FirstOfStream = Vectors.ById("gbt-streaming-first").Octets;      // E0 44 0001 0000 03 C40181
    private static readonly byte[] Acknowledgement = Hex("E0 81 0001 0001 00");                     // as another stack's client sends it

    [Fact]
    public void Control_numbers_and_data_lie_where_the_examples_have_them()
    {
        Assert.True(GeneralBlock.TryRead(LastOfWindow3, out var last, out _));
        Assert.Equal((true, false, 3, 4, 5), (last.Last, last.Streaming, last.Window, last.Number, last.Acknowledged));
        Assert.Equal("abc"u8, last.Data);

        Assert.True(GeneralBlock.TryRead(FirstOfStream, out var first, out _));
        Assert.Equal((false, true, 4, 1, 0), (first.Last, first.Streaming, first.Window, first.Number, first.Acknowledged));
        Assert.Equal(Hex("C40181"), first.Data);
    }

    [Fact]
    public void The_examples_are_written_to_the_octet()
    {
        Assert.Equal(LastOfWindow3, Write(new() { Last = true, Window = 3, Number = 4, Acknowledged = 5, Data = "abc"u8 }));
        Assert.Equal(FirstOfStream, Write(new() { Streaming = true, Window = 4, Number = 1, Data = Hex("C40181") }));
        Assert.Equal(Acknowledgement, Write(new() { Last = true, Window = 1, Number = 1, Acknowledged = 1 }));
    }

    [Fact]
    public void An_abort_has_no_numbers_and_no_data()
    {
        var abort = new ArrayBufferWriter<byte>();
        GeneralBlock.WriteAbort(abort);

        Assert.Equal(Hex("E0 80 0000 0000 00"), abort.WrittenSpan);
        Assert.True(GeneralBlock.TryRead(abort.WrittenSpan, out var read, out _));
        Assert.True(read.IsAbort);
    }

    [Fact]
    public void Every_prefix_is_truncated_and_one_octet_more_is_too_many()
    {
        for (var length = 0; length < LastOfWindow3.Length; length++)
        {
            Assert.False(GeneralBlock.TryRead(LastOfWindow3.AsSpan(0, length), out _, out var error));
            Assert.Equal(DecodeFault.Truncated, error.Fault);
        }

        Assert.False(GeneralBlock.TryRead([.. LastOfWindow3, 0], out _, out var trailing));
        Assert.Equal(DecodeFault.TrailingBytes, trailing.Fault);
    }

    [Theory]
    [InlineData(64)]
    [InlineData(134)]
    [InlineData(135)]
    [InlineData(1024)]
    [InlineData(0xFFFF)]
    public void A_full_block_fits_the_pdu_size(int maxPdu)
    {
        var data = new byte[GeneralBlock.DataRoom(maxPdu)];
        Assert.InRange(Write(new() { Number = 1, Data = data }).Length, maxPdu - 2, maxPdu);
    }

    private static byte[] Write(in GeneralBlock block)
    {
        var output = new ArrayBufferWriter<byte>();
        block.WriteTo(output);
        return output.WrittenSpan.ToArray();
    }
}
