using System.Buffers;
using Gridtally.Cosem.Acse;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;
using Gridtally.Cosem.Security;

namespace Gridtally.Cosem.Client;

/// <content>GET, SET and ACTION, with block transfer.</content>
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

    /// <summary>Octets of the largest plain APDU that the server takes.</summary>
    private int MaxPlain => RequestWrapping.MaxPlain(ServerMaxReceivePdu == 0 ? NoPduLimit : ServerMaxReceivePdu);

    private ClientStep StartGet(in AttributeRef target, SelectiveAccess? access, IBufferWriter<byte> output)
    {
        Begin(Service.Get);
        _target = target;
        if (Missing(Conformance.Get | (access is null ? 0 : Conformance.SelectiveAccess)) is { } missing) return Refuse(missing);
        GetRequest.WriteNormal(_request, _invokeId, target, access?.Selector ?? 0, access is null ? default : access.Parameters.Span);
        return _request.Length > MaxPlain ? Refuse(new RequestFailure.TooLong("the get-request", _request.Length, MaxPlain)) : Send(output);
    }

    private ClientStep StartGetList(IReadOnlyList<AttributeRef> targets, IBufferWriter<byte> output)
    {
        _targets = targets;
        _results.Clear();
        return NextChunk(output);
    }

    /// <summary>Asks for as many of the attributes that are left as one request holds; for one alone where lists are not negotiated.</summary>
    private ClientStep NextChunk(IBufferWriter<byte> output)
    {
        if (_results.Count == _targets.Count)
        {
            State = ClientState.Ready;
            return ClientStep.Answered;
        }

        Begin(Service.GetList);
        if (Missing(Conformance.Get) is { } missing) return Refuse(missing);
        const int itemSize = AttributeRef.Size + 1, headSize = 6;
        var room = NegotiatedConformance.HasFlag(Conformance.MultipleReferences) ? (MaxPlain - headSize) / itemSize : 1;
        _chunk = Math.Min(_targets.Count - _results.Count, Math.Clamp(room, 1, Limits.MaxListItems));
        _target = _targets[_results.Count];
        if (_chunk == 1) GetRequest.WriteNormal(_request, _invokeId, _target, 0, default);
        else
        {
            GetRequest.WriteListHead(_request, _invokeId, _chunk);
            for (var i = 0; i < _chunk; i++) GetRequest.WriteItem(_request, _targets[_results.Count + i], 0, default);
        }

        return Send(output);
    }

    private ClientStep StartSet(in AttributeRef target, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        Begin(Service.Set);
        (_target, _data, _sent) = (target, data, 0);
        if (Missing(Conformance.Set) is { } missing) return Refuse(missing);
        const int headSize = 3 + AttributeRef.Size + 1;
        if (headSize + data.Length > MaxPlain)
        {
            return Missing(Conformance.BlockTransferWithSetOrWrite) is null
                ? SendSetBlock(output)
                : Refuse(new RequestFailure.TooLong("the set-request", headSize + data.Length, MaxPlain));
        }

        SetRequest.WriteNormal(_request, _invokeId, target, data.Span);
        return Send(output);
    }

    private ClientStep SendSetBlock(IBufferWriter<byte> output)
    {
        _request.Clear();
        var first = _block == 0;
        var head = 3 + (first ? AttributeRef.Size + 1 : 0) + SetRequest.BlockHeadSize + Ber.LengthSize(MaxPlain);
        var size = Math.Min(_data.Length - _sent, MaxPlain - head);
        if (size < 1) return Refuse(new RequestFailure.TooLong("the smallest set-request", head + 1, MaxPlain));
        var raw = _data.Span.Slice(_sent, size);
        _sent += size;
        _block++;
        var last = _sent == _data.Length;
        if (first) SetRequest.WriteFirstBlock(_request, _invokeId, _target, last, _block, raw);
        else SetRequest.WriteBlock(_request, _invokeId, last, _block, raw);
        return Send(output);
    }

    private ClientStep StartInvoke(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Begin(Service.Invoke);
        _method = target;
        if (Missing(Conformance.Action) is { } missing) return Refuse(missing);
        ActionRequest.WriteNormal(_request, _invokeId, target, parameter);
        return _request.Length > MaxPlain ? Refuse(new RequestFailure.TooLong("the action-request", _request.Length, MaxPlain)) : Send(output);
    }

    private ClientStep OnGetResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!GetResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        return (response.Kind, IsList: _service == Service.GetList && _chunk > 1) switch
        {
            (GetResponseKind.WithDatablock, _) => OnGetBlock(response, output),
            (GetResponseKind.Normal, false) when _block == 0 => OnValue(response.Result, response.Data, output),
            (GetResponseKind.Normal, true) when _block == 0 && response.Result != DataAccessResult.Success => OnListRefused(response.Result, output),
            (GetResponseKind.WithList, true) when _block == 0 => OnList(response.Items, output),
            _ => Refuse(new RequestFailure.OutOfPlace(_block == 0 ? "the get-response that was asked for" : "the next datablock", $"get-response {response.Kind}")),
        };
    }

    private ClientStep OnGetBlock(in GetResponse response, IBufferWriter<byte> output)
    {
        if (response.Result != DataAccessResult.Success)
            return _service == Service.GetList && _chunk > 1 ? OnListRefused(response.Result, output) : OnValue(response.Result, default, output);
        if (response.BlockNumber != _block + 1) return Refuse(new RequestFailure.OutOfPlace($"datablock {_block + 1}", $"datablock {response.BlockNumber}"));
        if (_answer.Length + response.Data.Length > Limits.MaxReassembly)
            return Refuse(new RequestFailure.TooLong("the answer", _answer.Length + response.Data.Length, Limits.MaxReassembly));
        _answer.Append(response.Data);
        _block = response.BlockNumber;
        if (response.LastBlock) return OnLastGetBlock(output);
        _request.Clear();
        GetRequest.WriteNext(_request, _invokeId, _block);
        return Send(output);
    }

    private ClientStep OnLastGetBlock(IBufferWriter<byte> output)
    {
        if (_service == Service.GetList && _chunk > 1)
            return DataResultList.TryRead(_answer.Span, out var items, out var listError) ? OnList(items, output) : Refuse(new RequestFailure.Malformed(listError));
        var reader = new AxdrReader(_answer.Span);
        return reader.TrySkip(out _) && reader.TryEnd()
            ? OnReassembledValue(output)
            : Refuse(new RequestFailure.Malformed(reader.Error));
    }

    private ClientStep OnReassembledValue(IBufferWriter<byte> output) =>
        _service == Service.GetList ? AddToList(new(_answer.Span.ToArray(), null), output) : Answer(new(_answer.Memory, null));

    private ClientStep OnValue(DataAccessResult result, ReadOnlySpan<byte> data, IBufferWriter<byte> output)
    {
        if (result != DataAccessResult.Success)
        {
            var refused = RequestResult.Failed(new RequestFailure.Refused(_target, result));
            return _service == Service.GetList ? AddToList(refused, output) : Answer(refused);
        }

        _answer.Append(data);
        return OnReassembledValue(output);
    }

    private ClientStep AddToList(RequestResult result, IBufferWriter<byte> output)
    {
        _results.Add(result);
        return NextChunk(output);
    }

    private ClientStep OnList(in DataResultList items, IBufferWriter<byte> output)
    {
        if (items.Count != _chunk) return Refuse(new RequestFailure.OutOfPlace($"{_chunk} results", $"{items.Count}"));
        foreach (var item in items)
        {
            _results.Add(item.Result == DataAccessResult.Success
                ? new(item.Data.ToArray(), null)
                : RequestResult.Failed(new RequestFailure.Refused(_targets[_results.Count], item.Result)));
        }

        return NextChunk(output);
    }

    /// <summary>One refusal for a whole list.</summary>
    private ClientStep OnListRefused(DataAccessResult result, IBufferWriter<byte> output)
    {
        for (var i = 0; i < _chunk; i++) _results.Add(RequestResult.Failed(new RequestFailure.Refused(_targets[_results.Count], result)));
        return NextChunk(output);
    }

    private ClientStep OnSetResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!SetResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        var inBlocks = _block > 0;
        var finished = _sent == _data.Length;
        return response.Kind switch
        {
            SetResponseKind.Normal => AnswerSet(response.Result, complete: !inBlocks),
            SetResponseKind.LastDatablock when inBlocks => AnswerSet(response.Result, complete: finished),
            SetResponseKind.Datablock when inBlocks && !finished && response.BlockNumber == _block => SendSetBlock(output),
            _ => Refuse(new RequestFailure.OutOfPlace(inBlocks ? $"the acknowledgement of datablock {_block}" : "a set-response-normal", $"set-response {response.Kind} {response.BlockNumber}")),
        };
    }

    /// <summary>A refusal may come early; success only once everything has been sent.</summary>
    private ClientStep AnswerSet(DataAccessResult result, bool complete)
    {
        if (result != DataAccessResult.Success) return Refuse(new RequestFailure.Refused(_target, result));
        return complete ? Answer(default) : Refuse(new RequestFailure.OutOfPlace($"the acknowledgement of datablock {_block}", "success before the last datablock"));
    }

    private ClientStep OnActionResponse(ReadOnlySpan<byte> plain)
    {
        if (!ActionResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        if (response.Result != ActionResult.Success) return Refuse(new RequestFailure.MethodRefused(_method, response.Result));
        if (response.ReturnResult != DataAccessResult.Success) return Refuse(new RequestFailure.MethodRefused(_method, (ActionResult)response.ReturnResult));
        _answer.Append(response.Data);
        return Answer(new(_answer.Memory, null));
    }

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
        Result = default;
        State = ClientState.Busy;
    }

    private ClientStep Send(IBufferWriter<byte> output) =>
        TrySend(output, dedicated: true) ? ClientStep.Send : Refuse(new RequestFailure.Security(SecurityFault.CounterExhausted));

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
        got.Id == _invokeId.Id ? null : new($"an answer with invoke id {_invokeId.Id}", $"one with invoke id {got.Id}");

    /// <summary>
    /// True for the answer to a request that was abandoned before, and for a second answer to the one before this: a link that
    /// repeats requests (UDP, or a driver after a timeout) gets some answers twice.
    /// </summary>
    private bool IsLate(ReadOnlySpan<byte> plain)
    {
        if (State != ClientState.Busy || plain.Length <= 2 || (ApduTag)plain[0] is not (ApduTag.GetResponse or ApduTag.SetResponse or ApduTag.ActionResponse)) return false;
        var (id, before) = (plain[2] & 0x0F, (_invokeId.Id - 1) & 0x0F);
        return id != _invokeId.Id && (id == before || id == _abandoned?.Id);
    }
}
