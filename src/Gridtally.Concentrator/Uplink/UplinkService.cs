using System.Net;
using Gridtally.Concentrator.Events;
using Gridtally.Concentrator.Settings;
using Gridtally.Links;
using Microsoft.Extensions.Logging;

namespace Gridtally.Concentrator.Uplink;

/// <summary>The way to the head end: dials it, or waits for it, as the channel settings say, and serves it on that connection.</summary>
/// <remarks>Changed settings take effect at once. Nothing that goes wrong here concerns the reading of meters.</remarks>
public sealed class UplinkService : IDisposable
{
    /// <summary>Name of the journal's cursor that shows how far the head end has read: for <see cref="Store.Journal.Backlog"/>.</summary>
    public const string CursorName = JournalObject.CursorName;

    /// <summary>Connections that head ends may open at a time: a main one, a spare one, and a tool.</summary>
    public const int MaxAccepted = 4;

    // Longer than a head end waits between two questions; a connection that is silent for longer is dead on its way.
    private static readonly TimeSpan IdleTimeout = TimeSpan.FromMinutes(15);

    private readonly ConcentratorServices _services;
    private readonly UplinkSecurity _security;
    private readonly ConcentratorDevice _device;
    private readonly ILogger _logger;
    private readonly Lock _lock = new();
    private CancellationTokenSource _changed = new();
    private UplinkStatus _status = new(UplinkState.Disabled, null, null, null, null);
    private UplinkPlan? _plan;
    private string? _reported;

    /// <summary>An uplink that does not run yet.</summary>
    /// <exception cref="System.Security.Cryptography.CryptographicException">The stored keys of the head end were sealed under another device key.</exception>
    public UplinkService(ConcentratorServices services)
    {
        _services = services;
        _security = new(services);
        _device = new(services, _security);
        _logger = services.Loggers.CreateLogger<UplinkService>();
        services.Settings.Changed += OnSettingsChanged;
    }

    /// <summary>How it is doing.</summary>
    public UplinkStatus Status
    {
        get
        {
            lock (_lock) return _status;
        }
    }

    /// <summary>Where it listens, when it does; the port is the real one.</summary>
    public IPEndPoint? Listening { get; private set; }

    /// <summary>Runs until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellationToken)
    {
        if (!_security.HasKeys) _logger.LogWarning("No keys of a head end are known: it can read the name of this concentrator and nothing else");
        while (!cancellationToken.IsCancellationRequested)
        {
            using var settings = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, Volatile.Read(ref _changed).Token);
            var plan = _plan = UplinkPlan.Of(_services.Settings.Current);
            try
            {
                await Task.WhenAll(DialAsync(plan, settings.Token), ListenAsync(plan, settings.Token)).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (settings.IsCancellationRequested)
            {
                // Stopped, or to begin anew with other settings.
            }
        }

        Set(s => s with { State = UplinkState.Disconnected, ConnectedSince = null });
    }

    /// <summary>Forgets the keys. <see cref="RunAsync"/> must have ended.</summary>
    public void Dispose()
    {
        _services.Settings.Changed -= OnSettingsChanged;
        _security.Counters.Flush();
        _security.Dispose();
        _changed.Dispose();
    }

    private async Task DialAsync(UplinkPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Masters.Count == 0)
        {
            Set(s => s with { State = plan.Listen is null ? UplinkState.Disabled : UplinkState.Disconnected, Master = null, ConnectedSince = null });
            await Task.Delay(Timeout.InfiniteTimeSpan, _services.LineTime, cancellationToken).ConfigureAwait(false);
        }

        var backOff = new BackOff(plan.FirstWait, plan.LongestWait);
        for (var turn = 0; ; turn++)
        {
            var (host, port) = plan.Masters[turn % plan.Masters.Count];
            var served = await DialAsync(plan, host, port, cancellationToken).ConfigureAwait(false);
            if (served) (backOff, turn) = (new(plan.FirstWait, plan.LongestWait), turn - 1); // it worked: this one again, at once
            await Task.Delay(backOff.Next(), _services.LineTime, cancellationToken).ConfigureAwait(false);
        }
    }

    // True where a head end has proved itself on the connection.
    private async Task<bool> DialAsync(UplinkPlan plan, string host, int port, CancellationToken cancellationToken)
    {
        var master = $"{host}:{port}";
        Set(s => s with { State = UplinkState.Connecting, Master = master, ConnectedSince = null });
        try
        {
            var channel = await TcpChannel.ConnectAsync(host, port, new() { ConnectTimeout = plan.ConnectTimeout }, _services.LineTime, cancellationToken).ConfigureAwait(false);
            await using (channel.ConfigureAwait(false)) return await ServeAsync(channel, master, plan.MaxPdu, cancellationToken).ConfigureAwait(false);
        }
        catch (LinkException e)
        {
            Lost(master, e.Message, wasConnected: false);
            return false;
        }
    }

    private async Task ListenAsync(UplinkPlan plan, CancellationToken cancellationToken)
    {
        if (plan.Listen is not { } local)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, _services.LineTime, cancellationToken).ConfigureAwait(false);
            return;
        }

        var backOff = new BackOff(plan.FirstWait, plan.LongestWait);
        while (true)
        {
            try
            {
                await AcceptAsync(plan, local, cancellationToken).ConfigureAwait(false);
            }
            catch (LinkException e)
            {
                Lost($"{local.Host}:{local.Port}", e.Message, wasConnected: false);
            }

            await Task.Delay(backOff.Next(), _services.LineTime, cancellationToken).ConfigureAwait(false);
        }
    }

    private async Task AcceptAsync(UplinkPlan plan, (string Host, int Port) local, CancellationToken cancellationToken)
    {
        if (!IPAddress.TryParse(local.Host, out var address)) throw new LinkException($"The TCP server for the head end can't listen on '{local.Host}'; expected an IP address such as 0.0.0.0. Change its setting ip.");
        var listener = TcpByteListener.Listen(new(address, local.Port));
        var running = new List<Task>();
        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        try
        {
            Listening = listener.LocalEndPoint;
            while (true)
            {
                var channel = await listener.AcceptAsync(cancellationToken).ConfigureAwait(false);
                running.RemoveAll(t => t.IsCompleted);
                if (running.Count >= MaxAccepted) await channel.DisposeAsync().ConfigureAwait(false);
                else running.Add(ServeAcceptedAsync(channel, plan.MaxPdu, stop.Token));
            }
        }
        finally
        {
            Listening = null;
            await stop.CancelAsync().ConfigureAwait(false);
            await listener.DisposeAsync().ConfigureAwait(false);
            await Task.WhenAll(running).ConfigureAwait(false);
        }
    }

    private async Task ServeAcceptedAsync(IByteChannel channel, ushort maxPdu, CancellationToken cancellationToken)
    {
        await using (channel.ConfigureAwait(false))
        {
            try
            {
                await ServeAsync(channel, channel.Name, maxPdu, cancellationToken).ConfigureAwait(false);
            }
            catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
            {
                // Asked to stop.
            }
        }
    }

    private async Task<bool> ServeAsync(IByteChannel channel, string master, ushort maxPdu, CancellationToken cancellationToken)
    {
        var connected = false;
        string? error = null;
        void Contact()
        {
            var now = _services.Clock.GetUtcNow().UtcDateTime;
            lock (_lock)
            {
                _status = _status with { State = UplinkState.Connected, Master = master, ConnectedSince = connected ? _status.ConnectedSince : now, LastContact = now, LastError = null };
                if (connected) return;
                (connected, _reported) = (true, null);
            }

            _services.Events.Add(EventCode.UplinkConnected, $"Head end {master} is connected");
        }

        try
        {
            await new UplinkConnection(_services, _security, _device, _logger, maxPdu, Contact).ServeAsync(channel, IdleTimeout, cancellationToken).ConfigureAwait(false);
            error = connected ? $"{channel.Name}: the head end closed the connection." : $"{channel.Name}: the head end closed the connection before it had proved itself. Check that it knows this concentrator and its keys.";
        }
        catch (IOException e)
        {
            error = e.Message; // the line, or a store that is full
        }

        cancellationToken.ThrowIfCancellationRequested();
        Lost(master, error, connected);
        return connected;
    }

    // A head end that stays away is one event, not one for each try.
    private void Lost(string master, string error, bool wasConnected)
    {
        Set(s => s with { State = UplinkState.Disconnected, Master = master, ConnectedSince = null, LastError = error });
        if (!wasConnected && _reported == master) return;
        _reported = master;
        _services.Events.Add(EventCode.UplinkLost, error);
    }

    private void Set(Func<UplinkStatus, UplinkStatus> change)
    {
        lock (_lock) _status = change(_status);
    }

    // Only what concerns the uplink ends its connections.
    private void OnSettingsChanged(IReadOnlyList<SettingChange> changes)
    {
        if (UplinkPlan.Of(_services.Settings.Current) == _plan) return;
        var before = Interlocked.Exchange(ref _changed, new());
        before.Cancel();
    }
}
