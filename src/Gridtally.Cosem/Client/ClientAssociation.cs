using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <summary>Where a client association stands.</summary>
public enum ClientState : byte
{
    /// <summary>Not opened, released, or given up.</summary>
    Idle,
    /// <summary>AARQ sent.</summary>
    Associating,
    /// <summary>Pass 3 of HLS sent.</summary>
    Authenticating,
    /// <summary>Associated; a request may be made.</summary>
    Ready,
    /// <summary>A request is under way.</summary>
    Busy,
    /// <summary>RLRQ sent.</summary>
    Releasing,
}

/// <summary>What a call to a client association came to. Whatever it wrote to the output must be sent first.</summary>
public enum ClientStep : byte
{
    /// <summary>An APDU was written, which <see cref="ClientAssociation.TryNext"/> may go on from; the answer goes to <see cref="ClientAssociation.Receive"/>.</summary>
    Send,
    /// <summary>The association is open.</summary>
    Associated,
    /// <summary>The request is done: see <see cref="ClientAssociation.Result"/> or <see cref="ClientAssociation.Results"/>.</summary>
    Answered,
    /// <summary>The association is over, as asked.</summary>
    Released,
    /// <summary>There is no association: see <see cref="ClientAssociation.Failure"/>.</summary>
    Failed,
    /// <summary>
    /// The server said something unasked: see <see cref="ClientAssociation.Notification"/>. What was asked for goes on being waited for; an APDU that
    /// was written is a confirmation, which has no answer.
    /// </summary>
    Notified,
    /// <summary>The transfer under way was put aside, as <see cref="ClientAssociation.Suspend"/> asked; make another request, then <see cref="ClientAssociation.Resume"/>.</summary>
    Suspended,
    /// <summary>The APDU was none for this association (unsolicited, or the late answer to an abandoned request); go on waiting.</summary>
    Ignored,
    /// <summary>A part of the answer has come, and the server goes on sending (general blocks in a stream); wait for more.</summary>
    Receiving,
}

/// <summary>One association with one logical device, client side. Holds no socket, reads no clock, makes up no random octets.</summary>
/// <remarks>
/// Each call that has something to send writes one APDU to its <c>output</c>. One request at a time. Not thread-safe.
/// IEC 62056-5-3: ACSE, HLS authentication, xDLMS services with block transfer.
/// </remarks>
public sealed partial class ClientAssociation : IDisposable
{
    /// <summary>What a PDU size of 0 (no limit) comes to: the wrapper's length field has 16 bits.</summary>
    private const int NoPduLimit = 0xFFFF;

    private readonly AssociationOptions _options;
    private readonly IInvocationCounters _counters;
    private readonly ApduBuffer _request = new();
    private readonly ApduBuffer _response = new();
    private ApduCipher? _cipher;

    /// <summary>A new association, not yet opened.</summary>
    /// <param name="options">What to ask for.</param>
    /// <param name="counters">Invocation counters of the keys in <paramref name="options"/>; not used without ciphering and HLS-5.</param>
    /// <exception cref="ArgumentException">The options lack something; see <see cref="AssociationOptions.Validate"/>.</exception>
    public ClientAssociation(AssociationOptions options, IInvocationCounters counters)
    {
        options.Validate();
        ArgumentNullException.ThrowIfNull(counters);
        (_options, _counters) = (options, counters);
    }

    /// <summary>Where the association stands.</summary>
    public ClientState State { get; private set; }

    /// <summary>Why there is no association, after <see cref="ClientStep.Failed"/>.</summary>
    public AssociationFailure? Failure { get; private set; }

    /// <summary>The services that both sides allow.</summary>
    public Conformance NegotiatedConformance { get; private set; }

    /// <summary>Octets of the largest APDU that the server takes; 0 for no limit.</summary>
    public ushort ServerMaxReceivePdu { get; private set; }

    /// <summary>The server's system title, where it gave one.</summary>
    public SystemTitle? ServerSystemTitle { get; private set; }

    /// <summary>The answer to the last GET, SET or ACTION.</summary>
    public RequestResult Result { get; private set; }

    /// <summary>Octets of the answer that have come so far, in blocks or whole.</summary>
    public int AnswerOctets => _answer.Length + OctetsInBlocks;

    /// <summary>The answers to the last list of reads, writes or invocations, or to the last ACCESS, in the order asked. Each has data of its own.</summary>
    public IReadOnlyList<RequestResult> Results => _results;

    /// <summary>Opens the association: writes the AARQ.</summary>
    /// <exception cref="InvalidOperationException">It is open already, or being opened.</exception>
    public ClientStep Open(IBufferWriter<byte> output)
    {
        Expect(ClientState.Idle, "open");
        return SendAarq(output);
    }

    /// <summary>Reads one attribute, or the part of it that <paramref name="access"/> describes.</summary>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep Get(in AttributeRef target, SelectiveAccess? access, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "GET");
        return StartGet(target, access, output);
    }

    /// <summary>Reads several attributes, in as few requests as the server allows.</summary>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep GetList(IReadOnlyList<AttributeRef> targets, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "GET");
        return StartGetList(targets, output);
    }

    /// <summary>Writes one attribute; <paramref name="data"/> is encoded Data, which must stay as it is until the answer.</summary>
    /// <exception cref="ArgumentException">No data at all.</exception>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep Set(in AttributeRef target, ReadOnlyMemory<byte> data, IBufferWriter<byte> output) => Set(target, null, data, output);

    /// <summary>Writes one attribute, or the part of it that <paramref name="access"/> describes.</summary>
    /// <inheritdoc cref="Set(in AttributeRef, ReadOnlyMemory{byte}, IBufferWriter{byte})"/>
    public ClientStep Set(in AttributeRef target, SelectiveAccess? access, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "SET");
        RequireData(data, nameof(data));
        return StartSet(target, access, data, output);
    }

    /// <summary>Writes several attributes, in as few requests as the server allows.</summary>
    /// <exception cref="ArgumentException">An item without data.</exception>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep SetList(IReadOnlyList<SetItem> items, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "SET");
        foreach (var item in items) RequireData(item.Data, nameof(items));
        return StartSetList(items, output);
    }

    /// <summary>Invokes one method; <paramref name="parameter"/> is encoded Data, empty for none.</summary>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep Invoke(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "ACTION");
        return StartInvoke(target, parameter, output);
    }

    /// <summary>Invokes several methods, in as few requests as the server allows.</summary>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep InvokeList(IReadOnlyList<InvokeItem> items, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "ACTION");
        return StartInvokeList(items, output);
    }

    /// <summary>Reads, writes and invokes in one ACCESS request. It is never divided: what must be longer needs general block transfer.</summary>
    /// <exception cref="ArgumentException">No item, more than <see cref="Limits.MaxListItems"/>, or a write without data.</exception>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep Access(IReadOnlyList<AccessItem> items, AccessOptions options, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "ACCESS");
        if (items.Count is 0 or > Limits.MaxListItems) throw new ArgumentException($"An ACCESS has 1 to {Limits.MaxListItems} items, not {items.Count}.", nameof(items));
        foreach (var item in items)
        {
            if (item.Kind is AccessKind.Set or AccessKind.SetWithSelection) RequireData(item.Data, nameof(items));
        }

        return StartAccess(items, options, output);
    }

    /// <summary>Writes one attribute without an answer (unconfirmed service class): what became of it is not known.</summary>
    /// <returns><see cref="ClientStep.Answered"/>: what was written to <paramref name="output"/> is all there is to it. A failure of <see cref="Result"/> says that nothing was.</returns>
    /// <exception cref="ArgumentException">No data at all.</exception>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep SetUnconfirmed(in AttributeRef target, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "SET");
        if (data.IsEmpty) throw new ArgumentException("A SET needs encoded Data; null-data is the octet 00.", nameof(data));
        return SendSetUnconfirmed(target, data, output);
    }

    /// <summary>Invokes one method without an answer (unconfirmed service class): what became of it is not known.</summary>
    /// <inheritdoc cref="SetUnconfirmed"/>
    public ClientStep InvokeUnconfirmed(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "ACTION");
        return SendInvokeUnconfirmed(target, parameter, output);
    }

    /// <summary>Ends the association: writes the RLRQ.</summary>
    /// <exception cref="InvalidOperationException">Not associated, or a request is under way.</exception>
    public ClientStep Release(IBufferWriter<byte> output)
    {
        Expect(ClientState.Ready, "release");
        return SendRlrq(output);
    }

    /// <summary>
    /// Gives the request under way up; its answer, should it still come, is ignored. With short names the association is over: its answers have no
    /// invoke id, and a late one would be taken for the next.
    /// </summary>
    public void Abandon()
    {
        if (State != ClientState.Busy) return;
        if (UsesShortNames)
        {
            Reset();
            return;
        }

        _abandoned = _invokeId.Id;
        _blocks?.Reset();
        State = ClientState.Ready;
    }

    /// <summary>The link is gone, and the association with it.</summary>
    public void Reset()
    {
        State = ClientState.Idle;
        _abandoned = null;
        _request.Recycle();
        _response.Recycle();
        _answer.Recycle();
        _outgoing.Recycle();
        ForgetSuspended();
        _blocks = null;
        _cipher?.Dispose();
        _cipher = null;
    }

    /// <summary>Takes in one APDU from the server.</summary>
    /// <param name="apdu">The whole APDU.</param>
    /// <param name="output">Receives the next APDU to send, with <see cref="ClientStep.Send"/>.</param>
    public ClientStep Receive(ReadOnlySpan<byte> apdu, IBufferWriter<byte> output) =>
        IsGeneralBlock(apdu) ? OnGeneralBlock(apdu, output) : ReceiveWhole(apdu, output);

    private ClientStep ReceiveWhole(ReadOnlySpan<byte> apdu, IBufferWriter<byte> output)
    {
        if (State == ClientState.Idle) return ClientStep.Ignored;
        if (Unwrap(apdu) is { } fault) return MayBeUnasked(apdu) ? ClientStep.Ignored : FailSecurity(fault);
        if (IsNotification(_response.Span)) return OnNotification(output);
        if (State == ClientState.Ready) return ClientStep.Ignored;
        var plain = Mend(_response.Span);
        return NameQuirk(Dispatch(plain, output), plain);
    }

    private ClientStep Dispatch(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        var tag = plain.IsEmpty ? ApduTag.None : (ApduTag)plain[0];
        if (IsLate(plain)) return ClientStep.Ignored;
        return (State, tag) switch
        {
            (ClientState.Associating, ApduTag.Aare) => OnAare(plain, output),
            (ClientState.Associating, ApduTag.ExceptionResponse) => OnException(plain),
            (ClientState.Associating or ClientState.Authenticating, ApduTag.ConfirmedServiceError) => OnOpeningError(plain),
            (ClientState.Associating, _) => Fail(new AssociationFailure.OutOfPlace("an AARE", ApduTags.NameOf(plain))),

            (ClientState.Authenticating, ApduTag.ReadResponse) when UsesShortNames => OnNamedPass4(plain),
            (ClientState.Authenticating, ApduTag.ActionResponse) => OnPass4(plain),
            (ClientState.Authenticating, ApduTag.ExceptionResponse) => OnException(plain),
            (ClientState.Authenticating, _) => Fail(new AssociationFailure.OutOfPlace("an action-response (pass 4 of HLS)", ApduTags.NameOf(plain))),

            (ClientState.Busy, ApduTag.ReadResponse) when UsesShortNames => OnReadResponse(plain, output),
            (ClientState.Busy, ApduTag.WriteResponse) when UsesShortNames => OnWriteResponse(plain, output),
            (ClientState.Busy, ApduTag.GetResponse) when _service is Service.Get or Service.GetList => OnGetResponse(plain, output),
            (ClientState.Busy, ApduTag.SetResponse) when _service is Service.Set or Service.SetList => OnSetResponse(plain, output),
            (ClientState.Busy, ApduTag.ActionResponse) when _service is Service.Invoke or Service.InvokeList => OnActionResponse(plain, output),
            (ClientState.Busy, ApduTag.AccessResponse) when _service == Service.Access => OnAccessResponse(plain),
            (ClientState.Busy, ApduTag.ExceptionResponse) => OnRequestException(plain),
            (ClientState.Busy, ApduTag.ConfirmedServiceError) => OnServiceError(plain),
            (ClientState.Busy, _) => Refuse(new RequestFailure.OutOfPlace(ExpectedResponse, ApduTags.NameOf(plain))),

            (ClientState.Releasing, ApduTag.Rlre or ApduTag.ExceptionResponse) => OnReleased(),
            _ => ClientStep.Ignored,
        };
    }

    /// <summary>Clears the keys that this association holds (not those of the options).</summary>
    public void Dispose()
    {
        Reset();
        _request.Wipe();
    }

    private void Expect(ClientState state, string what)
    {
        if (State != state) throw new InvalidOperationException($"Can't {what} while the association is {State}; it must be {state}.");
    }

    private static void RequireData(ReadOnlyMemory<byte> data, string name)
    {
        if (data.IsEmpty) throw new ArgumentException("A SET needs encoded Data; null-data is the octet 00.", name);
    }

    private ClientStep Fail(AssociationFailure failure)
    {
        Reset();
        Failure = failure;
        return ClientStep.Failed;
    }

    private ClientStep OnException(ReadOnlySpan<byte> plain)
    {
        if (!ExceptionResponse.TryRead(plain, out var response, out var error)) return Fail(new AssociationFailure.Malformed(error));
        return Fail(response.Service == ExceptionService.DecipheringError
            ? new AssociationFailure.AuthenticationRefused($"exception-response {response}")
            : new AssociationFailure.Exception(response));
    }

    private ClientStep OnOpeningError(ReadOnlySpan<byte> plain) => Fail(ConfirmedServiceError.TryRead(plain, out var response, out var error)
        ? new AssociationFailure.ServiceError(response)
        : new AssociationFailure.Malformed(error));

    private ClientStep OnReleased()
    {
        Reset();
        return ClientStep.Released;
    }
}
