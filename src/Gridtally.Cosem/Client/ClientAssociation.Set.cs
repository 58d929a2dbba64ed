using System.Buffers;
using Gridtally.Cosem.Apdus;
using Gridtally.Cosem.Data;

namespace Gridtally.Cosem.Client;

/// <content>SET, with lists and block transfer.</content>
public sealed partial class ClientAssociation
{
    private IReadOnlyList<SetItem> _setItems = [];

    private SetItem NextSet => _setItems[_results.Count];

    private ClientStep StartSet(in AttributeRef target, SelectiveAccess? access, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        Begin(Service.Set);
        (_target, _access, _data) = (target, access, data);
        return SendSet(target, access, data, output);
    }

    /// <summary>Sends one value: whole where it fits, else in blocks.</summary>
    private ClientStep SendSet(in AttributeRef target, SelectiveAccess? access, ReadOnlyMemory<byte> data, IBufferWriter<byte> output)
    {
        if (UsesShortNames) return SetNamed(target, access, data.Span, output);
        if (Missing(ServiceForms.NeededBy(SetRequestKind.Normal) | Selecting(access) | AllAttributes(ApduTag.SetRequest, target)) is { } missing) return RefuseOne(missing, output);
        SetRequest.WriteNormal(_request, _invokeId, target, access?.Selector ?? 0, ParametersOf(access), data.Span);
        if (_request.Length <= MaxPlain) return Send(output);
        return Missing(ServiceForms.NeededBy(SetRequestKind.WithFirstDatablock)) is null
            ? SendBlock(output)
            : RefuseOne(new RequestFailure.TooLong("the set-request", _request.Length, MaxPlain), output);
    }

    private ClientStep StartSetList(IReadOnlyList<SetItem> items, IBufferWriter<byte> output)
    {
        _setItems = items;
        return StartList(Service.SetList, items.Count, output);
    }

    /// <summary>Writes as many of the attributes that are left as one request names and holds; in blocks where that takes them.</summary>
    private ClientStep NextSets(IBufferWriter<byte> output)
    {
        (_target, _access) = (NextSet.Target, NextSet.Access);
        _chunk = SetsInOneRequest();
        if (_chunk == 1)
        {
            _data = NextSet.Data;
            return SendSet(_target, _access, _data, output);
        }

        _outgoing.Clear();
        _outgoing.WriteLength(_chunk);
        for (var i = 0; i < _chunk; i++) _outgoing.Append(_setItems[_results.Count + i].Data.Span);
        _data = _outgoing.Memory;
        SetRequest.WriteListHead(_request, _invokeId, _chunk);
        WriteSetTargets();
        _request.Append(_data.Span);
        return _request.Length <= MaxPlain ? Send(output) : SendBlock(output);
    }

    /// <summary>
    /// 1 where lists are not negotiated. All names of a list go into one APDU; the values too, where there are no blocks to carry them. An attribute
    /// that can't be asked for as it is goes alone, to be refused alone.
    /// </summary>
    private int SetsInOneRequest()
    {
        if (Missing(ServiceForms.NeededBy(SetRequestKind.WithList)) is not null || !MayList(NextSet)) return 1;
        var inBlocks = Missing(ServiceForms.NeededBy(SetRequestKind.WithListAndFirstDatablock)) is null;
        const int listHead = 3 + 2 * 3, blockHead = SetRequest.BlockHeadSize + 5 + 1;
        var room = MaxPlain - listHead - (inBlocks ? blockHead : 0);
        var count = 0;
        for (var i = _results.Count; i < _setItems.Count && count < Limits.MaxListItems && MayList(_setItems[i]); i++, count++)
        {
            room -= AttributeRef.Size + 2 + ParametersOf(_setItems[i].Access).Length + (inBlocks ? 0 : _setItems[i].Data.Length);
            if (room < 0) break;
        }

        return Math.Max(count, 1);
    }

    private bool MayList(in SetItem item) => Missing(Selecting(item.Access) | AllAttributes(ApduTag.SetRequest, item.Target)) is null;

    private void WriteSetTargets()
    {
        for (var i = 0; i < _chunk; i++)
        {
            var item = _setItems[_results.Count + i];
            GetRequest.WriteItem(_request, item.Target, item.Access?.Selector ?? 0, ParametersOf(item.Access));
        }
    }

    private ClientStep OnSetResponse(ReadOnlySpan<byte> plain, IBufferWriter<byte> output)
    {
        if (!SetResponse.TryRead(plain, out var response, out var error)) return Refuse(new RequestFailure.Malformed(error));
        if (WrongInvokeId(response.InvokeId) is { } wrong) return Refuse(wrong);
        var inBlocks = _sentBlocks > 0;
        var isList = _service == Service.SetList && _chunk > 1;
        switch (response.Kind)
        {
            case SetResponseKind.Normal when !isList || response.Result != DataAccessResult.Success: return OnSetResult(response.Result, complete: !inBlocks, output);
            case SetResponseKind.LastDatablock when inBlocks && (!isList || response.Result != DataAccessResult.Success):
                return OnSetResult(response.Result, complete: AllSent, output);
            case SetResponseKind.WithList when isList && !inBlocks: return OnSetList(response.Results, output);
            case SetResponseKind.LastDatablockWithList when isList && inBlocks && AllSent: return OnSetList(response.Results, output);
            case SetResponseKind.Datablock when inBlocks && !AllSent && response.BlockNumber == _sentBlocks: return SendBlock(output);
            case SetResponseKind.Datablock when inBlocks && IsAcknowledgedAgain(response.BlockNumber): return ClientStep.Ignored;
            default:
                return Refuse(new RequestFailure.OutOfPlace(
                    inBlocks ? $"the acknowledgement of datablock {_sentBlocks}" : isList ? "a set-response-with-list" : "a set-response-normal",
                    $"set-response {response.Kind} {response.BlockNumber}"));
        }
    }

    /// <summary>One result for the whole request. A refusal may come early; success only once everything has been sent.</summary>
    private ClientStep OnSetResult(DataAccessResult result, bool complete, IBufferWriter<byte> output)
    {
        if (result == DataAccessResult.Success)
        {
            return complete
                ? AnswerOne(default, output)
                : Refuse(new RequestFailure.OutOfPlace($"the acknowledgement of datablock {_sentBlocks}", "success before the last datablock"));
        }

        if (_service != Service.SetList) return Refuse(new RequestFailure.Refused(_target, result));
        for (var i = 0; i < _chunk; i++) _results.Add(RequestResult.Failed(new RequestFailure.Refused(NextSet.Target, result)));
        return NextChunk(output);
    }

    private ClientStep OnSetList(ReadOnlySpan<byte> results, IBufferWriter<byte> output)
    {
        if (results.Length != _chunk) return Refuse(new RequestFailure.OutOfPlace($"{_chunk} results", $"{results.Length}"));
        foreach (var octet in results)
        {
            var result = (DataAccessResult)octet;
            _results.Add(result == DataAccessResult.Success ? default : RequestResult.Failed(new RequestFailure.Refused(NextSet.Target, result)));
        }

        return NextChunk(output);
    }
}
