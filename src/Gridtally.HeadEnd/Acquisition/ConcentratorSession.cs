using System.Security.Cryptography;
using System.Text;
using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.HeadEnd.Registry;
using Gridtally.Links;
using Gridtally.Sessions;
using Gridtally.Storage;
using Microsoft.Extensions.Logging;

namespace Gridtally.HeadEnd.Acquisition;

/// <summary>One connection of a concentrator: who is it, associate, then read its archive and journal until it ends.</summary>
internal sealed class ConcentratorSession : IAsyncDisposable
{
    private const ushort DataClass = 1;

    private readonly AcquisitionService _acquisition;
    private readonly AcquisitionContext _context;
    private readonly string _remote;
    private readonly CancellationTokenSource _stop = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ConcentratorSession(AcquisitionService acquisition, AcquisitionContext context, IByteChannel channel)
    {
        (_acquisition, _context, _remote) = (acquisition, context, channel.Name);
        Connection = new(channel, context.LineTime);
    }

    public WrapperConnection Connection { get; }

    /// <summary>True while the concentrator is associated with: the connection can carry commands.</summary>
    public bool IsAssociated { get; private set; }

    public async Task RunAsync(CancellationToken cancellationToken)
    {
        using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken, _stop.Token);
        try
        {
            if (await IdentifyAsync(either.Token).ConfigureAwait(false) is not { } known) return;
            await _acquisition.EnterAsync(known.Serial, this).ConfigureAwait(false);
            await ServeAsync(known, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (either.IsCancellationRequested)
        {
            // Asked to stop, or a newer connection of the same concentrator has taken over.
        }
    }

    /// <summary>Ends the session and waits until it has.</summary>
    public async Task EndAsync()
    {
        await _stop.CancelAsync().ConfigureAwait(false);
        await _ended.Task.ConfigureAwait(false);
    }

    public async ValueTask DisposeAsync()
    {
        await Connection.DisposeAsync().ConfigureAwait(false);
        _ended.TrySetResult();
    }

    // Anybody may connect; until it has named itself it has no name that an event could be about.
    private async Task<RegisteredConcentrator?> IdentifyAsync(CancellationToken cancellationToken)
    {
        string name;
        try
        {
            name = await ReadNameAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e) when (e is AssociationException or LinkException)
        {
            _acquisition.NoteUnknown("", _remote, $"it did not name itself: {e.Message}");
            return null;
        }

        if (_context.Registry.FindByName(name) is not { } known)
        {
            _acquisition.NoteUnknown(name, _remote, $"'{name}' is not in the registry. Add it to the configuration, with its keys, if it is yours.");
            return null;
        }

        if (known.Enabled) return known;
        Fail(known.Serial, AssociationReason.Refused, $"{_remote}: concentrator {known.Serial} is disabled in the registry.", ConcentratorState.Refused);
        return null;
    }

    private async Task<string> ReadNameAsync(CancellationToken cancellationToken)
    {
        var options = new DlmsClientOptions
        {
            Peer = new(ConcentratorObjects.PublicClient, ConcentratorObjects.LogicalDevice),
            ResponseTimeout = ResponseTimeout,
            SendRetry = 0,
        };
        var client = await DlmsClient.ConnectAsync(Connection, options, new InMemoryInvocationCounters(), _context.LineTime, cancellationToken).ConfigureAwait(false);
        await using (client.ConfigureAwait(false))
        {
            var target = new AttributeRef(DataClass, ConcentratorObjects.LogicalDeviceName, 2);
            var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
            return TextOf(result) ?? throw new AssociationException(AssociationReason.DeviceError, $"{client.Name}: expected a logical device name in {target}, got {result}.");
        }
    }

    private async Task ServeAsync(RegisteredConcentrator known, CancellationToken cancellationToken)
    {
        InvocationCounterStore? counters = null;
        try
        {
            counters = _context.CountersOf(known.Serial);
            using var keys = _context.Registry.ConcentratorKeys(known.Serial);
            var client = await DlmsClient.ConnectAsync(Connection, Options(keys), counters, _context.LineTime, cancellationToken).ConfigureAwait(false);
            await using (client.ConfigureAwait(false)) await ReadAsync(known, client, cancellationToken).ConfigureAwait(false);
        }
        catch (AssociationException e)
        {
            Fail(known.Serial, e.Reason, e.Message, IsAssociated ? ConcentratorState.Offline : ConcentratorState.Refused);
        }
        catch (LinkException e)
        {
            Fail(known.Serial, AssociationReason.LineError, e.Message, ConcentratorState.Offline);
        }
        catch (StorageException e)
        {
            Fail(known.Serial, AssociationReason.LineError, $"The head end can't store: {e.Message}", ConcentratorState.Offline);
        }
        catch (CryptographicException e)
        {
            Fail(known.Serial, AssociationReason.Security, e.Message, ConcentratorState.Refused);
        }
        finally
        {
            Leave(known);
            Flush(counters);
        }
    }

    private void Flush(InvocationCounterStore? counters)
    {
        try
        {
            counters?.Flush();
        }
        catch (StorageException e)
        {
            // They are read from the concentrator before the next association; what is lost is only the guard against old answers.
            _context.Logger.LogWarning("Invocation counters could not be stored: {Reason}", e.Message);
        }
    }

    private async Task ReadAsync(RegisteredConcentrator known, DlmsClient client, CancellationToken cancellationToken)
    {
        IsAssociated = true;
        var now = _context.Now;
        _acquisition.Update(known.Serial, s => s with { State = ConcentratorState.Online, Remote = _remote, ConnectedSince = now, LastContact = now, LastError = null });
        _context.Log(new(now, HeadEndEvents.ConcentratorConnected, EventSeverity.Info, known.Serial, "", $"connected from {_remote}"));
        var journal = new JournalReading(_acquisition, _context, client, known.Serial);
        var archive = new ArchiveReading(_context, client, known.Serial, _remote);
        while (true)
        {
            try
            {
                await archive.ReadWhenDueAsync(cancellationToken).ConfigureAwait(false);
                await journal.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
                _acquisition.Update(known.Serial, s => s with { LastContact = _context.Now });
            }
            catch (StorageException e)
            {
                // The concentrator keeps what could not be stored; it is read again once there is room.
                _context.Logger.LogError("Concentrator {Serial} can't be stored: {Reason}", known.Serial, e.Message);
                _acquisition.Update(known.Serial, s => s with { LastError = new(_context.Now, AssociationReason.LineError, $"The head end can't store: {e.Message}") });
            }

            await PauseAsync(cancellationToken).ConfigureAwait(false);
        }
    }

    // Until the next question is due, or the connection is gone: then there is nobody to ask.
    private async Task PauseAsync(CancellationToken cancellationToken)
    {
        using var pause = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var due = Task.Delay(TimeSpan.FromSeconds(_context.Config.Acquisition.PollSeconds), _context.LineTime, pause.Token);
        await Task.WhenAny(due, Connection.Completion).ConfigureAwait(false);
        await pause.CancelAsync().ConfigureAwait(false);
        cancellationToken.ThrowIfCancellationRequested();
        if (Connection.Lost is { } lost) throw new LinkException(lost.Message, lost);
    }

    private void Leave(RegisteredConcentrator known)
    {
        var wasAssociated = IsAssociated;
        IsAssociated = false;
        _acquisition.Leave(known.Serial, this);
        _acquisition.Update(known.Serial, s => s with { State = s.State == ConcentratorState.Online ? ConcentratorState.Offline : s.State, ConnectedSince = null });
        if (wasAssociated)
            _context.Log(new(_context.Now, HeadEndEvents.ConcentratorDisconnected, EventSeverity.Info, known.Serial, "", $"{_remote} is disconnected"));
    }

    // A concentrator that dials every minute and fails for the same reason is one event.
    private void Fail(string serial, AssociationReason reason, string text, ConcentratorState state)
    {
        var now = _context.Now;
        var before = _acquisition.StatusOf(serial).LastError;
        _acquisition.Update(serial, s => s with { State = state, Remote = _remote, LastError = new(now, reason, text) });
        _context.Logger.LogWarning("Concentrator {Serial}: {Reason}", serial, text);
        if (reason != AssociationReason.LineError && before?.Reason != reason)
            _context.Log(new(now, HeadEndEvents.ConcentratorFailed, EventSeverity.Error, serial, "", text));
    }

    private TimeSpan ResponseTimeout => TimeSpan.FromSeconds(_context.Config.Acquisition.ResponseTimeoutSeconds);

    private DlmsClientOptions Options(SecurityKeys keys) => new()
    {
        Peer = new(ConcentratorObjects.HeadEndClient, ConcentratorObjects.LogicalDevice),
        ResponseTimeout = ResponseTimeout,
        SendRetry = 0, // TCP repeats by itself, and a repeated APDU would be taken for a replay
        Association = new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Protection = Protection.AuthenticatedEncrypted,
            Keys = keys,
            SystemTitle = SystemTitle.TryParse(_context.Config.SystemTitle, out var title) ? title : default,
        },
    };

    internal static string? TextOf(RequestResult result)
    {
        if (!result.Succeeded) return null;
        var reader = new AxdrReader(result.Data.Span);
        return reader.TryReadOctets(out var octets) && octets.Length is > 0 and <= 64 ? Encoding.ASCII.GetString(octets) : null;
    }
}
