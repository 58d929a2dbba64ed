using System.Buffers;
using System.Text;
using Gridtally.Cosem.LocalPort;
using Gridtally.Testing;
using static Gridtally.Testing.Bytes;

namespace Gridtally.Cosem.Tests.LocalPort;

/// <summary>Openings character by character, under virtual time.</summary>
public class OpeningTests
{
    private static readonly LocalLine Slow = new(300, true), Fast = new(9600, true), Hdlc = new(9600, false);

    private readonly OpeningClient _client = new(new());
    private TimeSpan _now;

    [Fact, Shows("mode-e")]
    public void A_meter_that_offers_hdlc_at_9600_baud_is_opened_for_it()
    {
        _client.Open(_now);
        Assert.Equal(Hex("2F 3F 21 0D 0A"), Sent());
        Assert.Equal(Slow, _client.Line);

        Receive("/LGZ5\\2ZMD4054407.B21\r\n");
        Assert.Equal(Hex("06 32 35 32 0D 0A"), Sent());
        Assert.Equal(Slow, _client.Line);

        // Six characters at 300 baud are 200 ms; then the guard, and only then the change of rate.
        Wait(249);
        Assert.Equal(Slow, _client.Line);
        Wait(1);
        Assert.Equal(Fast, _client.Line);

        Receive(Hex("06 32 35 32 0D 0A"));
        Assert.Equal((Hdlc, OpeningState.Opening), (_client.Line, _client.State));
        Wait(200);
        Assert.Equal((Hdlc, OpeningState.Open, true), (_client.Line, _client.State, _client.Confirmed));
        Assert.Equal(("LGZ", '5', "ZMD4054407.B21", true, false), (_client.Identification!.Manufacturer, _client.Identification.BaudCharacter, _client.Identification.Ident, _client.Identification.OffersHdlc, _client.Identification.ReactsFast));
    }

    [Fact, Shows("mode-e")]
    public void A_meter_that_leaves_the_confirmation_out_is_taken_to_have_agreed()
    {
        _client.Open(_now);
        Receive("/ISk5\\2MT382-1000\r\n");
        Wait(250);
        Wait(2000);
        Wait(200);
        Assert.Equal((Hdlc, OpeningState.Open, false), (_client.Line, _client.State, _client.Confirmed));
        Assert.True(_client.Identification!.ReactsFast);
    }

    [Fact, Shows("mode-e")]
    public void The_address_of_one_device_of_several_is_in_the_request()
    {
        var client = new OpeningClient(new() { DeviceAddress = "12345678" });
        client.Open(default);
        Assert.Equal("/?12345678!\r\n"u8.ToArray(), client.Output.WrittenSpan.ToArray());
    }

    [Theory, InlineData('0', 300), InlineData('1', 600), InlineData('2', 1200), InlineData('3', 2400), InlineData('4', 4800), InlineData('5', 9600), InlineData('6', 19200), Shows("mode-e")]
    public void The_rate_is_what_the_meter_offers_and_the_reader_allows(char offered, int baud)
    {
        Assert.Equal((LocalMode.C, baud), BaudCharacters.Read(offered));
        foreach (var (most, expected) in new[] { (19_200, baud), (2400, Math.Min(2400, baud)) })
        {
            var client = new OpeningClient(new() { MaxBaud = most });
            client.Open(default);
            client.Output.ResetWrittenCount();
            client.Receive(Encoding.ASCII.GetBytes($"/ABC{offered}\\2X\r\n"), default);
            Assert.Equal(Encoding.ASCII.GetBytes($"\u00062{BaudCharacters.Of(expected)}2\r\n"), client.Output.WrittenSpan.ToArray());
        }
    }

    [Fact]
    public void The_answer_may_come_in_pieces_with_parity_bits_after_noise_and_an_echo()
    {
        _client.Open(_now);
        byte[] wire = [0xFF, 0x2F, .. "/?!\r\n"u8, .. "/LGZ5\\2X\r\n"u8.ToArray().Select(o => (byte)(o | ((System.Numerics.BitOperations.PopCount(o) & 1) << 7)))];
        foreach (var octet in wire) Receive([octet]);
        Assert.Equal("/LGZ5\\2X", _client.Identification?.ToString());
    }

    [Fact]
    public void A_request_that_is_not_heard_is_sent_again_and_given_up_in_the_end()
    {
        _client.Open(_now);
        for (var asked = 1; asked <= 3; asked++)
        {
            Assert.Equal("/?!\r\n"u8.ToArray(), Sent());
            Wait(2000 + 167);
        }

        Assert.Equal((OpeningState.Failed, LocalFault.NoAnswer), (_client.State, _client.Fault));
    }

    [Theory]
    [InlineData("/LGZ5ZMD\r\n", LocalFault.NotOffered)]
    [InlineData("/LGZAZMD\r\n", LocalFault.NotOffered)]
    [InlineData("/LGZ ZMD\r\n", LocalFault.NotOffered)]
    public void A_meter_without_mode_e_is_not_asked_for_it(string identification, LocalFault fault)
    {
        _client.Open(_now);
        Sent();
        Receive(identification);
        Assert.Equal((OpeningState.Failed, fault), (_client.State, _client.Fault));
        Assert.Empty(Sent());
    }

    [Theory]
    [InlineData("15", LocalFault.Refused), InlineData("06 30 35 30 0D 0A", LocalFault.Refused), InlineData("02 30 2E 30", LocalFault.ReadoutInstead)]
    public void What_a_meter_does_instead_of_confirming_is_told(string hex, LocalFault fault)
    {
        _client.Open(_now);
        Receive("/LGZ5\\2X\r\n");
        Wait(250);
        Receive(Hex(hex));
        Assert.Equal((OpeningState.Failed, fault), (_client.State, _client.Fault));
    }

    [Fact, Shows("mode-e")]
    public void Reader_and_meter_agree_over_a_line_of_300_baud_and_then_of_9600()
    {
        var server = new OpeningServer(new() { Identification = new("GRT", '5', "\\2Gridtally"), DeviceAddress = "00012345" });
        var client = new OpeningClient(new() { DeviceAddress = "12345" });
        Run(client, server);
        Assert.Equal((OpeningState.Open, OpeningState.Open), (client.State, server.State));
        Assert.Equal((Hdlc, Hdlc, LocalService.Hdlc, true), (client.Line, server.Line, server.Chosen, client.Confirmed));
    }

    [Theory, InlineData(LocalService.DataReadout), InlineData(LocalService.Programming), Shows("mode-c")]
    public void Mode_c_changes_the_rate_and_keeps_the_parity(LocalService service)
    {
        var server = new OpeningServer(new() { Identification = new("GRT", '5', "Gridtally") });
        var client = new OpeningClient(new() { Service = service });
        Run(client, server);
        Assert.Equal((Fast, Fast, service), (client.Line, server.Line, server.Chosen));
    }

    [Fact]
    public void A_meter_answers_to_its_own_address_and_to_none()
    {
        foreach (var (asked, answers) in new[] { ("", true), ("0012345", true), ("12345", true), ("54321", false), ("123", false) })
        {
            var server = new OpeningServer(new() { Identification = new("GRT", '5', "X"), DeviceAddress = "12345" });
            server.Receive(Encoding.ASCII.GetBytes($"noise/?{asked}!\r\n"), default);
            server.Tick(TimeSpan.FromMilliseconds(200));
            Assert.Equal(answers, server.Output.WrittenCount > 0);
        }
    }

    [Theory]
    [InlineData("06 32 36 32 0D 0A"), InlineData("06 39 35 39 0D 0A"), InlineData("")]
    public void What_a_meter_does_not_offer_ends_in_a_readout_at_the_initial_rate(string hex)
    {
        var server = new OpeningServer(new() { Identification = new("GRT", '5', "\\2X") });
        server.Receive("/?!\r\n"u8, default);
        server.Tick(TimeSpan.FromMilliseconds(200));
        server.Receive(Hex(hex), TimeSpan.FromSeconds(1));
        server.Tick(TimeSpan.FromSeconds(10));
        Assert.Equal((OpeningState.Open, LocalService.DataReadout, Slow), (server.State, server.Chosen, server.Line));
    }

    [Theory, InlineData(1), InlineData(2), InlineData(3)]
    public void Whatever_comes_neither_end_breaks(int seed)
    {
        var random = new Random(seed);
        var noise = new byte[20_000];
        random.NextBytes(noise);
        byte[] likely = [.. "/?!\r\n\u0006"u8, .. "252"u8];
        for (var i = 0; i < noise.Length; i += 2) noise[i] = likely[random.Next(likely.Length)];
        var server = new OpeningServer(new() { Identification = new("GRT", '5', "\\2X") });
        var client = new OpeningClient(new());
        client.Open(default);
        for (var i = 0; i < noise.Length; i += 20)
        {
            var now = TimeSpan.FromMilliseconds(i);
            client.Receive(noise.AsSpan(i, 20), now);
            server.Receive(noise.AsSpan(i, 20), now);
            client.Tick(now);
            server.Tick(now);
            if (client.State == OpeningState.Failed) client.Open(now);
            if (server.State == OpeningState.Open) server.Reset();
        }
    }

    /// <summary>Lets both ends talk; what one sends while the other has another rate is lost.</summary>
    private static void Run(OpeningClient client, OpeningServer server)
    {
        var now = TimeSpan.Zero;
        client.Open(now);
        for (var step = 0; step < 100 && (client.State == OpeningState.Opening || server.State != OpeningState.Open); step++)
        {
            now += Carry(client.Output, client.Line, octets => { if (server.Line == client.Line) server.Receive(octets, now); });
            now += Carry(server.Output, server.Line, octets => { if (server.Line == client.Line) client.Receive(octets, now); });
            if (client.Output.WrittenCount + server.Output.WrittenCount > 0) continue;
            var next = new[] { client.NextDeadline, server.NextDeadline }.Min();
            now = next > now ? next.Value : now;
            client.Tick(now);
            server.Tick(now);
        }

        static TimeSpan Carry(ArrayBufferWriter<byte> output, LocalLine line, Action<byte[]> receive)
        {
            var octets = output.WrittenSpan.ToArray();
            output.ResetWrittenCount();
            receive(octets);
            return line.TransmitTime(octets.Length);
        }
    }

    private byte[] Sent()
    {
        var sent = _client.Output.WrittenSpan.ToArray();
        _client.Output.ResetWrittenCount();
        return sent;
    }

    private void Receive(string text) => Receive(Encoding.ASCII.GetBytes(text));

    private void Receive(byte[] octets) => _client.Receive(octets, _now);

    private void Wait(int milliseconds)
    {
        _now += TimeSpan.FromMilliseconds(milliseconds);
        _client.Tick(_now);
    }
}
