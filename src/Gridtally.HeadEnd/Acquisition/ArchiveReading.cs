using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Sessions;
using Microsoft.Extensions.Logging;

namespace Gridtally.HeadEnd.Acquisition;

/// <summary>Reads one concentrator's archive and device information, as often as configured.</summary>
internal sealed class ArchiveReading(AcquisitionContext context, DlmsClient client, string serial, string remote)
{
    private DateTimeOffset _due = DateTimeOffset.MinValue;

    public async Task ReadWhenDueAsync(CancellationToken cancellationToken)
    {
        var now = context.LineTime.GetUtcNow();
        if (now < _due) return;
        AttributeRef[] targets = [ArchiveEntry.Attribute, new(1, ConcentratorObjects.SoftwareVersion, 2)];
        var results = await client.GetListAsync(targets, cancellationToken).ConfigureAwait(false);
        context.Registry.NoteContact(serial, context.Now, remote, ConcentratorSession.TextOf(results[1]));
        if (results[0].Failure is { } failure) Warn(failure.ToString());
        else if (!ArchiveEntry.TryReadAll(results[0].Data.Span, out var entries, out var error)) Warn(error.ToString());
        else context.Store.Archive.Replace(serial, entries, context.Now);
        _due = now.AddSeconds(context.Config.Acquisition.ArchiveSeconds);
    }

    // The readings don't depend on the archive; it is tried again when it is due again.
    private void Warn(string? reason) => context.Logger.LogWarning("The archive of concentrator {Serial} can't be read: {Reason}", serial, reason);
}
