using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Settings;
using Gridtally.Cosem;

namespace Gridtally.Concentrator.Scheduling;

/// <summary>When a task item runs next.</summary>
/// <param name="Item">The item.</param>
/// <param name="Time">Civil time, UTC.</param>
public sealed record NextRun(TaskItem Item, DateTimeOffset Time);

/// <summary>The answer of one attribute read on demand.</summary>
/// <param name="Target">What was asked.</param>
/// <param name="Data">The encoded Data; empty where the meter refused.</param>
/// <param name="Refusal">Why the meter refused; null where it did not.</param>
public sealed record ReadAnswer(AttributeRef Target, ReadOnlyMemory<byte> Data, string? Refusal);

/// <summary>Runs the tasks and reads on demand.</summary>
public interface IScheduler
{
    /// <summary>Queues all items of a meter's task at once, before everything scheduled (priority 1), also items that ran a moment ago.</summary>
    /// <returns>Names of the items queued.</returns>
    IReadOnlyList<string> ReadNow(MeterRecord meter);

    /// <summary>Reads attributes of a meter now, before everything scheduled, with the read client.</summary>
    /// <exception cref="Channels.MeterGateException">The meter is disabled, not reachable or did not answer.</exception>
    Task<IReadOnlyList<ReadAnswer>> ReadAttributesAsync(MeterRecord meter, IReadOnlyList<AttributeRef> targets, CancellationToken cancellationToken);

    /// <summary>The next run of each enabled item that a meter uses, soonest first.</summary>
    /// <param name="meter">Only the items of this meter's task; null for those of all enabled meters.</param>
    IReadOnlyList<NextRun> NextRuns(MeterRecord? meter = null);

    /// <summary>Jobs that wait or run now.</summary>
    int PendingJobs { get; }
}
