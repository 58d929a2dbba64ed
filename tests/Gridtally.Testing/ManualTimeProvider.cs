namespace Gridtally.Testing;

/// <summary>A clock that moves only when told, and fires the timers it passes in their order.</summary>
public sealed class ManualTimeProvider(DateTimeOffset start) : TimeProvider
{
    private readonly Lock _lock = new();
    private readonly List<ManualTimer> _timers = [];
    private DateTimeOffset _now = start;

    public ManualTimeProvider() : this(new DateTimeOffset(2026, 1, 15, 0, 0, 0, TimeSpan.Zero)) { }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow()
    {
        lock (_lock) return _now;
    }

    public override long GetTimestamp() => GetUtcNow().UtcTicks;

    /// <summary>When the next timer is due; null where there is none.</summary>
    public DateTimeOffset? NextDue
    {
        get
        {
            lock (_lock) return _timers.Count == 0 ? null : _timers.Min(t => t.Due);
        }
    }

    /// <summary>
    /// Runs <paramref name="work"/> and moves the clock from timer to timer until it is done. What the work awaits must complete on the thread
    /// that moves the clock or writes to an in-memory line; then each run is the same.
    /// </summary>
    /// <exception cref="TimeoutException">Not done within <paramref name="limit"/> of virtual time, or nothing is left to wait for.</exception>
    public Task<T> RunAsync<T>(Func<Task<T>> work, TimeSpan limit) => Task.Run(async () =>
    {
        var task = work();
        var end = GetUtcNow() + limit;
        while (!task.IsCompleted)
        {
            if (NextDue is { } due && due <= end) Advance(due > GetUtcNow() ? due - GetUtcNow() : TimeSpan.Zero);
            else if (await Task.WhenAny(task, Task.Delay(TimeSpan.FromSeconds(5))) != task) throw new TimeoutException($"Not done after {limit} of virtual time.");
        }

        return await task;
    });

    /// <inheritdoc cref="RunAsync{T}"/>
    public Task RunAsync(Func<Task> work, TimeSpan limit) => RunAsync(
        async () =>
        {
            await work();
            return true;
        },
        limit);

    /// <summary>Moves the clock on by <paramref name="time"/>, firing each timer at its own moment.</summary>
    public void Advance(TimeSpan time)
    {
        var end = GetUtcNow() + time;
        while (true)
        {
            ManualTimer? next;
            lock (_lock)
            {
                next = _timers.Where(t => t.Due <= end).MinBy(t => t.Due);
                _now = next is null ? end : next.Due > _now ? next.Due : _now;
            }

            if (next is null) return;
            next.Fire();
        }
    }

    public override ITimer CreateTimer(TimerCallback callback, object? state, TimeSpan dueTime, TimeSpan period)
    {
        var timer = new ManualTimer(this, callback, state);
        timer.Change(dueTime, period);
        return timer;
    }

    private sealed class ManualTimer(ManualTimeProvider clock, TimerCallback callback, object? state) : ITimer
    {
        private TimeSpan _period;

        public DateTimeOffset Due { get; private set; }

        public bool Change(TimeSpan dueTime, TimeSpan period)
        {
            lock (clock._lock)
            {
                clock._timers.Remove(this);
                _period = period;
                if (dueTime == Timeout.InfiniteTimeSpan) return true;
                Due = clock._now + dueTime;
                clock._timers.Add(this);
                return true;
            }
        }

        public void Fire()
        {
            lock (clock._lock)
            {
                if (!clock._timers.Remove(this)) return;
                if (_period > TimeSpan.Zero)
                {
                    Due += _period;
                    clock._timers.Add(this);
                }
            }

            callback(state);
        }

        public void Dispose()
        {
            lock (clock._lock) clock._timers.Remove(this);
        }

        public ValueTask DisposeAsync()
        {
            Dispose();
            return ValueTask.CompletedTask;
        }
    }
}
