using System.Diagnostics;
using System.Text;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.LocalPort;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>IEC 62056-21 over lines: mode E into HDLC, mode C readout and programming.</summary>
public sealed class OpticalOpeningTests
{
    private static readonly OpeningServerOptions Device = new() { Identification = new("GRT", '5', "\\2Gridtally"), ReactionTime = TimeSpan.FromMilliseconds(300) };

    private readonly Bench _bench = new();
    private readonly ManualTimeProvider _clock;
    private readonly TaskCompletionSource _goodbye = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public OpticalOpeningTests() => _clock = _bench.Clock;

    [Theory, InlineData(true), InlineData(false), Shows("mode-e")]
    public Task A_meter_behind_an_optical_head_is_opened_and_read_over_hdlc(bool confirms) => _bench.RunAsync(async () =>
    {
        var (head, meter) = Line();
        using var stop = new CancellationTokenSource();
        var serving = Serve(meter, Device with { Confirms = confirms }, stop.Token);
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Management)) with { Opening = new() };
        for (var i = 0; i < 2; i++)
        {
            await using (var client = await _bench.ConnectAsync(head, options)) Assert.Equal(4711u, await client.ReadRegisterAsync());
            Assert.Equal(["300 7E1", "9600 7E1", "9600 8N1"], head.Settings.TakeLast(3));

            // The meter falls back to 300 baud when its link has been idle.
            await Task.Delay(TimeSpan.FromMinutes(3), _clock);
            Assert.Equal("300 7E1", meter.Settings[^1]);
        }

        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => serving);
    });

    [Fact, Shows("mode-c")]
    public Task A_readout_comes_at_the_rate_agreed_on() => _bench.RunAsync(async () =>
    {
        var (head, meter) = Line();
        var serving = Serve(meter, Device, CancellationToken.None);
        var readout = await OpticalOpening.ReadAsync(head, new(), _clock);
        Assert.Equal([new DataSet("1.8.0", "000123.4", "kWh"), new("0.9.1", "120000")], readout.Values);
        Assert.Equal("/GRT5\\2Gridtally", readout.Identification.ToString());
        Assert.Equal(["300 7E1", "9600 7E1"], head.Settings);
        Assert.False(serving.IsCompleted);
    });

    [Fact, Shows("mode-c")]
    public Task Registers_are_read_and_written_in_programming_mode() => _bench.RunAsync(async () =>
    {
        var (head, meter) = Line();
        _ = Serve(meter, Device, CancellationToken.None);
        await using (var session = await ProgrammingSession.OpenAsync(head, new(), _clock))
        {
            Assert.Equal("()", session.Operand);
            Assert.Equal("(ER01)", await session.LoginAsync("wrong"));
            Assert.Null(await session.LoginAsync("12345678"));
            Assert.Equal([new DataSet("1.8.0", "000123.4", "kWh")], (await session.ReadAsync("1.8.0")).Values);
            Assert.Equal("(ER02)", (await session.ReadAsync("9.9.9")).Refusal);
            Assert.Null(await session.WriteAsync("0.9.1", "130000"));
        }

        await _goodbye.Task.WaitAsync(Support.Soon());
    });

    [Fact]
    public Task A_head_without_a_meter_says_what_to_check() => _bench.RunAsync(async () =>
    {
        var (head, _) = Line();
        var error = await Assert.ThrowsAsync<AssociationException>(() => OpticalOpening.OpenAsync(head, new(), _clock));
        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.Contains("Check that the head sits right", error.Message);
    });

    [Fact, Shows("mode-e")]
    public async Task Over_serial_ports_joined_by_socat()
    {
        using var folder = new TemporaryFolder();
        using var cable = new SocatCable(folder);
        using var stop = new CancellationTokenSource();
        await using var meterPort = SerialChannel.Open(new() { Path = cable.B });
        await using var port = SerialChannel.Open(new() { Path = cable.A });
        var fast = Device with { ReactionTime = TimeSpan.FromMilliseconds(20) };
        var server = HdlcServer(TimeProvider.System);
        var serving = new OpticalPort(fast, (_, channel, stopped) => server.ServeAsync(channel, stopped), TimeProvider.System).ServeAsync(meterPort, stop.Token);
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Public)) with { Opening = new() { StartGuard = TimeSpan.FromMilliseconds(20) } };
        await using (var client = await DlmsClient.ConnectAsync(port, options, new InMemoryInvocationCounters(), TimeProvider.System, Support.Soon()))
        {
            Assert.Equal(4711u, await client.ReadRegisterAsync(Support.Soon()));
        }

        using var stty = Process.Start(new ProcessStartInfo("stty", ["-F", cable.A]) { RedirectStandardOutput = true })!;
        Assert.Contains("speed 9600 baud", await stty.StandardOutput.ReadToEndAsync(Support.Soon()));
        await stop.CancelAsync();
        await serving.ContinueWith(_ => { }, TaskScheduler.Default);
    }

    private static (SettableChannel Head, SettableChannel Meter) Line()
    {
        var (head, meter) = MemoryLine.CreatePair("optical");
        return (new(head), new(meter));
    }

    private DlmsServer HdlcServer(TimeProvider time) => new(
        new()
        {
            CreateFraming = _ => new HdlcServerLine(new() { Serves = (device, physical) => device == 1 && physical == 17 }),
            Resolve = _bench.Meter.Resolve,
            IdleTimeout = TimeSpan.FromMinutes(2),
        },
        time);

    private Task Serve(IByteChannel channel, OpeningServerOptions device, CancellationToken stop) =>
        new OpticalPort(device, ServeChosenAsync, _clock).ServeAsync(channel, stop);

    private Task ServeChosenAsync(LocalService service, IByteChannel channel, CancellationToken cancellationToken) => service switch
    {
        LocalService.Hdlc => HdlcServer(_clock).ServeAsync(channel, cancellationToken),
        LocalService.Programming => ServeProgrammingAsync(channel, cancellationToken),
        _ => channel.WriteAsync(Bytes.Written(w => BlockMessage.WriteData(w, "1.8.0(000123.4*kWh)\r\n0.9.1(120000)\r\n!\r\n"u8)), cancellationToken).AsTask(),
    };

    private async Task ServeProgrammingAsync(IByteChannel channel, CancellationToken cancellationToken)
    {
        await channel.WriteAsync(Bytes.Written(w => BlockMessage.WriteCommand(w, "P0", "()")), cancellationToken);
        var buffer = new byte[200];
        while (true)
        {
            var count = await channel.ReadAsync(buffer, cancellationToken);
            var (command, text) = Parse(buffer.AsSpan(0, count));
            if (command == "B0")
            {
                _goodbye.SetResult();
                return;
            }

            var answer = (command, text) switch
            {
                ("P1", "(12345678)") or ("W1", "0.9.1(130000)") => [0x06],
                ("P1", _) => Data("(ER01)"),
                ("R1", "1.8.0()") => Data("1.8.0(000123.4*kWh)"),
                _ => Data("(ER02)"),
            };
            await channel.WriteAsync(answer, cancellationToken);
        }
    }

    private static (string Command, string Text) Parse(ReadOnlySpan<byte> octets)
    {
        BlockMessage.TryRead(octets, out var message, out _);
        return (Encoding.ASCII.GetString(message.Command), Encoding.ASCII.GetString(message.Text));
    }

    private static byte[] Data(string text) => Bytes.Written(w => BlockMessage.WriteData(w, Encoding.ASCII.GetBytes(text)));

    /// <summary>Remembers how it was set.</summary>
    private sealed class SettableChannel(IByteChannel inner) : IByteChannel
    {
        public List<string> Settings { get; } = [];

        public string Name => inner.Name;

        public ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken) => inner.ReadAsync(buffer, cancellationToken);

        public ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken) => inner.WriteAsync(bytes, cancellationToken);

        public ValueTask<bool> SetLineAsync(SerialSettings settings, CancellationToken cancellationToken)
        {
            Settings.Add(settings.ToString());
            return new(true);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
