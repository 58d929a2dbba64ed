using Gridtally.Cosem.Framing;
using Gridtally.Links;
using Gridtally.Testing;

namespace Gridtally.Sessions.Tests;

/// <summary>The wrapper over UDP: one APDU a datagram, datagrams that are lost, come twice or late.</summary>
[Shows("wrapper.udp")]
public sealed class DatagramTests
{
    private readonly Bench _bench = new();

    [Theory, InlineData(TestMeter.Public), InlineData(TestMeter.Management)]
    public Task A_request_whose_answer_is_lost_is_sent_again_and_answered(ushort client) => _bench.RunAsync(async () =>
    {
        var channel = new TamperingChannel(_bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "", datagrams: true));
        await using var meter = await _bench.ConnectAsync(channel, TestMeter.Client(client));
        for (var lost = 0; lost < 3; lost++)
        {
            channel.DropReads = 1;
            Assert.Equal(4711u, await meter.ReadRegisterAsync());
        }

        Assert.Equal(3, meter.Statistics.Retries);
        Assert.Empty(_bench.Meter.Incidents);
    });

    [Theory, InlineData(TestMeter.Public), InlineData(TestMeter.Management)]
    public Task Requests_that_the_network_doubles_are_carried_out_and_their_second_answers_dropped(ushort client) => _bench.RunAsync(async () =>
    {
        var channel = new TamperingChannel(_bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "", datagrams: true)) { DoubleWrites = true };
        await using var meter = await _bench.ConnectAsync(channel, TestMeter.Client(client));
        for (uint value = 1; value < 20; value++)
        {
            _bench.Meter.Value = value;
            Assert.Equal(value, await meter.ReadRegisterAsync());
        }

        Assert.Empty(_bench.Meter.Incidents);
    });

    [Fact]
    public Task A_protected_method_whose_answer_is_lost_is_invoked_once() => _bench.RunAsync(async () =>
    {
        var channel = new TamperingChannel(_bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "", datagrams: true));
        await using var meter = await _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Management));
        channel.DropReads = 2;

        Assert.True((await meter.InvokeAsync(TestMeter.Method, Bytes.Hex("0F00"), default)).Succeeded);

        Assert.Equal(1, _bench.Meter.Invocations);
    });

    [Fact]
    public Task Each_datagram_holds_one_apdu() => _bench.RunAsync(async () =>
    {
        var channel = new TamperingChannel(_bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "", datagrams: true));
        await using var meter = await _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Public));
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), (await meter.GetAsync(TestMeter.Table, default)).Data.ToArray());
        Assert.All(channel.Datagrams, datagram =>
        {
            Assert.Equal(System.Buffers.OperationStatus.Done, WrapperHeader.TryRead(datagram, out var header));
            Assert.Equal(datagram.Length, WrapperHeader.Size + header.Length);
        });
        Assert.True(channel.Datagrams.Count > 20);
    });

    /// <summary>Loses what is read and doubles what is written.</summary>
    private sealed class TamperingChannel(IByteChannel inner) : IByteChannel
    {
        public int DropReads { get; set; }

        public bool DoubleWrites { get; init; }

        public List<byte[]> Datagrams { get; } = [];

        public string Name => inner.Name;

        public bool IsDatagram => true;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            while (true)
            {
                var count = await inner.ReadAsync(buffer, cancellationToken);
                Datagrams.Add(buffer[..count].ToArray());
                if (DropReads == 0 || count == 0) return count;
                DropReads--;
            }
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            Datagrams.Add(bytes.ToArray());
            await inner.WriteAsync(bytes, cancellationToken);
            if (DoubleWrites) await inner.WriteAsync(bytes, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
