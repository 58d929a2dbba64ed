using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;

namespace Gridtally.Cosem.Client;

/// <content>GET, SET and ACTION: what the requests have in common.</content>
public sealed partial class ClientAssociation
{
    private enum Service : byte { Get, GetList, Set, SetList, Invoke, InvokeList, Access }

    private ApduBuffer _answer = new();
    private List<RequestResult> _results = [];
    private Service _service;
    private InvokeIdAndPriority _invokeId;
    private byte? _abandoned;

    /// <summary>What one request is about; of a list, the first item of the part under way.</summary>
    private AttributeRef _target;
    private SelectiveAccess? _access;
    private MethodRef _method;

    /// <summary>Items of a list, and how many of them the request under way names.</summary>
    private int _items;
    private int _chunk;
    private bool _passingOver;

    /// <summary>What is sent in blocks, and how far.</summary>
    private ReadOnlyMemory<byte> _data;
    private int _sent;
    private uint _sentBlocks;
    private uint _receivedBlocks;

    private string RequestName => _service switch
    {
        Service.Set or Service.SetList when UsesShortNames => "write-request",
        _ when UsesShortNames => "request by short name",
        Service.Set or Service.SetList => "set-request",
        Service.Invoke or Service.InvokeList => "action-request",
        Service.Access => "access-request",
        _ => "get-request",
    };

    private string ExpectedResponse => _service switch
    {
        _ when UsesShortNames => "a read- or write-response",
        Service.Set or Service.SetList => "a set-response",
        Service.Invoke or Service.InvokeList => "an action-response",
        Service.Access => "an access-response",
        _ => "a get-response",
    };

    private bool IsList => _service is Service.GetList or Service.SetList or Service.InvokeList or Service.Access;

    private ClientStep OnRequestException(ReadOnlySpan<byte> plain) => Refuse(ExceptionResponse.TryRead(plain, out var response, out var error)
        ? new RequestFailure.Exception(response)
        : new RequestFailure.Malformed(error));

    private ClientStep OnServiceError(ReadOnlySpan<byte> plain) => Refuse(ConfirmedServiceError.TryRead(plain, out var response, out var error)
        ? new RequestFailure.ServiceError(response)
        : new RequestFailure.Malformed(error));

    private void Begin(Service service)
    {
        _service = service;
        _invokeId = NextInvokeId();
        (_sent, _sentBlocks, _receivedBlocks) = (0, 0, 0);
        (_data, _rawName) = (default, null);
        _request.Recycle();
        _answer.Recycle();
        _blocks?.Reset();
        Result = default;
        State = ClientState.Busy;
    }

    private ClientStep Send(IBufferWriter<byte> output) =>
        UsesGeneralBlocks && _request.Length > MaxPlainInOneApdu ? SendInBlocks(output)
        : TrySend(output, dedicated: true) ? ClientStep.Send : Refuse(new RequestFailure.Security(_sendFault));

    private ClientStep StartList(Service service, int items, IBufferWriter<byte> output)
    {
        (_service, _items) = (service, items);
        _results.Clear();
        return NextChunk(output);
    }

    /// <summary>Goes on with the items of a list that are left. Those that are refused before anything is sent are passed over in a loop: there may be many.</summary>
    private ClientStep NextChunk(IBufferWriter<byte> output)
    {
        if (_passingOver) return ClientStep.Send;
        _passingOver = true;
        ClientStep step;
        int before;
        do
        {
            before = _results.Count;
            step = before == _items ? Answer(default) : SendChunk(output);
        }
        while (State == ClientState.Busy && _results.Count > before);
        _passingOver = false;
        return step;
    }

    private ClientStep SendChunk(IBufferWriter<byte> output)
    {
        Begin(_service);
        return _service switch
        {
            Service.GetList => NextGets(output),
            Service.SetList => NextSets(output),
            _ => NextInvokes(output),
        };
    }

    private ClientStep Answer(RequestResult result)
    {
        Result = result;
        State = ClientState.Ready;
        return ClientStep.Answered;
    }

    /// <summary>The answer to a single request; of a list, that to an item that was asked for alone.</summary>
    private ClientStep AnswerOne(RequestResult result, IBufferWriter<byte> output)
    {
        if (!IsList) return Answer(result);
        _results.Add(result.Keep());
        return NextChunk(output);
    }

    /// <summary>Ends a single request without a value; a list goes on with the next item.</summary>
    private ClientStep RefuseOne(RequestFailure failure, IBufferWriter<byte> output) => AnswerOne(RequestResult.Failed(failure), output);

    /// <summary>Ends the request without a value. A list that can't go on has the same failure for all that is left.</summary>
    private ClientStep Refuse(RequestFailure failure)
    {
        while (IsList && _results.Count < _items) _results.Add(RequestResult.Failed(failure));
        return Answer(RequestResult.Failed(failure));
    }

    private RequestFailure.TooLong? TooLong(int more) =>
        _answer.Length + more > Limits.MaxReassembly ? new("the answer", _answer.Length + more, Limits.MaxReassembly) : null;

    private static Conformance Selecting(SelectiveAccess? access) => access is null ? Conformance.None : ServiceForms.Selection;

    private static Conformance AllAttributes(ApduTag tag, in AttributeRef target) => target.AttributeId == 0 ? ServiceForms.AllAttributes(tag) : Conformance.None;

    private RequestFailure.NotNegotiated? Missing(Conformance needed)
    {
        var missing = needed & ~NegotiatedConformance;
        return missing == 0 ? null : new(missing);
    }

    private RequestFailure.OutOfPlace? WrongInvokeId(InvokeIdAndPriority got) =>
        got.Id == _invokeId.Id || Accepts(Quirk.InvokeIdNotEchoed)
            ? null
            : new($"an answer with invoke id {_invokeId.Id}", $"one with invoke id {got.Id}", Quirk.InvokeIdNotEchoed);

    /// <summary>
    /// True for the answer to a request that was abandoned before, and for a second answer to the one before this: a link that
    /// repeats requests (UDP, or a driver after a timeout) gets some answers twice.
    /// </summary>
    private bool IsLate(ReadOnlySpan<byte> plain)
    {
        if (State != ClientState.Busy || Accepts(Quirk.InvokeIdNotEchoed) || plain.Length <= 2) return false;
        if ((ApduTag)plain[0] == ApduTag.AccessResponse) return IsLateAccess(plain);
        if ((ApduTag)plain[0] is not (ApduTag.GetResponse or ApduTag.SetResponse or ApduTag.ActionResponse)) return false;
        var (id, before) = (plain[2] & 0x0F, (_invokeId.Id - 1) & 0x0F);
        return (id != _invokeId.Id || _service == Service.Access) && (id == before || id == _abandoned);
    }
}
