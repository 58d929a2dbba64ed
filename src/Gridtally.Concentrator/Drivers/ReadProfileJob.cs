using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Profiles;
using Gridtally.Metering;
using Gridtally.Sessions;

namespace Gridtally.Concentrator.Drivers;

/// <summary>Reads what the store lacks of one profile of one meter, no older than MaxRecall, in slices of at most a day.</summary>
/// <remarks>Each slice is committed before the next is asked for. So the job may be cut anywhere, and repeated at will.</remarks>
internal sealed class ReadProfileJob : MeterJob, IItemJob
{
    /// <summary>Longest stretch of a periodic profile in one request: at one row a minute 1,440 rows, some 60 KiB.</summary>
    private static readonly TimeSpan LongestSlice = TimeSpan.FromDays(1);

    /// <summary>Profiles with longer periods, or none (event logs), have few rows: they are asked for at once.</summary>
    private static readonly TimeSpan LongestSlicedPeriod = TimeSpan.FromHours(1);

    private readonly ChannelServices _services;
    private readonly TaskItem _item;
    private readonly ObisCode _profile;
    private int _known;

    public ReadProfileJob(ChannelServices services, MeterRecord meter, TaskItem item, ObisCode profile, DateTimeOffset deadline, bool isManual)
        : base(meter, item.Name, isManual ? Manual : item.Priority, deadline, isManual) => (_services, _item, _profile) = (services, item, profile);

    public override string Key => $"profile {_profile}";

    public long ItemId => _item.Id;

    /// <inheritdoc/>
    public override async Task<JobEnd> RunAsync(MeterTurn turn, CancellationToken cancellationToken)
    {
        var layout = _services.Store.NewestLayout(Meter.Id, _profile);
        if (layout is not null && Lacking(layout).Count == 0) return new(JobState.Done, "Nothing was due");
        var client = await turn.ClientAsync(cancellationToken).ConfigureAwait(false);
        await LearnNameAsync(client, cancellationToken).ConfigureAwait(false);
        if (layout is null)
        {
            (layout, var refused) = await ReadLayoutAsync(client, cancellationToken).ConfigureAwait(false);
            if (layout is null) return refused!;
        }

        return await ReadSlicesAsync(turn, client, layout, cancellationToken).ConfigureAwait(false);
    }

    private async Task<JobEnd> ReadSlicesAsync(MeterTurn turn, DlmsClient client, StoredLayout layout, CancellationToken cancellationToken)
    {
        DateTime? unanswered = null; // beginning of slices without a row: rows after them will prove that the meter has none
        var reread = false;
        foreach (var slice in Lacking(layout))
        {
            if (turn.ShouldYield(this)) return new(JobState.Yielded, $"{Rows} rows, then made way for a more urgent job");
            var result = await AskAsync(client, layout, slice, cancellationToken).ConfigureAwait(false);
            if (!result.Succeeded || !TryReadRows(result.Data.Span, layout, out var rows, out var problem))
            {
                // The meter may have been reprogrammed: a new layout is asked for once, the rows of the old one keep theirs.
                var why = result.Succeeded ? "the rows do not fit the layout" : result.Failure.ToString();
                if (reread) return new(JobState.Refused, $"{_profile}: {why}", FailureReason.DeviceError);
                reread = true;
                var (fresh, refused) = await ReadLayoutAsync(client, cancellationToken).ConfigureAwait(false);
                if (fresh is null) return refused!;
                if (fresh.Id == layout.Id) return new(JobState.Refused, $"{_profile}: {why}", ReasonOf(result));
                _services.Events.Add(EventCode.LayoutChange, $"{_profile} has {fresh.Layout.Columns.Length} columns and a period of {fresh.Layout.CapturePeriodSeconds} s now", Meter.Number);
                layout = fresh;
                result = await AskAsync(client, layout, slice, cancellationToken).ConfigureAwait(false);
                if (!result.Succeeded) return new(JobState.Refused, result.Failure.ToString(), ReasonOf(result));
                if (!TryReadRows(result.Data.Span, layout, out rows, out problem)) return new(JobState.Refused, $"{_profile}: {problem}", FailureReason.DeviceError);
            }

            Commit(layout, slice, rows, ref unanswered);
        }

        return new(JobState.Done, Rows + _known == 0 ? "The meter has no new rows" : $"{Rows} new rows of {_profile}");
    }

    private void Commit(StoredLayout layout, Span slice, List<(DateTime Utc, ReadOnlyMemory<byte> Octets)> rows, ref DateTime? unanswered)
    {
        unanswered ??= slice.After;
        if (rows.Count == 0) return;
        var newest = rows.Max(r => r.Utc);
        var covered = new Span(unanswered.Value, newest < slice.UpTo ? newest : slice.UpTo);
        var stored = _services.Database.Write(session => _services.Store.StoreRows(session, Meter.Id, layout, rows, covered, _services.Now));
        Rows += stored.Added;
        _known += stored.Known;
        unanswered = newest >= slice.UpTo ? null : newest;
        if (stored.Added > 0) _services.Journal.NotifyAppended();
        if (stored.Conflicting > 0) _services.Events.Add(EventCode.RowConflict, $"{_profile}: {stored.Conflicting} rows have a time stamp that is taken; the first ones stay", Meter.Number);
    }

    // What is due and not covered, oldest first: the meter overwrites its oldest rows first.
    private List<Span> Lacking(StoredLayout layout)
    {
        var now = _services.Now;
        var period = TimeSpan.FromSeconds(layout.Layout.CapturePeriodSeconds);
        var upTo = period > TimeSpan.Zero ? CaptureSlots.Last(now, period) : now;
        var gaps = Coverage.Gaps(new(now - _item.MaxRecall, upTo), _services.Store.Covered(Meter.Id, _profile));
        if (period > TimeSpan.Zero) gaps = [.. gaps.Where(g => CaptureSlots.Count(g.After, g.UpTo, period) > 0)];
        return [.. Coverage.Slice(gaps, period > TimeSpan.Zero && period <= LongestSlicedPeriod ? LongestSlice : TimeSpan.MaxValue)];
    }

    private static Task<RequestResult> AskAsync(DlmsClient client, StoredLayout layout, Span slice, CancellationToken cancellationToken)
    {
        // Both ends are included: the row at the beginning is stored already.
        var from = CosemDateTime.From(new DateTimeOffset(slice.After.AddSeconds(1), TimeSpan.Zero));
        var to = CosemDateTime.From(new DateTimeOffset(slice.UpTo, TimeSpan.Zero));
        return client.GetAsync(new(7, layout.Layout.Profile, 2), SelectiveAccess.ByClock(from, to), cancellationToken);
    }

    private static bool TryReadRows(ReadOnlySpan<byte> buffer, StoredLayout layout, out List<(DateTime Utc, ReadOnlyMemory<byte> Octets)> rows, out string problem)
    {
        rows = [];
        var reader = new ProfileBufferReader(buffer, layout.Layout);
        while (reader.TryRead(out var row)) rows.Add((row.Utc, row.Octets.ToArray()));
        problem = reader.Failed ? $"the rows do not fit the layout of {layout.Layout.Columns.Length} columns: {reader.Error}" : "";
        return !reader.Failed;
    }

    private async Task<(StoredLayout? Layout, JobEnd? Refused)> ReadLayoutAsync(DlmsClient client, CancellationToken cancellationToken)
    {
        var (layout, failure) = await client.ReadLayoutAsync(_profile, cancellationToken).ConfigureAwait(false);
        if (layout is null) return (null, new(JobState.Refused, $"No layout of {_profile}: {failure}", FailureReason.Refused));
        if (layout.ClockColumn < 0) return (null, new(JobState.Refused, $"{_profile} has no clock column; its rows can't be told apart.", FailureReason.DeviceError));
        return (_services.Store.StoreLayout(Meter.Id, layout, _services.Now), null);
    }

    private async Task LearnNameAsync(DlmsClient client, CancellationToken cancellationToken)
    {
        var status = _services.Archive.StatusOf(Meter.Id);
        if (status.LogicalDeviceName is not null) return;
        var result = await client.GetAsync(new AttributeRef(1, new ObisCode(0, 0, 42, 0, 0, 255), 2), cancellationToken).ConfigureAwait(false);
        var name = result.Succeeded && new AxdrReader(result.Data.Span).TryReadOctets(out var octets) ? System.Text.Encoding.ASCII.GetString(octets) : "";
        _services.Archive.ShowStatus(Meter.Id, status with { LogicalDeviceName = name });
    }

    private static FailureReason ReasonOf(RequestResult result) => result.Failure is null or RequestFailure.Malformed or RequestFailure.OutOfPlace or RequestFailure.TooLong
        ? FailureReason.DeviceError
        : result.Failure is RequestFailure.Security ? FailureReason.Security : FailureReason.Refused;
}
