using Gridtally.Testing;

namespace Gridtally.Links.Tests;

public sealed class LineEmulatorTests
{
    private readonly ManualTimeProvider _clock = new();

    [Fact]
    public Task At_9600_baud_8N1_960_octets_take_a_second() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600");
            await near.WriteAsync(new byte[960], default);

            Assert.Equal(960, (await ReadAsync(far, 960)).Length);
            Assert.Equal(TimeSpan.FromSeconds(1), Elapsed);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task Octets_arrive_while_later_ones_are_still_on_the_line() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600");
            await near.WriteAsync(new byte[960], default);
            await ReadAsync(far, 96);

            Assert.InRange(Elapsed, TimeSpan.FromMilliseconds(100), TimeSpan.FromMilliseconds(101));
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task A_burst_waits_for_the_one_before_it_and_the_writer_does_not() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600");
            await near.WriteAsync(new byte[480], default);
            await near.WriteAsync(new byte[480], default);
            Assert.Equal(TimeSpan.Zero, Elapsed);

            await ReadAsync(far, 960);
            Assert.Equal(TimeSpan.FromSeconds(1), Elapsed);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task Turnaround_latency_and_pacing_add_up_over_a_question_and_its_answer() => _clock.RunAsync(
        async () =>
        {
            // 96 octets: 100 ms each way; latency 50 ms each way; the answer starts when the question has arrived, which is
            // 50 ms after it left the line, so 30 ms of turn-around are over by then.
            var (near, far) = Line("baud=9600,latency=50ms,turnaround=30ms");
            await far.WriteAsync(new byte[96], default);
            await ReadAsync(near, 96);
            Assert.Equal(150, Elapsed.TotalMilliseconds);

            await near.WriteAsync(new byte[96], default);
            await ReadAsync(far, 96);
            Assert.Equal(300, Elapsed.TotalMilliseconds);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task An_answer_does_not_start_before_the_turnaround_is_over() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("turnaround=30ms");
            await far.WriteAsync(new byte[1], default);
            await ReadAsync(near, 1);
            Assert.Equal(0, Elapsed.TotalMilliseconds);

            await near.WriteAsync(new byte[1], default);
            await ReadAsync(far, 1);
            Assert.Equal(30, Elapsed.TotalMilliseconds);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public async Task The_same_seed_and_traffic_make_the_same_faults_and_another_seed_makes_others()
    {
        const string bad = "baud=9600,latency=10ms,jitter=20ms,loss=0.2,noise=0.01,duplicate=0.05,outages=2s/100ms";

        var first = await Traffic($"{bad},seed=7");
        var again = await Traffic($"{bad},seed=7");
        var other = await Traffic($"{bad},seed=8");

        Assert.Equal(first, again);
        Assert.NotEqual(first, other);
    }

    [Fact]
    public Task Loss_takes_whole_bursts_and_leaves_the_others_as_they_were() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("loss=0.25,seed=3");
            for (var i = 0; i < 1000; i++) await near.WriteAsync(new[] { (byte)(i >> 8), (byte)i }, default);
            var lost = (int)near.Written.LostBursts;
            var got = await ReadAsync(far, 2 * (1000 - lost));

            Assert.InRange(lost, 200, 300);
            var numbers = Enumerable.Range(0, got.Length / 2).Select(i => got[2 * i] << 8 | got[2 * i + 1]).ToList();
            Assert.Equal(numbers.Order().Distinct(), numbers);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task Noise_inverts_one_bit_of_as_many_octets_as_asked() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("noise=0.01,seed=3");
            await near.WriteAsync(new byte[20_000], default);
            var got = await ReadAsync(far, 20_000);

            var hit = got.Where(b => b != 0).ToList();
            Assert.All(hit, b => Assert.Equal(1, byte.PopCount(b)));
            Assert.Equal(near.Written.NoisyOctets, hit.Count);
            Assert.InRange(hit.Count, 140, 260);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task Both_sides_sending_at_once_garble_each_other_on_a_shared_line() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600,collisions=on");
            await near.WriteAsync(new byte[32], default);
            await far.WriteAsync(new byte[32], default);
            var (right, left) = (await ReadAsync(far, 32), await ReadAsync(near, 32));

            Assert.DoesNotContain((byte)0, right);
            Assert.DoesNotContain((byte)0, left);
            Assert.Equal((32, 32), (near.Written.CollidedOctets, near.Received.CollidedOctets));
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task A_collision_spares_what_had_passed_before_it() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600,collisions=on");
            await near.WriteAsync(new byte[64], default);
            await Task.Delay(TimeSpan.FromMilliseconds(50), _clock); // 48 octets are over, the second half is on the line
            await far.WriteAsync(new byte[1], default);
            var got = await ReadAsync(far, 64);

            Assert.All(got[..32], b => Assert.Equal(0, b));
            Assert.All(got[32..], b => Assert.NotEqual(0, b));
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task On_lines_of_their_own_both_sides_send_at_once() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600");
            await near.WriteAsync(new byte[96], default);
            await far.WriteAsync(new byte[96], default);

            Assert.All(await ReadAsync(far, 96), b => Assert.Equal(0, b));
            Assert.All(await ReadAsync(near, 96), b => Assert.Equal(0, b));
            Assert.Equal(100, Elapsed.TotalMilliseconds);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task In_an_outage_nothing_gets_through_and_after_it_all_does() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("outage=1s+2s");
            for (byte second = 0; second < 5; second++)
            {
                await near.WriteAsync(new[] { second }, default);
                await Task.Delay(TimeSpan.FromSeconds(1), _clock);
            }

            Assert.Equal([0, 3, 4], await ReadAsync(far, 3));
            Assert.Equal(2, near.Written.OutageOctets);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task Random_outages_take_about_the_time_that_was_asked_for() => _clock.RunAsync(
        async () =>
        {
            var (near, _) = Line("outages=9s/1s,seed=2");
            for (var i = 0; i < 20_000; i++)
            {
                await near.WriteAsync(new byte[1], default);
                await Task.Delay(TimeSpan.FromMilliseconds(100), _clock);
            }

            Assert.InRange(near.Written.OutageOctets, 1400, 2600);
        },
        TimeSpan.FromHours(1));

    [Fact]
    public Task A_datagram_stays_one_piece_and_may_come_twice() => _clock.RunAsync(
        async () =>
        {
            var (inner, far) = MemoryLine.CreatePair(datagrams: true);
            var near = new LineEmulator(inner, LineConditions.Parse("latency=5ms,duplicate=1"), _clock);
            await near.WriteAsync(new byte[1000], default);
            var buffer = new byte[2000];

            Assert.Equal(1000, await far.ReadAsync(buffer, default));
            Assert.Equal(1000, await far.ReadAsync(buffer, default));
            Assert.True(near.IsDatagram);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task The_end_of_the_other_side_arrives_after_its_last_octets() => _clock.RunAsync(
        async () =>
        {
            var (near, far) = Line("baud=9600");
            await far.WriteAsync(new byte[96], default);
            await far.DisposeAsync();

            Assert.Equal(96, (await ReadAsync(near, 96)).Length);
            Assert.Equal(0, await near.ReadAsync(new byte[1], default));
            Assert.Equal(100, Elapsed.TotalMilliseconds);
        },
        TimeSpan.FromMinutes(1));

    [Fact]
    public Task A_writer_waits_when_too_much_is_on_the_way() => _clock.RunAsync(
        async () =>
        {
            var (near, _) = Line("baud=9600");
            await near.WriteAsync(new byte[LineEmulator.MaxOnTheWay], default);
            await near.WriteAsync(new byte[960], default);

            // A second's worth had to leave first, rounded up to whole slices of 32 octets.
            Assert.InRange(Elapsed.TotalSeconds, 1, 1.034);
        },
        TimeSpan.FromMinutes(10));

    [Fact]
    public async Task Disposing_of_it_wakes_its_reader_and_closes_what_is_behind()
    {
        var (near, far) = Line("baud=9600");
        var reading = near.ReadAsync(new byte[1], default).AsTask();

        await near.DisposeAsync();

        await Assert.ThrowsAsync<LinkException>(() => reading);
        Assert.Equal(0, await far.ReadAsync(new byte[1], default));
    }

    private TimeSpan Elapsed => _clock.GetUtcNow() - new ManualTimeProvider().GetUtcNow();

    private (LineEmulator Near, IByteChannel Far) Line(string conditions)
    {
        var (inner, far) = MemoryLine.CreatePair();
        return (new(inner, LineConditions.Parse(conditions), _clock), far);
    }

    // When which octets came, over a minute of traffic in both directions.
    private static async Task<string> Traffic(string conditions)
    {
        var clock = new ManualTimeProvider();
        var (inner, far) = MemoryLine.CreatePair();
        var near = new LineEmulator(inner, LineConditions.Parse(conditions), clock);
        var log = new List<string>();
        await clock.RunAsync(
            async () =>
            {
                _ = Record("near", near);
                _ = Record("far", far);
                for (var i = 0; i < 200; i++)
                {
                    await near.WriteAsync(Enumerable.Repeat((byte)i, 50).ToArray(), default);
                    await far.WriteAsync(Enumerable.Repeat((byte)~i, 20).ToArray(), default);
                    await Task.Delay(TimeSpan.FromMilliseconds(300), clock);
                }
            },
            TimeSpan.FromMinutes(5));
        return string.Join('\n', log);

        async Task Record(string who, IByteChannel channel)
        {
            var buffer = new byte[1000];
            while (await channel.ReadAsync(buffer, default) is > 0 and var count)
            {
                log.Add($"{clock.GetUtcNow():mm:ss.fff} {who} {Convert.ToHexString(buffer.AsSpan(0, count))}");
            }
        }
    }

    private static async Task<byte[]> ReadAsync(IByteChannel channel, int count)
    {
        var (bytes, read) = (new byte[count], 0);
        while (read < count)
        {
            var more = await channel.ReadAsync(bytes.AsMemory(read), default);
            if (more == 0) return bytes[..read];
            read += more;
        }

        return bytes;
    }
}
