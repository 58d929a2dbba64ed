using System.Collections.Concurrent;
using System.Text;
using Gridtally.Companion;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;
using Gridtally.HeadEnd.Acquisition;
using Gridtally.HeadEnd.Registry;
using Gridtally.HeadEnd.Store;
using Gridtally.Links;
using Gridtally.Metering;
using Gridtally.Sessions;
using Gridtally.Storage;

namespace Gridtally.HeadEnd.Commands;

/// <summary>Reads meters on demand, through their concentrators' gateways, with the head end's own keys of the meters.</summary>
/// <remarks>Commands to one meter take turns; those to several run at the same time, beside the reading of journals.</remarks>
public sealed class MeterCommands
{
    /// <summary>Commands that run or wait at a time; more are refused. A person has a few, a script must not fill the memory.</summary>
    public const int MaxCommands = 256;

    private const ushort ManagementClient = 1;

    private readonly HeadEndConfig _config;
    private readonly HeadEndStore _store;
    private readonly HeadEndRegistry _registry;
    private readonly AcquisitionService _acquisition;
    private readonly TimeProvider _clock;
    private readonly TimeProvider _lineTime;
    private readonly ConcurrentDictionary<string, MeterTurn> _turns = new();
    private int _pending;

    /// <summary>Commands over the connections of an acquisition.</summary>
    public MeterCommands(
        HeadEndConfig config, HeadEndStore store, HeadEndRegistry registry, AcquisitionService acquisition, TimeProvider clock, TimeProvider lineTime) =>
        (_config, _store, _registry, _acquisition, _clock, _lineTime) = (config, store, registry, acquisition, clock, lineTime);

    /// <summary>Commands that run or wait now.</summary>
    public int Pending => Volatile.Read(ref _pending);

    /// <summary>Reads one attribute of one meter, with scaler and unit where the object has them. The outcome is an event.</summary>
    /// <param name="meter">Meter number.</param>
    /// <param name="target">The attribute.</param>
    /// <param name="user">Who asks, for the event log; null for nobody.</param>
    /// <param name="progress">Told each step.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async Task<CommandOutcome> ReadAsync(
        string meter, AttributeRef target, string? user = null, IProgress<CommandStep>? progress = null, CancellationToken cancellationToken = default)
    {
        var concentrator = _store.Archive.Find(meter)?.Concentrator;
        var (reading, failure) = await RunAsync(meter, concentrator, target, progress, cancellationToken).ConfigureAwait(false);
        progress?.Report(CommandStep.Finished);
        var code = failure is null ? HeadEndEvents.CommandDone : HeadEndEvents.CommandFailed;
        var text = failure is null ? $"read {target}" : $"read {target}: {failure.Blame}: {failure.Text}";
        Log(new(_clock.GetUtcNow().UtcDateTime, code, HeadEndEvents.Find(code).Severity, concentrator, meter, text, user));
        return new(reading, failure);
    }

    private async Task<CommandOutcome> RunAsync(
        string meter, string? concentrator, AttributeRef target, IProgress<CommandStep>? progress, CancellationToken cancellationToken)
    {
        if (concentrator is null) return Failed(CommandBlame.Request, null, $"No concentrator reports a meter '{meter}'. Check the number; a new meter appears when its concentrator's archive was read.");
        if (_registry.Meter(meter) is not { } access) return Failed(CommandBlame.HeadEnd, null, $"The head end has no keys of meter {meter}. Add its management client's keys to the configuration.");
        using var keys = access.Keys;
        if (Interlocked.Increment(ref _pending) > MaxCommands)
        {
            Interlocked.Decrement(ref _pending);
            return Failed(CommandBlame.HeadEnd, null, $"{MaxCommands} commands are waiting already. Try again later.");
        }

        try
        {
            var turn = _turns.GetOrAdd(meter, static (number, store) => new(new(store.Database, $"meter {number} client {ManagementClient}")), _store);
            progress?.Report(CommandStep.Waiting);
            await turn.Semaphore.WaitAsync(cancellationToken).ConfigureAwait(false);
            try
            {
                if (_acquisition.ConnectionOf(concentrator) is not { } connection)
                    return Failed(CommandBlame.Concentrator, AssociationReason.NoAnswer, $"Concentrator {concentrator} is not connected. It dials in by itself; see its state for the last error.");
                return await ReadAsync(connection, access, turn.Counters, target, progress, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                turn.Semaphore.Release();
                turn.Counters.Flush();
            }
        }
        catch (StorageException e)
        {
            // An invocation counter that is not on the disk is not used: sent twice under one key it would break the cipher.
            return Failed(CommandBlame.HeadEnd, null, e.Message);
        }
        finally
        {
            Interlocked.Decrement(ref _pending);
        }
    }

    private async Task<CommandOutcome> ReadAsync(
        WrapperConnection connection, MeterAccess access, IInvocationCounters counters, AttributeRef target, IProgress<CommandStep>? progress, CancellationToken cancellationToken)
    {
        var began = _lineTime.GetTimestamp();
        var associated = false;
        try
        {
            progress?.Report(CommandStep.Associating);
            var route = connection.Gateway(GatewayNetworks.Meters, Encoding.ASCII.GetBytes(access.Number));
            var client = await DlmsClient.ConnectAsync(route, Options(access), counters, _lineTime, cancellationToken).ConfigureAwait(false);
            await using (client.ConfigureAwait(false))
            {
                associated = true;
                progress?.Report(CommandStep.Reading);
                var result = await client.GetAsync(target, cancellationToken).ConfigureAwait(false);
                var (time, duration) = (_clock.GetUtcNow().UtcDateTime, _lineTime.GetElapsedTime(began));
                if (!result.Succeeded) return Failed(CommandBlame.Meter, ReasonOf(result.Failure), $"Meter {access.Number}: {result.Failure}.");
                var scale = await ReadScaleAsync(client, target, cancellationToken).ConfigureAwait(false);
                return new(new(target, result.Data, scale, time, duration), null);
            }
        }
        catch (LinkException e)
        {
            return Failed(CommandBlame.Concentrator, AssociationReason.LineError, e.Message);
        }
        catch (AssociationException e)
        {
            return Failed(BlameFor(e, associated), e.Reason, e.Message);
        }
    }

    // Before there is an association, an exception-response is the concentrator's: a meter answers an AARQ with an AARE.
    private static CommandBlame BlameFor(AssociationException e, bool associated) => e switch
    {
        { Failure: AssociationFailure.Exception } when !associated => CommandBlame.Channel,
        { Reason: AssociationReason.NoAnswer or AssociationReason.LineError } => CommandBlame.Channel,
        _ => CommandBlame.Meter,
    };

    private static AssociationReason ReasonOf(RequestFailure failure) => failure switch
    {
        RequestFailure.Refused or RequestFailure.Exception or RequestFailure.NotNegotiated => AssociationReason.Refused,
        RequestFailure.Security => AssociationReason.Security,
        _ => AssociationReason.DeviceError,
    };

    // A value without its scaler is still worth showing, so a meter that refuses the scaler is no failure.
    private static async Task<ScalerUnit?> ReadScaleAsync(DlmsClient client, AttributeRef target, CancellationToken cancellationToken)
    {
        if (ScalerOf(target) is not { } attribute) return null;
        var result = await client.GetAsync(target with { AttributeId = attribute }, cancellationToken).ConfigureAwait(false);
        if (!result.Succeeded) return null;
        var reader = new AxdrReader(result.Data.Span);
        return reader.TryReadScalerUnit(out var scale) ? scale : null;
    }

    // Blue Book: Register and Extended register have value and scaler_unit in 2 and 3, Demand register two values in 2 and 3 and scaler_unit in 4.
    private static sbyte? ScalerOf(AttributeRef target) => target switch
    {
        { ClassId: 3 or 4, AttributeId: 2 } => 3,
        { ClassId: 5, AttributeId: 2 or 3 } => 4,
        _ => null,
    };

    private DlmsClientOptions Options(MeterAccess access) => new()
    {
        Peer = new(ManagementClient, access.LogicalDevice),
        ResponseTimeout = TimeSpan.FromSeconds(_config.Acquisition.MeterTimeoutSeconds),
        SendRetry = 0, // the concentrator repeats on the meter's line; a repetition from here would be a replay
        Association = new()
        {
            Mechanism = AuthenticationMechanism.HighLevelGmac,
            Protection = Protection.AuthenticatedEncrypted,
            Keys = access.Keys,
            SystemTitle = SystemTitle.TryParse(_config.SystemTitle, out var title) ? title : default,
        },
    };

    private void Log(NewEvent entry)
    {
        try
        {
            _store.Events.Add(entry);
        }
        catch (StorageException)
        {
            // The outcome goes to who asked; that the store is full shows elsewhere.
        }
    }

    private static CommandOutcome Failed(CommandBlame blame, AssociationReason? reason, string text) => new(null, new(blame, reason, text));

    /// <summary>
    /// Whose turn it is with one meter. The counters are on the disk: what the meter says of them is not authentic, and it never saw what
    /// was lost on the way.
    /// </summary>
    private sealed class MeterTurn(InvocationCounterStore counters)
    {
        public SemaphoreSlim Semaphore { get; } = new(1);

        public InvocationCounterStore Counters => counters;
    }
}
