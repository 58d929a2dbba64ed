using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Links;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Channels;

/// <summary>Runs the jobs of one channel: one at a time on a bus, several on a pool of connections.</summary>
internal sealed class ChannelWorker : IAsyncDisposable
{
    /// <summary>Jobs of one meter in one turn; then others have theirs, even where its association would still be open.</summary>
    private const int MaxJobsPerTurn = 16;

    /// <summary>One job may take so long on the line; what it has stored by then stays, the rest is read the next time.</summary>
    private static readonly TimeSpan MaxJobTime = TimeSpan.FromMinutes(10);

    /// <summary>First and longest wait after the line or the store failed.</summary>
    private static readonly (TimeSpan First, TimeSpan Longest) Pause = (TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(60));

    private readonly ChannelServices _services;
    private readonly JobRecorder _recorder;
    private readonly CancellationTokenSource _stop = new();
    private readonly Dictionary<long, (GateSession Session, MeterRecord Meter)> _gates = [];
    private readonly List<Task> _lanes = [];
    private IByteChannel? _bus;
    private bool _lost;
    private int _failures;
    private int _running;

    public ChannelWorker(ChannelServices services, ChannelSettings settings)
    {
        (_services, Settings) = (services, settings);
        _recorder = new(services, settings.Name);
    }

    public ChannelSettings Settings { get; }

    public JobQueue Queue { get; } = new();

    /// <summary>Jobs that wait or run.</summary>
    public int Pending => Queue.Count + Volatile.Read(ref _running);

    public void Start()
    {
        var lanes = Settings.Type.IsBus ? 1 : Settings.Attributes.Number("concurrency");
        for (var i = 0; i < lanes; i++) _lanes.Add(Task.Run(() => RunAsync(_stop.Token)));
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_lanes).ConfigureAwait(false);
        foreach (var job in Queue.Remove(_ => true)) job.Finished(null, new(FaultScope.Channel, FailureReason.Cancelled, $"Channel {Settings.Name} was closed."));
        foreach (var (session, _) in _gates.Values) await session.DisposeAsync().ConfigureAwait(false);
        if (_bus is not null) await _bus.DisposeAsync().ConfigureAwait(false);
        _stop.Dispose();
    }

    private async Task RunAsync(CancellationToken stop)
    {
        try
        {
            while (true)
            {
                var changed = Queue.Changed;
                await CloseIdleGatesAsync().ConfigureAwait(false);
                if (Queue.Take(_services.Elapsed) is not { } job)
                {
                    await WaitAsync(changed, stop).ConfigureAwait(false);
                    continue;
                }

                Interlocked.Increment(ref _running);
                try
                {
                    await RunTurnAsync(job, stop).ConfigureAwait(false);
                }
#pragma warning disable CA1031 // a mistake in this program must not silence the channel; it is logged with its stack
                catch (Exception e) when (!stop.IsCancellationRequested)
#pragma warning restore CA1031
                {
                    _services.Logger.LogError(e, "The turn of meter {Meter} on channel {Channel} failed by a mistake of this program", job.Meter.Number, Settings.Name);
                    job.Finished(null, new(FaultScope.Caller, FailureReason.Cancelled, $"Internal error: {e.Message}"));
                    Interlocked.Increment(ref _failures);
                }
                finally
                {
                    Interlocked.Decrement(ref _running);
                    Queue.Release(job.Meter.Id);
                }

                if (_failures > 0) await PauseAsync(stop).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            // Asked to stop.
        }
    }

    // One meter's turn: the job, and those of the same meter that follow, in one association.
    private async Task RunTurnAsync(MeterJob first, CancellationToken stop)
    {
        if (await BusAsync(first, stop).ConfigureAwait(false) is not (true, var bus)) return;
        if (first is GateJob gate)
        {
            await RunGateAsync(gate, bus, stop).ConfigureAwait(false);
            return;
        }

        await CloseGateAsync(first.Meter.Id).ConfigureAwait(false);
        var turn = new MeterTurn(_services, Settings, first.Meter, bus, Queue);
        await using (turn.ConfigureAwait(false))
        {
            var job = first;
            for (var jobs = 1; job is not null; jobs++)
            {
                var goesOn = await RunJobAsync(job, turn, stop).ConfigureAwait(false);
                job = goesOn && jobs < MaxJobsPerTurn ? Queue.TakeSame(first.Meter.Id, _services.Elapsed) : null;
            }
        }

        await SilenceAsync(stop).ConfigureAwait(false);
    }

    private async Task<bool> RunJobAsync(MeterJob job, MeterTurn turn, CancellationToken stop)
    {
        var run = _recorder.Begin(job, turn);
        using var limit = new CancellationTokenSource(MaxJobTime, _services.LineTime);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop);
        try
        {
            var end = await job.RunAsync(turn, either.Token).ConfigureAwait(false);
            _recorder.Ended(run, end);
            Succeeded(job, end, turn.HasTalked);
            return end.State != JobState.Yielded;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            job.Finished(null, new(FaultScope.Channel, FailureReason.Cancelled, "The concentrator is stopping."));
            throw;
        }
        catch (Exception e) when (MeterFault.From(e, Settings.Type.IsBus) is { } fault)
        {
            if (e is OperationCanceledException && limit.IsCancellationRequested)
                fault = new(FaultScope.Meter, FailureReason.LineError, $"The job took longer than {MaxJobTime.TotalMinutes} minutes and was ended; it goes on where it was.");
            await FailedAsync(job, fault, run).ConfigureAwait(false);
            return false;
        }
#pragma warning disable CA1031 // a mistake in this program while reading one meter must not stop the channel; it is logged with its stack
        catch (Exception e)
#pragma warning restore CA1031
        {
            _services.Logger.LogError(e, "Job {Item} of meter {Meter} failed by a mistake of this program", job.Item, job.Meter.Number);
            await FailedAsync(job, new(FaultScope.Meter, FailureReason.Cancelled, $"Internal error: {e.Message}"), run).ConfigureAwait(false);
            return false;
        }
    }

    private void Succeeded(MeterJob job, JobEnd end, bool talked)
    {
        if (talked)
        {
            Queue.Worked(job.Meter.Id);
            Works();
        }

        if (end.State == JobState.Yielded) Queue.Add(job);
        else job.Finished(end, null);
    }

    private async Task FailedAsync(MeterJob job, MeterFault fault, JobRun run)
    {
        switch (fault.Scope)
        {
            case FaultScope.Meter:
                var view = _services.Settings.Current.System;
                Queue.Failed(job.Meter.Id, _services.Elapsed, view.Seconds("backoff.first"), view.Seconds("backoff.max"));
                _recorder.Failed(run, fault);
                break;
            case FaultScope.Caller:
                break;
            case FaultScope.Channel:
                await LoseBusAsync(fault.Text).ConfigureAwait(false);
                break;
            default:
                StoreFails(fault.Text);
                break;
        }

        job.Finished(null, fault);
        if (!job.IsRetried || !ReferenceEquals(_services.Archive.Find(job.Meter.Number), job.Meter)) return; // a changed meter gets new jobs
        job.IsManual = false; // once; from now on it waits for the meter as the others do
        Queue.Add(job);
    }

    private async Task<(bool Ready, IByteChannel? Bus)> BusAsync(MeterJob job, CancellationToken stop)
    {
        if (!Settings.Type.IsBus) return (true, null);
        if (_bus is not null) return (true, _bus);
        try
        {
            _bus = await _services.Opener.Bus(Settings).OpenAsync(stop).ConfigureAwait(false);
            Works();
            return (true, _bus);
        }
        catch (LinkException e)
        {
            await LoseBusAsync(e.Message).ConfigureAwait(false);
            job.Finished(null, new(FaultScope.Channel, FailureReason.LineError, e.Message));
            if (job.IsRetried) Queue.Add(job);
            return (false, null);
        }
    }

    private async Task RunGateAsync(GateJob job, IByteChannel? bus, CancellationToken stop)
    {
        if (job.IsCancelled) return;
        var id = job.Meter.Id;
        try
        {
            GateSession? session;
            lock (_gates) session = _gates.GetValueOrDefault(id).Session;
            if (session is not null && (session.Client != job.Client || session.LogicalDevice != job.LogicalDevice))
            {
                await CloseGateAsync(id).ConfigureAwait(false);
                session = null;
            }

            if (session is null)
            {
                session = await GateSession.OpenAsync(_services, Settings, job.Meter, bus, job.Client, job.LogicalDevice, stop).ConfigureAwait(false);
                session.Until = _services.Elapsed + IMeterGate.IdleTimeout;
                lock (_gates) _gates[id] = (session, job.Meter);
            }

            await job.RunAsync(session, stop).ConfigureAwait(false);
            session.Until = _services.Elapsed + IMeterGate.IdleTimeout;
            Queue.HoldUntil(id, session.Until);
            Works();
            if (job.EndsSession) await CloseGateAsync(id).ConfigureAwait(false);
        }
        catch (Exception e) when (MeterFault.From(e, Settings.Type.IsBus) is { } fault)
        {
            job.Finished(null, fault);
            if (fault.Scope == FaultScope.Channel) await LoseBusAsync(fault.Text).ConfigureAwait(false);
            else await CloseGateAsync(id).ConfigureAwait(false);
            if (stop.IsCancellationRequested) throw;
        }
    }

    private async Task CloseIdleGatesAsync()
    {
        List<long> idle;
        lock (_gates) idle = [.. _gates.Where(g => g.Value.Session.Until <= _services.Elapsed).Select(g => g.Key)];
        foreach (var id in idle)
        {
            if (!Queue.TryReserve(id)) continue;

            // Between the look and the reservation another lane may have run an exchange: the session goes on then.
            bool isIdle;
            lock (_gates) isIdle = _gates.TryGetValue(id, out var gate) && gate.Session.Until <= _services.Elapsed;
            if (isIdle) await CloseGateAsync(id).ConfigureAwait(false);
            Queue.Release(id);
        }
    }

    private async Task CloseGateAsync(long meterId)
    {
        GateSession session;
        lock (_gates)
        {
            if (!_gates.Remove(meterId, out var gate)) return;
            session = gate.Session;
        }

        Queue.HoldUntil(meterId, TimeSpan.Zero);
        await session.DisposeAsync().ConfigureAwait(false);
    }

    private async Task LoseBusAsync(string why)
    {
        Interlocked.Increment(ref _failures);
        if (!_lost) _services.Events.Add(EventCode.ChannelLost, $"Channel {Settings.Name}: {why}");
        _lost = true;
        List<long> gates;
        lock (_gates) gates = [.. _gates.Keys];
        foreach (var id in gates) await CloseGateAsync(id).ConfigureAwait(false);
        if (_bus is null) return;
        await _bus.DisposeAsync().ConfigureAwait(false);
        _bus = null;
    }

    private void StoreFails(string why)
    {
        Interlocked.Increment(ref _failures);
        if (_services.StoreFailing) return;
        _services.StoreFailing = true;
        _services.Events.Add(EventCode.StoreFailed, why);
    }

    private void Works()
    {
        Volatile.Write(ref _failures, 0);
        if (_lost) _services.Events.Add(EventCode.ChannelWorks, $"Channel {Settings.Name} works again");
        _lost = false;
    }

    private Task PauseAsync(CancellationToken stop)
    {
        var wait = Pause.First * Math.Pow(2, Math.Min(_failures - 1, 10));
        return Task.Delay(wait < Pause.Longest ? wait : Pause.Longest, _services.LineTime, stop);
    }

    private Task SilenceAsync(CancellationToken stop)
    {
        var silence = Settings.ProtocolAttributes.Seconds("send.silent");
        return silence > TimeSpan.Zero ? Task.Delay(silence, _services.LineTime, stop) : Task.CompletedTask;
    }

    private async Task WaitAsync(Task changed, CancellationToken stop)
    {
        TimeSpan? next = Queue.NextReady();
        lock (_gates)
        {
            foreach (var (session, _) in _gates.Values) next = next is null || session.Until < next ? session.Until : next;
        }

        if (next is not { } at)
        {
            await changed.WaitAsync(stop).ConfigureAwait(false);
            return;
        }

        var wait = at - _services.Elapsed;
        if (wait <= TimeSpan.Zero) wait = TimeSpan.FromMilliseconds(1);
        using var woken = CancellationTokenSource.CreateLinkedTokenSource(stop);
        var delay = Task.Delay(wait, _services.LineTime, woken.Token);
        await Task.WhenAny(changed, delay).ConfigureAwait(false);
        await woken.CancelAsync().ConfigureAwait(false);
        stop.ThrowIfCancellationRequested();
    }
}
