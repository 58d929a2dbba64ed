using System.Net;
using Gridtally.Cosem.Framing;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>Pushes over lines and connections, in every framing.</summary>
public sealed class PushReceiverTests
{
    private static readonly PeerAddress FromMeter = new(103, 1);
    private static readonly byte[] Plain = Vectors.ById("push-tirol-plain").Octets;

    private readonly ManualTimeProvider _clock = new();

    public static TheoryData<PushFraming> Framings => [PushFraming.Hdlc, PushFraming.MBus, PushFraming.Wrapper, PushFraming.Raw];

    [Theory, MemberData(nameof(Framings)), Shows("push.detect", "mbus", "raw", "hdlc.ui")]
    public Task A_line_that_pushes_every_five_seconds_is_read_whatever_its_framing(PushFraming framing) => _clock.RunAsync(async () =>
    {
        var (port, meter) = MemoryLine.CreatePair("customer port");
        var pushing = PushAsync(meter, framing, count: 3);
        var received = new List<ReceivedPush>();

        await foreach (var push in new PushReceiver(new(), _clock).ReceiveAsync(port)) received.Add(push);
        await pushing;

        Assert.Equal(3, received.Count);
        Assert.All(received, push => Assert.Equal((framing, Convert.ToHexString(Plain)), (push.Framing, Convert.ToHexString(push.Apdu.Span))));
        Assert.All(received, push => Assert.Equal(framing == PushFraming.Raw ? default : FromMeter, push.Peer with { Physical = 0 }));
    }, TimeSpan.FromHours(1));

    [Theory, InlineData(true), InlineData(false), Shows("wrapper.udp", "wrapper.tcp")]
    public async Task Everyone_who_connects_to_a_listener_is_heard(bool udp)
    {
        await using IByteListener listener = udp ? UdpByteListener.Listen(new(IPAddress.Loopback, 0)) : TcpByteListener.Listen(new(IPAddress.Loopback, 0));
        var port = listener is UdpByteListener u ? u.LocalEndPoint.Port : ((TcpByteListener)listener).LocalEndPoint.Port;
        var senders = Task.WhenAll(Enumerable.Range(0, 3).Select(async _ =>
        {
            await using IByteChannel channel = udp
                ? await UdpChannel.OpenAsync("127.0.0.1", port, Support.Soon())
                : await TcpChannel.ConnectAsync("127.0.0.1", port, null, null, Support.Soon());
            await channel.WriteAsync(Encode(PushFraming.Wrapper), Support.Soon());
        }));
        var names = new HashSet<string>();
        await foreach (var push in new PushReceiver(new(), TimeProvider.System).ReceiveAsync(listener, Support.Soon()))
        {
            Assert.Equal(Plain, push.Apdu.ToArray());
            Assert.True(names.Add(push.Channel));
            if (names.Count == 3) break;
        }

        await senders;
    }

    private static byte[] Encode(PushFraming framing) => Bytes.Written(w => PushFramer.Write(w, framing, FromMeter, Plain));

    private async Task PushAsync(IByteChannel meter, PushFraming framing, int count)
    {
        for (var i = 0; i < count; i++)
        {
            // In two pieces, as a serial line brings it.
            var octets = Encode(framing);
            await meter.WriteAsync(octets.AsMemory(0, 100), default);
            await Task.Delay(TimeSpan.FromMilliseconds(100), _clock);
            await meter.WriteAsync(octets.AsMemory(100), default);
            await Task.Delay(TimeSpan.FromSeconds(5), _clock);
        }

        await meter.DisposeAsync();
    }
}
