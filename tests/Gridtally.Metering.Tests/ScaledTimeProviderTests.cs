using Gridtally.Testing;

namespace Gridtally.Metering.Tests;

public class ScaledTimeProviderTests
{
    private readonly ManualTimeProvider _wall = new();

    [Fact]
    public void Civil_time_runs_its_factor_faster_from_the_anchor()
    {
        var civil = new DateTimeOffset(2030, 6, 1, 0, 0, 0, TimeSpan.Zero);
        var clock = new ScaledTimeProvider(_wall.GetUtcNow(), civil, 600, _wall);

        _wall.Advance(TimeSpan.FromSeconds(144));

        Assert.Equal(civil.AddDays(1), clock.GetUtcNow());
    }

    [Fact]
    public void A_timer_fires_after_civil_time_not_wall_time()
    {
        var clock = new ScaledTimeProvider(_wall.GetUtcNow(), _wall.GetUtcNow(), 60, _wall);
        var fired = 0;
        using var timer = clock.CreateTimer(_ => fired++, null, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(1));

        _wall.Advance(TimeSpan.FromSeconds(4.9));
        Assert.Equal(0, fired);
        _wall.Advance(TimeSpan.FromSeconds(1.2));
        Assert.Equal(2, fired);
    }
}
