using System.Collections.Concurrent;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Sessions;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Channels;

/// <summary>A job while it runs.</summary>
internal sealed record JobRun(MeterJob Job, MeterTurn Turn, DateTime Began, TimeSpan Line, SessionStatistics Before);

/// <summary>Writes what came of jobs: history, the meter's state, the item's last success, events.</summary>
internal sealed class JobRecorder(ChannelServices services, string channel)
{
    private const int MaxText = 400;

    // What was refused last, so that a profile that a meter does not have is one event and not one per run.
    private readonly ConcurrentDictionary<(long Meter, string Key), string> _refused = new();

    public JobRun Begin(MeterJob job, MeterTurn turn) => new(job, turn, services.Now, services.Elapsed, turn.Statistics);

    /// <summary>The line held.</summary>
    public void Ended(JobRun run, JobEnd end)
    {
        var (job, refused) = (run.Job, end.State == JobState.Refused);
        var outcome = refused ? CommunicationOutcome.Failed : end.State == JobState.Yielded ? CommunicationOutcome.Partial : CommunicationOutcome.Done;
        var old = services.Archive.StatusOf(job.Meter.Id);
        var status = !run.Turn.HasTalked ? old : old with { Reachable = true, LastContact = services.Now, FailedAt = null, Reason = null, Text = "" };
        Write(run, status, end.State == JobState.Done, run.Turn.HasTalked ? Entry(run, outcome, refused ? end.Reason ?? FailureReason.Refused : null, end.Text) : null);
        if (run.Turn.HasTalked && old.Reachable == false) services.Events.Add(EventCode.MeterReachable, "Answers again", job.Meter.Number);
        if (refused && IsNews(job, end.Text)) services.Events.Add(EventCode.MeterRefused, $"{job.Item}: {end.Text}", job.Meter.Number);
    }

    /// <summary>The meter did not do what was asked.</summary>
    public void Failed(JobRun run, MeterFault fault)
    {
        var old = services.Archive.StatusOf(run.Job.Meter.Id);
        var status = old with { Reachable = false, FailedAt = services.Now, Reason = fault.Reason, Text = Cut(fault.Text) };
        var outcome = run.Job.Rows > 0 ? CommunicationOutcome.Partial : CommunicationOutcome.Failed;
        try
        {
            Write(run, status, succeeded: false, Entry(run, outcome, fault.Reason, fault.Text));
        }
        catch (StorageException e)
        {
            services.Logger.LogError(e, "The failure of meter {Meter} could not be recorded", run.Job.Meter.Number);
        }

        if (old.Reachable != false) services.Events.Add(EventCode.MeterUnreachable, fault.Text, run.Job.Meter.Number);
    }

    private void Write(JobRun run, MeterStatus status, bool succeeded, Communication? entry)
    {
        var meterId = run.Job.Meter.Id;
        services.Database.Write(session =>
        {
            if (entry is not null)
            {
                CommunicationHistory.Add(session, entry);
                MeterArchive.StoreStatus(session, meterId, status);
            }

            if (succeeded && run.Job is IItemJob item) ItemRuns.Store(session, meterId, item.ItemId, run.Began);
        });
        services.Archive.ShowStatus(meterId, status);
        StoreWorks();
    }

    private Communication Entry(JobRun run, CommunicationOutcome outcome, FailureReason? reason, string text)
    {
        var now = run.Turn.Statistics;
        return new(0, run.Job.Meter.Id, run.Began, services.Elapsed - run.Line, channel, run.Job.Item, outcome, reason, Cut(text), run.Job.TakeRows(),
            now.BytesSent - run.Before.BytesSent, now.BytesReceived - run.Before.BytesReceived, (int)(now.Retries - run.Before.Retries));
    }

    private bool IsNews(MeterJob job, string text)
    {
        var isNew = !_refused.TryGetValue((job.Meter.Id, job.Key), out var last) || last != text;
        _refused[(job.Meter.Id, job.Key)] = text;
        return isNew;
    }

    private void StoreWorks()
    {
        if (!services.StoreFailing) return;
        services.StoreFailing = false;
        services.Events.Add(EventCode.StoreWorks, "Rows are stored again");
    }

    private static string Cut(string text) => text.Length > MaxText ? text[..MaxText] : text;
}

/// <summary>A job of a task item.</summary>
internal interface IItemJob
{
    /// <summary>Row of table task-item.</summary>
    long ItemId { get; }
}

/// <summary>When each item last succeeded for each meter.</summary>
internal static class ItemRuns
{
    public static void Store(DbSession session, long meterId, long itemId, DateTime began) => session.Execute(
        "INSERT INTO item_run(meter, item, success) VALUES(?1, ?2, ?3) ON CONFLICT(meter, item) DO UPDATE SET success=excluded.success", meterId, itemId, began.ToUnix());

    public static Dictionary<(long Meter, long Item), DateTime> Load(Database database) =>
        database.Read(s => s.Query("SELECT meter, item, success FROM item_run", r => (Key: (r.GetInt64(0), r.GetInt64(1)), At: r.Time(2)))).ToDictionary(p => p.Key, p => p.At);
}
