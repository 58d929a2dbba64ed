using Gridtally.Cosem;
using Gridtally.Cosem.Client;

namespace Gridtally.Sessions;

/// <content>Lists, ACCESS, requests without an answer, and what the device says unasked.</content>
public sealed partial class DlmsClient
{
    /// <summary>
    /// Told of each notification of this association, as a plain APDU that stays valid during the call only; <see cref="Gridtally.Cosem.Apdus.NotificationApdu"/>
    /// reads it. Notifications are heard while a request is made or <see cref="ReceiveNotificationsAsync"/> runs. One that asks for a confirmation gets it.
    /// </summary>
    /// <remarks>Called in the middle of the session: it must be quick and must not make requests of this client.</remarks>
    public event Action<ReadOnlyMemory<byte>>? Notified;

    /// <summary>Writes several attributes in as few requests as the device allows; the answers are in the order of the items.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, Cosem.Apdus.SelectiveAccess?, CancellationToken)"/>
    public Task<IReadOnlyList<RequestResult>> SetListAsync(IReadOnlyList<SetItem> items, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.SetList(items, _output), KeepResults, cancellationToken);

    /// <summary>Invokes several methods in as few requests as the device allows; the answers are in the order of the items.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, Cosem.Apdus.SelectiveAccess?, CancellationToken)"/>
    public Task<IReadOnlyList<RequestResult>> InvokeListAsync(IReadOnlyList<InvokeItem> items, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.InvokeList(items, _output), KeepResults, cancellationToken);

    /// <summary>Reads, writes and invokes in one ACCESS request; the answers are in the order of the items.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, Cosem.Apdus.SelectiveAccess?, CancellationToken)"/>
    public Task<IReadOnlyList<RequestResult>> AccessAsync(IReadOnlyList<AccessItem> items, AccessOptions options = default, CancellationToken cancellationToken = default) =>
        RequestAsync(a => a.Access(items, options, _output), KeepResults, cancellationToken);

    /// <summary>Writes one attribute without an answer: what became of it is not known. The failure, if any, says why nothing was sent.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, Cosem.Apdus.SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> SetUnconfirmedAsync(AttributeRef target, ReadOnlyMemory<byte> data, CancellationToken cancellationToken = default) =>
        SendOnlyAsync(a => a.SetUnconfirmed(target, data.Span, _output), cancellationToken);

    /// <summary>Invokes one method without an answer: what became of it is not known. The failure, if any, says why nothing was sent.</summary>
    /// <inheritdoc cref="GetAsync(AttributeRef, Cosem.Apdus.SelectiveAccess?, CancellationToken)"/>
    public Task<RequestResult> InvokeUnconfirmedAsync(MethodRef target, ReadOnlyMemory<byte> parameter, CancellationToken cancellationToken = default) =>
        SendOnlyAsync(a => a.InvokeUnconfirmed(target, parameter.Span, _output), cancellationToken);

    /// <summary>Listens for notifications (<see cref="Notified"/>) while there is nothing to ask, until cancelled. Requests wait meanwhile.</summary>
    /// <exception cref="OperationCanceledException">Always, in the end: that is how listening stops.</exception>
    /// <exception cref="AssociationException">There is no association any more.</exception>
    /// <exception cref="Gridtally.Links.LinkException">The channel was lost.</exception>
    public async Task ReceiveNotificationsAsync(CancellationToken cancellationToken)
    {
        await _turn.EnterAsync(cancellationToken).ConfigureAwait(false);
        try
        {
            while (true)
            {
                if (_closed is { } reason) throw new AssociationException(AssociationReason.LineError, $"{Name}: there is no association: {reason}. Connect anew.");
                try
                {
                    await HearAsync(Receive(await _transport.ListenAsync(cancellationToken).ConfigureAwait(false)), cancellationToken).ConfigureAwait(false);
                }
                catch (AssociationException e) when (e.Reason == AssociationReason.NoAnswer && _transport.IsUp)
                {
                    // Nothing was asked, so silence is no fault.
                }
            }
        }
        finally
        {
            _turn.Leave();
        }
    }

    private static IReadOnlyList<RequestResult> KeepResults(ClientAssociation association) => [.. association.Results.Select(r => r.Keep())];

    private Task<RequestResult> SendOnlyAsync(Func<ClientAssociation, ClientStep> start, CancellationToken cancellationToken) =>
        RequestAsync(start, static a => a.Result.Keep(), cancellationToken);

    // Passes a notification on, and sends the confirmation where the association has written one.
    private async ValueTask HearAsync(ClientStep step, CancellationToken cancellationToken)
    {
        if (step != ClientStep.Notified) return;
        if (_output.WrittenCount > 0) await _transport.SendUnconfirmedAsync(_output.WrittenMemory, cancellationToken).ConfigureAwait(false);
        Notified?.Invoke(_association.Notification);
    }

    // What came while nobody listened. Answers to what was given up are nobody's any more.
    private async ValueTask HearEarlierAsync(CancellationToken cancellationToken)
    {
        while (_transport.TryTake(out var apdu)) await HearAsync(Receive(apdu), cancellationToken).ConfigureAwait(false);
        _output.ResetWrittenCount();
    }
}
