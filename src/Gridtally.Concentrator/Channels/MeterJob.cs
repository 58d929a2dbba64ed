using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.History;

namespace Gridtally.Concentrator.Channels;

/// <summary>How a job ended, when the line held.</summary>
internal enum JobState
{
    /// <summary>All that was asked is there.</summary>
    Done,
    /// <summary>It stepped aside for a job that goes before it, and goes on later.</summary>
    Yielded,
    /// <summary>The meter said no; trying again before the next run is of no use.</summary>
    Refused,
}

/// <summary>The end of a job.</summary>
/// <param name="State">How.</param>
/// <param name="Text">For people.</param>
/// <param name="Reason">Why it was refused.</param>
internal sealed record JobEnd(JobState State, string Text, FailureReason? Reason = null);

/// <summary>Work to do with one meter. Waits in the queue of the meter's channel until its turn.</summary>
internal abstract class MeterJob
{
    /// <summary>Priority of what a person asks for; such a job also ignores back-off.</summary>
    public const int Manual = 1;

    protected MeterJob(MeterRecord meter, string item, int priority, DateTimeOffset deadline, bool isManual) =>
        (Meter, Item, Priority, Deadline, IsManual) = (meter, item, priority, deadline, isManual);

    public MeterRecord Meter { get; }

    /// <summary>Task item, or what a person asked for; for the history.</summary>
    public string Item { get; }

    /// <summary>1 highest .. 5.</summary>
    public int Priority { get; set; }

    /// <summary>Asked for by a person: goes before all others, whatever their priority, and tries a meter that is in back-off.</summary>
    public bool IsManual { get; set; }

    /// <summary>When it should be done, civil time. Among jobs of one priority the earliest goes first; a late job is still run.</summary>
    public DateTimeOffset Deadline { get; }

    /// <summary>Jobs of the same meter with the same key are one job.</summary>
    public abstract string Key { get; }

    /// <summary>Arrival, set by the queue.</summary>
    public long Order { get; set; }

    /// <summary>Rows that this job has newly stored since it was last recorded.</summary>
    public int Rows { get; protected set; }

    /// <summary>True where a failed job waits for the meter to come back; false where someone waits for the answer.</summary>
    public virtual bool IsRetried => true;

    /// <summary>True for an exchange through the gateway, which belongs to the session that holds the meter.</summary>
    public virtual bool IsGate => false;

    /// <summary>Does the work.</summary>
    /// <exception cref="Exception">What <see cref="MeterFault.From"/> knows: the line, the association or the store failed.</exception>
    public abstract Task<JobEnd> RunAsync(MeterTurn turn, CancellationToken cancellationToken);

    /// <summary>Told the end, or the failure; called once per run.</summary>
    public virtual void Finished(JobEnd? end, MeterFault? fault)
    {
    }

    public int TakeRows()
    {
        var rows = Rows;
        Rows = 0;
        return rows;
    }
}
