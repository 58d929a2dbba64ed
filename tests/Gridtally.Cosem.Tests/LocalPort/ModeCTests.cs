using System.Buffers;
using System.Text;
using Gridtally.Cosem.LocalPort;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.LocalPort;

/// <summary>Data readout and programming mode, message by message.</summary>
[Shows("mode-c")]
public class ModeCTests
{
    private static readonly TimeSpan Timeout = TimeSpan.FromMilliseconds(1500);

    // Lines of a readout in u9n/dlms-cosem issue 37 (a NORAX of Apator).
    private const string Block = "0-0:C.1.0(72432595)\r\n0-0:1.0.0(2021-07-12 22:20:17)\r\n1-0:1.8.1(00000000001.329*kWh)\r\n1-0:1.8.1*101(00000000001.329*kWh)\r\n!\r\n";

    [Fact]
    public void A_readout_is_taken_apart_into_addresses_values_and_units()
    {
        var client = new ReadoutClient(default, Timeout);
        client.Receive(Data(Block), default);
        Assert.Equal((true, LocalFault.None), (client.IsOver, client.Fault));
        Assert.Equal(
            [
                new("0-0:C.1.0", "72432595"), new("0-0:1.0.0", "2021-07-12 22:20:17"),
                new("1-0:1.8.1", "00000000001.329", "kWh"), new("1-0:1.8.1*101", "00000000001.329", "kWh"),
            ],
            client.Values);
    }

    [Fact]
    public void A_readout_split_at_every_point_is_the_same_and_every_prefix_waits()
    {
        var wire = Data(Block);
        for (var split = 0; split < wire.Length; split++)
        {
            var client = new ReadoutClient(default, Timeout);
            client.Receive(wire.AsSpan(0, split), default);
            Assert.False(client.IsOver);
            client.Receive(wire.AsSpan(split), default);
            Assert.Equal(4, client.Values.Count);
        }
    }

    [Fact]
    public void A_damaged_readout_is_asked_for_again_with_nak()
    {
        var client = new ReadoutClient(default, Timeout, retries: 2);
        var damaged = Data(Block);
        damaged[10] ^= 1;
        client.Receive(damaged, default);
        Assert.Equal([0x15], Sent(client.Output));
        client.Receive(damaged.AsSpan(0, 50), default);
        client.Tick(TimeSpan.FromSeconds(2));
        Assert.Equal([0x15], Sent(client.Output));
        client.Receive(Data(Block), TimeSpan.FromSeconds(3));
        Assert.Equal((LocalFault.None, 4), (client.Fault, client.Values.Count));
    }

    [Fact]
    public void What_stays_damaged_or_never_comes_is_given_up()
    {
        var damaged = Data(Block);
        damaged[10] ^= 1;
        var client = new ReadoutClient(default, Timeout, retries: 1);
        client.Receive(damaged, default);
        client.Receive(damaged, default);
        Assert.Equal(LocalFault.BadCheck, client.Fault);

        var silent = new ReadoutClient(default, Timeout);
        silent.Tick(Timeout);
        Assert.Equal((true, LocalFault.NoAnswer), (silent.IsOver, silent.Fault));
    }

    [Theory]
    [InlineData("1.8.0(1*kWh)(2*kWh)\r\nP.01(1)(2)\r\n", "1.8.0(1*kWh)|(2*kWh)|P.01(1)|(2)")]
    [InlineData("0.0.0()\r\n", "0.0.0()")]
    [InlineData("F.F(00)!", "F.F(00)")]
    [InlineData("", "")]
    public void Data_sets_may_leave_address_value_and_unit_out(string block, string expected)
    {
        Assert.True(DataSet.TryReadBlock(Encoding.ASCII.GetBytes(block), out var values, out _));
        Assert.Equal(expected, string.Join('|', values));
    }

    [Theory]
    [InlineData("1.8.0(1*kWh", DecodeFault.Truncated, 6)]
    [InlineData("1.8.0\r\n", DecodeFault.BadValue, 0)]
    [InlineData("1.8.0(1)\r\n2.8.0", DecodeFault.Truncated, 10)]
    [InlineData("1.8.0(1\r\n)", DecodeFault.BadLength, 6)]
    public void A_bad_data_block_says_where(string block, DecodeFault fault, int offset)
    {
        Assert.False(DataSet.TryReadBlock(Encoding.ASCII.GetBytes(block), out _, out var error));
        Assert.Equal((fault, offset), (error.Fault, error.Offset));
    }

    [Fact]
    public void A_password_a_register_a_write_and_a_break()
    {
        var client = new ProgrammingClient(default, Timeout);
        //                SOH P 0 STX ( 1 2 3 4 ) ETX check
        client.Receive(Hex("01 50 30 02 28 31 32 33 34 29 03 64"), default);
        Assert.Equal((ProgrammingResult.Data, "(1234)"), (client.Result, client.Text));

        client.Password("00000000", default);
        Assert.Equal(Hex("01 50 31 02 28 30 30 30 30 30 30 30 30 29 03 61"), Sent(client.Output));
        client.Receive([0x06], default);
        Assert.Equal(ProgrammingResult.Done, client.Result);

        client.Read("1.8.0", "", default);
        Assert.Equal(Hex("01 52 31 02 31 2E 38 2E 30 28 29 03 5A"), Sent(client.Output));
        client.Receive(Data("1.8.0(000123.4*kWh)"), default);
        Assert.True(client.TryReadData(out var values, out _));
        Assert.Equal([new DataSet("1.8.0", "000123.4", "kWh")], values);

        client.Write("0.9.1", "120000", default);
        Assert.Equal("W1\u00020.9.1(120000)\u0003", Encoding.ASCII.GetString(Sent(client.Output)[1..^1]));
        client.Receive(Data("(ER04)"), default);
        Assert.Equal((ProgrammingResult.Refused, "(ER04)"), (client.Result, client.Text));

        client.Break();
        Assert.Equal(Hex("01 42 30 03 71"), Sent(client.Output));
    }

    [Fact]
    public void Long_answers_come_in_parts_that_are_acknowledged()
    {
        var client = LoggedIn();
        client.Read("P.01", "", default, "R3");
        Sent(client.Output);
        client.Receive(Written(w => BlockMessage.WriteData(w, "P.01(1)"u8, more: true)), default);
        Assert.Equal([0x06], Sent(client.Output));
        client.Receive(Written(w => BlockMessage.WriteData(w, "(2)(3)"u8)), default);
        Assert.Equal((ProgrammingResult.Data, "P.01(1)(2)(3)"), (client.Result, client.Text));
    }

    [Fact]
    public void Damaged_answers_are_asked_for_again_and_unanswered_commands_sent_again()
    {
        var client = LoggedIn();
        client.Read("1.8.0", "", default);
        var command = Sent(client.Output);
        var damaged = Data("1.8.0(1)");
        damaged[3] ^= 4;
        client.Receive(damaged, default);
        Assert.Equal([0x15], Sent(client.Output));
        client.Tick(TimeSpan.FromSeconds(2));
        Assert.Equal(command, Sent(client.Output));
        client.Receive([.. command, .. Data("1.8.0(1)")], TimeSpan.FromSeconds(3));   // with its echo
        Assert.Equal((ProgrammingResult.Data, "1.8.0(1)"), (client.Result, client.Text));

        client.Read("2.8.0", "", default);
        client.Receive([0x15], default);
        Assert.EndsWith("2.8.0()", Encoding.ASCII.GetString(Sent(client.Output)[..^2]));
        client.Receive(Data("2.8.0(2)"), default);
        Assert.Equal("2.8.0(2)", client.Text);
    }

    [Theory, InlineData(1), InlineData(2), InlineData(100)]
    public void What_follows_a_damaged_message_is_taken_however_the_characters_are_cut(int piece)
    {
        // Found by the fuzzer: at once, it was thrown away with the damaged message.
        byte[] wire = [.. Hex("02 03 64"), .. Data("1.8.0(1)")];
        var readout = new ReadoutClient(default, Timeout);
        var client = LoggedIn();
        client.Read("1.8.0", "", default);
        foreach (var part in wire.Chunk(piece))
        {
            readout.Receive(part, default);
            client.Receive(part, default);
        }

        Assert.Equal([new DataSet("1.8.0", "1")], readout.Values);
        Assert.Equal((ProgrammingResult.Data, "1.8.0(1)"), (client.Result, client.Text));
    }

    [Fact]
    public void A_device_that_breaks_off_or_falls_silent_ends_the_exchange()
    {
        var client = LoggedIn();
        client.Read("1.8.0", "", default);
        client.Receive(Hex("01 42 30 03 71"), default);
        Assert.Equal((ProgrammingResult.Failed, LocalFault.Break), (client.Result, client.Fault));

        client = LoggedIn();
        client.Read("1.8.0", "", default);
        for (var i = 1; i <= 3; i++) client.Tick(TimeSpan.FromSeconds(2 * i));
        Assert.Equal((ProgrammingResult.Failed, LocalFault.NoAnswer), (client.Result, client.Fault));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3), InlineData(4)]
    public void Whatever_comes_is_taken_within_bounds(int seed)
    {
        var random = new Random(seed);
        byte[] likely = [0x01, 0x02, 0x03, 0x04, 0x06, 0x15, .. "R1()*/!"u8];
        for (var round = 0; round < 500; round++)
        {
            var noise = new byte[random.Next(1, 60)];
            for (var i = 0; i < noise.Length; i++) noise[i] = random.Next(3) == 0 ? (byte)random.Next(256) : likely[random.Next(likely.Length)];
            var readout = new ReadoutClient(default, Timeout);
            readout.Receive(noise, default);
            readout.Tick(TimeSpan.FromSeconds(5));
            var client = LoggedIn();
            client.Read("1.8.0", "", default);
            client.Receive(noise, default);
            client.Tick(TimeSpan.FromSeconds(5));
            DataSet.TryReadBlock(noise, out _, out _);
            for (var length = 0; length <= noise.Length; length++) BlockMessage.TryRead(noise.AsSpan(0, length), out _, out _);
        }
    }

    private static ProgrammingClient LoggedIn()
    {
        var client = new ProgrammingClient(default, Timeout);
        client.Receive(Written(w => BlockMessage.WriteCommand(w, "P0", "()")), default);
        client.Password("1", default);
        client.Receive([0x06], default);
        client.Output.ResetWrittenCount();
        return client;
    }

    private static byte[] Data(string text) => Written(w => BlockMessage.WriteData(w, Encoding.ASCII.GetBytes(text)));

    private static byte[] Sent(ArrayBufferWriter<byte> output)
    {
        var sent = output.WrittenSpan.ToArray();
        output.ResetWrittenCount();
        return sent;
    }
}
