using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Metering;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Scheduling;

/// <summary>Removes what is too old, once a day of the civil clock.</summary>
internal sealed class Housekeeping(ReadingStore store, Journal journal, EventLog events, CommunicationHistory history, SettingsStore settings, ILogger logger)
{
    private DateOnly _last;

    public void RunIfDue(DateTimeOffset now)
    {
        var today = DateOnly.FromDateTime(now.UtcDateTime);
        if (today == _last) return;
        _last = today;
        var system = settings.Current.System;
        var oldest = today.AddDays(-system.Number("store.days"));
        try
        {
            var blocks = store.Profiles().Sum(profile => store.RemoveBefore(profile, today.AddDays(-DaysKept(profile))));
            var entries = journal.RemoveBefore(ReadingDays.Utc.BeginOf(oldest));
            events.Trim(system.Number("event.size"));
            history.Trim(system.Number("history.size"));
            if (blocks + entries > 0) logger.LogInformation("Removed {Blocks} day blocks and {Entries} journal entries from before {Day}", blocks, entries, oldest);
        }
        catch (StorageException e)
        {
            logger.LogError(e, "Old rows could not be removed; tried again tomorrow");
        }
    }

    // What a task would still ask a meter for is not thrown away: bills of 13 months stay, though profiles go after three.
    private int DaysKept(ObisCode profile)
    {
        var view = settings.Current;
        var recalls = view.Items.Where(i => i.Kind.IsServed && view.Channels.Values.Any(c => c.Type.IsToMeters && c.ProfileOf(i.Kind) == profile)).Select(i => (int)Math.Ceiling(i.MaxRecall.TotalDays));
        return recalls.Append(view.System.Number("store.days")).Max();
    }
}
