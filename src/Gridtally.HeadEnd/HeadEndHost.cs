using System.Net;
using Gridtally.Companion;
using Gridtally.HeadEnd.Acquisition;
using Gridtally.HeadEnd.Commands;
using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.HeadEnd;

/// <summary>The parts of a running head end, for its web interface and for tools.</summary>
/// <param name="Config">What it was told.</param>
/// <param name="DataFolder">Where it keeps its state.</param>
/// <param name="Store">Rows, events, cursors.</param>
/// <param name="Registry">Concentrators, meters, keys.</param>
/// <param name="Acquisition">Reads the journals.</param>
/// <param name="Commands">Reads meters on demand.</param>
/// <param name="Clock">Civil time; may run faster than the wall's.</param>
/// <param name="LineTime">Real time.</param>
/// <param name="Logging">Makes the loggers.</param>
/// <param name="StartedAt">When it was started, civil time.</param>
/// <param name="Listening">Where concentrators are accepted, <c>address:port</c>.</param>
public sealed record HeadEndServices(
    HeadEndConfig Config, string DataFolder, HeadEndStore Store, HeadEndRegistry Registry, AcquisitionService Acquisition, MeterCommands Commands,
    TimeProvider Clock, TimeProvider LineTime, ILoggerFactory Logging, DateTimeOffset StartedAt, string Listening);

/// <summary>Puts a head end together and runs it.</summary>
public sealed class HeadEndHost : IAsyncDisposable
{
    private const string KeyFile = "device.key";

    private readonly FolderLock _lock;
    private readonly SecretBox _secrets;
    private readonly TcpByteListener _listener;

    private HeadEndHost(HeadEndServices services, FolderLock folderLock, SecretBox secrets, TcpByteListener listener) =>
        (Services, _lock, _secrets, _listener) = (services, folderLock, secrets, listener);

    /// <summary>What the head end is made of: configuration, store, registry and acquisition, for the web interface and for commands.</summary>
    public HeadEndServices Services { get; }

    /// <summary>Where concentrators are accepted; the port is the real one where the configuration has 0.</summary>
    public IPEndPoint ListenEndPoint => _listener.LocalEndPoint;

    /// <summary>Opens the store, takes the configuration over into the registry, and binds the port. Nothing is accepted yet.</summary>
    /// <param name="config">A checked configuration.</param>
    /// <param name="dataFolder">The head end's data folder; made when it is missing.</param>
    /// <param name="clock">Civil time.</param>
    /// <param name="lineTime">Real time.</param>
    /// <param name="logging">Makes the loggers.</param>
    /// <param name="database">How the store is opened; null for the defaults.</param>
    /// <exception cref="StorageException">The store or the device key can't be used, or another head end uses the folder.</exception>
    /// <exception cref="HeadEndConfigException">The configuration does not fit the registry.</exception>
    /// <exception cref="LinkException">The port can't be had.</exception>
    public static HeadEndHost Create(
        HeadEndConfig config, string dataFolder, TimeProvider clock, TimeProvider lineTime, ILoggerFactory logging, DatabaseOptions? database = null)
    {
        var folderLock = FolderLock.Take(dataFolder, "head end");
        HeadEndStore? store = null;
        SecretBox? secrets = null;
        try
        {
            store = HeadEndStore.Open(dataFolder, new ReadingDays(TimeZoneInfo.FindSystemTimeZoneById(config.TimeZone)), database);
            secrets = SecretBox.Open(Path.Combine(dataFolder, KeyFile));
            var registry = new HeadEndRegistry(store, secrets);
            var started = clock.GetUtcNow();
            registry.Import(config, started.UtcDateTime);
            var listener = TcpByteListener.Listen(new(IPAddress.Parse(config.Listen.Address), config.Listen.Port));
            var acquisition = new AcquisitionService(config, store, registry, clock, lineTime, logging);
            var commands = new MeterCommands(config, store, registry, acquisition, clock, lineTime);
            var services = new HeadEndServices(
                config, dataFolder, store, registry, acquisition, commands, clock, lineTime, logging, started, listener.LocalEndPoint.ToString());
            return new(services, folderLock, secrets, listener);
        }
        catch
        {
            secrets?.Dispose();
            store?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Accepts concentrators and reads their journals, until cancelled.</summary>
    /// <exception cref="LinkException">Listening is not possible any more.</exception>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Log(HeadEndEvents.Started, $"listening on {Services.Listening}");
        try
        {
            await Services.Acquisition.RunAsync(_listener, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Log(HeadEndEvents.Stopped, "stopped");
        }
    }

    /// <summary>Gives port and store back. <see cref="RunAsync"/> must have ended.</summary>
    public async ValueTask DisposeAsync()
    {
        await _listener.DisposeAsync().ConfigureAwait(false);
        Services.Store.Dispose();
        _secrets.Dispose();
        _lock.Dispose();
    }

    private void Log(ushort code, string text)
    {
        try
        {
            Services.Store.Events.Add(new(Services.Clock.GetUtcNow().UtcDateTime, code, EventSeverity.Info, null, "", text));
        }
        catch (StorageException e)
        {
            Services.Logging.CreateLogger<HeadEndHost>().LogError(e, "An event could not be stored: {Event}", text);
        }
    }
}
