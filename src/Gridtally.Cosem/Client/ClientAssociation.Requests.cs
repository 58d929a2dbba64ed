using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Quirks;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <content>GET, SET and ACTION: what the requests have in common.</content>
public sealed partial class ClientAssociation
{
    private enum Service : byte { Get, GetList, Set, Invoke }

    private readonly ApduBuffer _answer = new();
    private readonly List<RequestResult> _results = [];
    private IReadOnlyList<AttributeRef> _targets = [];
    private int _chunk;
    private Service _service;
    private AttributeRef _target;
    private MethodRef _method;
    private InvokeIdAndPriority _invokeId;
    private InvokeIdAndPriority? _abandoned;
    private uint _block;
    private ReadOnlyMemory<byte> _data;
    private int _sent;

    private string ExpectedResponse => _service switch { Service.Set => "a set-response", Service.Invoke => "an action-response", _ => "a get-response" };

    private ClientStep OnRequestException(ReadOnlySpan<byte> plain) => Refuse(ExceptionResponse.TryRead(plain, out var response, out var error)
        ? new RequestFailure.Exception(response)
        : new RequestFailure.Malformed(error));

    private void Begin(Service service)
    {
        _service = service;
        _invokeId = InvokeIdAndPriority.Usual(_invokeId.Id + 1);
        _block = 0;
        _data = default;
        _request.Recycle();
        _answer.Recycle();
        _blocks?.Reset();
        Result = default;
        State = ClientState.Busy;
    }

    private ClientStep Send(IBufferWriter<byte> output) =>
        UsesGeneralBlocks && _request.Length > RequestWrapping.MaxPlain(MaxApdu) ? SendInBlocks(output)
        : TrySend(output, dedicated: true) ? ClientStep.Send : Refuse(new RequestFailure.Security(SecurityFault.CounterExhausted));

    private ClientStep Answer(RequestResult result)
    {
        Result = result;
        State = ClientState.Ready;
        return ClientStep.Answered;
    }

    /// <summary>Ends the request without a value. A list that can't go on has the same failure for all that is left.</summary>
    private ClientStep Refuse(RequestFailure failure)
    {
        while (_service == Service.GetList && _results.Count < _targets.Count) _results.Add(RequestResult.Failed(failure));
        return Answer(RequestResult.Failed(failure));
    }

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
        if (State != ClientState.Busy || Accepts(Quirk.InvokeIdNotEchoed) || plain.Length <= 2 || (ApduTag)plain[0] is not (ApduTag.GetResponse or ApduTag.SetResponse or ApduTag.ActionResponse)) return false;
        var (id, before) = (plain[2] & 0x0F, (_invokeId.Id - 1) & 0x0F);
        return id != _invokeId.Id && (id == before || id == _abandoned?.Id);
    }
}
