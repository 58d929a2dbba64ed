using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Scheduling;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator;

/// <summary>The parts of a running concentrator, for its uplink and its web pages.</summary>
/// <param name="Config">How it was started.</param>
/// <param name="Database">Its one database; for scopes of their own, such as invocation counters.</param>
/// <param name="Secrets">Encrypts what must be stored but not read.</param>
/// <param name="Settings">Settings tables.</param>
/// <param name="Archive">Meters.</param>
/// <param name="Store">Collected rows.</param>
/// <param name="Journal">What was collected, in order, with the uplinks' cursors.</param>
/// <param name="Completeness">Got beside expected.</param>
/// <param name="Events">Event log.</param>
/// <param name="History">Exchanges with the meters.</param>
/// <param name="Scheduler">Tasks, and reading on demand.</param>
/// <param name="MeterGate">Passes APDUs through to meters.</param>
/// <param name="Clock">Civil time: what a calendar drives; may run faster than the wall clock.</param>
/// <param name="LineTime">Real time: timeouts, waits between tries.</param>
/// <param name="Loggers">Makes loggers.</param>
public sealed record ConcentratorServices(
    ConcentratorConfig Config, Database Database, SecretBox Secrets, SettingsStore Settings, MeterArchive Archive, ReadingStore Store, Journal Journal,
    Completeness Completeness, EventLog Events, CommunicationHistory History, IScheduler Scheduler, IMeterGate MeterGate, TimeProvider Clock, TimeProvider LineTime,
    ILoggerFactory Loggers);
