using System.Buffers;
using Gridtally.Cosem.Apdus;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.ShortNames;

/// <summary>Read, Write and UnconfirmedWrite to the octet; layouts of IEC 62056-5-3.</summary>
public sealed class ShortNameCodecTests
{
    [Fact]
    public void A_read_request_names_variables_with_and_without_parameters()
    {
        //                      names  variable   parameterized, selector 1, long-unsigned 5
        var wire = Hex("05 02  02 FA08    04 0110 01 120005");
        Assert.True(ReadRequest.TryRead(wire, out var request, out _));
        var items = request.Items.GetEnumerator();

        Assert.Equal(2, request.Items.Count);
        Assert.True(items.MoveNext());
        Assert.Equal((VariableAccessKind.VariableName, (ushort)0xFA08), (items.Current.Kind, items.Current.Name));
        Assert.True(items.MoveNext());
        Assert.Equal((VariableAccessKind.ParameterizedAccess, (ushort)0x0110, (byte)1), (items.Current.Kind, items.Current.Name, items.Current.Selector));
        Assert.Equal(Hex("120005"), items.Current.Parameters);
        Assert.False(items.MoveNext());

        Assert.Equal(wire, Written(output =>
        {
            ReadRequest.WriteHead(output, 2);
            VariableAccess.WriteName(output, 0xFA08);
            VariableAccess.WriteParameterized(output, 0x0110, 1, Hex("120005"));
        }));
    }

    [Fact]
    public void Long_answers_and_long_requests_have_blocks()
    {
        Assert.Equal(Hex("05 01 05 0007"), Written(output => ReadRequest.WriteNext(output, 7)));
        Assert.Equal(Hex("05 01 06 00 0001 02 0102"), Written(output => ReadRequest.WriteBlock(output, last: false, 1, [1, 2])));
        Assert.Equal(Hex("0C 01 02 01 0002 02 0304"), Written(output => ReadResponse.WriteBlock(output, last: true, 2, [3, 4])));
        Assert.Equal(Hex("0C 01 03 0001"), Written(output => ReadResponse.WriteBlockNumber(output, 1)));
        Assert.Equal(Hex("06 01 07 01 0003 01 09 02 0506"), Written(output => WriteRequest.WriteBlock(output, last: true, 3, [5, 6])));
        Assert.Equal(Hex("0D 01 02 0003"), Written(output => WriteResponse.WriteBlockNumber(output, 3)));

        Assert.True(ReadRequest.TryRead(Hex("05 01 06 01 0009 01 AA"), out var request, out _));
        var item = request.Items.GetEnumerator();
        item.MoveNext();
        Assert.Equal((VariableAccessKind.ReadDataBlockAccess, true, (ushort)9), (item.Current.Kind, item.Current.LastBlock, item.Current.BlockNumber));
        Assert.Equal([0xAA], item.Current.Raw.ToArray());
    }

    [Fact]
    public void A_read_response_holds_data_errors_and_blocks()
    {
        Assert.True(ReadResponse.TryRead(Hex("0C 02  00 0600000005  01 04"), out var response, out _));
        var items = response.GetEnumerator();
        items.MoveNext();
        Assert.Equal(ReadResultKind.Data, items.Current.Kind);
        Assert.Equal(Hex("0600000005"), items.Current.Data);
        items.MoveNext();
        Assert.Equal((ReadResultKind.DataAccessError, DataAccessResult.ObjectUndefined), (items.Current.Kind, items.Current.Error));

        Assert.True(ReadResponse.TryRead(Hex("0C 01 02 00 0001 03 010203"), out var block, out _));
        items = block.GetEnumerator();
        items.MoveNext();
        Assert.Equal((ReadResultKind.DataBlockResult, false, (ushort)1), (items.Current.Kind, items.Current.LastBlock, items.Current.BlockNumber));
        Assert.Equal(Hex("010203"), items.Current.Raw);
    }

    [Fact]
    public void Blocks_of_a_long_answer_begin_with_its_count_and_choice()
    {
        // First block of an answer to the read of one profile buffer of 85 rows, shortened; from the tests of tohasan's pdu-to-xml translator.
        // Some stacks (Gurux) leave out the count and the choice where one name is read.
        Assert.True(ReadResponse.TryRead(Hex("0C 01 02 00 0001 14  01 00 0155 021D 090C07E10418010E0120FF800000"), out var block, out _));
        var items = block.GetEnumerator();
        items.MoveNext();
        Assert.Equal((ReadResultKind.DataBlockResult, false, (ushort)1), (items.Current.Kind, items.Current.LastBlock, items.Current.BlockNumber));
        Assert.Equal(Hex("01 00 0155 021D"), items.Current.Raw[..6]);
    }

    [Fact]
    public void A_write_request_has_as_many_values_as_names()
    {
        Assert.True(WriteRequest.TryRead(Hex("06 02 02 0108 02 0110  02 1105 0F00"), out var request, out _));
        Assert.Equal((2, 2, false), (request.Items.Count, request.Values.Count, request.Unconfirmed));
        Assert.True(WriteRequest.TryRead(Hex("16 01 02 0108  01 1105"), out var unconfirmed, out _));
        Assert.True(unconfirmed.Unconfirmed);

        Assert.False(WriteRequest.TryRead(Hex("06 02 02 0108 02 0110  01 1105"), out _, out var error));
        Assert.Equal(DecodeFault.BadLength, error.Fault);
    }

    [Fact]
    public void A_write_response_holds_success_errors_and_block_numbers()
    {
        Assert.True(WriteResponse.TryRead(Hex("0D 03 00 01 03 02 0001"), out var response, out _));
        var seen = new List<WriteResult>();
        foreach (var item in response) seen.Add(item);

        Assert.Equal(
            [
                new(WriteResultKind.Success, DataAccessResult.Success, 0),
                new(WriteResultKind.DataAccessError, DataAccessResult.ReadWriteDenied, 0),
                new(WriteResultKind.BlockNumber, DataAccessResult.Success, 1),
            ],
            seen);
    }

    [Theory]
    [InlineData("05 02 02FA08 04 0110 01 120005")]
    [InlineData("05 01 05 0007")]
    [InlineData("05 01 06 00 0001 02 0102")]
    [InlineData("0C 02 00 0600000005 01 04")]
    [InlineData("0C 01 02 01 0002 02 0304")]
    [InlineData("06 01 07 01 0003 01 09 02 0506")]
    [InlineData("16 01 02 0108 01 1105")]
    [InlineData("0D 03 00 01 03 02 0001")]
    public void Every_prefix_is_refused_and_so_is_one_octet_more(string hex)
    {
        var wire = Hex(hex);
        Assert.True(Reads(wire));
        for (var length = 0; length < wire.Length; length++) Assert.False(Reads(wire[..length]));
        Assert.False(Reads([.. wire, 0]));
    }

    [Theory]
    [InlineData("05 01 03 0001")] // detailed-access is not used by DLMS
    [InlineData("0C 01 04")]
    [InlineData("0C 01 01 00")] // success is no error
    [InlineData("0D 01 03")]
    public void What_the_standard_does_not_have_is_refused(string hex) => Assert.False(Reads(Hex(hex)));

    private static bool Reads(byte[] wire) => wire is not [] && (ApduTag)wire[0] switch
    {
        ApduTag.ReadRequest => ReadRequest.TryRead(wire, out _, out _),
        ApduTag.ReadResponse => ReadResponse.TryRead(wire, out _, out _),
        ApduTag.WriteResponse => WriteResponse.TryRead(wire, out _, out _),
        _ => WriteRequest.TryRead(wire, out _, out _),
    };

    private static byte[] Written(Action<ArrayBufferWriter<byte>> write)
    {
        var output = new ArrayBufferWriter<byte>();
        write(output);
        return output.WrittenSpan.ToArray();
    }
}
