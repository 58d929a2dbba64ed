using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Client;

/// <content>ACTION, with lists and block transfer both ways.</content>
public sealed partial class ClientAssociation
{
    private IReadOnlyList<InvokeItem> _invokeItems = [];

    private InvokeItem NextInvoke => _invokeItems[_results.Count];

    private ClientStep StartInvoke(in MethodRef target, ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        Begin(Service.Invoke);
        _method = target;
        return SendInvoke(parameter, output);
    }

    /// <summary>Sends one invocation: whole where it fits, else its parameter in blocks.</summary>
    private ClientStep SendInvoke(ReadOnlySpan<byte> parameter, IBufferWriter<byte> output)
    {
        if (UsesShortNames) return InvokeNamed(parameter, output);
        if (Missing(ServiceForms.NeededBy(ActionRequestKind.Normal)) is { } missing) return RefuseOne(missing, output);
        ActionRequest.WriteNormal(_request, _invokeId, _method, parameter);
        if (_request.Length <= MaxPlain) return Send(output);
        if (Missing(ServiceForms.NeededBy(ActionRequestKind.WithFirstPblock)) is not null)
            return RefuseOne(new RequestFailure.TooLong("the action-request", _request.Length, MaxPlain), output);
        _outgoing.Clear();
        _outgoing.Append(parameter);
        _data = _outgoing.Memory;
        return SendBlock(output);
    }

    private ClientStep StartInvokeList(IReadOnlyList<InvokeItem> items, IBufferWriter<byte> output)
    {
        _invokeItems = items;
        return StartList(Service.InvokeList, items.Count, output);
    }

    /// <summary>Invokes as many of the methods that are left as one request names and holds; in blocks where that takes them.</summary>
    private ClientStep NextInvokes(IBufferWriter<byte> output)
    {
        _method = NextInvoke.Target;
        _chunk = InvokesInOneRequest();
        if (_chunk == 1) return SendInvoke(NextInvoke.Parameter.Span, output);
        _outgoing.Clear();
        _outgoing.WriteLength(_chunk);
        for (var i = 0; i < _chunk; i++) AppendParameter(_invokeItems[_results.Count + i].Parameter.Span);
        _data = _outgoing.Memory;
        ActionRequest.WriteListHead(_request, _invokeId, _chunk);
        WriteMethods();
        _request.Append(_data.Span);
        return _request.Length <= MaxPlain ? Send(output) : SendBlock(output);
    }

    /// <summary>A list has a Data for each method: null-data where there is no parameter.</summary>
    private void AppendParameter(ReadOnlySpan<byte> parameter)
    {
        if (parameter.IsEmpty) _outgoing.WriteNull();
        else _outgoing.Append(parameter);
    }

    /// <summary>1 where lists are not negotiated. All names of a list go into one APDU; the parameters too, where there are no blocks to carry them.</summary>
    private int InvokesInOneRequest()
    {
        if (Missing(ServiceForms.NeededBy(ActionRequestKind.WithList)) is not null) return 1;
        var inBlocks = Missing(ServiceForms.NeededBy(ActionRequestKind.WithListAndFirstPblock)) is null;
        const int listHead = 3 + 2 * 3, blockHead = ActionRequest.BlockHeadSize + 5 + 1;
        var room = MaxPlain - listHead - (inBlocks ? blockHead : 0);
        var count = 0;
        for (var i = _results.Count; i < _invokeItems.Count && count < Limits.MaxListItems; i++, count++)
        {
            room -= AttributeRef.Size + (inBlocks ? 0 : Math.Max(_invokeItems[i].Parameter.Length, 1));
            if (room < 0) break;
        }

        return Math.Max(count, 1);
    }

    private void WriteMethods()
    {
        for (var i = 0; i < _chunk; i++) _invokeItems[_results.Count + i].Target.WriteTo(_request);
    }

    private ClientStep OnActionResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!ActionResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        var isList = _service == Service.InvokeList && _chunk > 1;
        var answering = _receivedBlocks > 0;
        var complete = _sentBlocks == 0 || AllSent;
        switch (response.Kind)
        {
            // A refusal may come early, and ends a long answer; success only once everything has been sent.
            case ActionResponseKind.Normal when response.Result != ActionResult.Success || (!isList && complete && !answering): return OnActionResult(response, output);
            case ActionResponseKind.WithList when isList && complete && !answering: return OnActionList(response.Items, output);
            case ActionResponseKind.WithPblock when complete: return OnPblock(response, output);
            case ActionResponseKind.NextPblock when !complete && response.BlockNumber == _sentBlocks: return SendBlock(output);
            case ActionResponseKind.NextPblock when !answering && IsAcknowledgedAgain(response.BlockNumber): return ClientStep.Ignored;
            default:
                return Refuse(new RequestFailure.OutOfPlace(
                    !complete ? $"the acknowledgement of pblock {_sentBlocks}" : answering ? "the next pblock" : "the action-response that was asked for",
                    $"action-response {response.Kind} {response.BlockNumber}"));
        }
    }

    private ClientStep OnActionResult(in ActionResponse response, IBufferWriter<byte> output)
    {
        if (FailureOf(_method, response.Result, response.ReturnResult) is not { } failure)
        {
            _answer.Append(response.Data);
            return AnswerOne(new(_answer.Memory, null), output);
        }

        if (_service != Service.InvokeList) return Refuse(failure);
        for (var i = 0; i < _chunk; i++) _results.Add(RequestResult.Failed(FailureOf(NextInvoke.Target, response.Result, response.ReturnResult)!));
        return NextChunk(output);
    }

    private static RequestFailure.MethodRefused? FailureOf(MethodRef method, ActionResult result, DataAccessResult returned) =>
        result != ActionResult.Success ? new(method, result)
        : returned != DataAccessResult.Success ? new(method, (ActionResult)returned)
        : null;

    private ClientStep OnPblock(in ActionResponse response, IBufferWriter<byte> output)
    {
        if (IsRepeated(response.BlockNumber, response.Data)) return ClientStep.Ignored;
        if (response.BlockNumber != _receivedBlocks + 1) return Refuse(new RequestFailure.OutOfPlace($"pblock {_receivedBlocks + 1}", $"pblock {response.BlockNumber}"));
        if (TooLong(response.Data.Length) is { } tooLong) return Refuse(tooLong);
        _answer.Append(response.Data);
        _receivedBlocks = response.BlockNumber;
        if (response.LastBlock) return OnLastPblock(output);
        return SendOrSuspend(output);
    }

    private ClientStep OnLastPblock(IBufferWriter<byte> output)
    {
        if (_service == Service.InvokeList && _chunk > 1)
            return ApduLists.TryRead<ActionResultItem>(_answer.Span, "Action-Response-With-List", out var items, out var listError) ? OnActionList(items, output) : Refuse(new RequestFailure.Malformed(listError));
        var reader = new AxdrReader(_answer.Span, "return-parameters");
        return reader.TrySkip(out _) && reader.TryEnd() ? AnswerOne(new(_answer.Memory, null), output) : Refuse(new RequestFailure.Malformed(reader.Error));
    }

    private ClientStep OnActionList(in ApduList<ActionResultItem> items, IBufferWriter<byte> output)
    {
        if (items.Count != _chunk) return Refuse(new RequestFailure.OutOfPlace($"{_chunk} results", $"{items.Count}"));
        foreach (var item in items)
        {
            var failure = FailureOf(NextInvoke.Target, item.Result, item.ReturnResult);
            _results.Add(failure is null ? new(item.Data.ToArray(), null) : RequestResult.Failed(failure));
        }

        return NextChunk(output);
    }
}
