using System.Reflection;
using Gridtally.Concentrator.Archive;
using Gridtally.Concentrator.Channels;
using Gridtally.Concentrator.Drivers;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.History;
using Gridtally.Concentrator.Scheduling;
using Gridtally.Concentrator.Settings;
using Gridtally.Concentrator.Store;
using Gridtally.Concentrator.Uplink;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator;

/// <summary>A concentrator: opens its data folder, imports what the configuration brings, and runs its tasks until told to stop.</summary>
public sealed class ConcentratorHost : IAsyncDisposable
{
    /// <summary>File name of the device key within the data folder.</summary>
    public const string KeyFileName = "device.key";

    private const string ImportedMark = "settings imported";

    private readonly FolderLock _lock;
    private readonly ChannelSet _channels;
    private readonly Scheduler _scheduler;
    private readonly ILogger _logger;

    private ConcentratorHost(ConcentratorServices services, FolderLock folderLock, ChannelSet channels, Scheduler scheduler, UplinkService uplink, ILogger logger) =>
        (Services, _lock, _channels, _scheduler, Uplink, _logger) = (services, folderLock, channels, scheduler, uplink, logger);

    /// <summary>Its parts.</summary>
    public ConcentratorServices Services { get; }

    /// <summary>The way to the head end.</summary>
    public UplinkService Uplink { get; }

    /// <summary>Opens the data folder and imports what the configuration brings; nothing runs yet.</summary>
    /// <param name="config">How it is started.</param>
    /// <param name="clock">Civil clock.</param>
    /// <param name="lineTime">Clock of lines: timeouts, waits between tries.</param>
    /// <param name="loggers">Makes loggers.</param>
    /// <param name="opener">How channels are opened; null for serial ports and TCP.</param>
    /// <exception cref="StorageException">The data folder can't be used.</exception>
    /// <exception cref="SettingsException">Configuration or template has a value that is not allowed.</exception>
    public static ConcentratorHost Open(ConcentratorConfig config, TimeProvider clock, TimeProvider lineTime, ILoggerFactory loggers, IChannelOpener? opener = null)
    {
        config.Validated();
        var folderLock = FolderLock.Take(config.DataFolder, "concentrator");
        Database? database = null;
        SecretBox? secrets = null;
        try
        {
            var logger = loggers.CreateLogger("Gridtally.Concentrator");
            secrets = SecretBox.Open(Path.Combine(config.DataFolder, KeyFileName));
            database = Database.Open(Path.Combine(config.DataFolder, ConcentratorSchema.FileName), ConcentratorSchema.Migrations);
            var events = new EventLog(database, clock, logger);
            var settings = new SettingsStore(database, secrets);
            var archive = new MeterArchive(database, secrets, settings, events, clock);
            var store = new ReadingStore(database);
            var journal = new Journal(database, store);
            settings.Changed += changes => Audit(events, changes);
            events.Added += _ => journal.NotifyAppended();
            Import(config, database, settings, archive);

            var shared = new ChannelServices(database, settings, archive, store, journal, events, opener ?? new ChannelOpener(lineTime), MeterConnection.TitleOf(config.SerialNumber), clock, lineTime, logger);
            var channels = new ChannelSet(shared);
            var history = new CommunicationHistory(database);
            var scheduler = new Scheduler(shared, channels, new Housekeeping(store, journal, events, history, settings, logger));
            var services = new ConcentratorServices(config, database, secrets, settings, archive, store, journal, new Completeness(database, store, archive, settings, clock),
                events, history, scheduler, channels, clock, lineTime, loggers);
            return new(services, folderLock, channels, scheduler, new(services), logger);
        }
        catch
        {
            database?.Dispose();
            secrets?.Dispose();
            folderLock.Dispose();
            throw;
        }
    }

    /// <summary>Reads the meters and serves the head end until cancelled; then finishes what is on the line and returns.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        Services.Events.Add(EventCode.SoftwareStart, $"Version {Version}");
        Services.Settings.Changed += FollowSettings;
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var uplink = Uplink.RunAsync(stop.Token);
        try
        {
            await _channels.FollowAsync(Services.Settings.Current).ConfigureAwait(false);
            await _scheduler.RunAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            Services.Settings.Changed -= FollowSettings;
            await stop.CancelAsync().ConfigureAwait(false);
            await uplink.ConfigureAwait(false);
            await _channels.DisposeAsync().ConfigureAwait(false);
            Services.Archive.FlushCounters();
            Services.Events.Add(EventCode.SoftwareStop, "Stopped as asked");
        }
    }

    /// <summary>Closes the data folder. Not while <see cref="RunAsync"/> is under way.</summary>
    public async ValueTask DisposeAsync()
    {
        await _channels.DisposeAsync().ConfigureAwait(false);
        Uplink.Dispose();
        Services.Database.Dispose();
        Services.Secrets.Dispose();
        _lock.Dispose();
    }

    private static string Version { get; } = typeof(ConcentratorHost).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    // async void in effect: a failure to reopen channels is logged, the change of settings itself has succeeded.
    private void FollowSettings(IReadOnlyList<SettingChange> changes) => _ = Task.Run(async () =>
    {
        try
        {
            await _channels.FollowAsync(Services.Settings.Current).ConfigureAwait(false);
            _scheduler.MakeUp(Services.Archive.Meters.Values); // a channel that was opened anew has lost its queue
        }
#pragma warning disable CA1031 // nobody awaits this
        catch (Exception e)
#pragma warning restore CA1031
        {
            _logger.LogError(e, "The channels could not be brought in line with the settings; restart the concentrator");
        }
    });

    private static void Audit(EventLog events, IReadOnlyList<SettingChange> changes)
    {
        const int shown = 20; // an import changes hundreds of rows: the first say what it was
        foreach (var change in changes.Take(shown)) events.Add(EventCode.ParameterChange, change.Text, user: change.User);
        if (changes.Count > shown) events.Add(EventCode.ParameterChange, $"and {changes.Count - shown} more changes", user: changes[0].User);
    }

    private static void Import(ConcentratorConfig config, Database database, SettingsStore settings, MeterArchive archive)
    {
        const string user = "configuration";
        if (database.Read(s => s.Number("SELECT count(*) FROM meta WHERE name=?1", ImportedMark)) == 0)
        {
            if (config.Settings is { } file) settings.Import(Settings.SettingsTemplate.ParseFile(file), user, file);
            if (config.SettingsTemplate is { } inline) settings.Import(Settings.SettingsTemplate.Parse(inline.GetRawText(), "settingsTemplate"), user, "settingsTemplate");
            database.Write(s => s.Execute("INSERT INTO meta(name, value) VALUES(?1, '1')", ImportedMark));
        }

        foreach (var meter in config.Meters.Where(m => archive.Find(m.MeterNo) is null)) archive.Add(meter.ToRecord(), meter.ToSecrets(), user);
    }
}
