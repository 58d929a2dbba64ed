using Gridtally.Links;

namespace Gridtally.Sessions.Tests;

/// <summary>HDLC over lines that lose, delay, garble and collide: all data right, at the price of retries.</summary>
public sealed class BadLineTests
{
    private readonly Bench _bench = new();

    [Theory]
    [InlineData("baud=9600,turnaround=20ms,loss=10%,seed=1")]
    [InlineData("baud=9600,turnaround=20ms,loss=10%,seed=2")]
    [InlineData("baud=9600,noise=2e-4,seed=3")]
    [InlineData("baud=19200,latency=100ms,jitter=50ms,loss=5%,duplicate=5%,collisions=on,seed=4")]
    [InlineData("baud=9600,outages=20s/1s,seed=5")]
    public Task Every_value_and_every_octet_of_a_table_comes_through(string line) => _bench.RunAsync(async () =>
    {
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Management)) with { ResponseTimeout = TimeSpan.FromMilliseconds(700), SendRetry = 10 };
        await using var client = await _bench.ConnectAsync(_bench.Hdlc(line), options);

        for (uint i = 0; i < 50; i++)
        {
            _bench.Meter.Value = i;
            Assert.Equal(i, await client.ReadRegisterAsync());
        }

        var table = await client.GetAsync(TestMeter.Table, default);
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
        Assert.InRange(client.Statistics.Retries, 1, 1000);
        Assert.Empty(_bench.Meter.Incidents);
    });

    [Fact]
    public async Task The_same_seed_gives_the_same_run()
    {
        var (first, again) = (await RunAsync(), await RunAsync());

        Assert.Equal(first, again);

        static async Task<(SessionStatistics, DateTimeOffset)> RunAsync()
        {
            var bench = new Bench();
            var statistics = default(SessionStatistics);
            await bench.RunAsync(async () =>
            {
                var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Public)) with { SendRetry = 10 };
                await using var client = await bench.ConnectAsync(bench.Hdlc("baud=9600,loss=10%,noise=1e-4,seed=9"), options);
                await client.GetAsync(TestMeter.Table, default);
                statistics = client.Statistics;
            });
            return (statistics, bench.Clock.GetUtcNow());
        }
    }

    [Fact]
    public Task A_line_that_is_cut_for_good_ends_in_no_answer_and_not_in_waiting_for_ever() => _bench.RunAsync(async () =>
    {
        var options = Bench.OverHdlc(TestMeter.Client(TestMeter.Public)) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 3 };
        await using var client = await _bench.ConnectAsync(_bench.Hdlc("baud=9600,outage=5s+10h"), options);
        var start = _bench.Clock.GetUtcNow();

        var error = await Assert.ThrowsAsync<AssociationException>(() => client.GetAsync(TestMeter.Table, default));

        Assert.Equal(AssociationReason.NoAnswer, error.Reason);
        Assert.InRange((_bench.Clock.GetUtcNow() - start).TotalSeconds, 5, 10.5);
    });

    [Fact]
    public Task A_lost_datagram_is_sent_again_over_the_wrapper() => _bench.RunAsync(async () =>
    {
        var channel = _bench.Serve(new() { Resolve = _bench.Meter.Resolve }, "loss=20%,seed=6", datagrams: true);
        await using var client = await _bench.ConnectAsync(channel, TestMeter.Client(TestMeter.Public) with { ResponseTimeout = TimeSpan.FromSeconds(1), SendRetry = 10 });
        for (uint i = 0; i < 50; i++)
        {
            _bench.Meter.Value = i;
            Assert.Equal(i, await client.ReadRegisterAsync());
        }

        Assert.InRange(client.Statistics.Retries, 5, 60);
    });

    [Fact]
    public Task Noise_between_the_frames_of_a_bus_does_no_harm() => _bench.RunAsync(async () =>
    {
        var bus = _bench.Hdlc();
        await using var client = await _bench.ConnectAsync(new NoisyChannel(bus), Bench.OverHdlc(TestMeter.Client(TestMeter.Public)));

        Assert.Equal(4711u, await client.ReadRegisterAsync());
        var table = await client.GetAsync(TestMeter.Table, default);
        Assert.Equal(Support.OctetString(_bench.Meter.TableOctets), table.Data.ToArray());
    });

    /// <summary>Puts octets that are no frame before everything that is sent or received.</summary>
    private sealed class NoisyChannel(IByteChannel inner) : IByteChannel
    {
        private static readonly byte[] Noise = [0x00, 0xFF, 0x55, 0xA0, 0x13];

        public string Name => inner.Name;

        public async ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken)
        {
            var count = await inner.ReadAsync(buffer[Noise.Length..], cancellationToken);
            if (count == 0) return 0;
            Noise.CopyTo(buffer);
            return Noise.Length + count;
        }

        public async ValueTask WriteAsync(ReadOnlyMemory<byte> bytes, CancellationToken cancellationToken)
        {
            await inner.WriteAsync(Noise, cancellationToken);
            await inner.WriteAsync(bytes, cancellationToken);
        }

        public ValueTask DisposeAsync() => inner.DisposeAsync();
    }
}
