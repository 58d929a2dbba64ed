using Gridtally.Cosem.Security;
using Gridtally.Testing;

namespace Gridtally.Storage.Tests;

public sealed class InvocationCounterStoreTests : IDisposable
{
    private static readonly SystemTitle Title = SystemTitle.Of("TST", 1);

    private readonly TemporaryFolder _folder = new();
    private readonly Database _database;

    public InvocationCounterStoreTests() => _database = Database.Open(_folder.File("c.db"), []);

    public void Dispose()
    {
        _database.Dispose();
        _folder.Dispose();
    }

    [Fact]
    public void No_counter_comes_twice_though_the_process_is_killed_after_any_of_them()
    {
        var last = 0u;
        for (var kill = 0; kill < 20; kill++)
        {
            // No clean stop: the next one opens the same scope.
            var counters = Open();
            for (var i = 0; i <= kill * 13; i++)
            {
                Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out var next));
                Assert.True(next > last);
                last = next;
            }
        }
    }

    [Fact]
    public void Roles_and_scopes_count_apart()
    {
        Assert.True(Open().TryTakeSend(KeyRole.GlobalUnicast, out _));
        Assert.True(Open().TryTakeSend(KeyRole.GlobalBroadcast, out var broadcast));
        Assert.True(new InvocationCounterStore(_database, "other").TryTakeSend(KeyRole.GlobalUnicast, out var other));
        Assert.Equal((1u, 1u), (broadcast, other));
    }

    [Fact]
    public void A_raised_counter_stays_raised()
    {
        var counters = Open();
        counters.RaiseSend(KeyRole.GlobalUnicast, 70_000);
        Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out var next));
        Assert.Equal(70_000u, next);
        Assert.True(Open().TryTakeSend(KeyRole.GlobalUnicast, out var later));
        Assert.True(later > 70_000);
    }

    [Fact]
    public void What_was_accepted_is_refused_after_a_restart()
    {
        var counters = Open();
        counters.Accept(KeyRole.GlobalUnicast, Title, 41);
        counters.Flush();
        Assert.Equal(42UL, Open().ReceiveFloor(KeyRole.GlobalUnicast, Title));
    }

    [Fact]
    public void The_counter_of_a_used_up_key_never_wraps()
    {
        var counters = Open();
        counters.RaiseSend(KeyRole.GlobalUnicast, uint.MaxValue);
        Assert.True(counters.TryTakeSend(KeyRole.GlobalUnicast, out _));
        Assert.False(counters.TryTakeSend(KeyRole.GlobalUnicast, out _));
        Assert.False(Open().TryTakeSend(KeyRole.GlobalUnicast, out _));
    }

    private InvocationCounterStore Open() => new(_database, "meter 1");
}
