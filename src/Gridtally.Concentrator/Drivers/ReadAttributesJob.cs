using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Scheduling;
using Gridtally.Cosem;

namespace Gridtally.Concentrator.Drivers;

/// <summary>Reads attributes for a person who waits.</summary>
internal sealed class ReadAttributesJob(MeterRecord meter, IReadOnlyList<AttributeRef> targets, DateTimeOffset asked, CancellationToken cancelled)
    : MeterJob(meter, "manual", Manual, asked, isManual: true)
{
    private static long _number;

    private readonly long _id = Interlocked.Increment(ref _number);
    private readonly TaskCompletionSource<IReadOnlyList<ReadAnswer>> _answers = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override string Key => $"attributes {_id}";

    public override bool IsRetried => false;

    public Task<IReadOnlyList<ReadAnswer>> Answers => _answers.Task;

    public override async Task<JobEnd> RunAsync(MeterTurn turn, CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancelled, cancellationToken);
        var client = await turn.ClientAsync(either.Token).ConfigureAwait(false);
        var results = await client.GetListAsync(targets, either.Token).ConfigureAwait(false);
        _answers.TrySetResult([.. results.Select((r, i) => new ReadAnswer(targets[i], r.Data, r.Failure?.ToString()))]);
        return new(JobState.Done, $"Read {string.Join(", ", targets)}");
    }

    public override void Finished(JobEnd? end, MeterFault? fault)
    {
        if (fault is not null) _answers.TrySetException(new MeterGateException(fault.Reason, fault.Text));
    }
}
