using System.Collections.Concurrent;
using Gridtally.Companion;
using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Links;
using Gridtally.Sessions;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.HeadEnd.Acquisition;

/// <summary>Accepts the concentrators' connections and reads their journals, several at a time.</summary>
/// <remarks>Whatever goes wrong with one concentrator, the others are read on. All members may be called from any thread.</remarks>
public sealed class AcquisitionService
{
    /// <summary>Connections at a time; more are closed at once. Twice the concentrators that a registry holds: each may come again before its old connection is known to be dead.</summary>
    public const int MaxConnections = 2 * HeadEndConfigRules.MaxConcentrators;

    /// <summary>Unknown concentrators that are remembered; the oldest go first. Enough to see what is wrong.</summary>
    public const int MaxUnknown = 100;

    private static readonly TimeSpan AcceptPause = TimeSpan.FromSeconds(1);

    private readonly AcquisitionContext _context;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<string, ConcentratorStatus> _statuses = new();
    private readonly ConcurrentDictionary<string, ConcentratorSession> _sessions = new();
    private readonly Dictionary<string, UnknownConcentrator> _unknown = [];
    private int _connections;

    /// <summary>An acquisition that does not run yet.</summary>
    public AcquisitionService(
        HeadEndConfig config, HeadEndStore store, HeadEndRegistry registry, TimeProvider clock, TimeProvider lineTime, ILoggerFactory loggers)
    {
        _logger = loggers.CreateLogger<AcquisitionService>();
        _context = new(config, store, registry, clock, lineTime, _logger);
        foreach (var one in registry.Concentrators())
        {
            _statuses[one.Serial] = ConcentratorStatus.Unknown(one.Serial) with { Remote = one.Remote, LastContact = one.LastContact };
        }
    }

    /// <summary>Raised after a journal answer was stored, with the concentrator's serial number.</summary>
    public event Action<string, IngestResult>? Ingested;

    /// <summary>When rows were stored last, civil time UTC; null for not since the start.</summary>
    public DateTime? LastStored { get; private set; }

    /// <summary>How all registered concentrators are doing.</summary>
    public IReadOnlyCollection<ConcentratorStatus> Statuses => [.. _statuses.Values.OrderBy(s => s.Serial, StringComparer.Ordinal)];

    /// <summary>How one concentrator is doing.</summary>
    public ConcentratorStatus StatusOf(string serial) => _statuses.GetValueOrDefault(serial) ?? ConcentratorStatus.Unknown(serial);

    /// <summary>Who connected and is not in the registry, newest first.</summary>
    public IReadOnlyList<UnknownConcentrator> Unknown
    {
        get
        {
            lock (_unknown) return [.. _unknown.Values.OrderByDescending(u => u.Time)];
        }
    }

    /// <summary>Accepts connections until cancelled. The listener stays the caller's.</summary>
    /// <exception cref="LinkException">Listening is not possible any more.</exception>
    public async Task RunAsync(IByteListener listener, CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var running = new ConcurrentDictionary<Task, bool>();
        var failures = 0;
        try
        {
            while (true)
            {
                try
                {
                    var channel = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                    failures = 0;
                    var task = ServeAsync(channel, stop.Token);
                    running[task] = true;
                    _ = task.ContinueWith(done => running.TryRemove(done, out _), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
                }
                catch (LinkException e) when (++failures < DlmsServer.MaxAcceptFailures)
                {
                    _logger.LogWarning("Accepting connections failed: {Reason}", e.Message);
                    await Task.Delay(AcceptPause, _context.LineTime, cancellationToken).ConfigureAwait(false);
                }
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await Task.WhenAll(running.Keys).ConfigureAwait(false);
        }
    }

    /// <summary>The connection to a concentrator; null where it is not online.</summary>
    internal WrapperConnection? ConnectionOf(string serial) => _sessions.TryGetValue(serial, out var session) && session.IsAssociated ? session.Connection : null;

    internal void Report(string serial, IngestResult result)
    {
        if (result.NewRows > 0) LastStored = _context.Now;
        Ingested?.Invoke(serial, result);
    }

    internal void Update(string serial, Func<ConcentratorStatus, ConcentratorStatus> change) =>
        _statuses.AddOrUpdate(serial, s => change(ConcentratorStatus.Unknown(s)), (_, old) => change(old));

    internal void NoteUnknown(string name, string remote, string reason)
    {
        var now = _context.Now;
        bool known;
        lock (_unknown)
        {
            known = _unknown.ContainsKey(name);
            _unknown[name] = new(name, remote, now, reason);
            while (_unknown.Count > MaxUnknown) _unknown.Remove(_unknown.Values.MinBy(u => u.Time)!.LogicalDeviceName);
        }

        if (!known) _context.Log(new(now, HeadEndEvents.UnknownConcentrator, EventSeverity.Warning, null, "", $"{remote}: {reason}"));
    }

    /// <summary>Makes <paramref name="session"/> the one of its concentrator; the one before is ended first: a device has one connection.</summary>
    internal async Task EnterAsync(string serial, ConcentratorSession session)
    {
        while (!_sessions.TryAdd(serial, session))
        {
            if (_sessions.TryGetValue(serial, out var before)) await before.EndAsync().ConfigureAwait(false);
        }
    }

    internal void Leave(string serial, ConcentratorSession session) => _sessions.TryRemove(new(serial, session));

    // Whatever is wrong with one connection ends that connection and nothing else.
    private async Task ServeAsync(IByteChannel channel, CancellationToken cancellationToken)
    {
        if (Interlocked.Increment(ref _connections) > MaxConnections)
        {
            _logger.LogWarning("{Channel} was closed: more than {Max} connections", channel.Name, MaxConnections);
            await channel.DisposeAsync().ConfigureAwait(false);
            Interlocked.Decrement(ref _connections);
            return;
        }

        try
        {
            var session = new ConcentratorSession(this, _context, channel);
            await using (session.ConfigureAwait(false)) await session.RunAsync(cancellationToken).ConfigureAwait(false);
        }
#pragma warning disable CA1031 // a fault with one concentrator must not end the acquisition of the others; it is reported
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "{Channel} ended by a fault", channel.Name);
        }
        finally
        {
            Interlocked.Decrement(ref _connections);
        }
    }
}

/// <summary>What all sessions of an acquisition share.</summary>
internal sealed record AcquisitionContext(
    HeadEndConfig Config, HeadEndStore Store, HeadEndRegistry Registry, TimeProvider Clock, TimeProvider LineTime, ILogger Logger)
{
    private readonly ConcurrentDictionary<string, InvocationCounterStore> _counters = new();

    public DateTime Now => Clock.GetUtcNow().UtcDateTime;

    /// <summary>The counters towards one concentrator: one instance, because two would hand out the same values.</summary>
    public InvocationCounterStore CountersOf(string serial) =>
        _counters.GetOrAdd(serial, static (s, store) => new(store.Database, HeadEndRegistry.CounterScope(s)), Store);

    /// <summary>Logs an event; a store that fails must not end what the event is about.</summary>
    public void Log(NewEvent entry)
    {
        try
        {
            Store.Events.Add(entry);
        }
        catch (StorageException e)
        {
            Logger.LogError(e, "An event could not be stored: {Event}", entry.Text);
        }
    }
}
