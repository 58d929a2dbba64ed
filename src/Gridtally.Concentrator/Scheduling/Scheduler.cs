using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Drivers;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Scheduling;

/// <summary>Turns task items into read jobs when their time comes, and reads on demand.</summary>
/// <remarks>
/// A run queues the item for each enabled meter that has the task, unless the item succeeded for the meter less than Interval ago. A run
/// that was missed (the concentrator was off, the meter is new) is made up for at once: a job reads whatever is lacking, so one
/// run makes up for all. Cron and intervals go by the civil clock.
/// </remarks>
internal sealed class Scheduler : IScheduler
{
    // Looked at again at least so often (civil time), in case the civil clock was set.
    private static readonly TimeSpan LongestSleep = TimeSpan.FromMinutes(10);

    // A run may be so late (civil time) because the clock went on between being read and the timer being set.
    private static readonly TimeSpan MaxLag = TimeSpan.FromSeconds(10);

    private readonly ChannelServices _services;
    private readonly ChannelSet _channels;
    private readonly Housekeeping _housekeeping;
    private readonly Lock _lock = new();
    private readonly Dictionary<long, DateTimeOffset> _next = [];
    private TaskCompletionSource _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public Scheduler(ChannelServices services, ChannelSet channels, Housekeeping housekeeping) => (_services, _channels, _housekeeping) = (services, channels, housekeeping);

    /// <inheritdoc/>
    public int PendingJobs => _channels.Pending;

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken stop)
    {
        _services.Settings.Changed += OnSettings;
        _services.Archive.Changed += OnMeter;
        try
        {
            Replan();
            MakeUp(_services.Archive.Meters.Values);
            while (!stop.IsCancellationRequested)
            {
                Task changed;
                lock (_lock) changed = _changed.Task;
                RunDue();
                await SleepAsync(changed, stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            _services.Settings.Changed -= OnSettings;
            _services.Archive.Changed -= OnMeter;
        }
    }

    /// <inheritdoc/>
    public IReadOnlyList<string> ReadNow(MeterRecord meter)
    {
        _channels.Reachable(meter);
        var items = _services.Settings.Current.EnabledItems(meter.Task).Where(i => i.Kind.IsServed).ToList();
        foreach (var item in items) Queue(meter, item, isManual: true);
        return [.. items.Select(i => i.Name).Distinct()];
    }

    /// <inheritdoc/>
    public async Task<IReadOnlyList<ReadAnswer>> ReadAttributesAsync(MeterRecord meter, IReadOnlyList<AttributeRef> targets, CancellationToken cancellationToken)
    {
        var job = new ReadAttributesJob(_channels.Reachable(meter), targets, _services.Clock.GetUtcNow(), cancellationToken);
        if (!_channels.Add(job)) throw new MeterGateException(History.FailureReason.LineError, $"Channel {meter.Channel} takes no more jobs.");
        return await job.Answers.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public IReadOnlyList<NextRun> NextRuns(MeterRecord? meter = null)
    {
        var view = _services.Settings.Current;
        var tasks = meter is not null ? [meter.Task] : _services.Archive.Meters.Values.Where(m => m.Enabled).Select(m => m.Task).ToHashSet();
        var now = _services.Clock.GetUtcNow();
        return [.. tasks.SelectMany(view.EnabledItems).Where(i => i.Kind.IsServed).Select(i => new NextRun(i, i.NextRun(now, view.Zone))).OrderBy(r => r.Time).ThenBy(r => r.Item.Priority)];
    }

    private void OnSettings(IReadOnlyList<SettingChange> changes) => Wake(Replan);

    private void OnMeter(string number)
    {
        _channels.Forget(number);
        if (_services.Archive.Find(number) is { } meter) MakeUp([meter]);
    }

    // Planned from now on: what was due before is made up for by interval and last success, see MakeUp.
    private void Replan()
    {
        var view = _services.Settings.Current;
        var now = _services.Clock.GetUtcNow();
        lock (_lock)
        {
            _next.Clear();
            foreach (var item in view.Items.Where(i => i.Enabled && i.Kind.IsServed)) _next[item.Id] = item.NextRun(now, view.Zone);
        }
    }

    private void RunDue()
    {
        var view = _services.Settings.Current;
        var now = _services.Clock.GetUtcNow();
        _housekeeping.RunIfDue(now);
        List<TaskItem> due;
        lock (_lock)
        {
            due = [.. view.Items.Where(i => _next.TryGetValue(i.Id, out var at) && at <= now)];
            foreach (var item in due) _next[item.Id] = item.NextRun(now, view.Zone);
        }

        if (due.Count == 0) return;
        var runs = LastRuns();
        if (runs is null) return;
        foreach (var item in due)
        {
            foreach (var meter in _services.Archive.Meters.Values.Where(m => m.Enabled && m.Task == item.Task))
            {
                if (!runs.TryGetValue((meter.Id, item.Id), out var last) || now.UtcDateTime - last >= item.Interval) Queue(meter, item, isManual: false);
            }
        }
    }

    /// <summary>Queues what should have run by now and has not succeeded since.</summary>
    public void MakeUp(IEnumerable<MeterRecord> meters)
    {
        if (LastRuns() is not { } runs) return;
        var view = _services.Settings.Current;
        var now = _services.Clock.GetUtcNow();
        foreach (var meter in meters.Where(m => m.Enabled))
        {
            foreach (var item in view.EnabledItems(meter.Task).Where(i => i.Kind.IsServed))
            {
                if (!runs.TryGetValue((meter.Id, item.Id), out var last) || item.NextRun(new(last, TimeSpan.Zero), view.Zone) <= now) Queue(meter, item, isManual: false);
            }
        }
    }

    private void Queue(MeterRecord meter, TaskItem item, bool isManual)
    {
        var view = _services.Settings.Current;
        if (!view.Channels.TryGetValue(meter.Channel, out var channel)) return;
        var deadline = item.NextRun(_services.Clock.GetUtcNow(), view.Zone);
        _channels.Add(new ReadProfileJob(_services, meter, item, channel.ProfileOf(item.Kind), deadline, isManual));
    }

    private Dictionary<(long Meter, long Item), DateTime>? LastRuns()
    {
        try
        {
            return ItemRuns.Load(_services.Database);
        }
        catch (StorageException e)
        {
            _services.Logger.LogError(e, "The last runs could not be read; the items run again at their next time");
            return null;
        }
    }

    private async Task SleepAsync(Task changed, CancellationToken stop)
    {
        var now = _services.Clock.GetUtcNow();
        DateTimeOffset next;
        lock (_lock) next = _next.Count == 0 ? now + LongestSleep : _next.Values.Min();
        var wait = next - now;
        if (wait > LongestSleep) wait = LongestSleep;
        if (wait <= TimeSpan.Zero) return;
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var timer = Task.Delay(wait, _services.Clock, woken.Token);

        // The timer counts from where the clock was when it was set. Where the clock has been set forward since it was read, it would fire too late.
        if (_services.Clock.GetUtcNow() - now < MaxLag) await Task.WhenAny(changed, timer).ConfigureAwait(false);
        await woken.CancelAsync().ConfigureAwait(false);
    }

    private void Wake(Action before)
    {
        before();
        lock (_lock)
        {
            _changed.TrySetResult();
            _changed = new(TaskCreationOptions.RunContinuationsAsynchronously);
        }
    }
}
