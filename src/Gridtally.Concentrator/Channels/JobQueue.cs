namespace Gridtally.Concentrator.Channels;

/// <summary>The jobs of one channel: which one is next, and which meters have to wait. Times are durations since any fixed start.</summary>
/// <remarks>
/// A manual job goes first; then priority, deadline, arrival. A meter has one job under way at a time. A meter that failed waits
/// (doubling each time), a meter that a gateway session holds waits for its end; neither keeps others from their turn.
/// </remarks>
internal sealed class JobQueue
{
    /// <summary>Jobs that may wait: all meters of a full archive with twelve items each, rounded up.</summary>
    public const int MaxJobs = 25_000;

    private readonly Lock _lock = new();
    private readonly List<MeterJob> _waiting = [];
    private readonly Dictionary<long, MeterHold> _holds = [];
    private TaskCompletionSource _changed = NewSignal();
    private long _arrivals;

    /// <summary>Jobs that wait.</summary>
    public int Count
    {
        get
        {
            lock (_lock) return _waiting.Count;
        }
    }

    /// <summary>Completes at the next change; taken before looking, so that none is missed.</summary>
    public Task Changed
    {
        get
        {
            lock (_lock) return _changed.Task;
        }
    }

    /// <summary>Adds a job, or raises the one that waits for the same.</summary>
    /// <returns>False where it was joined with another, or the queue is full.</returns>
    public bool Add(MeterJob job)
    {
        lock (_lock)
        {
            if (_waiting.FirstOrDefault(j => j.Meter.Id == job.Meter.Id && j.Key == job.Key) is { } same)
            {
                same.Priority = Math.Min(same.Priority, job.Priority);
                same.IsManual |= job.IsManual;
                Signal();
                return false;
            }

            if (_waiting.Count >= MaxJobs) return false;
            if (job.Order == 0) job.Order = ++_arrivals;
            _waiting.Add(job);
            Signal();
            return true;
        }
    }

    /// <summary>Takes the job whose turn it is and reserves its meter; null where all have to wait.</summary>
    public MeterJob? Take(TimeSpan now)
    {
        lock (_lock)
        {
            MeterJob? best = null;
            foreach (var job in _waiting)
            {
                if (ReadyAt(job) <= now && (best is null || IsBefore(job, best))) best = job;
            }

            return best is null ? null : Reserve(best);
        }
    }

    /// <summary>Takes another job of a meter that is reserved already, unless a job of another meter goes before it.</summary>
    public MeterJob? TakeSame(long meterId, TimeSpan now)
    {
        lock (_lock)
        {
            var mine = Best(_waiting.Where(j => j.Meter.Id == meterId && !j.IsGate));
            var other = Best(_waiting.Where(j => j.Meter.Id != meterId && ReadyAt(j) <= now));
            if (mine is null || other is not null && (other.IsManual && !mine.IsManual || other.Priority < mine.Priority)) return null;
            return Reserve(mine);
        }
    }

    /// <summary>True where a job should step aside: a manual one for another meter waits, or one of higher priority.</summary>
    public bool ShouldYield(MeterJob running, TimeSpan now)
    {
        if (running.IsManual) return false;
        lock (_lock) return _waiting.Any(j => j != running && (j.IsManual || j.Priority < running.Priority) && (j.Meter.Id == running.Meter.Id || ReadyAt(j) <= now));
    }

    /// <summary>Reserves a meter without a job, such as to close its gateway session; false where it is reserved.</summary>
    public bool TryReserve(long meterId)
    {
        lock (_lock)
        {
            var hold = Hold(meterId);
            if (hold.Busy) return false;
            hold.Busy = true;
            return true;
        }
    }

    /// <summary>Gives a meter free again.</summary>
    public void Release(long meterId)
    {
        lock (_lock)
        {
            Hold(meterId).Busy = false;
            Signal();
        }
    }

    /// <summary>The meter answered: it is not left alone any more.</summary>
    public void Worked(long meterId)
    {
        lock (_lock)
        {
            var hold = Hold(meterId);
            (hold.Failures, hold.RetryAt) = (0, TimeSpan.Zero);
        }
    }

    /// <summary>The meter failed: its jobs wait.</summary>
    /// <returns>How long.</returns>
    public TimeSpan Failed(long meterId, TimeSpan now, TimeSpan first, TimeSpan longest)
    {
        lock (_lock)
        {
            var hold = Hold(meterId);
            var wait = first * Math.Pow(2, Math.Min(hold.Failures++, 20));
            if (wait > longest) wait = longest;
            hold.RetryAt = now + wait;
            return wait;
        }
    }

    /// <summary>A gateway session holds the meter until then: other jobs of it wait.</summary>
    public void HoldUntil(long meterId, TimeSpan until)
    {
        lock (_lock) Hold(meterId).HeldUntil = until;
    }

    /// <summary>When the next job becomes ready by the passing of time alone; null where none does.</summary>
    public TimeSpan? NextReady()
    {
        lock (_lock)
        {
            TimeSpan? next = null;
            foreach (var job in _waiting)
            {
                var at = ReadyAt(job);
                if (at < TimeSpan.MaxValue && (next is null || at < next)) next = at;
            }

            return next;
        }
    }

    /// <summary>Removes the waiting jobs of a meter that is gone.</summary>
    public IReadOnlyList<MeterJob> Remove(Func<MeterJob, bool> which)
    {
        lock (_lock)
        {
            var gone = _waiting.Where(which).ToList();
            _waiting.RemoveAll(gone.Contains);
            if (gone.Count > 0) Signal();
            return gone;
        }
    }

    private MeterJob Reserve(MeterJob job)
    {
        _waiting.Remove(job);
        Hold(job.Meter.Id).Busy = true;
        return job;
    }

    private TimeSpan ReadyAt(MeterJob job)
    {
        if (!_holds.TryGetValue(job.Meter.Id, out var hold)) return TimeSpan.Zero;
        if (hold.Busy) return TimeSpan.MaxValue;
        if (job.IsGate) return TimeSpan.Zero;
        return job.IsManual || hold.HeldUntil > hold.RetryAt ? hold.HeldUntil : hold.RetryAt;
    }

    private static MeterJob? Best(IEnumerable<MeterJob> jobs) => jobs.Aggregate((MeterJob?)null, (best, job) => best is null || IsBefore(job, best) ? job : best);

    private static bool IsBefore(MeterJob a, MeterJob b) =>
        a.IsManual != b.IsManual ? a.IsManual
        : a.Priority != b.Priority ? a.Priority < b.Priority
        : a.Deadline != b.Deadline ? a.Deadline < b.Deadline
        : a.Order < b.Order;

    private MeterHold Hold(long meterId)
    {
        if (!_holds.TryGetValue(meterId, out var hold)) _holds[meterId] = hold = new();
        return hold;
    }

    private void Signal()
    {
        var changed = _changed;
        _changed = NewSignal();
        changed.TrySetResult();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private sealed class MeterHold
    {
        public bool Busy { get; set; }

        public int Failures { get; set; }

        public TimeSpan RetryAt { get; set; }

        public TimeSpan HeldUntil { get; set; }
    }
}
