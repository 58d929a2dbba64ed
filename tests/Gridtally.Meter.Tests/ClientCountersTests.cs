using Gridtally.Cosem.Security;

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
    public void A_client_that_comes_first_may_begin_at_0() =>
        Assert.Equal(0UL, new ClientCounters(0, [], _ => true).ReceiveFloor(KeyRole.GlobalUnicast, SystemTitle.Of("GTY", 1)));
}
