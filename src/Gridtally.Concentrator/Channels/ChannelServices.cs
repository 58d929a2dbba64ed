using System.Collections.Concurrent;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Cosem.Security;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Channels;

/// <summary>What channels and their jobs need of the rest of the concentrator.</summary>
internal sealed class ChannelServices(
    Database database, SettingsStore settings, MeterArchive archive, ReadingStore store, Journal journal, EventLog events, IChannelOpener opener,
    SystemTitle systemTitle, TimeProvider clock, TimeProvider lineTime, ILogger logger)
{
    private readonly ConcurrentDictionary<long, bool> _counterKnown = new();
    private readonly long _start = lineTime.GetTimestamp();

    public Database Database { get; } = database;

    public SettingsStore Settings { get; } = settings;

    public MeterArchive Archive { get; } = archive;

    public ReadingStore Store { get; } = store;

    public Journal Journal { get; } = journal;

    public EventLog Events { get; } = events;

    public IChannelOpener Opener { get; } = opener;

    public SystemTitle SystemTitle { get; } = systemTitle;

    public TimeProvider Clock { get; } = clock;

    public TimeProvider LineTime { get; } = lineTime;

    public ILogger Logger { get; } = logger;

    /// <summary>True from the first failed write to the next that works: one event each, not one per job.</summary>
    public bool StoreFailing { get; set; }

    /// <summary>Line time since the start.</summary>
    public TimeSpan Elapsed => LineTime.GetElapsedTime(_start);

    /// <summary>Civil time, UTC.</summary>
    public DateTime Now => Clock.GetUtcNow().UtcDateTime;

    /// <summary>
    /// True where the meter must be asked for its invocation counter: at the first association since the start, and after one that
    /// failed. Otherwise the own counter is right, and asking would double the time of an association on a slow bus.
    /// </summary>
    public bool MustReadCounter(long meterId) => !_counterKnown.ContainsKey(meterId);

    public void CounterKnown(long meterId) => _counterKnown[meterId] = true;

    public void CounterUnknown(long meterId) => _counterKnown.TryRemove(meterId, out _);
}
