using Gridtally.Cosem.Data;
using Gridtally.Cosem.Framing;
using Gridtally.Cosem.Security;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

internal static class Support
{
    /// <summary>Real things are given this long before a test fails; none of them needs a tenth of it.</summary>
    public static CancellationToken Soon() => new CancellationTokenSource(TimeSpan.FromSeconds(30)).Token;

    public static byte[] Unsigned32(uint value) => Bytes.Written(output => output.WriteDoubleLongUnsigned(value));

    public static byte[] OctetString(byte[] octets) => Bytes.Written(output => output.WriteOctetString(octets));

    /// <summary>The register, or a message that says why not.</summary>
    public static async Task<uint> ReadRegisterAsync(this DlmsClient client, CancellationToken cancellationToken = default)
    {
        var result = await client.GetAsync(TestMeter.Register, cancellationToken);
        Assert.True(result.Succeeded, $"{result.Failure}");
        Assert.True(new AxdrReader(result.Data.Span).TryReadNumber(out var value));
        return (uint)value;
    }
}

/// <summary>A meter at one end of an in-memory line, under a clock that is moved by hand.</summary>
internal sealed class Bench
{
    public ManualTimeProvider Clock { get; } = new();

    public TestMeter Meter { get; } = new(value: 4711);

    public List<Exception> Faults { get; } = [];

    public InMemoryInvocationCounters Counters { get; } = new();

    /// <summary>Serves the meter over the wrapper and returns the client's end.</summary>
    public IByteChannel Wrapper(string line = "", Func<DlmsServerOptions, DlmsServerOptions>? change = null)
    {
        var options = new DlmsServerOptions { Resolve = Meter.Resolve, OnFault = (_, e) => Faults.Add(e) };
        return Serve(change?.Invoke(options) ?? options, line, datagrams: false);
    }

    /// <summary>Serves meters over HDLC, each at its physical address with two-octet addresses, and returns the client's end.</summary>
    public IByteChannel Hdlc(string line = "", params (ushort Physical, TestMeter Meter)[] meters)
    {
        var all = meters.Length == 0 ? [(17, Meter)] : meters;
        var bus = all.ToDictionary(m => m.Item1, m => m.Item2);
        var options = new DlmsServerOptions
        {
            CreateFraming = _ => new HdlcServerLine(new() { Serves = (device, physical) => device == 1 && bus.ContainsKey(physical) }),
            Resolve = peer => bus[peer.Physical].Resolve(peer),
            IdleTimeout = TimeSpan.Zero,
            OnFault = (_, e) => Faults.Add(e),
        };
        return Serve(options, line, datagrams: false);
    }

    public IByteChannel Serve(DlmsServerOptions options, string line, bool datagrams)
    {
        var (near, far) = MemoryLine.CreatePair("line", datagrams);
        var server = new DlmsServer(options, Clock);
        _ = ServeAsync(server, far);
        return new LineEmulator(near, LineConditions.Parse(line), Clock);
    }

    public Task<DlmsClient> ConnectAsync(IByteChannel channel, DlmsClientOptions options) =>
        DlmsClient.ConnectAsync(channel, options, Counters, Clock, default);

    public static DlmsClientOptions OverHdlc(DlmsClientOptions options) => options with
    {
        Framing = FramingKind.Hdlc,
        Peer = options.Peer with { Physical = options.Peer.Physical == 0 ? (ushort)17 : options.Peer.Physical },
        Hdlc = new() { AddressLength = 2 },
    };

    public Task RunAsync(Func<Task> test) => Clock.RunAsync(test, TimeSpan.FromHours(1));

    private async Task ServeAsync(DlmsServer server, IByteChannel channel)
    {
        try
        {
            await server.ServeAsync(channel, CancellationToken.None);
        }
        catch (LinkException e)
        {
            Faults.Add(e);
        }

        await channel.DisposeAsync();
    }
}
