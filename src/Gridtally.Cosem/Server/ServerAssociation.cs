using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Server;

/// <summary>Where a server association stands.</summary>
public enum ServerAssociationState : byte
{
    /// <summary>No association: only an AARQ is served.</summary>
    Idle,
    /// <summary>AARE sent, pass 3 of HLS awaited.</summary>
    AuthenticationPending,
    /// <summary>Requests are served.</summary>
    Associated,
}

/// <summary>The association of one client with one logical device over one link, server side. No I/O, no clock, not thread-safe.</summary>
/// <remarks>
/// Whatever arrives, there is an answer or silence, never an exception and never a reason to drop the link. IEC 62056-5-3.
/// </remarks>
public sealed partial class ServerAssociation : IDisposable
{
    /// <summary>What a PDU size of 0 (no limit) comes to: the wrapper's length field has 16 bits.</summary>
    private const int NoPduLimit = 0xFFFF;

    private static readonly ExceptionResponse NotPossible = new(ExceptionState.ServiceNotAllowed, ExceptionService.OperationNotPossible);
    private static readonly ExceptionResponse NotSupported = new(ExceptionState.ServiceNotAllowed, ExceptionService.ServiceNotSupported);
    private static readonly ExceptionResponse UnknownService = new(ExceptionState.ServiceUnknown, ExceptionService.ServiceNotSupported);
    private static readonly ExceptionResponse NotDecodable = new(ExceptionState.ServiceNotAllowed, ExceptionService.OtherReason);
    private static readonly ExceptionResponse PduTooLong = new(ExceptionState.ServiceNotAllowed, ExceptionService.PduTooLong);
    private static readonly ExceptionResponse NotDecipherable = new(ExceptionState.ServiceNotAllowed, ExceptionService.DecipheringError);

    private readonly ILogicalDevice _device;
    private readonly IInvocationCounters _counters;
    private readonly ApduBuffer _plain = ApduBuffer.Pooled();
    private readonly ApduBuffer _block = ApduBuffer.Pooled();
    private ApduBuffer _answer = ApduBuffer.Pooled();
    private AssociationSpec _spec;
    private AssociationSpec _active;
    private ApduCipher? _cipher;
    private bool _ciphered;
    private ushort _clientMaxReceivePdu;
    private Wrapping _received;
    private bool _silent;
    private bool _full;

    /// <summary>An association that is not open yet.</summary>
    /// <param name="spec">What the client is granted, and what is demanded of it.</param>
    /// <param name="clientSap">SAP of the client.</param>
    /// <param name="device">The objects that are served.</param>
    /// <param name="counters">Invocation counters of the keys in <paramref name="spec"/>.</param>
    /// <exception cref="ArgumentException">The spec lacks something; see <see cref="AssociationSpec.Validate"/>.</exception>
    public ServerAssociation(AssociationSpec spec, ushort clientSap, ILogicalDevice device, IInvocationCounters counters)
    {
        ArgumentNullException.ThrowIfNull(device);
        ArgumentNullException.ThrowIfNull(counters);
        spec.Validate();
        (_spec, _active, ClientSap, _device, _counters) = (spec, spec, clientSap, device, counters);
    }

    /// <summary>What is granted and demanded. A new value holds from the next AARQ on (renewed keys, a stronger policy).</summary>
    /// <exception cref="ArgumentException">The spec lacks something; see <see cref="AssociationSpec.Validate"/>.</exception>
    public AssociationSpec Spec
    {
        get => _spec;
        set
        {
            value.Validate();
            _spec = value;
        }
    }

    /// <summary>SAP of the client.</summary>
    public ushort ClientSap { get; }

    /// <summary>Where the association stands.</summary>
    public ServerAssociationState State { get; private set; }

    /// <summary>The services that both sides allow.</summary>
    public Conformance NegotiatedConformance { get; private set; }

    /// <summary>Serves one APDU; writes at most one APDU to <paramref name="response"/>, which <see cref="TryNext"/> goes on from.</summary>
    /// <param name="apdu">The whole APDU.</param>
    /// <param name="response">Receives the answer.</param>
    /// <param name="broadcast">True for one that came to several stations at once (broadcast address, UI frame): it is served, and never answered.</param>
    /// <remarks>A SET, ACTION or ACCESS of the unconfirmed service class is not answered either (<see cref="AssociationSpec.AnswersUnconfirmed"/>).</remarks>
    public void Handle(ReadOnlySpan<byte> apdu, IBufferWriter<byte> response, bool broadcast = false)
    {
        (_silent, _full) = (broadcast, false);
        var tag = apdu.IsEmpty ? ApduTag.None : (ApduTag)apdu[0];
        if (tag == ApduTag.GeneralBlockTransfer) OnGeneralBlock(apdu, response);
        else if (UsesGeneralBlocks && tag is not (ApduTag.Aarq or ApduTag.Rlrq)) HandleWithLongAnswer(apdu, response);
        else HandleWhole(tag, apdu, response);
    }

    private void HandleWhole(ApduTag tag, ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        _tag = ApduTags.Plain(tag) is var plain and not ApduTag.None ? plain : tag;
        if (tag is ApduTag.Aarq or ApduTag.Rlrq) HandleAcse(tag, apdu, response);
        else if (!IsRequest(tag) && !ApduTags.IsProtected(tag)) Refuse(UnknownService, response);
        else if (State == ServerAssociationState.Idle) Refuse(NotPossible, response);
        else if (Unwrap(tag, apdu, _active.Policy.Request, ApduTag.None, out var wrapping) is { } refusal) Refuse(refusal, response);
        else if (!wrapping.Protection.Covers(_active.Policy.Request)) Refuse(NotPossible, response);
        else
        {
            _received = wrapping;
            Serve(_plain.Span, wrapping.Answer(_active.Policy.Response), response);
        }

        GiveBack();
    }

    /// <summary>The link is gone, and with it the association and any block transfer.</summary>
    public void Reset()
    {
        State = ServerAssociationState.Idle;
        NegotiatedConformance = Conformance.None;
        EndTransfers();
        (_blocks, _pushed) = (null, null);
        _plain.Recycle();
        _cipher?.Dispose();
        _cipher = null;
        (_ciphered, _shortNames) = (false, false);
    }

    /// <summary>Clears the keys that this association holds (not those of the spec).</summary>
    public void Dispose()
    {
        Reset();
        _plain.Wipe();
    }

    private static bool IsRequest(ApduTag tag) =>
        tag is ApduTag.GetRequest or ApduTag.SetRequest or ApduTag.ActionRequest or ApduTag.AccessRequest or ApduTag.DataNotificationConfirm
            or ApduTag.ReadRequest or ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest;

    /// <summary>Opening and release are between two parties: broadcast, they say nothing.</summary>
    private void HandleAcse(ApduTag tag, ReadOnlySpan<byte> apdu, IBufferWriter<byte> response)
    {
        if (_silent) return;
        if (tag == ApduTag.Aarq) OnAarq(apdu, response);
        else OnRlrq(apdu, response);
    }

    private void Serve(ReadOnlySpan<byte> plain, Wrapping wrapping, IBufferWriter<byte> response)
    {
        var tag = _tag = (ApduTag)plain[0];
        if (State == ServerAssociationState.AuthenticationPending)
        {
            if (tag == ApduTag.ActionRequest && !_silent) OnPass3(plain, wrapping, response);
            else if (tag == ApduTag.ReadRequest && _shortNames && !_silent) OnNamedPass3(plain, wrapping, response);
            else Refuse(NotPossible, response);
            return;
        }

        _silent |= tag == ApduTag.UnconfirmedWriteRequest || (IsUnconfirmed(tag, plain) && !_active.AnswersUnconfirmed);
        switch (tag)
        {
            case ApduTag.GetRequest: OnGet(plain, wrapping, response); break;
            case ApduTag.SetRequest: OnSet(plain, wrapping, response); break;
            case ApduTag.ActionRequest: OnAction(plain, wrapping, response); break;
            case ApduTag.AccessRequest: OnAccess(plain, wrapping, response); break;
            case ApduTag.DataNotificationConfirm: OnNotificationConfirm(plain); break;
            case ApduTag.ReadRequest when _shortNames: OnRead(plain, wrapping, response); break;
            case ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest when _shortNames: OnWrite(plain, wrapping, response); break;
            case ApduTag.ReadRequest or ApduTag.WriteRequest or ApduTag.UnconfirmedWriteRequest: Refuse(NotSupported, response); break;
            default: Refuse(UnknownService, response); break;
        }
    }

    /// <summary>True where the client says that it wants no answer. GET is answered in any case: its answer is all there is to it.</summary>
    private static bool IsUnconfirmed(ApduTag tag, ReadOnlySpan<byte> plain) => tag switch
    {
        ApduTag.SetRequest or ApduTag.ActionRequest => plain.Length > 2 && !new InvokeIdAndPriority(plain[2]).Confirmed,
        ApduTag.AccessRequest => plain.Length > 1 && !new LongInvokeIdAndPriority((uint)plain[1] << 24).Confirmed,
        _ => false,
    };

    /// <summary>Answers that a request can't be served at all; not to those that want no answer.</summary>
    private void Refuse(ExceptionResponse exception, IBufferWriter<byte> response)
    {
        if (_silent) return;
        if (_shortNames) ShortNameRefusal(exception, _tag).WriteTo(response);
        else exception.WriteTo(response);
    }

    /// <summary>Memory for long APDUs is held while one is handled, or between the blocks of a transfer, and no longer.</summary>
    private void GiveBack()
    {
        _plain.Recycle();
        _answer.Recycle();
        _block.Recycle();
    }

    private bool Grants(Conformance needed) => (NegotiatedConformance & needed) == needed;
}
