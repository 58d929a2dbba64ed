using System.Collections.Concurrent;
using System.Net;
using Gridtally.Cosem.Framing;
using Gridtally.Links;
using Gridtally.Meter.Objects;
using Gridtally.Sessions;
using Microsoft.Extensions.Logging;

namespace Gridtally.Meter.Fleet;

/// <summary>Runs a fleet: civil time goes on, each meter is served at its TCP port or on its bus.</summary>
/// <remarks>A port that can't be had, or a line that fails, is tried again; the other meters go on.</remarks>
public sealed partial class MeterHost
{
    // Twenty rounds a second: at 600 times real time half a civil minute each.
    private static readonly TimeSpan Round = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryAfter = TimeSpan.FromSeconds(5);

    private readonly MeterFleet _fleet;
    private readonly FleetConfig _config;
    private readonly TimeProvider _lineTime;
    private readonly ILogger _log;
    private readonly TaskCompletionSource _started = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<string, IPEndPoint> _endPoints = new();
    private int _opening;

    /// <summary>Runs a fleet that is open already; it stays the caller's.</summary>
    /// <param name="fleet">The meters.</param>
    /// <param name="config">Where they are served.</param>
    /// <param name="lineTime">Real time.</param>
    /// <param name="loggerFactory">Where to say what happens.</param>
    public MeterHost(MeterFleet fleet, FleetConfig config, TimeProvider lineTime, ILoggerFactory loggerFactory)
    {
        (_fleet, _config, _lineTime, _log) = (fleet, config, lineTime, loggerFactory.CreateLogger<MeterHost>());
        _opening = config.Buses.Count + fleet.Meters.Count(m => m.Config.TcpPort is not null);
    }

    /// <summary>Done once the meters' history is there and every port and line has been opened or has failed for the first time.</summary>
    public Task Started => _started.Task;

    /// <summary>Where each meter with a TCP port listens, by meter number.</summary>
    public IReadOnlyDictionary<string, IPEndPoint> EndPoints => _endPoints;

    /// <summary>Opens and runs a fleet until cancelled; then remembers everything.</summary>
    /// <param name="config">The fleet.</param>
    /// <param name="clock">Civil time.</param>
    /// <param name="lineTime">Real time.</param>
    /// <param name="loggerFactory">Where to say what happens.</param>
    /// <param name="cancellationToken">Stops the fleet.</param>
    /// <exception cref="Load.LoadFileException">The load file is malformed.</exception>
    /// <exception cref="Persistence.MemoryFileException">The memory file is damaged, or in use.</exception>
    /// <exception cref="IOException">A file can't be read or made.</exception>
    public static async Task RunAsync(
        FleetConfig config, TimeProvider clock, TimeProvider lineTime, ILoggerFactory loggerFactory, CancellationToken cancellationToken)
    {
        using var fleet = MeterFleet.Open(config, clock, lineTime, loggerFactory);
        await new MeterHost(fleet, config, lineTime, loggerFactory).RunAsync(cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            await Task.Run(() => _fleet.Advance(stop.Token), stop.Token).ConfigureAwait(false);
            _fleet.RememberAll();
            if (_opening == 0) _started.TrySetResult();
            var tasks = new List<Task> { MeasureAsync(stop.Token) };
            tasks.AddRange(_fleet.Meters.Where(m => m.Config.TcpPort is not null).Select(m => ServePortAsync(m, stop.Token)));
            tasks.AddRange(_config.Buses.Select(bus => ServeBusAsync(bus, stop.Token)));
            LogRunning(_log, _fleet.Meters.Count, _config.Buses.Count);
            try
            {
                // Only a fault in our own code ends one of them before it is told to; then all end.
                await (await Task.WhenAny(tasks).ConfigureAwait(false)).ConfigureAwait(false);
            }
            finally
            {
                await stop.CancelAsync().ConfigureAwait(false);
                await Task.WhenAll(tasks).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Asked to stop.
        }
        finally
        {
            _started.TrySetCanceled(CancellationToken.None);
        }
    }

    private async Task MeasureAsync(CancellationToken cancellationToken)
    {
        while (true)
        {
            await Task.Delay(Round, _lineTime, cancellationToken).ConfigureAwait(false);
            _fleet.Advance(cancellationToken);
        }
    }

    private Task ServePortAsync(FleetMeter meter, CancellationToken cancellationToken) => KeepServingAsync(async opened =>
    {
        var server = new DlmsServer(new()
        {
            Resolve = peer => peer.LogicalDevice == MeterObjects.LogicalDeviceSap ? meter.Associate(peer.Client) : null,
            MaxConnections = ControlObjects.MaxConnections,
            OnFault = Report,
        }, _lineTime);
        var listener = TcpByteListener.Listen(new(IPAddress.Parse(_config.Bind), meter.Config.TcpPort!.Value));
        await using (listener.ConfigureAwait(false))
        {
            _endPoints[meter.Number] = listener.LocalEndPoint;
            opened();
            await server.ServeAsync(listener, cancellationToken).ConfigureAwait(false);
        }
    }, cancellationToken);

    private Task ServeBusAsync(BusConfig bus, CancellationToken cancellationToken)
    {
        var meters = _fleet.Meters.Where(m => m.Config.Bus == bus.Name).ToDictionary(m => m.Config.PhysicalAddress!.Value);
        return KeepServingAsync(async opened =>
        {
            var server = new DlmsServer(new()
            {
                CreateFraming = _ => new HdlcServerLine(new() { Serves = (logical, physical) => logical == MeterObjects.LogicalDeviceSap && Find(meters, physical) is not null }),
                Resolve = peer => Find(meters, peer.Physical)?.Associate(peer.Client),
                IdleTimeout = TimeSpan.Zero,
                OnFault = Report,
            }, _lineTime);
            var line = Open(bus);
            await using (line.ConfigureAwait(false))
            {
                opened();
                await server.ServeAsync(line, cancellationToken).ConfigureAwait(false);
            }
        }, cancellationToken);
    }

    private IByteChannel Open(BusConfig bus)
    {
        IByteChannel line = bus.Device
            ? SerialChannel.Open(new() { Path = bus.Path, Settings = new(bus.Baud) })
            : PseudoTerminal.Create(bus.Path, _lineTime);
        return bus.Conditions is { Length: > 0 } text ? new LineEmulator(line, LineConditions.Parse(text), _lineTime) : line;
    }

    // A client that addresses with one octet names no physical device: that is enough where there is only one.
    private static FleetMeter? Find(Dictionary<ushort, FleetMeter> meters, ushort physical) =>
        physical == 0 && meters.Count == 1 ? meters.Values.First() : meters.GetValueOrDefault(physical);

    private async Task KeepServingAsync(Func<Action, Task> serve, CancellationToken cancellationToken)
    {
        var first = true;
        void Opened()
        {
            if (first && Interlocked.Decrement(ref _opening) == 0) _started.TrySetResult();
            first = false;
        }

        while (!cancellationToken.IsCancellationRequested)
        {
            try
            {
                await serve(Opened).ConfigureAwait(false);
            }
            catch (LinkException e)
            {
                LogLink(_log, e.Message, (int)RetryAfter.TotalSeconds);
                Opened();
            }

            await Task.Delay(RetryAfter, _lineTime, cancellationToken).ConfigureAwait(false);
        }
    }

    private void Report(string name, Exception fault)
    {
        if (fault is LinkException) LogEnded(_log, fault.Message);
        else LogFault(_log, name, fault);
    }

    [LoggerMessage(2020, LogLevel.Information, "{Meters} meters run, {Buses} buses.")]
    private static partial void LogRunning(ILogger log, int meters, int buses);

    [LoggerMessage(2021, LogLevel.Error, "{Reason} Tried again in {Seconds} s.")]
    private static partial void LogLink(ILogger log, string reason, int seconds);

    [LoggerMessage(2022, LogLevel.Debug, "{Reason}")]
    private static partial void LogEnded(ILogger log, string reason);

    [LoggerMessage(2023, LogLevel.Error, "{Name} was ended by a fault in the meter.")]
    private static partial void LogFault(ILogger log, string name, Exception fault);
}
