using Gridtally.Companion;
using Gridtally.HeadEnd.Store;
using Gridtally.Sessions;

namespace Gridtally.HeadEnd.Acquisition;

/// <summary>Reads one concentrator's journal from the head end's cursor to its end, as often as asked.</summary>
internal sealed class JournalReading(AcquisitionService acquisition, AcquisitionContext context, DlmsClient client, string serial)
{
    public async Task ReadToEndAsync(CancellationToken cancellationToken)
    {
        var state = await ReadStateAsync(cancellationToken).ConfigureAwait(false);
        var (cursor, replaced) = context.Store.Journal.Begin(serial, state);
        if (replaced) Log(HeadEndEvents.JournalReplaced, "the concentrator has another journal than before; it is read from its beginning");
        if (cursor.Lag == 0) return;

        // Until nothing comes any more: by asking from beyond the last entry the concentrator sees that all has arrived.
        for (var next = cursor.Cursor; ;)
        {
            var answer = await GetAsync(next + 1, long.MaxValue, cancellationToken).ConfigureAwait(false);
            var result = await StoreAsync(answer, cancellationToken).ConfigureAwait(false);
            if (result.Entries == 0 && result.BufferError is null) return;
            next = result.Entries > 0 ? result.Cursor : await PassAsync(next + 1, state.LastSequence, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task<JournalState> ReadStateAsync(CancellationToken cancellationToken)
    {
        var result = await client.GetAsync(JournalState.Attribute, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) throw Unreadable($"the journal's state {JournalState.Attribute}", result.Failure.ToString()!);
        return JournalState.TryRead(result.Data.Span, out var state, out var error) ? state! : throw Unreadable($"the journal's state {JournalState.Attribute}", error.ToString());
    }

    private async Task<ReadOnlyMemory<byte>> GetAsync(ulong from, ulong to, CancellationToken cancellationToken)
    {
        var result = await client.GetAsync(JournalProfile.Buffer, JournalProfile.Range(from, to), cancellationToken).ConfigureAwait(false);
        return result.Succeeded ? result.Data : throw Unreadable($"the journal {JournalProfile.Buffer} from {from}", result.Failure.ToString()!);
    }

    // On another thread: the connection's reader must go on while this one writes to the disk.
    private async Task<IngestResult> StoreAsync(ReadOnlyMemory<byte> answer, CancellationToken cancellationToken)
    {
        var result = await Task.Run(() => context.Store.Journal.Ingest(serial, answer, context.Now), cancellationToken).ConfigureAwait(false);
        Report(result);
        return result;
    }

    // The answer can't be split into entries: ask one by one, and pass over the one that is to blame.
    private async Task<ulong> PassAsync(ulong first, ulong last, CancellationToken cancellationToken)
    {
        for (var sequence = first; sequence <= last; sequence++)
        {
            var answer = await GetAsync(sequence, sequence, cancellationToken).ConfigureAwait(false);
            var result = await StoreAsync(answer, cancellationToken).ConfigureAwait(false);
            if (result.Entries > 0) return result.Cursor;
            if (result.BufferError is not { } error) continue; // trimmed
            Report(context.Store.Journal.Skip(serial, sequence, answer, $"no journal entry: {error}", context.Now));
            return sequence;
        }

        return last;
    }

    private void Report(IngestResult result)
    {
        acquisition.Report(serial, result);
        if (result.Missing > 0) Log(HeadEndEvents.JournalTrimmed, $"{result.Missing} journal entries before {result.Cursor} were gone before they were read");
        if (result.Quarantined > 0) Log(HeadEndEvents.RecordQuarantined, $"{result.Quarantined} records or rows up to journal entry {result.Cursor} can't be read; they are kept in quarantine");
        if (result.Discrepancies > 0) Log(HeadEndEvents.RowDiscrepancy, $"{result.Discrepancies} rows up to journal entry {result.Cursor} came again with other octets; the first are kept");
    }

    private void Log(ushort code, string text) => context.Log(new(context.Now, code, HeadEndEvents.Find(code).Severity, serial, "", text));

    private AssociationException Unreadable(string what, string problem) => new(
        AssociationReason.DeviceError, $"{client.Name}: {what} can't be read: {problem}. Check that it is a Gridtally concentrator, and its software version.");
}
