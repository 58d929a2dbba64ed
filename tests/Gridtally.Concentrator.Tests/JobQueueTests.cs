using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;

namespace Gridtally.Concentrator.Tests;

public sealed class JobQueueTests
{
    private static readonly DateTimeOffset Soon = new(2026, 1, 15, 0, 0, 0, TimeSpan.Zero);

    private readonly JobQueue _queue = new();

    [Fact]
    public void Priority_goes_first_then_deadline_then_arrival()
    {
        Add(1, "late", 3, hours: 2);
        Add(2, "low", 5);
        Add(3, "early", 3, hours: 1);
        Add(4, "high", 1);
        Add(5, "early too", 3, hours: 1);
        Assert.Equal(["high", "early", "early too", "late", "low"], TakeAll());
    }

    [Fact]
    public void What_a_person_asks_for_overtakes_everything()
    {
        Add(1, "scheduled", 1);
        Add(2, "manual", 1, isManual: true, hours: 9);
        Assert.Equal(["manual", "scheduled"], TakeAll());
    }

    [Fact]
    public void A_meter_has_one_job_under_way()
    {
        Add(1, "a", 1);
        Add(1, "b", 1);
        Add(2, "c", 2);
        Assert.Equal("a", Take());
        Assert.Equal("c", Take());
        Assert.Null(Take());
        _queue.Release(1);
        Assert.Equal("b", Take());
    }

    [Fact]
    public void The_same_job_twice_is_one_job_at_the_higher_priority()
    {
        Assert.True(Add(1, "a", 4));
        Add(2, "b", 3);
        Assert.False(Add(1, "a", 2));
        Assert.Equal(["a", "b"], TakeAll());
    }

    [Fact]
    public void A_meter_that_failed_waits_longer_each_time_and_keeps_nobody_else_waiting()
    {
        Add(1, "dead", 1);
        Add(2, "alive", 5);
        Assert.Equal("dead", Take());
        Assert.Equal(TimeSpan.FromSeconds(5), Fail(1));
        Add(1, "dead", 1);
        _queue.Release(1);
        Assert.Equal("alive", Take());
        Assert.Null(Take(at: 4));
        Assert.Equal(TimeSpan.FromSeconds(5), _queue.NextReady());
        Assert.Equal("dead", Take(at: 5));
        Assert.Equal(TimeSpan.FromSeconds(10), Fail(1));
        Assert.Equal(TimeSpan.FromSeconds(20), Fail(1));
        for (var i = 0; i < 50; i++) Fail(1);
        Assert.Equal(TimeSpan.FromSeconds(600), Fail(1));
        _queue.Worked(1);
        Assert.Equal(TimeSpan.FromSeconds(5), Fail(1));
    }

    [Fact]
    public void A_person_may_try_a_meter_that_is_left_alone()
    {
        Fail(1);
        Add(1, "scheduled", 1);
        Add(1, "manual", 1, isManual: true);
        Assert.Equal("manual", Take());
        _queue.Release(1);
        Assert.Null(Take());
    }

    [Fact]
    public void Jobs_of_one_meter_follow_each_other_unless_another_goes_before()
    {
        Add(1, "a", 3);
        Add(1, "b", 3);
        Add(2, "c", 3);
        Assert.Equal("a", Take());
        Assert.Equal("b", _queue.TakeSame(1, TimeSpan.Zero)?.Item);
        Add(1, "d", 4);
        Assert.Null(_queue.TakeSame(1, TimeSpan.Zero));
    }

    [Fact]
    public void A_running_job_steps_aside_for_a_manual_one_and_for_a_higher_priority()
    {
        var running = new NamedJob(1, "long", 3, Soon, false);
        Assert.False(_queue.ShouldYield(running, TimeSpan.Zero));
        Add(2, "equal", 3);
        Assert.False(_queue.ShouldYield(running, TimeSpan.Zero));
        Add(3, "manual", 1, isManual: true);
        Assert.True(_queue.ShouldYield(running, TimeSpan.Zero));
    }

    [Fact]
    public void A_meter_that_a_gateway_session_holds_waits_for_its_end()
    {
        _queue.HoldUntil(1, TimeSpan.FromSeconds(30));
        Add(1, "scheduled", 1);
        Assert.Null(Take(at: 29));
        Assert.Equal("scheduled", Take(at: 30));
    }

    private bool Add(long meter, string name, int priority, bool isManual = false, int hours = 0) => _queue.Add(new NamedJob(meter, name, priority, Soon.AddHours(hours), isManual));

    private string? Take(int at = 0) => _queue.Take(TimeSpan.FromSeconds(at))?.Item;

    private TimeSpan Fail(long meter) => _queue.Failed(meter, TimeSpan.Zero, TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(600));

    private List<string> TakeAll()
    {
        var all = new List<string>();
        while (Take() is { } name) all.Add(name);
        return all;
    }

    private sealed class NamedJob(long meter, string name, int priority, DateTimeOffset deadline, bool isManual)
        : MeterJob(new MeterRecord($"{meter}") { Id = meter }, name, priority, deadline, isManual)
    {
        public override string Key => Item;

        public override Task<JobEnd> RunAsync(MeterTurn turn, CancellationToken cancellationToken) => Task.FromResult(new JobEnd(JobState.Done, ""));
    }
}
