using Gridtally.Cosem.Security;
using Gridtally.Testing;

namespace Gridtally.Meter.Tests;

public sealed class ClientCountersTests
{
    [Fact]
    public void A_recording_of_a_client_that_was_forgotten_is_still_refused()
    {
        var counters = new ClientCounters(0, [], _ => true);
        for (var client = 1u; client <= 9; client++) counters.Accept(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", client), 100 * client);

        Assert.True(counters.ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", 1)) > 100);
        Assert.Equal(901UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", 9)));
    }

    [Fact]
    [Shows("counter.durable")]
    public void A_counter_that_can_not_be_stored_is_not_accepted_and_what_was_known_before_still_is()
    {
        var room = true;
        var counters = new ClientCounters(0, [], _ => room);
        var (first, second) = (SystemTitle.Of("GTY", 1), SystemTitle.Of("GTY", 2));
        Assert.True(counters.Accept(KeyRole.GlobalUnicast, first, 41));
        room = false;

        Assert.False(counters.Accept(KeyRole.GlobalUnicast, first, 50));
        Assert.False(counters.Accept(KeyRole.GlobalUnicast, second, 60));
        Assert.Equal((42UL, 0UL, 41u, first), (counters.ReceiveFloor(KeyRole.GlobalUnicast, first), counters.ReceiveFloor(KeyRole.GlobalUnicast, second), counters.LastAccepted, counters.LastOriginator));
        room = true;
        Assert.True(counters.Accept(KeyRole.GlobalUnicast, first, 50));
    }

    [Fact]
    [Shows("counter.exhausted")]
    public void A_counter_at_its_maximum_rolls_back_to_0_as_the_manual_says()
    {
        var counters = new ClientCounters(0xFFFF_FFFE, [], _ => true);
        var client = SystemTitle.Of("GTY", 1);

        var sent = Enumerable.Range(0, 4).Select(_ => counters.TryTakeSend(KeyRole.GlobalUnicast, out var value) ? value : 7).ToArray();
        Assert.Equal([0xFFFF_FFFEu, 0xFFFF_FFFFu, 0u, 1u], sent);

        Assert.True(counters.Accept(KeyRole.GlobalUnicast, client, 0xFFFF_FFFE));
        Assert.Equal(0xFFFF_FFFFUL, counters.ReceiveFloor(KeyRole.GlobalUnicast, client));
        Assert.True(counters.Accept(KeyRole.GlobalUnicast, client, 0xFFFF_FFFF));
        Assert.Equal(0UL, counters.ReceiveFloor(KeyRole.GlobalUnicast, client));
        Assert.True(counters.Accept(KeyRole.GlobalUnicast, client, 0));
        Assert.Equal((1UL, 0u), (counters.ReceiveFloor(KeyRole.GlobalUnicast, client), counters.LastAccepted));
    }

    [Fact]
    public void A_client_that_comes_first_may_begin_at_0() =>
        Assert.Equal(0UL, new ClientCounters(0, [], _ => true).ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", 1)));
}
