using Gridtally.Cosem.Security;
using Gridtally.Testing;

namespace Gridtally.Cosem.Tests;

public sealed class CounterTests
{
    private static readonly SystemTitle Meter = SystemTitle.Of("GTY", 1), Other = SystemTitle.Of("GTY", 2);

    [Fact]
    public void A_counter_is_stored_ahead_before_it_is_handed_out()
    {
        var stored = new List<ulong>();
        var counter = new ReservingCounter(7, stored.Add, lookAhead: 10);

        var taken = Enumerable.Range(0, 12).Select(_ => counter.TryTake(out var value) ? value : 0).ToArray();

        Assert.Equal(Enumerable.Range(7, 12).Select(i => (uint)i), taken);
        Assert.Equal([17, 27], stored);
    }

    [Fact]
    public void After_a_crash_at_any_moment_no_value_comes_again()
    {
        var stored = 0UL;
        var seen = new HashSet<uint>();
        for (var life = 0; life < 50; life++)
        {
            var counter = new ReservingCounter(stored, limit => stored = limit, lookAhead: 8);
            for (var i = 0; i < life; i++)
            {
                Assert.True(counter.TryTake(out var value));
                Assert.True(seen.Add(value), $"{value} was handed out twice");
            }
        }
    }

    [Fact]
    public void A_value_that_can_not_be_stored_is_not_handed_out()
    {
        var counter = new ReservingCounter(0, _ => throw new IOException("disk full"));

        Assert.Throws<IOException>(() => counter.TryTake(out _));
        Assert.Equal(0UL, counter.Next);
    }

    [Fact]
    public void A_counter_is_raised_and_never_lowered()
    {
        var stored = 0UL;
        var counter = new ReservingCounter(0, limit => stored = limit, lookAhead: 10);
        counter.RaiseTo(1000);
        counter.RaiseTo(5);

        Assert.True(counter.TryTake(out var value));
        Assert.Equal((1000u, 1010UL), (value, stored));
    }

    [Fact]
    public void A_counter_ends_at_ffffffff_and_never_wraps()
    {
        var counter = new ReservingCounter(0xFFFF_FFFE, static _ => { });

        Assert.True(counter.TryTake(out _));
        Assert.True(counter.TryTake(out var last));
        Assert.Equal(0xFFFF_FFFF, last);
        Assert.False(counter.TryTake(out _));
        Assert.Equal(ReservingCounter.End, counter.Next);
    }

    [Fact]
    [Shows("counter.exhausted")]
    public void A_counter_that_is_told_to_rolls_over_and_is_stored_ahead_as_before()
    {
        var stored = new List<ulong>();
        var counter = new ReservingCounter(0xFFFF_FFFF, stored.Add, lookAhead: 10, CounterEnd.RollOver);

        Assert.True(counter.TryTake(out var last));
        Assert.True(counter.TryTake(out var first));
        Assert.Equal((0xFFFF_FFFFu, 0u), (last, first));
        Assert.Equal([0x1_0000_0000UL, 10UL], stored);

        var counters = new InMemoryInvocationCounters(1, CounterEnd.RollOver);
        counters.Accept(KeyRole.GlobalUnicast, Meter, uint.MaxValue);
        Assert.Equal(0UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, Meter));
    }

    [Fact]
    public void Floors_are_kept_for_each_key_and_originator()
    {
        var counters = new InMemoryInvocationCounters();
        counters.Accept(KeyRole.GlobalUnicast, Meter, 41);

        Assert.Equal(42UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, Meter));
        Assert.Equal(0UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, Other));
        Assert.Equal(0UL, counters.ReceiveFloor(KeyRole.GlobalBroadcast, Meter));
        counters.Accept(KeyRole.GlobalUnicast, Meter, uint.MaxValue);
        Assert.Equal(0x1_0000_0000UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, Meter));
    }
}
