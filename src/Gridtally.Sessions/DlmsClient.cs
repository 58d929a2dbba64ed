using System.Buffers;
using System.Security.Cryptography;
using Gridtally.Cosem;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Client;
using Gridtally.Cosem.LocalPort;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;
using Gridtally.Links;

namespace Gridtally.Sessions;

/// <summary>One association with one logical device, client side. Requests of several callers take turns.</summary>
/// <remarks>
/// A request that a device refuses is a value (<see cref="RequestResult"/>). That there is no association is an
/// <see cref="AssociationException"/>, a lost channel a <see cref="LinkException"/>. After a request was cancelled in mid-way the
/// association is closed: what the device made of it is not known.
/// </remarks>
public sealed partial class DlmsClient : IAsyncDisposable
{
    /// <summary>Time that <see cref="DisposeAsync"/> takes at most to say goodbye.</summary>
    public static readonly TimeSpan MaxGoodbye = TimeSpan.FromSeconds(2);

    // A device that keeps sending what nobody asked for must not keep a request waiting for ever.
    private const int MaxIgnored = 16;

    private readonly IApduTransport _transport;
    private readonly ClientAssociation _association;
    private readonly DlmsClientOptions _options;
    private readonly TimeProvider _lineTime;
    private readonly IAsyncDisposable? _owned;
    private readonly ArrayBufferWriter<byte> _output = new();
    private readonly Turn _turn = new();
    private SessionStatistics _before;
    private string? _closed = "it is not open yet";

    private DlmsClient(IApduTransport transport, DlmsClientOptions options, IInvocationCounters counters, TimeProvider lineTime, IAsyncDisposable? owned)
    {
        (_transport, _options, _lineTime, _owned) = (transport, options, lineTime, owned);
        _association = new(WithFreshSecrets(options), counters);
    }

    /// <summary>For messages: channel and addresses.</summary>
    public string Name => _transport.Name;

    /// <summary>True while requests can be made.</summary>
    public bool IsOpen => Volatile.Read(ref _closed) is null;

    /// <summary>The services that both sides allow.</summary>
    public Conformance NegotiatedConformance => _association.NegotiatedConformance;

    /// <summary>Octets of the largest APDU that the device takes; 0 for no limit.</summary>
    public ushort ServerMaxReceivePdu => _association.ServerMaxReceivePdu;

    /// <summary>The device's system title, where it gave one.</summary>
    public SystemTitle? ServerSystemTitle => _association.ServerSystemTitle;

    /// <summary>What has been moved, reading the invocation counter included.</summary>
    public SessionStatistics Statistics => _before + _transport.Statistics;

    /// <summary>Associates over <paramref name="channel"/>, which stays the caller's and can be used again after the client is disposed of.</summary>
    /// <exception cref="AssociationException">There is no association; the message says why.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public static async Task<DlmsClient> ConnectAsync(
        IByteChannel channel, DlmsClientOptions options, IInvocationCounters counters, TimeProvider lineTime, CancellationToken cancellationToken)
    {
        if (options.Framing == FramingKind.Hdlc)
        {
            if (options.Opening is { } opening)
            {
                await OpticalOpening.OpenAsync(channel, opening with { Service = LocalService.Hdlc }, lineTime, options.Trace, cancellationToken).ConfigureAwait(false);
            }

            return await ConnectAsync(new HdlcRoute(channel, options.Hdlc, lineTime, options.Trace), options, counters, lineTime, null, cancellationToken).ConfigureAwait(false);
        }

        var connection = new WrapperConnection(channel, lineTime, ownsChannel: false, options.Trace);
        try
        {
            return await ConnectAsync(connection, options, counters, lineTime, connection, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            await connection.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    /// <summary>Associates over <paramref name="route"/>: a connection shared with others, a meter behind a gateway.</summary>
    /// <inheritdoc cref="ConnectAsync(IByteChannel, DlmsClientOptions, IInvocationCounters, TimeProvider, CancellationToken)"/>
    public static Task<DlmsClient> ConnectAsync(
        IApduRoute route, DlmsClientOptions options, IInvocationCounters counters, TimeProvider lineTime, CancellationToken cancellationToken) =>
        ConnectAsync(route, options, counters, lineTime, null, cancellationToken);

    /// <summary>Reads one attribute, or the part of it that <paramref name="access"/> describes.</summary>
    /// <exception cref="AssociationException">No answer, or there is no association any more.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public Task<RequestResult> GetAsync(AttributeRef target, SelectiveAccess? access, CancellationToken cancellationToken = default) =>
        GetAsync(target, access, null, cancellationToken);

    /// <summary>Reads one attribute, and says after each block how far it has come.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> GetAsync(AttributeRef target, SelectiveAccess? access, IProgress<TransferProgress>? progress, CancellationToken cancellationToken) =>
        RequestAsync(a => a.Get(target, access, _output), static a => a.Result.Keep(), cancellationToken, progress);

    /// <summary>Reads one whole attribute.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> GetAsync(AttributeRef target, CancellationToken cancellationToken = default) => GetAsync(target, null, cancellationToken);

    /// <summary>Reads several attributes in as few requests as the device allows; the answers are in the order of the targets.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, SelectiveAccess?, CancellationToken)"/>
    public Task<IReadOnlyList<RequestResult>> GetListAsync(IReadOnlyList<AttributeRef> targets, CancellationToken cancellationToken = default) =>
        RequestAsync<IReadOnlyList<RequestResult>>(a => a.GetList(targets, _output), static a => [.. a.Results.Select(r => r.Keep())], cancellationToken);

    /// <summary>Writes one attribute; <paramref name="data"/> is encoded Data.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> SetAsync(AttributeRef target, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.Set(target, data, _output), static a => a.Result.Keep(), cancellationToken);

    /// <summary>Invokes one method; <paramref name="parameter"/> is encoded Data, empty for none.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> InvokeAsync(MethodRef target, ReadOnlyMemory<byte> parameter, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.Invoke(target, parameter.Span, _output), static a => a.Result.Keep(), cancellationToken);

    /// <summary>Ends the association (RLRQ) and the link below it.</summary>
    /// <exception cref="AssociationException">No answer; the association is over all the same.</exception>
    /// <exception cref="LinkException">The channel was lost.</exception>
    public async Task ReleaseAsync(CancellationToken cancellationToken = default)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed is not null) return;
            Close("it was released");
            _output.ResetWrittenCount();
            if (!Quirks.Accepts(Quirk.ReleaseUnanswered)) await DriveAsync(_association.Release(_output), cancellationToken).ConfigureAwait(false);
            await _transport.CloseAsync(cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            _turn.Leave();
        }
    }

    /// <summary>Releases the association where that takes no longer than <see cref="MaxGoodbye"/>, and forgets its keys.</summary>
    public async ValueTask DisposeAsync()
    {
        using var enough = new CancellationTokenSource(MaxGoodbye, _lineTime);
        try
        {
            await ReleaseAsync(enough.Token).ConfigureAwait(false);
            if (_transport.IsUp) await _transport.CloseAsync(enough.Token).ConfigureAwait(false);
        }
        catch (Exception e) when (e is OperationCanceledException or AssociationException or LinkException)
        {
            // Politeness only: the device ends the association by itself when it hears no more.
        }

        Close("it was disposed of");
        await _transport.DisposeAsync().ConfigureAwait(false);
        if (_owned is not null) await _owned.DisposeAsync().ConfigureAwait(false);
        if (_channel is not null) await _channel.DisposeAsync().ConfigureAwait(false);
        _association.Dispose();
    }

    private static async Task<DlmsClient> ConnectAsync(
        IApduRoute route, DlmsClientOptions options, IInvocationCounters counters, TimeProvider lineTime, IAsyncDisposable? owned, CancellationToken cancellationToken)
    {
        var usesKeys = options.Association.IsCiphered || options.Association.Mechanism == AuthenticationMechanism.HighLevelGmac;
        var before = options.ReadInvocationCounter && usesKeys
            ? await InvocationCounterReading.RaiseAsync(route, options, counters, lineTime, cancellationToken).ConfigureAwait(false)
            : default;
        var transport = route.To(options.Peer, options.PatientTimeout, options.SendRetry);
        DlmsClient? client = null;
        try
        {
            client = new(transport, options, counters, lineTime, owned) { _before = before };
            await client.OpenAsync(cancellationToken).ConfigureAwait(false);
            return client;
        }
        catch
        {
            if (client is not null) await client.DisposeAsync().ConfigureAwait(false);
            else await transport.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    private async Task OpenAsync(CancellationToken cancellationToken)
    {
        await _transport.ConnectAsync(cancellationToken).ConfigureAwait(false);
        var step = await DriveAsync(_association.Open(_output), cancellationToken).ConfigureAwait(false);
        if (step != ClientStep.Associated) throw Failed();
        if (_options.Association is { UseShortNames: true, ShortNames: null }) await ReadObjectListAsync(cancellationToken).ConfigureAwait(false);
        Volatile.Write(ref _closed, null);
    }

    private async Task<T> RequestAsync<T>(
        Func<ClientAssociation, ClientStep> start, Func<ClientAssociation, T> result, CancellationToken cancellationToken, IProgress<TransferProgress>? progress = null)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            if (_closed is { } reason) throw new AssociationException(AssociationReason.LineError, $"{Name}: there is no association: {reason}. Connect anew.");
            cancellationToken.ThrowIfCancellationRequested();
            await HearEarlierAsync(cancellationToken).ConfigureAwait(false);
            var step = await DriveAsync(start(_association), cancellationToken, progress).ConfigureAwait(false);
            if (step != ClientStep.Failed) return result(_association);
            Close("it failed");
            throw Failed();
        }
        catch (OperationCanceledException)
        {
            if (_association.State == ClientState.Busy) Close("a request was cancelled in mid-way");
            throw;
        }
        catch (AssociationException) when (_transport.IsUp && _closed is null)
        {
            _association.Abandon(); // the answer, should it still come, is not taken for that of the next request
            if (_association.State != ClientState.Ready) Close("an answer is missing, which can't be told from the next one");
            throw;
        }
        catch (Exception e) when (e is AssociationException or LinkException)
        {
            Close("the link was lost");
            throw;
        }
        finally
        {
            _turn.Leave();
        }
    }

    // Sends what the association wants sent and gives it the answers, until it says what the call came to.
    private async ValueTask<ClientStep> DriveAsync(ClientStep step, CancellationToken cancellationToken, IProgress<TransferProgress>? progress = null)
    {
        for (var roundTrips = 1; step == ClientStep.Send; roundTrips++)
        {
            await RestAsync(cancellationToken).ConfigureAwait(false);
            step = Receive(await SendAsync(cancellationToken).ConfigureAwait(false));
            for (var ignored = 0; step is ClientStep.Ignored or ClientStep.Receiving or ClientStep.Notified;)
            {
                await HearAsync(step, cancellationToken).ConfigureAwait(false);
                if (step is ClientStep.Ignored or ClientStep.Notified && ++ignored > MaxIgnored) throw new AssociationException(AssociationReason.DeviceError, $"{Name}: the device sent {MaxIgnored} APDUs, none of them the answer.");
                progress?.Report(new(_association.AnswerOctets, roundTrips));
                step = await ReceiveMoreAsync(cancellationToken).ConfigureAwait(false);
            }

            RestFromNow();
            progress?.Report(new(_association.AnswerOctets, roundTrips));
        }

        // A request without an answer is done once it is on its way.
        if (step == ClientStep.Answered && _output.WrittenCount > 0) await _transport.SendUnconfirmedAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        return step;
    }

    // Sends what the association has written: one APDU, or a stream of general blocks, the last of which is answered.
    private async ValueTask<ReadOnlyMemory<byte>> SendAsync(CancellationToken cancellationToken)
    {
        while (_association.HasNext)
        {
            await _transport.SendAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
            _output.ResetWrittenCount();
            _association.TryNext(_output);
        }

        return await _transport.ExchangeAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
    }

    // Waits on. Where a part of the answer has come and the rest does not, the association asks for it.
    private async ValueTask<ClientStep> ReceiveMoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            return Receive(await _transport.ReceiveAsync(cancellationToken).ConfigureAwait(false));
        }
        catch (AssociationException e) when (e.Reason == AssociationReason.NoAnswer && _transport.IsUp)
        {
            _output.ResetWrittenCount();
            if (_association.TryRepeat(_output)) return ClientStep.Send;
            throw;
        }
    }

    private ClientStep Receive(ReadOnlyMemory<byte> answer)
    {
        _output.ResetWrittenCount();
        return _association.Receive(answer.Span, _output);
    }

    private void Close(string reason) => Interlocked.CompareExchange(ref _closed, reason, null);

    private AssociationException Failed() => AssociationFailures.Explain(Name, _options, _association.Failure);

    private static AssociationOptions WithFreshSecrets(DlmsClientOptions options)
    {
        // 32 octets are what ECDSA asks for at least; the other mechanisms take 8 to 64.
        const int challengeOctets = 16, longChallengeOctets = 32;
        var association = options.Association;
        association = association with { Random = association.Random ?? RandomNumberGenerator.Fill };
        if (association.Mechanism >= AuthenticationMechanism.HighLevelManufacturer && association.Challenge.IsEmpty)
        {
            var octets = association.Mechanism == AuthenticationMechanism.HighLevelEcdsa ? longChallengeOctets : challengeOctets;
            association = association with { Challenge = RandomNumberGenerator.GetBytes(octets) };
        }

        var keySize = (association.Keys?.Suite ?? SecuritySuite.Suite0).KeySize();
        return options.UseDedicatedKey ? association with { DedicatedKey = RandomNumberGenerator.GetBytes(keySize) } : association;
    }
}
